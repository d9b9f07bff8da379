"""What needs an hour: `tests/run soak`. The figures are printed at the end; a short run of each is in the other tests.

    GRIDNODE_SOAK_OUTAGE_S    how long AWS is away        [600]
    GRIDNODE_SOAK_IDLE_S      how long a node idles       [3600]
    GRIDNODE_SOAK_CHAOS_S     how long everything is killed at random   [600]
"""

import os
import pathlib

import pytest

from support import commands, plans
from support.chaos import endure
from support.grid import Grid, balance
from support.wait import pause, until

OUTAGE_S = int(os.environ.get("GRIDNODE_SOAK_OUTAGE_S", "600"))
IDLE_S = int(os.environ.get("GRIDNODE_SOAK_IDLE_S", "3600"))
CHAOS_S = int(os.environ.get("GRIDNODE_SOAK_CHAOS_S", "600"))

pytestmark = pytest.mark.timeout(OUTAGE_S + IDLE_S + CHAOS_S + 900)


@pytest.mark.parametrize("mode", ["refusing", "silent"])
def test_aws_is_away_for_long(grid, drain, note, mode):
    (node,) = grid.nodes("node-a")
    grid.start(plans.endless(), flood="7", max_runtime_s=OUTAGE_S + 600)
    node.one("flood.running")
    pause(60)
    fds, rss_kib, asked = node.fds(), node.rss_kib(), sum(grid.proxy.seen.values())
    getattr(grid.proxy, mode)()
    for _ in range(10):
        samples = sum(point.fields["aggregated"] for point in drain.points("ledger_sum"))
        pause(OUTAGE_S / 10)
        assert sum(point.fields["aggregated"] for point in drain.points("ledger_sum")) > samples, "the flood stood still"
        assert node.fds() <= fds + 4 and node.rss_kib() - rss_kib < 16 << 10, (fds, node.fds(), node.rss_kib() - rss_kib)
    requests = sum(grid.proxy.seen.values()) - asked
    grid.proxy.passing()
    grid.stop(flood="7")
    event = node.finished(300)
    assert event["outcome"] == "stopped" and balance(event["receipt"]) == drain.rollups().samples
    note(
        f"soak: {OUTAGE_S} s {mode}: {node.fds() - fds:+d} descriptors, {node.rss_kib() - rss_kib:+d} KiB, "
        f"{requests} requests"
    )


def test_a_topic_that_is_made_again_is_found_by_the_next_look(grid):
    """A node looks at its subscriptions every 5 minutes; nothing tells it sooner."""
    (node,) = grid.nodes("node-a")
    grid.cloud.sns.delete_topic(TopicArn=grid.cloud.commands_topic)
    grid.cloud.make_topic("commands")
    until("the queue is subscribed again", lambda: node.queue in grid.cloud.subscriptions(), 330)
    grid.start(plans.counted(3), flood="7")
    assert node.finished()["outcome"] == "completed"


def test_idling_costs_next_to_nothing(gridnode, drain, note):
    with Grid(gridnode, drain.url, direct=True, health__period_s=15) as grid:
        (node,) = grid.nodes("node-a")
        pause(60)
        fds, rss_kib, cpu_s = node.fds(), node.rss_kib(), cpu_s_of(node.process.pid)
        pause(IDLE_S)
        used = (cpu_s_of(node.process.pid) - cpu_s) / IDLE_S
        grown_kib = node.rss_kib() - rss_kib
        note(f"soak: idle for {IDLE_S} s: {used:.3%} of a core, {node.fds() - fds:+d} descriptors, {grown_kib:+d} KiB")
        assert used < 0.005 and node.fds() <= fds + 1 and grown_kib < 2 << 10
        assert len(drain.points("node_health_mean")) >= IDLE_S // 15
        grid.publish(commands.node_stop(commands.nodes("node-a")))
        node.process.wait(60)


def test_the_store_and_the_accounts_have_every_sample_once(gridnode, influx, note):
    endure(gridnode, influx, note, CHAOS_S)


def cpu_s_of(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
