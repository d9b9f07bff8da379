"""Senders that contradict themselves, repeat themselves or lose something: the ledger says so."""

import pytest

from support import sump
from support.collecting import collecting
from support.drains import Recorder


@pytest.fixture
def collect(gridnode):
    with Recorder() as drain, collecting(gridnode, drain.url) as running:
        running.recorder = drain
        yield running


def doubt(collect, word):
    receipts = collect.stop(code=4)
    assert word in collect.process.text, collect.process
    return receipts["7"]


def test_an_honest_sender_is_trusted(collect):
    with sump.Sender(collect.port) as sender:
        source = sump.Source(sender)
        for n in range(20):
            source.send(*(source.sample("a", n) for _ in range(5)))
        source.close()
    receipt = collect.stop()["7"]
    ledger = receipt["ledger"]
    assert (ledger["sent"], ledger["aggregated"], ledger["lost"]) == (100, 100, 0)
    assert receipt["sent_exact"] is True
    assert receipt["delivery"]["delivered"] == 100


def test_repeated_datagrams_count_once(collect):
    with sump.Sender(collect.port) as sender:
        source = sump.Source(sender)
        for _ in range(10):
            source.seq += 1
            source.samples += 1
            lines = (source.sample("a", 5), source.mark())
            sender.send(*lines)
            sender.send(*lines)
        source.close()
    ledger = collect.stop()["7"]["ledger"]
    assert (ledger["sent"], ledger["aggregated"]) == (10, 10)
    # The last word comes three times, too.
    assert ledger["duplicate_datagrams"] == 10 + 2


def test_a_lost_datagram_is_reported(collect):
    with sump.Sender(collect.port) as sender:
        source = sump.Source(sender)
        source.send(source.sample("a", 5))
        source.seq, source.samples = source.seq + 1, source.samples + 3
        source.send(source.sample("a", 5))
        source.close()
    ledger = doubt(collect, "3 samples were sent and never arrived")["ledger"]
    assert (ledger["sent"], ledger["lost"], ledger["aggregated"]) == (5, 3, 2)


def test_a_count_that_goes_backwards_is_noticed(collect):
    with sump.Sender(collect.port) as sender:
        source = sump.Source(sender)
        for _ in range(3):
            source.send(source.sample("a", 5), source.sample("a", 6))
        source.samples = 1
        source.send(source.sample("a", 7))
        source.close()
    receipt = doubt(collect, "contradicts itself")
    assert receipt["sources"][0]["inconsistent"] and not receipt["sent_exact"]
    assert receipt["ledger"]["aggregated"] == 7, "real samples are kept all the same"


def test_two_senders_with_one_name_are_noticed(collect):
    with sump.Sender(collect.port) as sender:
        one, two = sump.Source(sender), sump.Source(sender)
        for n in range(5):
            one.send(one.sample("a", n))
            two.send(two.sample("b", n), two.sample("b", n))
        one.close()
        two.close()
    receipt = doubt(collect, "contradicts itself")
    assert receipt["ledger"]["aggregated"] == 15, "real samples are kept all the same"


def test_a_sender_without_a_last_word_is_not_exact(collect):
    with sump.Sender(collect.port) as sender:
        source = sump.Source(sender)
        source.send(source.sample("a", 5))
    assert collect.stop()["7"]["sent_exact"] is False


def test_a_process_for_each_iteration(collect):
    sources = 600
    with sump.Sender(collect.port, pace_s=0.0005) as sender:
        for n in range(sources):
            source = sump.Source(sender, name=f"jvm-{n}")
            source.send(source.sample("a", n))
            source.close()
        # Its file is read when the tool has ended, however long ago its process did.
        source = sump.Source(sender, name="jvm-0")
        source.seq, source.samples = 1, 1
        source.close()
    receipt = collect.stop()["7"]
    assert receipt["sent_exact"] is True
    assert (receipt["ledger"]["sent"], receipt["ledger"]["aggregated"], receipt["ledger"]["unattributed"]) == (sources, sources, 0)
    assert sum(source["sent"] for source in receipt["sources"]) == sources


def test_strange_labels(collect):
    long = "ü" * 400
    with sump.Sender(collect.port) as sender:
        source = sump.Source(sender)
        raw = [source.sample(label, 1) for label in ("", "a\0b", "__other__", long, "x" * 512)]
        source.send(*raw)
        source.close()
    receipt = collect.stop()["7"]
    got = collect.recorder.rollups()
    assert receipt["ledger"]["aggregated"] == 5
    texts = {text for text, _ in got.labels}
    assert {"__empty__", "__other___", "x" * 512} <= texts
    (cut,) = [text for text in texts if text.startswith("üü")]
    assert len(cut.encode()) <= 512 and "…" in cut
    assert got.samples == 5


def test_more_labels_than_the_cap_fold(gridnode):
    with Recorder() as drain, collecting(gridnode, drain.url, "--labels-max", "10") as collect:
        with sump.Sender(collect.port) as sender:
            source = sump.Source(sender)
            for n in range(25):
                source.send(source.sample(f"label {n}", n))
            source.close()
        ledger = collect.stop()["7"]["ledger"]
        got = drain.rollups()
    assert (ledger["aggregated"], ledger["folded_samples"]) == (25, 15)
    assert got.samples == 25 and got.of("__other__").count == 15
