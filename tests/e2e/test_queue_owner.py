"""A queue has one owner, a state directory: two agents with one node id would get half of the commands each."""

import shutil
import time

import pytest

from support import plans
from support.agent import Agent
from support.wait import pause, until

# The owner's tag, and how long another one may take to find out that the owner lives, or does not live any more.
OWNER = "owner"
REFUSED_S = 120
TAKEN_OVER_S = 420
# Who takes what is his own does not wait for anything.
AT_ONCE_S = 15


def another(grid, node):
    """The same node, as it would be on a second machine: another state directory."""
    settings = {key: value for key, value in node.settings.items() if key != "state_dir"}
    made = Agent(grid.gridnode, grid.events, node.node, settings, node.environment)
    made.state_dir = node.state_dir.with_name("second")
    made.config_file = node.config_file.with_name("second.toml")
    made.configure(state_dir=str(made.state_dir))
    # Its own file only: the first one's was written anew by the constructor, with what it had.
    node.configure()
    grid.agents["second"] = made
    return made


def takes_commands(agent):
    return "commands are taken from now on" in agent.process.err


def decides(agent):
    """Until it takes commands or has ended."""
    until("it has made up its mind", lambda: agent.process.code is not None or takes_commands(agent), REFUSED_S)


def owner(grid, node):
    url = grid.cloud.queue_url(node.queue)
    return grid.cloud.sqs.list_queue_tags(QueueUrl=url).get("Tags", {}).get(OWNER)


def test_a_second_agent_is_refused_while_the_first_is_alive(grid):
    (node,) = grid.nodes("node-a")
    second = another(grid, node).start(ready=False)
    decides(second)
    assert not takes_commands(second), "both take commands from one queue"
    assert second.process.code == 1 and node.queue in second.process.err and "panicked" not in second.process.err, second.process
    # Nothing of it reaches the first one, which has all commands.
    for flood in range(4):
        grid.start(plans.counted(1), flood=str(flood))
        assert node.finished(flood=str(flood))["outcome"] == "completed"
    assert node.queue in grid.cloud.queues() and node.queue in grid.cloud.subscriptions()


def test_the_queue_says_whose_it_is(grid):
    (node,) = grid.nodes("node-a")
    first = owner(grid, node)
    assert first and len(first) >= 16 and str(node.state_dir) not in first, first
    node.terminate()
    node.start()
    assert owner(grid, node) == first, "a state directory has one nonce for ever"


@pytest.mark.parametrize("ended", ["terminate", "shoot"])
def test_a_restart_takes_its_own_queue_at_once(grid, ended):
    (node,) = grid.nodes("node-a")
    getattr(node, ended)()
    began = time.monotonic()
    node.start()
    assert time.monotonic() - began < AT_ONCE_S
    grid.start(plans.counted(1), flood="7")
    assert node.finished()["outcome"] == "completed"


def test_a_dead_owner_is_followed_when_it_was_not_seen_for_long_enough(grid):
    (node,) = grid.nodes("node-a")
    first = owner(grid, node)
    assert first
    node.shoot()
    second = another(grid, node)
    deadline = time.monotonic() + TAKEN_OVER_S
    second.start(ready=False)
    while not takes_commands(second):
        assert time.monotonic() < deadline, second.process
        # A service manager would do the same.
        if second.process.code is not None:
            second.start(ready=False)
        pause(1)
    now = owner(grid, node)
    assert now and now != first, "the queue is another one's now"

    # The first one comes back, e.g. because its machine was only cut off: it is the second who is alive.
    node.start(ready=False)
    decides(node)
    assert node.process.code == 1 and owner(grid, node) == now, node.process


def test_an_owner_that_said_goodbye_is_followed_at_once(grid):
    """SIGTERM keeps the queue, for the same node with a new disk as well."""
    (node,) = grid.nodes("node-a")
    first = owner(grid, node)
    assert first
    node.terminate()
    shutil.rmtree(node.state_dir)
    node.start(ready=False)
    until("it takes commands", lambda: takes_commands(node), AT_ONCE_S)
    now = owner(grid, node)
    assert now and now != first
