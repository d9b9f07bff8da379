"""Datagrams as Flood's public clients form them, with garbage among them, give the right rollups."""

import pytest

from support import sump
from support.collecting import collecting
from support.drains import Recorder

ME = sump.IDENTITY
GARBAGE = {
    "syntax": ["hello", "GET / HTTP/1.1", '{"json":true}', f'response_time,{ME},label=a value=1,response_code="20'],
    "missing_field": [f'response_time,{ME},label=a response_code="200"', f"response_time,{ME} value=1"],
    "not_finite": [f"throughput,{ME},label=a value=NaN", f"response_time,{ME},label=a value=Infinity"],
    "out_of_range": [f'response_time,{ME},label=a value=-1511939113467,response_code="200"'],
    "unknown_measurement": ["cpu,host=a usage=1.5"],
    # Well formed, and names no flood: it can be nobody's.
    "unknown_flood": ["response_time,label=a value=1"],
}
TRANSACTIONS = [
    ("GET /cart", 123, 45, True, "200"),
    ("GET /cart", 250, 60, True, "200"),
    ("GET /cart", 777.4, 61, False, "500"),
    ('Café & Crème, "100%" = ☕\\', 2041, 12, False, "503"),
]


def send_all(port, garbage=True):
    with sump.Sender(port, pace_s=0.001) as sender:
        for transaction in TRANSACTIONS:
            for line in sump.flood_sump(*transaction):
                sender.send(line)
        for line in sump.flood_element("1. Home (start)", 512.34, 35.5, True, 182934.55):
            sender.send(line)
        if garbage:
            for line in [line for lines in GARBAGE.values() for line in lines]:
                sender.send(line)
            sender.send(b"\x00\xff\xfe binary\x00")
        # Several lines, a bad one in the middle: its neighbours count.
        before, *rest = sump.flood_sump("neighbours", 10, 5, True)
        sender.send(before, "= = =", *rest)


def test_lines_of_public_clients_become_rollups(gridnode):
    with Recorder() as drain, collecting(gridnode, drain.url) as collect:
        send_all(collect.port)
        receipt = collect.stop(code=4)["7"]
        got = drain.rollups()

    cart = got.of("GET /cart")
    assert (cart.count, cart.passed, cart.failed, cart.rt_count) == (3, 2, 1, 3)
    assert (cart.sum_ms, cart.min_ms, cart.max_ms) == (pytest.approx(1150.4), 123.0, 777.4)
    assert cart.codes == {"200": 2, "500": 1}
    assert cart.times["latency_mean"] == [3, 166.0]
    assert cart.sketch.total_count == 3
    cafe = got.of('Café & Crème, "100%" = ☕\\')
    assert (cafe.count, cafe.failed, cafe.codes) == (1, 1, {"503": 1})
    home = got.of("1. Home (start)")
    assert (home.count, home.sum_ms, home.rx) == (1, pytest.approx(512.34), 182935)
    assert got.of("neighbours").count == 1 and got.of("neighbours").rt_count == 1
    assert got.users_max == 3.0
    assert got.samples == 6 and receipt["ledger"]["aggregated"] == 6
    tags = {"account": "1", "flood": "7", "project": "5", "grid": "9", "region": "us-east-1"}
    assert all(tags.items() <= point.tags.items() for point in got.points if "label_id" in point.tags)


def test_garbage_is_counted_under_its_reason(gridnode):
    with Recorder() as drain, collecting(gridnode, drain.url) as collect:
        send_all(collect.port)
        receipt = collect.stop(code=4)["7"]
    ledger, rejected = receipt["ledger"], receipt["ledger"]["rejected"]
    wanted = {reason: len(lines) for reason, lines in GARBAGE.items()} | {"too_long": 0}
    wanted["syntax"] += 2  # the binary datagram and the bad neighbour
    # What cannot be read is booked to the only run there is; what names another, or none, is not its affair.
    assert rejected == wanted | {"unknown_flood": 0}
    assert "belonged to no run" in collect.process.err, collect.process
    assert ledger["received"] == ledger["aggregated"] + sum(rejected.values())
    assert 'why="' in collect.process.err and "at column" in collect.process.err, collect.process
    # The first two of each reason are shown, and a few of nobody's, not all: garbage must not flood the log.
    shown = collect.process.err.count("a line was rejected")
    assert len([n for n in rejected.values() if n]) <= shown <= 2 * len(rejected) + 2, collect.process
    said = ", ".join(f"{n} {reason}" for reason, n in rejected.items() if n)
    assert f"{sum(rejected.values())} lines could not be used ({said})" in collect.process.err, collect.process


def test_without_garbage_nothing_is_in_doubt(gridnode):
    with Recorder() as drain, collecting(gridnode, drain.url) as collect:
        with sump.Sender(collect.port, pace_s=0.001) as sender:
            for transaction in TRANSACTIONS:
                for line in sump.flood_sump(*transaction):
                    sender.send(line)
        receipt = collect.stop()["7"]
    assert receipt["ledger"]["aggregated"] == len(TRANSACTIONS)
    assert receipt["delivery"]["delivered"] == len(TRANSACTIONS)
    assert receipt["ledger"]["unattributed"] == len(TRANSACTIONS), "this dialect has no ledger of its own"
    # Identity comes from the tags, and a write says whose it is.
    assert (receipt["account"], receipt["project"]) == ("1", "5")
    url, headers = drain.writes[0]
    assert (url.path, "precision=ns" in url.query) == ("/write", True)
    assert headers["Content-Encoding"] == "gzip" and headers["X-Gridnode-Node"] == "node-1"
    assert sum(int(headers["X-Gridnode-Samples"]) for _, headers in drain.writes) == len(TRANSACTIONS)


def test_identities_do_not_mix(gridnode):
    with Recorder() as drain, collecting(gridnode, drain.url) as collect:
        with sump.Sender(collect.port, pace_s=0.001) as sender:
            for flood in ("7", "8"):
                identity = sump.IDENTITY.replace("flood=7", f"flood={flood}")
                for line in sump.flood_sump("same label", 10 * int(flood), 1, True, identity=identity):
                    sender.send(line)
        receipts = collect.stop()
        points = drain.points()
    assert set(receipts) == {"7", "8"}
    for flood in ("7", "8"):
        own = [p for p in points if p.tags.get("flood") == flood and p.measurement == "response_time_mean"]
        assert [point.fields["sum"] for point in own] == [10.0 * int(flood)]
