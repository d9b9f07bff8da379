"""The directory of a run lies on a file system that hangs: the tool is killed all the same, and nobody else waits for it."""

import pathlib
import re

import pytest

from support import commands, plans
from support.endless import gatling, jmeter
from support.process import descendants, is_zombie
from support.running import Run
from support.stuck import Stuck
from support.wait import pause, until

# What hangs elsewhere on the machine can hold up who looks at all of its processes.
pytestmark = pytest.mark.alone


@pytest.mark.parametrize("tool", [jmeter, gatling])
def test_two_interrupts_kill_the_tool(request, tool):
    gridnode, args = tool(request)
    run = Run(gridnode, *args, start=True)
    until("a sample is counted", lambda: re.search(r" ok [1-9]", run.process.text), 90)
    with Stuck(run.out):
        # It looks at the plug-in's report once a second.
        pause(2)
        run.process.interrupt()
        run.process.says("stopping: samples under way", 10)
        run.process.interrupt()
        run.process.says("stopping at once", 10)
        until("the tool is killed", lambda: not at_work(run.process.pid, "java"), 45)
    run.process.wait(60)
    assert run.code == 130, run


def at_work(pid, name):
    """Those below it that are not killed. A thread that waits for a name which gridnode is just looking up, too, cannot go before
    that is answered: the kernel keeps it, behind a process that is a zombie by then."""
    return [child for child in descendants(pid, name) if not is_zombie(child)]


def started(grid, node, flood="7", sleep_ms=20):
    grid.start(plans.endless(sleep_ms=sleep_ms), flood=flood)

    def works():
        return any(run["flood"] == flood and run.get("requests") for run in node.status()["runs"])

    until("samples are counted", works, 90)
    return node.state_dir / "runs" / f"{flood}@1"


def command_line(pid):
    """Of a process that may have ended since it was listed."""
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def of_run(node, flood):
    return [pid for pid in node.tool_pids() if f"/runs/{flood}@1/".encode() in command_line(pid)]


def test_a_node_kills_the_tool_and_is_free_again(grid):
    (node,) = grid.nodes("node-a")
    directory = started(grid, node)
    with Stuck(directory) as stuck:
        pause(2)
        grid.stop(flood="7", grace_s=3)
        until("the tool is gone", lambda: not node.tool_pids(), 20)
        assert node.status() is not None
        stuck.let_go()
        event = node.finished(flood="7")
    assert event["outcome"] == "stopped" and event["receipt"]["tool"]["tree_empty"] is True, event
    grid.start(plans.counted(3), flood="8")
    assert node.finished(flood="8")["outcome"] == "completed"


def test_the_end_is_reported_while_it_hangs(grid):
    """Last words, the judgement and the removal of what the tool leaves all look for files there."""
    (node,) = grid.nodes("node-a")
    with Stuck(started(grid, node)):
        grid.stop(flood="7", grace_s=3)
        event = node.finished(90, flood="7")
        assert event["outcome"] in ("stopped", "failed"), event
        grid.start(plans.counted(3), flood="8")
        assert node.finished(flood="8")["outcome"] == "completed"


def test_several_of_them_do_not_hold_up_the_node(grid):
    """More than a runtime on two cores has threads for."""
    floods = ["6", "7", "8"]
    node = grid.agent("node-a", control__runs_max=4).start()
    directories = [started(grid, node, flood, sleep_ms=100) for flood in floods]
    with Stuck(directories[0]), Stuck(directories[1]), Stuck(directories[2]):
        pause(3)
        assert node.status() is not None, "nobody answers"
        grid.start(plans.counted(3), flood="9")
        assert node.finished(flood="9")["outcome"] == "completed"
        for flood in floods:
            grid.publish(commands.stop(flood=flood, grace_s=3))
        until("the tools are gone", lambda: not any(of_run(node, flood) for flood in floods), 30)
    for flood in floods:
        assert node.finished(flood=flood)["outcome"] == "stopped"
