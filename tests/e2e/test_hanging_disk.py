"""The state directory's disk neither takes a write nor refuses it: stops are obeyed all the same, and not forgotten."""

import os

import pytest

from support import commands, plans
from support.frozen_disk import FrozenDisk
from support.hanging_fs import HangingFs
from support.wait import pause, until

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk and freeze it"),
]

GRACE_S = 3
# The 2 s that a stop waits for the disk, the grace, and as much again for a busy machine.
STOPPED_S = 2 + GRACE_S + 10


@pytest.fixture
def disk(gridnode):
    with FrozenDisk(gridnode.directory / "disk") as mounted:
        yield mounted


@pytest.fixture
def node(grid, disk):
    """Its state directory is on the disk, its tools' directories are not: nobody can kill what writes to a frozen disk."""
    made = grid.agent("node-a")
    made.state_dir = disk.path / "node-a"
    made.configure(state_dir=str(made.state_dir))
    disk.apart("node-a/runs")
    return made.start()


def is_taken(grid, node):
    """A message that was received and not yet deleted: its command waits for the disk."""
    return int(grid.cloud.queue_attributes(node.queue)["ApproximateNumberOfMessagesNotVisible"]) > 0


@pytest.mark.parametrize("kind", ["flood.stop", "node.stop"])
def test_a_stop_does_not_wait_for_a_disk_that_hangs(grid, disk, node, kind):
    start = grid.start(plans.endless(), flood="7")
    node.one("flood.running")
    disk.freeze()
    try:
        if kind == "flood.stop":
            stop = grid.stop(flood="7", grace_s=GRACE_S)
        else:
            stop = grid.publish(commands.node_stop(commands.nodes("node-a")))
        until("the stop is taken", lambda: is_taken(grid, node), 30)
        seconds = STOPPED_S + (0 if kind == "flood.stop" else 30)
        until("no process of the tool is left", lambda: not node.tool_pids(), seconds)
        assert not node.said("flood.finished"), "nothing is said that is not durable"
    finally:
        disk.thaw()

    finished = node.finished()
    assert finished["outcome"] == "stopped" and stop["id"] in finished["reason"], finished
    if kind == "node.stop":
        node.process.wait(60)
        assert node.process.code == 7, node.process
        return
    # It is as durable as one that did not have to wait.
    until("the queue is empty", lambda: grid.cloud.messages_in(node.queue) == 0, 60)
    node.shoot()
    node.start()
    grid.publish(start)
    again = grid.publish(commands.start(start["flood"]["files"], flood="7"))
    refused = node.one("command.refused")
    assert (refused["command_id"], refused["reason"]) == (again["id"], "stopped"), refused
    assert len(node.said("flood.running")) == len(node.said("flood.finished")) == 1 and not node.tool_pids()


def test_a_stop_that_came_first_is_durable_when_the_disk_answers_again(grid, disk, node):
    disk.freeze()
    try:
        grid.stop(flood="7")
        until("the stop is taken", lambda: is_taken(grid, node), 30)
        pause(4)
        assert node.process.code is None
    finally:
        disk.thaw()
    until("the queue is empty", lambda: grid.cloud.messages_in(node.queue) == 0, 60)
    node.shoot()
    node.start()
    start = grid.start(plans.endless(), flood="7")
    refused = node.one("command.refused")
    assert (refused["command_id"], refused["reason"]) == (start["id"], "stopped"), refused


def test_a_start_that_waits_for_the_disk_is_stopped_before_it_began(grid, disk, node):
    """A start does wait: what is not durable could be run twice."""
    disk.freeze()
    try:
        grid.start(plans.endless(), flood="7")
        until("the start is taken", lambda: is_taken(grid, node), 30)
        grid.stop(flood="7")
        pause(5)
        assert not node.tool_pids() and not node.said("flood.accepted")
    finally:
        disk.thaw()
    assert node.finished()["outcome"] == "stopped"
    assert not node.said("flood.running") and not node.tool_pids()


@pytest.mark.parametrize("how", ["a stop", "SIGTERM"])
def test_a_run_whose_own_directory_hangs_is_ended_all_the_same(grid, how):
    """The journal's disk is well: only what the tool is told by, and what is read of it, does not answer."""
    node = grid.agent("node-a", shutdown_ms=20_000)
    node.state_dir.mkdir()
    with HangingFs(node.state_dir / "runs") as runs:
        node.start()
        grid.start(plans.endless(), flood="7")
        node.one("flood.running")
        pause(3)
        runs.hang()
        pause(3)
        if how == "a stop":
            grid.stop(flood="7", grace_s=GRACE_S)
        else:
            node.process.signal(15)
        until("no process of the tool is left", lambda: not node.tool_pids(), 30)
        assert how == "SIGTERM" or node.finished(30)["flood"] == "7"
