"""Nodes come and go: shot, terminated, told to leave, taken away by the cloud. Nothing is left behind, nothing untrue said."""

import json
import threading

import pytest

from support import commands, plans
from support.drains import Recorder
from support.grid import Grid, balance
from support.wait import until


def test_shot_in_the_middle_of_a_run(with_jmeter):
    away = threading.Event()
    with Recorder(lambda number: (503 if away.is_set() else 204, {}, b"")) as drain, Grid(with_jmeter, drain.url) as grid:
        (node,) = grid.nodes("node-a")
        start = grid.start(plans.endless(), flood="7")
        node.one("flood.running")
        until("windows are delivered", lambda: len(drain.points("ledger_sum")) >= 2, 60)
        away.set()
        before = len(drain.writes)
        refused = lambda: [headers for _, headers in drain.writes[before:] if int(headers.get("X-Gridnode-Samples") or 0) > 0]
        until("a window with samples waits in the spool", refused, 60)
        delivered_before = drain.rollups().samples
        node.shoot()
        until("no process of the tool is left", lambda: not node.tool_pids(), 30)
        until("nothing else is left either", lambda: node.state_dir.name not in str(with_jmeter.left_behind()), 30)

        away.clear()
        node.start()
        event = node.finished()
        assert event["outcome"] == "failed" and "restart" in event["reason"], event
        assert event["command_id"] == start["id"] and event["run"] == 1
        assert grid.events.of("node.ready")[1]["recovered_runs"] == 1
        assert grid.events.of("node.ready")[1]["incarnation"] == grid.events.of("node.ready")[0]["incarnation"] + 1
        # What was written before the shot is accounted for, and delivered; nobody can know what else was sent.
        aggregated = balance(event["receipt"], lossless=False)
        assert aggregated > delivered_before and event["receipt"]["sent_exact"] is False
        # Of what was counted, the receipt says what the shot took before it was durable.
        durable = aggregated - event["receipt"]["delivery"]["lost_restart"]
        until("the spool is delivered", lambda: drain.rollups().samples >= durable, 60)
        assert drain.rollups().samples == durable

        grid.publish(start)
        again = grid.start(plans.counted(3), flood="7", run=1)
        assert node.one("command.refused")["command_id"] == again["id"], "the old command is a copy; a new one is stale"
        grid.start(plans.counted(3), flood="7", run=2)
        assert node.finished(run=2)["outcome"] == "completed"
        assert len(node.said("flood.finished", run=1)) == 1, "one receipt a run"


def test_sigterm_is_a_clean_goodbye_and_keeps_the_queue(grid, drain):
    (node,) = grid.nodes("node-a")
    made_at = grid.cloud.queue_attributes(node.queue)["CreatedTimestamp"]
    grid.start(plans.endless(), flood="7")
    node.one("flood.running")
    until("there are samples", lambda: drain.points("transaction_rate_mean"), 60)
    node.terminate()
    assert node.process.code in (0, 143), node.process
    event = node.finished()
    assert event["outcome"] == "stopped" and balance(event["receipt"]) == drain.rollups().samples
    assert "SIGTERM" in node.one("node.stopping")["reason"]
    assert not node.tool_pids()

    # What was published meanwhile is waiting.
    assert node.queue in grid.cloud.queues() and node.queue in grid.cloud.subscriptions()
    grid.start(plans.counted(3), flood="8")
    node.start()
    assert node.finished(flood="8")["outcome"] == "completed"
    assert grid.cloud.queue_attributes(node.queue)["CreatedTimestamp"] == made_at
    assert len(grid.cloud.subscriptions()) == 1


def test_the_accounts_know_at_an_end_what_was_delivered_a_moment_before(grid, drain):
    (node,) = grid.nodes("node-a")
    grid.start(plans.counted(50), flood="7")
    sent = balance(node.finished()["receipt"])
    node.terminate()
    assert node.process.code == 0 and drain.rollups().samples == sent, node.process
    runs = json.loads((node.state_dir / "counters.json").read_text())["runs"].values()
    assert not any(run["spooled"]["batches"] for run in runs), "a run that has had its receipt may be forgotten by then"
    assert not list(node.state_dir.glob("spool/*/*")), "what the Drain has is sent to no other one"


def test_node_stop_leaves_nothing_of_this_node_and_all_of_the_others(grid):
    leaving, staying = grid.nodes("node-a", "node-b")
    grid.start(plans.endless(), flood="7")
    grid.events.wait("flood.running", 2, 60)
    stop = grid.publish(commands.node_stop(commands.nodes("node-a")))
    leaving.process.wait(60)
    assert leaving.process.code == 7, leaving.process
    assert leaving.finished()["outcome"] == "stopped"
    assert stop["id"] in leaving.one("node.stopping")["reason"]
    assert set(grid.cloud.queues("gridnode-")) == {staying.queue} == set(grid.cloud.subscriptions())
    assert staying.tool_pids() and not staying.said("node.stopping")
    grid.stop(flood="7")
    assert staying.finished()["outcome"] == "stopped"


@pytest.mark.parametrize("notice", ["spot", "asg"])
def test_taken_away_by_the_cloud(grid, imds, notice):
    before = imds("i-0abc", "9", "eu-west-1")
    node = grid.agent(
        "i-0abc", node__id=None, node__grid=None, node__region=None,
        metadata__enabled="true", metadata__endpoint=before.url,
    )  # fmt: skip
    node.start()
    ready = node.one("node.ready")
    assert (ready["node"], ready["grid"], ready["region"]) == ("i-0abc", "9", "eu-west-1")
    grid.start(plans.endless(), flood="7")
    node.one("flood.running")
    before.stop()
    imds("i-0abc", "9", "eu-west-1", port=before.port, **{f"{notice}_after_s": 0})
    node.process.wait(90)
    assert node.process.code == 7, node.process
    reason = node.one("node.stopping")["reason"].lower()
    assert ("spot" if notice == "spot" else "terminat") in reason
    assert node.finished()["outcome"] == "stopped"
    assert not grid.cloud.queues("gridnode-") and not grid.cloud.subscriptions()


def test_a_state_directory_has_one_agent(grid):
    (node,) = grid.nodes("node-a")
    second = grid.gridnode.run("agent", "--config", node.config_file, env=node.environment, seconds=30)
    assert second.code == 1 and str(node.state_dir) in second.err and "panicked" not in second.err, second
    grid.start(plans.counted(3), flood="7")
    assert node.finished()["outcome"] == "completed", "the first one does not care"


def test_a_state_of_a_newer_version_is_refused(grid):
    (node,) = grid.nodes("node-a")
    node.terminate()
    journal = node.state_dir / "journal"
    lines = journal.read_text(encoding="utf-8").splitlines(keepends=True)
    assert lines[0] == "gridnode-journal 1\n"
    journal.write_text("gridnode-journal 2\n" + "".join(lines[1:]), encoding="utf-8")
    node.start(ready=False)
    node.process.wait(30)
    assert node.process.code == 1 and str(journal) in node.process.err, node.process
