"""One verdict on what all nodes came to: `send start --wait` merges their receipts, and judges thresholds on the sum."""

import json
import xml.etree.ElementTree

from support import jmx, plans
from support.agent import environment_of
from support.grid import failed
from support.running import write_plan
from support.wait import until

USERS, LOOPS = 2, 20


def start(grid, plan, *options):
    """The words of a start on both nodes that waits for them."""
    return (
        "send", "start", plan, "--flood", "7", "--run", "1", "--grid", "9", "--window", "1s", "--upload", "s3://plans/up",
        "--topic", grid.cloud.commands_topic, "--events-topic", grid.cloud.events_topic, "--endpoint-url", grid.aws.url,
        "--wait", "--expect", "2", *options,
    )  # fmt: skip


def judged(ended, document, code):
    """A machine that is too busy to measure refuses the verdict, and that is said."""
    refused = document.get("thresholds_refused")
    assert refused is None or "too busy" in refused, ended
    assert ended.code == document["exit"] == (4 if refused else code), ended
    assert ("not judged" in ended.err) == bool(refused), ended
    return {one["threshold"]: one for one in document["thresholds"]}, refused


def test_two_nodes_are_one_table_and_one_exit_code(grid):
    nodes = grid.nodes("node-a", "node-b")
    slow, broken = jmx.java("slow", sleep_ms=20), jmx.java("broken", status="NOK", code="500")
    plan = write_plan(grid.gridnode, jmx.plan(jmx.threads(slow, broken, loops=LOOPS)))
    directory = grid.gridnode.directory
    summary, junit, page = (directory / name for name in ("summary.json", "junit.xml", "page.md"))
    ended = grid.gridnode.run(
        *start(grid, plan, "--users", str(USERS), "--fail-if", "p95(slow) > 600s", "--fail-if", "count < 160"),
        "--tag", "build=1234", "--summary", summary, "--junit", junit, env=environment_of(GITHUB_STEP_SUMMARY=str(page)), seconds=120,
    )  # fmt: skip
    document = json.loads(summary.read_text())
    found, refused = judged(ended, document, 0)
    # Two labels, on two nodes.
    each = USERS * LOOPS
    total, labels = document["summary"]["floods"][0]["total"], document["summary"]["floods"][0]["labels"]
    assert (total["count"], total["failed"]) == (4 * each, 2 * each), total
    assert [(label["label"], label["count"]) for label in labels] == [("broken", 2 * each), ("slow", 2 * each)], labels
    assert found["count < 160"]["value"] == 4 * each and all(one["holds"] for one in found.values()), found
    receipts = [node.finished(flood="7", run=1)["receipt"] for node in nodes]
    assert sum(map(failed, receipts)) == failed(document["receipt"]) == 2 * each
    assert document["receipt"]["ledger"]["aggregated"] == 4 * each and document["receipt"]["outcome"] == "completed"
    said = {node["node"]: node for node in document["nodes"]}
    assert set(said) == {"node-a", "node-b"} and all(node["is_merged"] and node["share_percent"] == 50 for node in said.values()), said
    assert min(node["start_skew_ms"] for node in said.values()) == 0 and said["node-a"]["start_skew_to"] == "first_start", said
    # What a person reads, and a CI server.
    assert "all requests" in ended.out and "why requests failed" in ended.out and "share %" in ended.out, ended
    assert refused or "2 thresholds hold" in ended.err, ended
    assert [one["tags"] for one in (*receipts, document["receipt"])] == [{"build": "1234"}] * 3, document
    suite = xml.etree.ElementTree.parse(junit).getroot().find("testsuite")
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("7", "4", "0"), junit.read_text()
    found = {one.get("name"): one.get("value") for one in suite.iter("property")}
    assert (found["nodes"], found["tag.build"]) == ("node-a, node-b", "1234"), junit.read_text()
    assert "| all requests |" in page.read_text().replace("**", ""), page.read_text()


def test_a_threshold_that_does_not_hold_on_the_sum_is_a_failure(grid):
    grid.nodes("node-a", "node-b")
    plan = write_plan(grid.gridnode, plans.counted(LOOPS))
    ended = grid.gridnode.run(
        *start(grid, plan, "--users", "1", "--fail-if", f"count(work) > {2 * LOOPS - 1}", "--fail-if", "p95(nothing) > 1s", "--json"),
        env=environment_of(), seconds=120,
    )  # fmt: skip
    lines = [json.loads(line) for line in ended.out.splitlines()]
    types = {line["type"] for line in lines[:-1]}
    assert types - {"grid.progress"} == {"flood.accepted", "flood.running", "flood.finished"}, ended
    document = lines[-1]
    assert document["type"] == "grid.summary", ended
    found, refused = judged(ended, document, 6)
    assert [one["holds"] for one in found.values()] == [False, False], found
    assert refused or f"it is {2 * LOOPS} of work" in ended.err and "no label of this run is nothing" in ended.err, ended


def test_a_node_that_is_killed_refuses_the_verdict(grid):
    one, other = grid.nodes("node-a", "node-b")
    plan = write_plan(grid.gridnode, jmx.plan(jmx.threads(jmx.java("work", sleep_ms=20), loops=-1)))
    starting = grid.gridnode.start(
        *start(grid, plan, "--users", "1", "--duration", "10s", "--timeout", "45s", "--fail-if", "failures > 50%"),
        "--summary", grid.gridnode.directory / "summary.json", env=environment_of(),
    )  # fmt: skip
    grid.events.wait("flood.running", 2, 60, flood="7", run=1)
    until("samples are there", lambda: all(run.get("requests") for run in other.status()["runs"]), 30)
    other.shoot()
    starting.wait(90)
    assert starting.code == 4, starting
    document = json.loads((grid.gridnode.directory / "summary.json").read_text())
    said = {node["node"]: node for node in document["nodes"]}
    assert said["node-a"]["is_merged"] and said["node-a"]["requests"] == one.finished(flood="7", run=1)["receipt"]["requests"]
    assert (said["node-b"]["outcome"], said["node-b"]["planned_share_percent"]) == ("lost", 50), said
    assert "node-b: it was lost" in document["thresholds_refused"], document
    assert "about 50 % of the load" in starting.out and "not done yet: node-b" in starting.err, starting
    assert "2 nodes have answered" in starting.err, starting


def test_what_cannot_be_judged_is_refused_before_anything_is_sent(grid):
    plan = write_plan(grid.gridnode, plans.counted(1))
    ended = grid.gridnode.run(*start(grid, plan, "--fail-if", "failures > 1% over 30s"), env=environment_of(), seconds=30)
    assert ended.code == 2 and "receipts of nodes have no windows" in ended.err, ended
    assert not grid.cloud.queues() or all("send" not in name for name in grid.cloud.queues()), grid.cloud.queues()
    nowhere = grid.gridnode.directory / "nowhere" / "junit.xml"
    ended = grid.gridnode.run(*start(grid, plan, "--junit", nowhere), env=environment_of(), seconds=30)
    assert ended.code == 1 and "for the JUnit report" in ended.err and not grid.cloud.s3.list_objects(Bucket="plans").get("Contents"), ended


def test_a_receipt_that_lies_in_a_bucket_is_fetched(grid):
    """Two nodes whose receipts were too large for a message; the bucket has one of them."""
    (node,) = grid.nodes("node-a")
    grid.start(plans.counted(LOOPS), flood="7", run=1)
    receipt = node.finished(flood="7", run=1)["receipt"]
    grid.cloud.upload("receipt.json", json.dumps(receipt), key="receipts/node-x.json")
    node.terminate()
    plan = write_plan(grid.gridnode, plans.counted(LOOPS))
    command = start(grid, plan, "--id", "cmd-two", "--json", "--fail-if", f"count > {LOOPS}")
    waiting = grid.gridnode.start(*(word if word != "1" else "2" for word in command), env=environment_of())
    waiting.says("sent ")
    for name in ("node-x", "node-y"):
        event = {
            "version": 1, "id": f"{name}-1-1", "type": "flood.finished", "time": "2026-03-01T09:30:00.000Z", "node": name, "grid": "9",
            "region": "us-east-1", "flood": "7", "run": 2, "command_id": "cmd-two", "outcome": "completed",
            "receipt_location": f"s3://plans/receipts/{name}.json",
        }  # fmt: skip
        grid.cloud.publish(event, grid.cloud.events_topic)
    waiting.wait(60)
    document = json.loads(waiting.out.splitlines()[-1])
    assert waiting.code == 4 and document["summary"]["floods"][0]["total"]["count"] == receipt["requests"], waiting
    there, away = document["nodes"]
    assert there["is_merged"] and not away["is_merged"], document["nodes"]
    assert away["doubts"][0].startswith("its receipt in s3://plans/receipts/node-y.json cannot be had: "), away
    assert "node-y: its receipt in " in document["thresholds_refused"], document
