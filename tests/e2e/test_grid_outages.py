"""AWS is away, slow, refusing or lying: running floods go on, and nodes come back by themselves.

Minutes instead of hours: `tests/run soak` has the long ones.
"""

import json

import pytest

from support import commands, plans, proxy
from support.grid import Grid, balance
from support.lookalikes import Moto
from support.wait import pause, until

OUTAGE_S = 8
# Requests of one node in an outage: a tight loop would make thousands.
REQUESTS_MAX = 120

OUTAGES = {
    "nobody listens": lambda p: p.refusing(),
    "no answers": lambda p: p.silent(),
    "throttled": lambda p: p.failing(proxy.THROTTLED),
    "credentials expired": lambda p: p.failing(proxy.EXPIRED_TOKEN),
    "internal errors": lambda p: p.failing(proxy.INTERNAL),
    "SQS alone away": lambda p: p.silent("sqs"),
    "SNS alone away": lambda p: p.failing(proxy.INTERNAL, "sns"),
}


@pytest.fixture
def busy(grid, drain):
    """A node with a run."""
    (node,) = grid.nodes("node-a")
    grid.start(plans.endless(), flood="7")
    node.one("flood.running")
    until("there are samples", lambda: drain.points("transaction_rate_mean"), 60)
    return node


def answers(grid, node, name, seconds=90):
    """A command gets in, and the word about it out: with a run there, another start is refused."""
    probe = grid.publish(commands.start([grid.cloud.upload("plan.jmx", plans.counted(1))], flood=name))
    refused = node.one("command.refused", seconds, command_id=probe["id"])
    assert refused["reason"] == "busy", refused


def test_a_running_flood_outlives_every_outage(grid, busy, drain, note):
    answers(grid, busy, "before")
    fds, rss_kib = busy.fds(), busy.rss_kib()
    for number, (name, fail) in enumerate(OUTAGES.items()):
        asked, samples = sum(grid.proxy.seen.values()), drain.rollups().samples
        fail(grid.proxy)
        pause(OUTAGE_S)
        assert drain.rollups().samples > samples, f"{name}: the flood stood still"
        requests = sum(grid.proxy.seen.values()) - asked
        assert requests < REQUESTS_MAX, f"{name}: {requests} requests"
        grid.proxy.passing()
        answers(grid, busy, f"after-{number}")
        assert busy.process.code is None and busy.tool_pids(), name
    grid.stop(flood="7")
    event = busy.finished()
    assert event["outcome"] == "stopped" and balance(event["receipt"]) == drain.rollups().samples
    grown_kib = busy.rss_kib() - rss_kib
    assert busy.fds() <= fds + 4 and grown_kib < 24 << 10, (fds, busy.fds(), grown_kib)
    note(f"grid: {len(OUTAGES)} outages of {OUTAGE_S} s: {busy.fds() - fds:+d} descriptors, {grown_kib:+d} KiB")
    assert len(busy.said("flood.finished")) == 1


def test_a_queue_that_is_deleted_is_made_again(grid, busy):
    grid.cloud.delete_queue(busy.queue)
    until("the queue is there again", lambda: busy.queue in grid.cloud.queues(), 120)
    until("it is subscribed", lambda: busy.queue in grid.cloud.subscriptions(), 60)
    answers(grid, busy, "after")
    assert len(grid.cloud.subscriptions()) == 1
    grid.stop(flood="7")
    assert balance(busy.finished()["receipt"]) > 0


def test_a_topic_that_is_deleted_and_made_again(grid, busy):
    """Nodes look at their subscriptions every five minutes, and after trouble with the queue: there is some here."""
    for topic in (grid.cloud.commands_topic, grid.cloud.events_topic):
        grid.cloud.sns.delete_topic(TopicArn=topic)
    grid.proxy.failing(proxy.INTERNAL, "sqs")
    until("there was trouble", lambda: grid.proxy.failed["sqs", "ReceiveMessage"] >= 4, 60)
    for name in ("commands", "events"):
        grid.cloud.make_topic(name)
    grid.events.subscribe()
    grid.proxy.passing()
    until("the queue is subscribed again", lambda: busy.queue in grid.cloud.subscriptions(), 90)
    answers(grid, busy, "after")
    grid.stop(flood="7")
    assert balance(busy.finished()["receipt"]) > 0


def test_aws_is_away_when_a_node_starts_and_when_a_run_ends(grid, drain):
    node = grid.agent("node-a")
    grid.proxy.refusing()
    node.start(ready=False)
    until("it has tried", lambda: node.status() and not node.status()["queue"]["ready"], 30)
    grid.proxy.passing()
    node.until_ready()
    grid.start(plans.counted(50), flood="7")
    node.one("flood.running")
    grid.proxy.failing(proxy.ACCESS_DENIED)
    until("the run is over", lambda: not node.tool_pids() and not node.status()["runs"], 60)
    assert not node.said("flood.finished")
    grid.proxy.passing()
    assert balance(node.finished()["receipt"]) == 100
    assert drain.rollups().samples == 100


def test_s3_stumbles_and_the_files_come_all_the_same(grid):
    (node,) = grid.nodes("node-a")
    grid.proxy.failing(proxy.THROTTLED, "s3")
    grid.start(plans.counted(3), flood="7")
    node.one("flood.accepted")
    until("it has tried", lambda: grid.proxy.failed["s3", "GET"] >= 2, 60)
    grid.proxy.passing()
    assert node.finished()["outcome"] == "completed"


def test_a_stop_while_files_are_on_their_way(grid):
    (node,) = grid.nodes("node-a")
    grid.proxy.silent("s3")
    grid.start(plans.counted(3), flood="7")
    node.one("flood.accepted")
    until("it fetches", lambda: grid.proxy.seen["s3", "GET"], 30)
    grid.stop(flood="7")
    event = node.finished()
    assert event["outcome"] == "stopped" and not node.said("flood.running"), event


def test_the_queue_is_as_designed(with_jmeter, drain):
    """Moto's attributes are right, Ministack's are not."""
    with Grid(with_jmeter, drain.url, kind=Moto) as grid:
        (node,) = grid.nodes("node-a")
        attributes = grid.cloud.queue_attributes(node.queue)
        assert attributes["MessageRetentionPeriod"] == "3600", attributes
        policy = json.loads(attributes["Policy"])
        for statement in policy["Statement"]:
            assert statement["Effect"] == "Allow" and grid.cloud.commands_topic in json.dumps(statement["Condition"]), policy
            assert grid.cloud.events_topic not in json.dumps(statement), policy
        assert grid.cloud.subscription_attributes(node.queue)["RawMessageDelivery"] == "true"
        grid.start(plans.counted(3), flood="7")
        assert node.finished()["outcome"] == "completed"
        grid.publish(commands.node_stop(commands.nodes("node-a")))
        node.process.wait(60)
        assert not grid.cloud.queues("gridnode-") and not grid.cloud.subscriptions()
