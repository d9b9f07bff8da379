"""A plug-in that outlives `collect`, which is killed, stopped or away for a while, and goes on counting."""

import pytest

from support.collecting import collecting
from support.drains import Recorder
from support.sump import Sender, Source
from support.wait import pause

SNAPSHOT_S = 2.5


def send(source, port, datagrams):
    with Sender(port) as source.sender:
        for n in range(datagrams):
            source.send(*(source.sample("a", n + 1) for _ in range(10)))


def lose(source, datagrams):
    """While nobody listens."""
    for _ in range(datagrams):
        source.seq += 1
        source.samples += 10


def close(source, port):
    with Sender(port) as source.sender:
        source.close()


ENDS = {"killed": lambda collect: collect.shoot(), "stopped": lambda collect: collect.process.terminate(60)}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("lost", [0, 3])
def test_only_what_was_sent_while_nobody_listened_is_lost(gridnode, end, lost):
    source = Source(None)
    with Recorder() as drain:
        with collecting(gridnode, drain.url, window="60s") as collect:
            send(source, collect.port, 50)
            pause(SNAPSHOT_S)
            ENDS[end](collect)
        lose(source, lost)
        with collecting(gridnode, drain.url, window="60s", state_dir=collect.state_dir, name="again") as again:
            send(source, again.port, 20)
            close(source, again.port)
            pause(1)
            receipts = again.stop(code=4 if lost else 0)
        ledger, delivery = receipts["7"]["ledger"], receipts["7"]["delivery"]
        assert (ledger["sent"], ledger["received"], ledger["lost"], delivery["lost_restart"]) == (200 + lost * 10, 200, lost * 10, 0), receipts
        assert drain.rollups().samples == 700


@pytest.mark.parametrize("comes_again", [True, False])
def test_what_was_lost_before_a_kill_is_said_by_the_next_receipt(gridnode, comes_again):
    source = Source(None)
    with Recorder() as drain:
        with collecting(gridnode, drain.url, window="60s") as collect:
            send(source, collect.port, 50)
            lose(source, 3)
            send(source, collect.port, 1)
            pause(SNAPSHOT_S)
            collect.shoot()
        state_dir = collect.state_dir
        # It has known of the loss for a moment, too.
        with collecting(gridnode, drain.url, window="60s", state_dir=state_dir, name="between") as between:
            pause(1)
            between.shoot()
        with collecting(gridnode, drain.url, window="60s", state_dir=state_dir, name="again") as again:
            if comes_again:
                send(source, again.port, 20)
                close(source, again.port)
            pause(1)
            receipt = again.stop(code=4)["7"]
        received = 200 if comes_again else 0
        ledger = receipt["ledger"]
        assert (ledger["sent"], ledger["received"], ledger["lost"]) == (received + 30, received, 30), receipt
        assert receipt["sent_exact"] == comes_again
        assert drain.rollups().samples == 510 + received


@pytest.mark.parametrize("end", ENDS)
def test_a_last_word_that_is_said_again_after_a_restart_is_none(gridnode, end):
    source = Source(None)
    with Recorder() as drain:
        with collecting(gridnode, drain.url, window="60s") as collect:
            send(source, collect.port, 50)
            close(source, collect.port)
            pause(SNAPSHOT_S)
            ENDS[end](collect)
        with collecting(gridnode, drain.url, window="60s", state_dir=collect.state_dir, name="again") as again:
            with Sender(again.port) as source.sender:
                source.sender.send(source.mark(last=True))
            pause(1)
            ledger = again.stop()["7"]["ledger"]
        assert (ledger["sent"], ledger["received"], ledger["lost"]) == (0, 0, 0), ledger
        assert drain.rollups().samples == 500


def test_another_process_of_its_name_begins_anew(gridnode):
    with Recorder() as drain:
        with collecting(gridnode, drain.url, window="60s") as collect:
            send(Source(None), collect.port, 50)
            collect.process.terminate(60)
        source = Source(None)
        with collecting(gridnode, drain.url, window="60s", state_dir=collect.state_dir, name="again") as again:
            send(source, again.port, 20)
            close(source, again.port)
            pause(1)
            ledger = again.stop()["7"]["ledger"]
        assert (ledger["sent"], ledger["received"], ledger["lost"]) == (200, 200, 0), ledger
        assert drain.rollups().samples == 700
