"""An agent that hangs, or is held up, obeys no deadline: its tool ends by itself all the same, when its time is over."""

import re
import signal
import time

import pytest

from support import jmx, plans
from support.endless import gatling, jmeter
from support.process import descendants
from support.running import Run, write_plan
from support.wait import until

TIME_S = 8
# For the stages of a stop, and some: asked, told, terminated, killed.
GRACE_S = 35


def gone_in_time(began, is_there):
    until("the tool is gone", lambda: not is_there(), began + TIME_S + GRACE_S - time.monotonic(), step=0.5)
    assert time.monotonic() - began >= TIME_S - 1, "not before its time"


@pytest.mark.parametrize("tool", [jmeter, gatling])
def test_a_run_that_is_held_up(request, tool):
    gridnode, args = tool(request)
    run = Run(gridnode, *args, "--max-runtime", f"{TIME_S}s", start=True)
    until("the tool is there", lambda: descendants(run.process.pid, "java") and re.search(r" ok [1-9]", run.process.text), 90)
    began = time.monotonic()
    run.process.signal(signal.SIGSTOP)
    try:
        gone_in_time(began - TIME_S / 2, lambda: descendants(run.process.pid, "java"))
    finally:
        run.process.signal(signal.SIGCONT)
    run.process.wait(60)
    assert run.code == 5 and run.receipt["outcome"] == "expired", run
    assert run.receipt["tool"]["tree_empty"] is True and run.ledger["aggregated"] > 0, run


def test_a_node_that_is_held_up(grid):
    (node,) = grid.nodes("node-a")
    grid.start(plans.endless(), flood="7", max_runtime_s=TIME_S)
    node.one("flood.running", flood="7")
    until("the tool is there", node.tool_pids, 30)
    began = time.monotonic()
    node.process.signal(signal.SIGSTOP)
    try:
        gone_in_time(began, node.tool_pids)
    finally:
        node.process.signal(signal.SIGCONT)
    event = node.finished(flood="7")
    assert event["outcome"] == "expired" and event["receipt"]["tool"]["tree_empty"] is True, event


def test_a_run_that_ends_in_time_is_left_alone(with_jmeter):
    text = jmx.plan(jmx.threads(jmx.java("short", sleep_ms=50), loops=40))
    run = Run(with_jmeter, write_plan(with_jmeter, text), "--max-runtime", "60s")
    assert run.code == 0 and run.ledger["aggregated"] == 40 and run.receipt["tool"]["code"] == 0, run
