"""Transactions that hide their requests and are announced before they are done count once, as in JMeter's own file."""

import collections
import csv

from support import jmx
from support.running import Run, write_plan


def test_a_duration_that_ends_in_the_middle(with_jmeter):
    inner = jmx.transaction("inner", jmx.java("b", jmx.pause(30), sleep_ms=20), jmx.java("c", sleep_ms=30), parent=True)
    outer = jmx.transaction("outer", jmx.java("a", jmx.pause(40), sleep_ms=20), inner, jmx.java("d", sleep_ms=30), parent=True)
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(outer, users=20, loops=-1, ramp_s=1)))
    results = with_jmeter.directory / "results.csv"
    run = Run(with_jmeter, plan, "--duration", "3s", "--jtl", results)
    assert run.code == 0, run
    with results.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    cut = [row for row in rows if row["label"] == "outer" and not row["responseMessage"]]
    assert len(cut) >= 5, "nearly every user is somewhere in the middle when the time is up"
    counts = collections.Counter(row["label"] for row in rows)
    kinds = {"outer": "transaction", "inner": "transaction"}
    wanted = {(label, kinds.get(label, "request")): count for label, count in counts.items()}
    assert {key: label["count"] for key, label in run.labels.items()} == wanted
    assert run.receipt["requests"] == sum(counts[label] for label in "abcd")


def test_a_loop_that_goes_on_in_the_middle(with_jmeter):
    next_round = "SampleResult.setTestLogicalAction(org.apache.jmeter.threads.JMeterContext.TestLogicalAction.START_NEXT_ITERATION_OF_CURRENT_LOOP)"
    steps = jmx.loop(2, jmx.groovy("step", next_round), jmx.java("never"))
    outer = jmx.transaction("outer", jmx.java("before"), steps, jmx.java("after"), parent=True)
    results = with_jmeter.directory / "results.csv"
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(outer, users=2, loops=3)))
    run = Run(with_jmeter, plan, "--jtl", results)
    assert run.code == 0, run
    # JMeter announces the transaction at each of the two actions, and when it is done; its file has the first.
    wanted = {("before", "request"): 6, ("step", "request"): 6, ("outer", "transaction"): 6}
    assert {key: label["count"] for key, label in run.labels.items()} == wanted
    with results.open(newline="") as lines:
        rows = collections.Counter(row["label"] for row in csv.DictReader(lines))
    assert rows == {label: count for (label, _), count in wanted.items()}
