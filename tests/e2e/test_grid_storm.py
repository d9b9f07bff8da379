"""Many nodes boot at once, and die at once; an operator's one command tidies up after them.

60 nodes here; `tests/run soak` has 200. Without a proxy: it would be the slowest part.
"""

import contextlib
import os

from support.grid import Grid
from support.wait import until

NODES = int(os.environ.get("GRIDNODE_STORM_NODES", "60"))


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
        survivor = grid.agent("survivor").start()
        reap(grid, survivor)
        assert set(grid.cloud.queues("gridnode-")) == {survivor.queue} == set(grid.cloud.subscriptions())


def reap(grid, survivor):
    raise NotImplementedError
