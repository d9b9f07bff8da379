"""Messages come twice, late, in any order, or are no commands at all; a node does what was meant, once."""

import base64
import json
import random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from support import commands, plans
from support.wait import until

COPIES = 10


def publish_shuffled(grid, *texts, seed=4):
    todo = [text for text in texts for _ in range(COPIES)]
    random.Random(seed).shuffle(todo)
    for text in todo:
        grid.publish(text)


def all_taken(grid, node):
    """A message is deleted when its decision is durable: an empty queue has been decided about."""
    until("the queue is empty", lambda: grid.cloud.messages_in(node.queue) == 0, 90)


def outcome(node, flood="7"):
    """How often it was accepted, ran and ended."""
    return [len(node.said(kind, flood=flood)) for kind in ("flood.accepted", "flood.running", "flood.finished")]


def test_ten_copies_of_everything_are_one_run_also_after_a_restart(grid):
    (node,) = grid.nodes("node-a")
    start = commands.start([grid.cloud.upload("plan.jmx", plans.endless())])
    stop = commands.stop()
    publish_shuffled(grid, start)
    node.one("flood.running")
    all_taken(grid, node)
    publish_shuffled(grid, start, stop)
    assert node.finished()["outcome"] == "stopped"
    all_taken(grid, node)
    assert outcome(node) == [1, 1, 1], str(grid.events)
    assert not node.said("command.refused"), "a copy is not worth a word"

    node.terminate()
    node.start()
    publish_shuffled(grid, start, stop)
    all_taken(grid, node)
    assert outcome(node) == [1, 1, 1] and not node.tool_pids(), str(grid.events)


def test_a_stop_that_overtakes_its_start_wins_also_after_a_restart(grid):
    (node,) = grid.nodes("node-a")
    start = commands.start([grid.cloud.upload("plan.jmx", plans.endless())])
    publish_shuffled(grid, commands.stop())
    all_taken(grid, node)
    publish_shuffled(grid, start)
    all_taken(grid, node)
    refused = node.one("command.refused")
    assert (refused["reason"], refused["command_id"]) == ("stopped", start["id"])

    node.shoot()
    node.start()
    # The same run by another command, too.
    another = grid.publish(commands.start(start["flood"]["files"]))
    publish_shuffled(grid, start)
    all_taken(grid, node)
    refused = grid.events.wait("command.refused", 2)[1]
    assert (refused["reason"], refused["command_id"]) == ("stopped", another["id"])
    assert outcome(node) == [0, 0, 0] and not node.tool_pids(), str(grid.events)


@pytest.mark.parametrize("seed", [1, 2])
def test_start_and_stop_in_any_order_are_one_run_or_none(grid, seed):
    (node,) = grid.nodes("node-a")
    start = commands.start([grid.cloud.upload("plan.jmx", plans.endless())])
    stop = commands.stop()
    publish_shuffled(grid, start, stop, seed=seed)
    all_taken(grid, node)
    # What is durable in the node is told a moment later.
    until("the start was accepted or refused", lambda: node.said("flood.accepted") or node.said("command.refused"), 60)
    until("what was accepted has ended", lambda: len(node.said("flood.finished")) == len(node.said("flood.accepted")), 60)
    accepted, running, finished = before = outcome(node)
    assert accepted <= 1 and running <= accepted == finished, str(grid.events)
    node.shoot()
    node.start()
    publish_shuffled(grid, start, stop, seed=seed + 100)
    all_taken(grid, node)
    assert outcome(node) == before and not node.tool_pids(), str(grid.events)


def in_envelope(message):
    return json.dumps({"Type": "Notification", "MessageId": "m-1", "TopicArn": "arn:aws:sns:x:1:y", "Message": message})


def test_what_is_no_command_is_reported_and_removed(grid):
    (node,) = grid.nodes("node-a")
    good = commands.start([grid.cloud.upload("plan.jmx", plans.counted(3))])
    bad = [
        "garbage", "{", "[]", "null", '"text"', "{}", '{"version":1}', "[" * 20_000, '{"a":' * 20_000, "x" * 262_144,
        " " * 262_144, "\ufffd💥", '{"version":1,"version":1}', json.dumps(good | {"version": 2}),
        json.dumps(good | {"type": "flood.pause"}), json.dumps(good | {"surprise": True}),
        json.dumps(good | {"route": {"grids": [], "regions": [], "nodes": []}}),
        json.dumps(good | {"flood": good["flood"] | {"plan": "../../etc/passwd"}}),
        json.dumps(good | {"flood": good["flood"] | {"users": 10**30}}),
        json.dumps(good | {"flood": good["flood"] | {"parameters": {"big": "x" * 250_000}}}),
        json.dumps({"default": json.dumps(good)}), in_envelope(in_envelope(json.dumps(good))),
    ]  # fmt: skip
    # Not through SNS: it would refuse some of them before the node does.
    url = grid.cloud.queue_url(node.queue)
    for text in bad:
        grid.cloud.sqs.send_message(QueueUrl=url, MessageBody=text)
    all_taken(grid, node)
    refused = grid.events.wait("command.refused", len(bad), 60)
    assert len(refused) == len(bad), "one word each"
    for event in refused:
        assert event["reason"] and event["detail"] and len(json.dumps(event)) < 8_192, event
    named = [event["detail"] for event in refused if event["reason"] == "wrapped"]
    for what in ("SNS envelope in an SNS envelope", "MessageStructure=json"):
        assert any(what in detail for detail in named), (what, named)
    assert node.process.code is None
    grid.publish(good)
    assert node.finished()["outcome"] == "completed"
    assert "panicked" not in node.process.text


def test_a_message_in_the_envelope_of_sns(grid):
    (node,) = grid.nodes("node-a")
    command = commands.start([grid.cloud.upload("plan.jmx", plans.counted(3))])
    envelope = {
        "Type": "Notification", "MessageId": "m-1", "TopicArn": grid.cloud.commands_topic, "Message": json.dumps(command),
        "Timestamp": command["issued_at"], "SignatureVersion": "1", "Signature": "none", "UnsubscribeURL": "http://none",
    }  # fmt: skip
    grid.cloud.sqs.send_message(QueueUrl=grid.cloud.queue_url(node.queue), MessageBody=json.dumps(envelope))
    assert node.finished()["outcome"] == "completed"
    grid.publish(command)
    all_taken(grid, node)
    assert outcome(node) == [1, 1, 1], "the other form of the same command is the same command"


def test_times_of_commands(grid):
    (node,) = grid.nodes("node-a")
    files = [grid.cloud.upload("plan.jmx", plans.endless())]
    wrong = {
        "expired": commands.start(files, issued_at=commands.ago_s(60), valid_s=30),
        "not_yet_valid": commands.start(files, issued_at=commands.ago_s(-600), valid_s=60),
        "invalid": commands.start(files, valid_s=3_600),
    }
    for command in wrong.values():
        grid.publish(command)
    grid.events.wait("command.refused", 3)
    reasons = {event["command_id"]: event["reason"] for event in node.said("command.refused")}
    assert reasons[wrong["expired"]["id"]] == "expired" and reasons[wrong["not_yet_valid"]["id"]] == "not_yet_valid", reasons
    assert "valid_until" in str(node.said("command.refused", command_id=wrong["invalid"]["id"])), reasons

    # A stop, though, is never too late.
    grid.start(plans.endless(), flood="7")
    node.one("flood.running")
    grid.stop(flood="7", issued_at=commands.ago_s(3_600), valid_s=60)
    assert node.finished()["outcome"] == "stopped"


def test_only_signed_commands_count_where_a_key_is_set(grid):
    key, stranger = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    public = base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    node = grid.agent("node-a", control__verify_key=public).start()
    command = commands.start([grid.cloud.upload("plan.jmx", plans.counted(3))])
    grid.publish(command)
    grid.publish(signed(stranger, command | {"id": "cmd-stranger"}))
    grid.publish(signed(key, command, change=True))
    grid.events.wait("command.refused", 3)
    assert not node.said("flood.accepted")
    grid.publish(signed(key, command))
    assert node.finished()["outcome"] == "completed"


def signed(key, command, change=False):
    text = json.dumps(command)
    signature = base64.b64encode(key.sign(text.encode())).decode()
    return json.dumps({"signed": text.replace('"users": 2', '"users": 3') if change else text, "signature": signature})
