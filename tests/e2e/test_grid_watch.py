"""A run on several nodes while it goes on: what `send start --wait` shows of all of them together, and that it can end it."""

import json

from support import jmx
from support.agent import environment_of
from support.running import write_plan
from support.terminal import ENTER, LEAVE, Terminal
from support.wait import until
from test_grid_verdict import start

EVERY = ("--progress", "5s")


def plan_of(grid, *samplers):
    return write_plan(grid.gridnode, jmx.plan(jmx.threads(*samplers, loops=-1)))


def test_all_nodes_are_one_line_and_what_they_said_is_what_their_receipts_say(grid):
    nodes = grid.nodes("node-a", "node-b")
    plan = plan_of(grid, jmx.java("work", sleep_ms=20), jmx.java("broken", sleep_ms=20, status="NOK", code="500"))
    ended = grid.gridnode.run(
        *start(grid, plan, "--users", "2", "--duration", "14s", "--json", *EVERY), env=environment_of(), seconds=120
    )  # fmt: skip
    said = [json.loads(line) for line in ended.out.splitlines()]
    watched = [one for one in said if one["type"] == "grid.progress"]
    # At the end one of them may be done before the other.
    assert len(watched) >= 2 and any((one["nodes"], one["users"]) == (2, 4) for one in watched), ended
    counts = [(one["passed"], one["failed"]) for one in watched]
    assert counts == sorted(counts) and counts[-1][0] > 0, counts
    # Each word of a node is all from the start on, with its sketches; the last one is nearly its receipt.
    for node in nodes:
        receipt = node.finished(flood="7", run=1)["receipt"]
        words = node.said("flood.progress")
        assert 2 <= len(words) <= 5, [one["time"] for one in words]
        ends = [one["windows_end_s"] for one in words]
        assert all(later - earlier >= 5 for earlier, later in zip(ends, ends[1:])), ends
        assert sorted(label["label"] for label in words[-1]["labels"]) == ["broken", "work"], words[-1]
        assert 0 < words[-1]["total"]["count"] <= receipt["requests"] and words[-1]["ledger"]["lost"] == 0, words[-1]
    assert ended.code in (0, 4), ended


def test_a_broken_threshold_stops_all_nodes(grid):
    nodes = grid.nodes("node-a", "node-b")
    plan = plan_of(grid, jmx.java("broken", sleep_ms=20, status="NOK", code="500"))
    summary = grid.gridnode.directory / "summary.json"
    ended = grid.gridnode.run(
        *start(grid, plan, "--users", "1", "--duration", "5m", "--fail-if", "failures > 5", "--stop-on-fail", "--plain", *EVERY),
        "--summary", summary, env=environment_of(), seconds=120,
    )  # fmt: skip
    document = json.loads(summary.read_text())
    assert ended.code == (4 if "thresholds_refused" in document else 6), ended
    assert "thresholds_refused" not in document or "too busy" in document["thresholds_refused"], ended
    assert "stopping the run on all nodes: failures > 5: it is " in ended.err and "2 nodes" in ended.err, ended
    assert [node.finished(flood="7", run=1)["outcome"] for node in nodes] == ["stopped"] * 2
    assert {node["outcome"] for node in document["nodes"]} == {"stopped"}, document["nodes"]
    assert document["thresholds"][0]["holds"] is False and document["thresholds"][0]["value"] > 5, document


def test_it_is_seen_on_a_terminal_that_may_go_away(grid):
    (node,) = grid.nodes("node-a")
    plan = plan_of(grid, jmx.java("work", sleep_ms=20))
    words = [word if word != "2" else "1" for word in start(grid, plan, "--users", "1", "--duration", "5m", *EVERY)]
    shown = Terminal(grid.gridnode, *words, env=environment_of())
    try:
        shown.shows(lambda screen: "1 node" in screen and "work" in screen and "q leave" in screen)
        shown.press("n")
        shown.shows(lambda screen: "node (1)" in screen and "node-a" in screen)
        shown.press("?")
        shown.shows(lambda screen: "the load test goes on" in screen)
        shown.press("q")
        assert shown.wait(30) == 130, shown
        assert shown.text.count(ENTER) == shown.text.count(LEAVE) == 1 and shown.is_as_before(), shown
        assert "node-a" in shown.normal and "running" in shown.normal, "what was said meanwhile is printed"
    finally:
        shown.close()
    until("it goes on", lambda: node.status()["runs"] and node.status()["runs"][0]["phase"] == "running", 5)
    grid.stop(flood="7", run=1)
    assert node.finished(flood="7", run=1)["outcome"] == "stopped"


def test_nobody_says_anything_where_nobody_asks(grid):
    (node,) = grid.nodes("node-a")
    plan = plan_of(grid, jmx.java("work", sleep_ms=20))
    words = [word if word != "2" else "1" for word in start(grid, plan, "--users", "1", "--duration", "4s", "--progress", "0")]
    ended = grid.gridnode.run(*words, env=environment_of(), seconds=120)
    assert ended.code in (0, 4), ended
    assert not node.said("flood.progress")
    wrong = grid.gridnode.run(*words, "--fail-if", "p95 > 1s", "--stop-on-fail", env=environment_of(), seconds=20)
    assert wrong.code == 1 and "needs a threshold on a number that only grows" in wrong.err, wrong
    wrong = grid.gridnode.run(*words, "--fail-if", "max > 9s", "--stop-on-fail", env=environment_of(), seconds=20)
    assert wrong.code == 1 and "--progress is 0" in wrong.err, wrong
