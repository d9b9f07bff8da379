"""A state directory is lost, and the node begins anew under its old name: nothing that it says is taken for something it said before."""

import shutil

import pytest

from support import plans
from support.wait import until

READY_S = 60


def batches(drain):
    return [headers["X-Gridnode-Batch"] for _, headers in list(drain.writes)]


@pytest.fixture(params=["terminate", "shoot"])
def reborn(grid, drain, request):
    """A node that has run, lost everything, and runs again; and what the Drain was sent by each of the two."""
    (node,) = grid.nodes("node-a")
    grid.start(plans.counted(20), flood="7", run=1)
    assert node.finished()["outcome"] == "completed"
    until("node health was delivered, too", lambda: drain.points("node_health_mean"), 30)
    getattr(node, request.param)()
    first = batches(drain)

    shutil.rmtree(node.state_dir)
    # Whoever was shot did not give the queue free; that it is taken over is tested elsewhere, and takes minutes.
    grid.cloud.sqs.untag_queue(QueueUrl=grid.cloud.queue_url(node.queue), TagKeys=["owner"])
    # Its events cannot be waited for: those with ids of old would be taken for copies.
    node.start(ready=False)
    node.process.says("commands are taken from now on", READY_S)
    grid.start(plans.counted(20), flood="7", run=2)
    node.process.says("flood finished", 90)
    until("more is delivered", lambda: len(drain.writes) >= len(first) + 4, 60)
    node.terminate()
    return node, first, batches(drain)[len(first) :]


def test_nothing_of_a_new_life_is_taken_for_something_of_the_old_one(grid, reborn):
    node, first, second = reborn
    again = set(first) & set(second)
    assert first and second and not again, f"batches of both lives: {sorted(again)}"
    assert not grid.events.clashes, f"two events, one id: {grid.events.clashes[0]}"
    both = lambda: len(node.said("node.ready")) == len(node.said("flood.finished")) == 2  # noqa: E731
    until("both lives have said what they did", both, 30)
