"""Floods on a grid: one message starts a real JMeter on every node that it is for, another one stops them."""

import pytest

from support import commands, jmx, plans
from support.grid import Grid, balance
from support.wait import until


def test_one_start_runs_on_the_nodes_of_its_grid_alone(with_jmeter, influx, note):
    with Grid(with_jmeter, influx.url) as grid:
        node_a, node_b = grid.nodes("node-a", "node-b")
        (other,) = grid.nodes("node-c", grid="10")
        started = grid.start(plans.endless(), flood="checkout")
        grid.events.wait("flood.running", 2, 60, flood="checkout")
        until("both nodes' samples are in InfluxDB", lambda: len(nodes_in(influx)) == 2, 60)
        assert node_a.tool_pids() and node_b.tool_pids() and not other.tool_pids()

        stopped = grid.stop(flood="checkout", grace_s=15)
        finished = [node.finished(flood="checkout") for node in (node_a, node_b)]
        assert not node_a.tool_pids() and not node_b.tool_pids()
        assert [event["type"] for event in other.said()] == ["node.ready"]

    assert [event["outcome"] for event in finished] == ["stopped", "stopped"]
    counts = {event["node"]: balance(event["receipt"]) for event in finished}
    assert all(counts.values()), counts
    # A collision of two nodes' points would show here.
    assert influx.one("SELECT sum(count) AS n FROM transaction_rate_mean")["n"] == sum(counts.values())
    assert nodes_in(influx) == counts
    for event in grid.events.of(flood="checkout"):
        assert (event["version"], event["grid"], event["region"], event["run"]) == (1, "9", "us-east-1", 1), event
        assert event["command_id"] == started["id"] != stopped["id"], event
        assert grid.events.attributes[event["id"]] == {"type": event["type"], "grid": "9", "flood": "checkout"}
    for event in finished:
        times, tool = event["receipt"]["times"], event["receipt"]["tool"]
        assert tool["tree_empty"] is True
        to_empty_ms = (times["tree_empty_ns"] - times["stop_asked_ns"]) / 1e6
        assert 0 <= to_empty_ms <= 15_000 + 1_000, times
        assert times["command_received_ns"] <= times["tool_started_ns"] <= times["first_sample_ns"], times
        assert times["first_sample_ns"] <= times["last_sample_ns"] <= times["tree_empty_ns"] <= times["flushed_ns"], times
        to_tool_ms = (times["tool_started_ns"] - times["command_received_ns"]) / 1e6
        note(f"grid: {event['node']}: command to tool {to_tool_ms:.0f} ms, stop to empty tree {to_empty_ms:.0f} ms")


def nodes_in(influx):
    """Aggregated samples by node, as the ledger's points have it."""
    found = {}
    for row in influx.rows("SELECT node, aggregated FROM ledger_sum"):
        found[row["node"]] = found.get(row["node"], 0) + row["aggregated"]
    return {node: count for node, count in found.items() if count}


def test_a_plan_that_ends_by_itself_is_counted_to_the_last_sample(grid, site, drain):
    (node,) = grid.nodes("node-a")
    plan = jmx.plan(jmx.threads(jmx.http("fast", "/fast"), jmx.http("lost", "/status/404"), loops=1))
    grid.start(plan, flood="7", run=3, users=3, iterations=20, parameters={"port": str(site.port)})
    event = node.finished(flood="7", run=3)
    assert event["outcome"] == "completed", event
    assert balance(event["receipt"]) == 120
    assert site.requests == {"/fast": 60, "/status/404": 60}
    got = drain.rollups()
    assert (got.of("fast").passed, got.of("lost").failed, got.of("lost").codes) == (60, 60, {"404": 60})
    assert (got.ledger["sent"], got.ledger["aggregated"]) == (120, 120)
    for point in got.points:
        if "label_id" in point.tags:
            wanted = {"account": "1", "project": "5", "flood": "7", "grid": "9", "region": "us-east-1"}
            assert {key: value for key, value in point.tags.items() if key != "label_id"} == wanted
    assert not node.tool_pids()
    # The receipt is out: nobody needs them.
    until("the run's files are gone", lambda: not (node.state_dir / "runs" / "7@3").exists())


def test_all_nodes_start_at_the_same_time(grid, note):
    nodes = grid.nodes("node-a", "node-b")
    grid.start(plans.counted(5), flood="together", start_at=commands.in_s(8))
    accepted = grid.events.wait("flood.accepted", 2, flood="together")
    assert all(event["start_at"] for event in accepted), accepted
    running = grid.events.wait("flood.running", 2, 60, flood="together")
    for event in running:
        assert event["start_skew_ms"] >= 0, event
    for node in nodes:
        event = node.finished(flood="together")
        times = event["receipt"]["times"]
        assert event["outcome"] == "completed" and times["tool_started_ns"] >= times["start_at_ns"], event
    note(f"grid: skew of a common start: {[event['start_skew_ms'] for event in running]} ms")


def test_one_more_is_busy_and_an_old_one_is_stale(grid):
    (node,) = grid.nodes("node-a")
    grid.start(plans.endless(), flood="first", run=5)
    node.one("flood.running", flood="first")
    second = grid.start(plans.counted(1), flood="second")
    assert node.one("command.refused", flood="second")["reason"] == "busy"
    again = grid.start(plans.counted(1), flood="first", run=5)
    older = grid.start(plans.counted(1), flood="first", run=4)
    grid.events.wait("command.refused", 3)
    reasons = {event["command_id"]: event["reason"] for event in node.said("command.refused")}
    assert reasons == {second["id"]: "busy", again["id"]: "stale_run", older["id"]: "stale_run"}
    grid.stop(flood="first", run=5)
    assert node.finished(flood="first")["outcome"] == "stopped"
    grid.start(plans.counted(10), flood="first", run=6)
    assert node.finished(flood="first", run=6)["outcome"] == "completed"


def test_two_floods_at_once_do_not_mix(grid, drain):
    node = grid.agent("node-a", control__runs_max=2).start()
    grid.start(plans.endless("left"), flood="left")
    grid.start(plans.endless("right"), flood="right")
    grid.events.wait("flood.running", 2, 90)
    until("both have samples", lambda: {"left", "right"} <= labels(drain), 60)
    grid.stop(flood="left")
    left = node.finished(flood="left")
    assert node.tool_pids(), "the other one goes on"
    grid.stop(flood="right")
    right = node.finished(flood="right")
    points = drain.rollups().points
    for event, label in ((left, "left"), (right, "right")):
        own = [point for point in points if point.tags.get("flood") == label and point.measurement == "transaction_rate_mean"]
        assert {point.fields["label"] for point in own} == {label}
        assert sum(point.fields["count"] for point in own) == balance(event["receipt"])


def labels(drain):
    return {point.fields["label"] for point in drain.points("transaction_rate_mean")}


def test_a_run_that_nobody_stops_ends_all_the_same(grid):
    (node,) = grid.nodes("node-a")
    grid.start(plans.endless(), flood="7", max_runtime_s=5)
    event = node.finished(flood="7")
    assert event["outcome"] == "expired" and balance(event["receipt"]) > 0, event


@pytest.mark.parametrize("fault", ["digest", "missing", "plan"])
def test_a_run_whose_files_are_no_good_is_over_at_once(grid, fault):
    (node,) = grid.nodes("node-a")
    file = grid.cloud.upload("plan.jmx", "no plan at all" if fault == "plan" else plans.counted(1))
    if fault == "digest":
        file["sha256"] = "0" * 64
    elif fault == "missing":
        file["uri"] += ".not-there"
    grid.publish(commands.start([file], flood="7"))
    event = node.finished(flood="7")
    assert event["outcome"] == "failed" and "plan.jmx" in event["reason"], event
    assert not node.said("flood.running") and not node.tool_pids()
    # It is busy with nothing: the next one runs.
    grid.start(plans.counted(3), flood="7", run=2)
    assert node.finished(flood="7", run=2)["outcome"] == "completed"


def test_data_files_come_along(grid, drain):
    (node,) = grid.nodes("node-a")
    plan = jmx.plan(jmx.threads(jmx.csv("data/names.csv", "name"), jmx.java("${name}"), loops=4))
    files = [grid.cloud.upload("plan.jmx", plan), grid.cloud.upload("data/names.csv", "name\nann\nbob\n")]
    grid.publish(commands.start(files, flood="7", users=1))
    assert node.finished(flood="7")["outcome"] == "completed"
    got = drain.rollups()
    assert (got.of("ann").count, got.of("bob").count) == (2, 2)
