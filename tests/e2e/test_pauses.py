"""A user whose pause would go past the end of its time is ended by JMeter at once, and without a word: it has reached its end."""

import csv

import pytest

from support import jmx
from support.running import Run, write_plan

WORK = jmx.java("work", sleep_ms=20)
BROKEN = jmx.groovy("broken", "throw new RuntimeException('boom')")


def said(run):
    return " ".join(run.process.text.split())


def run_of(gridnode, *groups, args=()):
    """Every run, whatever becomes of it, counts what JMeter's own file has."""
    file = gridnode.directory / f"out-{len(gridnode.children)}.jtl"
    run = Run(gridnode, write_plan(gridnode, jmx.plan(*groups)), "--jtl", file, *args)
    with file.open(encoding="utf-8", newline="") as rows:
        labels = [row["label"] for row in csv.DictReader(rows)]
    assert {label: labels.count(label) for label in labels} == {label: row["count"] for (label, _), row in run.labels.items()}
    return run


def completed(run):
    """A machine that others use may be saturated, which is said, too."""
    assert (run.code, run.receipt["outcome"]) == (0, "completed"), run
    assert "before" not in said(run) and "ended itself" not in said(run), run
    others = [warning for warning in run.receipt.get("warnings", []) if "saturated" not in warning]
    assert not others, others
    return run


TIMERS = {
    "constant": jmx.pause(4_000),
    "random": jmx.random_pause(4_000, 500),
    "throughput": jmx.pace(15),
    "precise": jmx.precise_pace(6, 10),
}


@pytest.mark.parametrize("timer", TIMERS)
@pytest.mark.parametrize("is_own", [True, False], ids=["own", "asked"])
def test_a_pause_past_the_end_is_an_ordinary_end(with_jmeter, timer, is_own):
    group = jmx.threads(TIMERS[timer], WORK, users=2, loops=-1, duration_s=7 if is_own else None)
    completed(run_of(with_jmeter, group, args=() if is_own else ("--duration", "7s")))


def test_it_is_one_in_each_kind_of_group_and_place(with_jmeter):
    """With loops left and without, in transactions of both kinds, before what sends nothing, under the plan."""
    pause = jmx.pause(1_500)
    groups = [
        jmx.threads(jmx.java("up", pause), loops=9, duration_s=3, name="up", kind="SetupThreadGroup"),
        jmx.threads(jmx.transaction("parent", WORK, pause, parent=True), loops=9, duration_s=5, name="parent"),
        jmx.threads(jmx.transaction("beside", WORK, pause, parent=False), loops=-1, duration_s=5, name="beside"),
        jmx.threads(WORK, jmx.simple(jmx.pause(9_000), jmx.flow_action(1)), loops=-1, duration_s=5, name="action"),
        jmx.threads(jmx.java("down", pause), loops=9, duration_s=3, name="down", kind="PostThreadGroup"),
    ]
    run = completed(run_of(with_jmeter, jmx.pause(1), *groups))
    assert run.labels[("work", "request")]["count"] >= 5, run.labels


def test_what_nobody_came_to_for_it_is_said_all_the_same(with_jmeter):
    after = jmx.simple(jmx.pause(9_000), jmx.java("never"))
    run = run_of(with_jmeter, jmx.threads(WORK, after, loops=1, duration_s=5, name="last"))
    assert run.code == 0 and ("never", "request") not in run.labels and "✔" not in run.process.text, run
    assert "`never` was never sent: its one user was still in a pause when its time ended" in said(run), run


EARLY, DIED = "1 of 2 users stopped before their time", "a thread of the plan died"


@pytest.mark.parametrize("stops, words, others", [("ctx.getThread().stop()", EARLY, DIED), ("throw new StackOverflowError()", DIED, EARLY)])
def test_what_ends_a_user_in_its_sample_is_no_such_end_and_said_once(with_jmeter, stops, words, others):
    ends = jmx.groovy("ends", f"if (ctx.threadNum == 0 && vars.getIteration() == 2) {stops}")
    run = run_of(with_jmeter, jmx.threads(ends, jmx.pause(500), users=2, loops=-1, duration_s=8))
    assert words in said(run) and others not in said(run) and "✔" not in run.process.text, run


@pytest.mark.parametrize("args", [(), ("--duration", "3s")])
def test_a_first_pause_longer_than_the_test(with_jmeter, args):
    group = jmx.threads(jmx.pause(10_000), WORK, users=2, loops=-1, duration_s=None if args else 3)
    run = Run(with_jmeter, write_plan(with_jmeter, jmx.plan(group)), *args)
    assert run.code == 1 and "the first pause is longer than the duration of 3 s" in said(run), run


def test_users_of_a_schedule_that_a_failed_sample_stops(with_jmeter):
    # With time for a busy machine, at the end.
    schedule = "rate(5/sec) random_arrivals(3 sec) pause(12 sec)"
    run = run_of(with_jmeter, jmx.open_model(BROKEN, WORK, schedule=schedule, on_error="stopthread"))
    assert run.code == 5 and "15 of 15 users stopped before their time: a failed sample stopped it" in said(run), run
    # Those have nothing left to do.
    whole = run_of(with_jmeter, jmx.open_model(WORK, BROKEN, schedule=schedule, on_error="stopthread"))
    assert (whole.code, whole.receipt["outcome"]) == (0, "completed"), whole
    assert "before their time" not in said(whole), whole.receipt["warnings"]


def test_a_schedule_that_is_over_before_its_users_are_done(with_jmeter):
    schedule = "rate(5/sec) random_arrivals(3 sec)"
    way = (jmx.java("first"), jmx.simple(jmx.pause(2_000), WORK))
    run = run_of(with_jmeter, jmx.open_model(*way, schedule=schedule))
    assert run.code == 0 and "✔" not in run.process.text, run
    assert any("of 15 users were on their way when the schedule of their Open Model" in one for one in run.summary["doubts"]), run
    completed(run_of(with_jmeter, jmx.open_model(*way, schedule=schedule + " pause(4 sec)")))
    nothing = run_of(with_jmeter, jmx.open_model(jmx.pause(9_000), WORK, schedule=schedule))
    assert nothing.code != 0 and "Open Model Thread Group was over before the first pause of any user was" in said(nothing), nothing


def test_users_that_make_no_whole_groups(with_jmeter):
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.together(3), WORK, users=3, loops=3)))
    even = Run(with_jmeter, plan, "--max-runtime", "60s")
    assert even.code == 0 and "Synchronizing" not in said(even), even
    run = Run(with_jmeter, plan, "--users", "2", "--max-runtime", "4s")
    assert "waits without a time-out for 3 users at a time, and the 2 of the Thread Group `users` make no" in said(run), run


def test_a_transaction_that_a_failure_cuts_short_has_a_reason(with_jmeter):
    group = jmx.threads(jmx.transaction("buy", WORK, BROKEN, WORK, parent=True), users=2, on_error="stopthread")
    run = run_of(with_jmeter, group)
    reasons = {reason["label"]: reason["error"] for reason in run.receipt["failures"]}
    assert reasons["buy"] == "Number of samples in transaction : 2, number of failing samples : 1", reasons
