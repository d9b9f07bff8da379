"""Real JMeters that misbehave: whatever they do, their run ends, and no process of theirs is left."""

import os
import signal
import subprocess

import pytest

from support import plans
from support.grid import balance
from support.wait import until


def stopped(grid, node, grace_s=3):
    """The receipt of flood 7 after a stop."""
    grid.stop(flood="7", grace_s=grace_s)
    event = node.finished()
    assert event["outcome"] == "stopped", event
    assert event["receipt"]["tool"]["tree_empty"] is True, event
    return event["receipt"]


def test_a_jvm_that_ignores_everything(grid):
    (node,) = grid.nodes("node-a")
    grid.start(plans.misbehaving(plans.DEAF), flood="7")
    node.one("flood.running")
    until("it is deaf", lambda: list(node.state_dir.rglob("deaf")), 60)
    receipt = stopped(grid, node)
    assert not node.tool_pids()
    assert receipt["tool"]["signal"] == 9, receipt["tool"]


@pytest.mark.parametrize(("script", "count"), [(plans.FORKING, 3), (plans.DAEMONS, 2)], ids=["forks", "daemons"])
def test_children_of_all_kinds(grid, script, count):
    (node,) = grid.nodes("node-a")
    grid.start(plans.misbehaving(script), flood="7")
    node.one("flood.running")
    until("the children are there", lambda: len(node.tool_pids("sleep")) == count, 60)
    receipt = stopped(grid, node, grace_s=10)
    assert not node.tool_pids() and not node.tool_pids("sleep") and not node.tool_pids("sh")
    assert receipt["tool"]["killed_descendants"] >= 1, receipt["tool"]
    assert balance(receipt) > 0


def test_children_of_a_tool_that_ended_by_itself(grid):
    """The leader's end is not the tree's end."""
    (node,) = grid.nodes("node-a")
    grid.start(plans.misbehaving(plans.DAEMONS), flood="7", iterations=30)
    event = node.finished()
    assert event["outcome"] == "completed", event
    assert event["receipt"]["tool"]["killed_descendants"] >= 2, event["receipt"]["tool"]
    assert not node.tool_pids("sleep")


def test_a_tool_that_talks_without_end(grid):
    (node,) = grid.nodes("node-a")
    grid.start(plans.misbehaving(plans.TALKATIVE), flood="7")
    node.one("flood.running")
    until("200 MiB are said", lambda: list(node.state_dir.rglob("said-it-all")), 90)
    used = sum(path.stat().st_size for path in node.state_dir.rglob("*") if path.is_file())
    assert used < 100 << 20, f"{used >> 20} MiB"
    assert balance(stopped(grid, node)) > 0


def test_a_tool_that_ends_at_once(grid):
    node = grid.agent("node-a", tools__jvm_args=["-XX:NoSuchOption"]).start()
    grid.start(plans.counted(1), flood="7")
    event = node.finished()
    assert event["outcome"] == "failed" and event["reason"], event
    assert event["receipt"]["tool"]["code"] == 1 and not node.tool_pids(), event
    # What the JVM said is there to read.
    assert "NoSuchOption" in str(event), event


def test_a_jvm_that_is_shot(grid):
    (node,) = grid.nodes("node-a")
    grid.start(plans.endless(), flood="7")
    node.one("flood.running")
    until("there is a JVM", node.tool_pids, 30)
    os.kill(node.tool_pids()[0], signal.SIGKILL)
    event = node.finished()
    assert event["outcome"] == "failed" and event["receipt"]["tool"]["signal"] == 9, event
    grid.start(plans.counted(3), flood="7", run=2)
    assert node.finished(run=2)["outcome"] == "completed"


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system can be mounted by root only")
def test_a_tool_that_fills_the_disk(grid):
    node = grid.agent("node-a")
    node.state_dir.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(node.state_dir)], check=True)
    try:
        node.start()
        grid.start(plans.misbehaving(plans.GREEDY), flood="7")
        node.one("flood.running")
        until("the disk is full", lambda: os.statvfs(node.state_dir).f_bavail == 0, 60)
        grid.stop(flood="7", grace_s=5)
        event = node.finished()
        assert event["outcome"] == "stopped" and event["receipt"]["tool"]["tree_empty"] is True, str(event)
        balance(event["receipt"], lossless=False)
        assert node.process.code is None and not node.tool_pids()
        grid.start(plans.counted(3), flood="7", run=2)
        assert node.finished(run=2)["outcome"] == "completed", "the room is there again"
    finally:
        # Lazily: whoever is still in there is found by the next check.
        subprocess.run(["umount", "--lazy", str(node.state_dir)], check=True)
