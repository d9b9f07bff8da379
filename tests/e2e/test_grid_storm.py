"""Many nodes boot at once, and die at once; an operator's one command tidies up after them.

60 nodes here; `tests/run soak` has 200. Without a proxy: it would be the slowest part.
"""

import datetime
import os

import pytest

from support.agent import environment_of
from support.grid import Grid
from support.wait import until

NODES = int(os.environ.get("GRIDNODE_STORM_NODES", "60"))
# A node that was not seen for so long is gone: the shortest there is; in life it is an hour.
GONE_S = 180

pytestmark = pytest.mark.alone


def test_a_boot_storm_and_a_mass_death(gridnode, drain, note):
    with Grid(gridnode, drain.url, direct=True, control__boot_jitter_ms=5_000, health__period_s=60) as grid:
        agents = [grid.agent(f"node-{number}") for number in range(NODES)]
        for agent in agents:
            agent.start(ready=False)
        grid.events.wait("node.ready", NODES, 180)
        assert {event["node"] for event in grid.events.of("node.ready")} == set(grid.agents)
        wanted = {agent.queue for agent in agents}
        assert set(grid.cloud.queues("gridnode-")) == wanted == set(grid.cloud.subscriptions())
        note(f"grid: {NODES} nodes, {max(agent.rss_kib() for agent in agents) >> 10} MiB each at most")

        for agent in agents:
            agent.shoot()
        # Somebody has deleted a queue by hand and forgotten its subscription.
        grid.cloud.delete_queue(agents[0].queue)
        for agent in agents[1:]:
            last_seen_before(grid.cloud, agent, GONE_S)
        survivor = grid.agent("survivor").start()

        looked = reap(grid, "--dry-run")
        assert str(NODES - 1) in looked.out and len(grid.cloud.queues("gridnode-")) == NODES, looked
        reaped = reap(grid, "--yes")
        assert set(grid.cloud.queues("gridnode-")) == {survivor.queue} == set(grid.cloud.subscriptions()), reaped
        assert survivor.status()["queue"]["ready"] is True
        assert "nothing to remove" in reap(grid, "--yes").out


def reap(grid, *args):
    ended = grid.gridnode.run(
        "reap", "--older-than", f"{GONE_S}s", "--calls-per-s", "1000", "--topic", grid.cloud.commands_topic,
        "--endpoint-url", grid.url, *args, env=environment_of(), seconds=120,
    )  # fmt: skip
    assert ended.code == 0, ended
    return ended


def last_seen_before(cloud, agent, age_s):
    """As if so much time had gone by since the node was there."""
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=age_s + 1)
    seen = then.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    cloud.sqs.tag_queue(QueueUrl=cloud.queue_url(agent.queue), Tags={"seen": seen})
