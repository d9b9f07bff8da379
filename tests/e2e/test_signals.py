"""Interrupted, terminated, shot: the tool ends with us, what was measured is delivered, and the exit code says it."""

import os
import re
import signal

import pytest

from support import jmx
from support.process import descendants
from support.running import Run, write_plan
from support.wait import until


@pytest.fixture
def run(with_jmeter):
    text = jmx.plan(jmx.threads(jmx.java("endless", sleep_ms=5), users=4, loops=-1))
    running = Run(with_jmeter, write_plan(with_jmeter, text), "--flood", "endless", start=True)
    running.process.says("4 users", 90)
    # A window or two must have closed, so that there is something to lose.
    until("samples are there", lambda: (running.out / "rollups.lp").exists() and (running.out / "rollups.lp").stat().st_size > 0, 60)
    return running


def complete(run):
    """What was measured until the end is in the summary, to the last sample."""
    ledger, delivery = run.ledger, run.receipt["delivery"]
    assert ledger["aggregated"] > 0
    assert delivery["delivered"] == ledger["aggregated"], run
    assert run.labels[("endless", "request")]["count"] == ledger["aggregated"]
    assert run.rollups().samples == ledger["aggregated"]
    return ledger


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_one_signal_ends_it_in_order(run, number, code):
    run.process.signal(number)
    run.process.wait(60)
    assert run.code == code, run
    ledger = complete(run)
    assert ledger["lost"] == 0 and run.receipt["sent_exact"] is True, run
    assert run.receipt["outcome"] == "stopped"


def test_nohup_outlives_its_terminal(with_jmeter):
    text = jmx.plan(jmx.threads(jmx.java("short", sleep_ms=50), loops=40))
    running = Run(with_jmeter, write_plan(with_jmeter, text), start=True, prefix=("nohup",))
    running.process.says("running")
    running.process.signal(signal.SIGHUP)
    running.process.wait(60)
    assert running.code == 0 and running.ledger["aggregated"] == 40, running


def test_a_second_interrupt_ends_it_at_once(run):
    run.process.interrupt()
    run.process.says("stopping")
    run.process.interrupt()
    run.process.wait(30)
    assert run.code == 130, run
    complete(run)


def test_a_tool_that_is_shot(run):
    (java,) = descendants(run.process.pid, "java")
    os.kill(java, signal.SIGKILL)
    run.process.wait(60)
    assert run.code == 5, run
    complete(run)
    assert run.receipt["outcome"] == "failed" and run.receipt["sent_exact"] is False, run
    assert run.receipt["tool"]["signal"] == 9


def test_the_tool_does_not_outlive_us(run, with_jmeter):
    """Shot ourselves, we can tidy up nothing: the supervisor sees the lifeline break."""
    assert descendants(run.process.pid, "java")
    run.process.signal(signal.SIGKILL)
    run.process.wait(10)
    until("the tool is gone", lambda: not with_jmeter.left_behind(), 20)
    until("its own directories are gone", lambda: not any((run.out / name).exists() for name in ("tmp", "home")), 20)
    assert all((run.out / name).exists() for name in ("plan", "stdout.log", "exit.json"))


def test_a_plan_that_stops_its_own_supervisor_is_ended_all_the_same(with_jmeter):
    script = """
        def supervisor = ProcessHandle.current().parent().get().pid()
        ["sh", "-c", "while kill -STOP ${supervisor}; do :; done"].execute()
    """
    endless = jmx.java("endless", sleep_ms=5)
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.once(jmx.groovy("hold up", script)), endless, loops=-1)))
    run = Run(with_jmeter, plan, start=True)
    until("a sample is counted", lambda: re.search(r" ok [1-9]", run.process.text), 90)
    everyone = descendants(run.process.pid)
    assert len(everyone) >= 3, "the supervisor, JMeter and the script's shell"
    run.process.interrupt()
    run.process.says("stopping")
    run.process.interrupt()
    run.process.wait(60)
    assert run.code == 130 and run.receipt["outcome"] == "stopped", run
    assert run.receipt["tool"]["tree_empty"] is True, run
    until("nothing is left", lambda: not [pid for pid in everyone if os.path.exists(f"/proc/{pid}/exe")], 10)
