"""Keys that commands are signed with change: for a while a node takes commands of the old one and of the new one."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from support import commands, plans


def public(key):
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def signed(key, command):
    text = json.dumps(command)
    return json.dumps({"signed": text, "signature": base64.b64encode(key.sign(text.encode())).decode()})


@pytest.mark.parametrize("together", [list, " ".join], ids=["a list", "one text"])
def test_commands_of_either_key_count_and_of_no_third_one(grid, together):
    old, new, stranger = (Ed25519PrivateKey.generate() for _ in range(3))
    node = grid.agent("node-a", control__verify_key=together([public(old), public(new)])).start()
    files = [grid.cloud.upload("plan.jmx", plans.counted(3))]
    grid.publish(signed(stranger, commands.start(files, flood="1")))
    grid.publish(commands.start(files, flood="2"))
    refused = grid.events.wait("command.refused", 2)
    assert sorted(event["reason"] for event in refused) == ["bad_signature", "unsigned"], refused
    for flood, key in (("3", old), ("4", new)):
        grid.publish(signed(key, commands.start(files, flood=flood)))
        assert node.finished(flood=flood)["outcome"] == "completed"
    assert {event["flood"] for event in node.said("flood.accepted")} == {"3", "4"}

    # The old one is taken away.
    node.terminate()
    node.configure(control__verify_key=together([public(new)]))
    node.start()
    grid.publish(signed(old, commands.start(files, flood="5")))
    grid.events.wait("command.refused", 3)
    grid.publish(signed(new, commands.start(files, flood="6")))
    assert node.finished(flood="6")["outcome"] == "completed"
    assert not node.said("flood.accepted", flood="5")


def test_a_second_key_that_is_none_is_an_error_with_its_place(grid):
    key = Ed25519PrivateKey.generate()
    node = grid.agent("node-a", control__verify_key=[public(key), "AAAA"]).start(ready=False)
    node.process.wait(30)
    assert node.process.code == 1 and "control.verify_key" in node.process.err, node.process
    assert "AAAA" in node.process.err and public(key) not in node.process.err, node.process
