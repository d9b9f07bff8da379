"""What the duel makes of what arrives, without a duel."""

import gzip
import http.client
import os
import struct
import xml.etree.ElementTree

import pytest
from support.duel import arrived, bout, chart, limit, sink, snappy, table

TRUTHS = [[42, 1_000, 5_000_000, 100_000]]
CASE = bout.Case(100, 8, 5_000)


def body(content, encoding=""):
    return sink.Body(0.0, encoding, content)


def result(**changes):
    values = {"sent": 1_000, "reached": 1.0, "counted": 1_000, "cpu_s": 0.01, "rss_max_mib": 10.0, "p95_error": None}
    return bout.Result(**{**values, "sink_bytes": None, "arrival_s": None, **changes})


# Snappy -----------------------------------------------------------------------------------------------------------------


def test_literals_and_copies():
    assert snappy.unpack(b"\x00") == b""
    assert snappy.unpack(b"\x03\x08abc") == b"abc"
    # "abc", then 7 bytes from 3 back: it repeats itself
    assert snappy.unpack(b"\x0a\x08abc" + bytes([(7 - 4) << 2 | 1, 3])) == b"abcabcabca"
    assert snappy.unpack(b"\x06\x08abc" + bytes([(3 - 1) << 2 | 2]) + b"\x03\x00") == b"abcabc"
    assert snappy.unpack(b"\x06\x08abc" + bytes([(3 - 1) << 2 | 3]) + b"\x03\x00\x00\x00") == b"abcabc"
    assert snappy.unpack(b"\xac\x02" + bytes([61 << 2]) + b"\x2b\x01" + b"x" * 300) == b"x" * 300


@pytest.mark.parametrize("packed", [b"\x04\x08abc", b"\x03\x08ab", b"\x07\x08abc\x01\x04", b"\x07\x08abc\x01\x00"])
def test_what_is_broken_is_said(packed):
    with pytest.raises(ValueError):
        snappy.unpack(packed)


# What arrived -----------------------------------------------------------------------------------------------------------


def test_gridnodes_counts_and_percentiles_meet_by_the_labels_id():
    lines = (
        b'transaction_rate_mean,flood=7,label_id=00ff value=66.0,count=990i,passed=1i,label="GET /shop/items/00042/reviews/latest",run=1i 1\n'
        b'transaction_rate_mean,flood=7,label_id=00ff value=1.0,count=10i,passed=1i,label="GET /shop/items/00042/reviews/latest",run=1i 2\n'
        b"response_time_percentiles,flood=7,label_id=00ff p50=1.0,p95=101.0,p99=3.0,count=990i 1\n"
        b"ledger_sum,flood=7 sent=1i,count=7i 1\n"
    )
    got = arrived.gridnode([body(gzip.compress(lines), "gzip")])
    assert (got.counts, got.p95s_ms) == ({42: 1_000}, {42: [101.0]})
    assert got.error_worst(TRUTHS, 1_000) == pytest.approx(0.01)


def test_telegrafs_are_fields_of_one_measurement():
    lines = (
        b"sample,label=GET+%2Fshop%2Fitems%2F00042%2Freviews%2Flatest rt_count=1000,rt_sum=1,rt_max=2 1\n"
        b"sample,label=GET+%2Fshop%2Fitems%2F00042%2Freviews%2Flatest rt_050=1,rt_095=98,rt_099=2 1\n"
        b"internal,label=other rt_count=5 1\n"
    )
    got = arrived.telegraf([body(lines)])
    assert got.counts == {42: 1_000}
    assert got.error_worst(TRUTHS, 1_000) == pytest.approx(0.02)


def test_vmagents_are_series_in_snappy():
    label = (b"label", b"GET+%2Fshop%2Fitems%2F00042%2Freviews%2Flatest")
    message = b"".join([
        write_series([(b"__name__", b"sample_rt:15s_by_label_count_samples"), label], 1_000.0),
        write_series([(b"__name__", b"sample_rt:15s_by_label_quantiles"), label, (b"quantile", b"0.95")], 105.0),
        write_series([(b"__name__", b"sample_rt:15s_by_label_quantiles"), label, (b"quantile", b"0.99")], 500.0),
        write_series([(b"__name__", b"up")], 1.0),
    ])  # fmt: skip
    packed = varint(len(message)) + bytes([61 << 2]) + (len(message) - 1).to_bytes(2, "little") + message
    got = arrived.vmagent([body(packed, "snappy")])
    assert (got.counts, got.p95s_ms) == ({42: 1_000}, {42: [105.0]})
    assert got.error_worst(TRUTHS, 1_000) == pytest.approx(0.05)


@pytest.mark.parametrize("count, p95s_ms, samples_min", [(999, [100.0], 1), (1_000, [90.0, 100.0], 1), (1_000, [], 1), (1_000, [1.0], 1_001)])
def test_a_percentile_is_judged_only_where_it_is_one_number_of_all_samples(count, p95s_ms, samples_min):
    got = arrived.Arrived()
    got.counts[42], got.p95s_ms[42] = count, p95s_ms
    assert got.error_worst(TRUTHS, samples_min) is None


def varint(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def field(number, content):
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def write_series(tags, value):
    pairs = b"".join(field(1, field(1, name) + field(2, text)) for name, text in tags)
    return field(1, pairs + field(2, b"\x09" + struct.pack("<d", value) + b"\x10\x01"))


def test_the_sink_takes_whole_bodies_and_chunks():
    with sink.listening() as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        for content in (b"whole", iter([b"in ", b"chunks"])):
            connection.request("POST", "/write", body=content, encode_chunked=True)
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (204, b"")
        assert [got.content for got in server.bodies] == [b"whole", b"in chunks"]
        connection.close()


def test_a_process_is_looked_at_with_its_children():
    assert bout.cpu_s(os.getpid()) > 0
    assert bout.rss_max_kib(os.getpid()) > 1_000
    assert (bout.cpu_s(2**22 + 1), bout.rss_max_kib(2**22 + 1)) == (0, 0)


# The highest rate -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("takes_per_s", [3_000, 50_000, 300_000])
def test_halving_comes_near_from_below(monkeypatch, takes_per_s):
    monkeypatch.setattr(bout, "fight", lambda _bench, _one, case, _seed: result(counted=1_000 - (case.datagrams_per_s > takes_per_s)))
    found = limit.search(None, None, CASE, 1, steps=7)
    assert takes_per_s / 1.1 <= found.per_s <= takes_per_s
    assert " lost at " in found.ended


def test_who_loses_always_has_no_rate_and_a_slow_sender_is_no_loss(monkeypatch):
    monkeypatch.setattr(bout, "fight", lambda *_: result(counted=0))
    assert limit.search(None, None, CASE, 1, steps=3).per_s == 0
    monkeypatch.setattr(bout, "fight", lambda _bench, _one, case, _seed: result(reached=0.9 if case.datagrams_per_s > 60_000 else 1.0))
    found = limit.search(None, None, CASE, 1, steps=6)
    assert found.per_s <= 60_000 and found.ended == "the sender's limit"


# What is told -----------------------------------------------------------------------------------------------------------


def test_ratios_are_to_gridnode_and_what_is_not_there_is_a_dash():
    ours, theirs = result(p95_error=0.005, sink_bytes=2_000_000, arrival_s=2.04), result(counted=500, cpu_s=0.02)
    rows = table.rows({CASE: {"gridnode": [ours], "bare": [theirs], "vmagent": []}})
    assert rows[0][1:] == ["gridnode", "10.0", "1.00", "10.0", "1.00", "0", "0.50%", "2.00", "1.00", "2.0 s"]
    assert rows[1][1:] == ["bare", "40.0", "4.00", "10.0", "1.00", "500 (50.0%)", "–", "–", "–", "–"]
    alone = table.rows({CASE: {"bare": [result(counted=0)]}})
    assert alone[0][2:4] == ["–", "–"]
    assert len({len(line) for line in table.markdown(table.HEAD, rows).splitlines()}) > 1


def test_the_chart_is_xml_whatever_the_machine_is_called():
    limits = {CASE: {"gridnode": limit.Limit(100, 1, ""), "bare": limit.Limit(0, 1, "")}}
    drawn = chart.draw({CASE: {"gridnode": [result()], "bare": [result(counted=0)]}}, limits, 'a <"&> machine')
    bars = xml.etree.ElementTree.fromstring(drawn).findall(".//{http://www.w3.org/2000/svg}rect")
    assert len(bars) == 5
    assert "prefers-color-scheme: dark" in drawn
    xml.etree.ElementTree.fromstring(chart.draw({}, {}, ""))
