"""A real InfluxDB 1.x takes the writes and gives back the numbers that were sent."""

import collections
import contextlib
import gzip
import json
import subprocess
import urllib.request

import pytest

from support import rollups, sump
from support.collecting import collecting
from support.lineprotocol import Point

LABELS = ["plain", 'quote " backslash \\ comma , equals = space', "Übersicht ☕ 100% a+b"]


def samples_of(source, label_index, count):
    """Response times 1, 2, … ms, every fifth failed; both known to the assertions below."""
    label = LABELS[label_index]
    for n in range(1, count + 1):
        failed = n % 5 == 0
        yield source.sample(label, n, ok=not failed, code="500" if failed else "200", extra=",lat=0.5,rx=100i,tx=10i")


def send(port, source_name, counts):
    with sump.Sender(port, pace_s=0.0005) as sender:
        source = sump.Source(sender, source_name)
        for index, count in enumerate(counts):
            samples = list(samples_of(source, index, count))
            for start in range(0, count, 20):
                source.send(*samples[start : start + 20])
        source.close()


def read(influx):
    """Everything in the database, as points again."""
    found = []
    # One by one: fields of one name and several types cannot be selected together.
    names = [row["name"] for row in influx.rows("SHOW MEASUREMENTS")]
    for series in [series for name in names for series in influx.query(f'SELECT * FROM "{name}" GROUP BY *')]:
        for values in series["values"]:
            row = dict(zip(series["columns"], values))
            time_ns = row.pop("time")
            fields = {key: value for key, value in row.items() if value is not None}
            found.append(Point(series["name"], {k: v for k, v in series["tags"].items() if v}, fields, time_ns))
    return rollups.Rollups(found)


def test_what_was_sent_comes_back(gridnode, influx):
    counts = [40, 250, 7]
    with collecting(gridnode, influx.url, "--grid", "9", "--region", "eu") as collect:
        send(collect.port, "jvm-1", counts)
        receipt = collect.stop()["7"]
    assert receipt["delivery"]["delivered"] == sum(counts)

    total = influx.one("SELECT sum(count) AS n, sum(passed) AS ok, sum(failed) AS bad FROM transaction_rate_mean")
    failed = sum(count // 5 for count in counts)
    assert (total["n"], total["ok"], total["bad"]) == (sum(counts), sum(counts) - failed, failed)
    times = influx.one('SELECT sum("sum") AS ms, min("min") AS low, max("max") AS high FROM response_time_mean')
    assert times["ms"] == pytest.approx(sum(n * (n + 1) / 2 for n in counts))
    assert (times["low"], times["high"]) == (1.0, 250.0)
    assert influx.one("SELECT sum(rx) AS rx, sum(tx) AS tx FROM throughput_sum") | {"time": 0} == {
        "rx": 100 * sum(counts), "tx": 10 * sum(counts), "time": 0,
    }  # fmt: skip
    codes = influx.one("SELECT sum(c200) AS ok, sum(c500) AS bad FROM response_codes_count")
    assert (codes["ok"], codes["bad"]) == (sum(counts) - failed, failed)
    got = read(influx)
    for label, count in zip(LABELS, counts):
        one = got.of(label)
        assert (one.count, one.failed, one.sketch.total_count) == (count, count // 5, count)
        assert one.percentile_ms(950) == pytest.approx((count * 950 + 999) // 1000, rel=0.008)
    ledger = influx.one("SELECT sum(aggregated) AS n, sum(lost) AS lost FROM ledger_sum")
    assert (ledger["n"], ledger["lost"]) == (sum(counts), 0)
    tags = {row["tagKey"] for row in influx.rows("SHOW TAG KEYS")}
    assert tags <= {"account", "flood", "project", "grid", "region", "label_id"}, "series must not grow with nodes"


def test_a_labels_text_is_a_tag_where_somebody_asks_for_it(gridnode, influx):
    labels = [*LABELS, "ends with \\\\"]
    with collecting(gridnode, influx.url, "--label-tag") as collect:
        with sump.Sender(collect.port, pace_s=0.0005) as sender:
            source = sump.Source(sender, "jvm-1")
            for n, label in enumerate(labels, 1):
                source.send(*(source.sample(label, 5) for _ in range(n)))
            source.close()
        collect.stop()
    found = influx.query("SELECT sum(count) AS n FROM transaction_rate_mean GROUP BY label_name")
    counts = {series["tags"]["label_name"]: series["values"][0][1] for series in found}
    assert counts == {name: n for n, name in enumerate([*LABELS, "ends with //"], 1)}, counts
    # Whoever merges it has the texts as they were.
    merged = gridnode.run("merge", "--from", influx.url, "--flood", "7", seconds=60)
    rows = json.loads(merged.out)["floods"][0]["labels"]
    assert {row["label"]: row["count"] for row in rows} == {name: n for n, name in enumerate(labels, 1)}, rows


def test_three_nodes_write_one_series_without_collisions(gridnode, influx):
    with contextlib.ExitStack() as stack:
        nodes = [
            stack.enter_context(collecting(gridnode, influx.url, "--grid", "9", "--run", "1", node=f"node-{n}"))
            for n in range(3)
        ]
        for n, node in enumerate(nodes):
            send(node.port, f"jvm-{n}", [100, 100, 100])
        for node in nodes:
            node.stop()
    points = influx.one("SELECT count(value) AS n FROM transaction_rate_mean")["n"]
    total = influx.one("SELECT sum(count) AS n FROM transaction_rate_mean")["n"]
    assert total == 900, f"{points} points hold {total} of 900 samples"
    nodes_seen = {row["node"] for row in influx.rows("SELECT node, run FROM ledger_sum")}
    assert nodes_seen == {"node-0", "node-1", "node-2"}
    got = read(influx)
    for label in LABELS:
        one = got.of(label)
        assert (one.count, one.min_ms, one.max_ms) == (300, 1.0, 100.0)
        assert one.percentile_ms(500) == pytest.approx(50, rel=0.008)
    series = influx.rows("SHOW SERIES FROM transaction_rate_mean")
    assert len(series) == len(LABELS), "a series a label, however many nodes there are"


def test_nine_hundred_nodes_write_one_series_in_one_second(nodes, influx):
    """What each of them would post, one after the other; and once more, as retries do."""
    count, labels = 900, 3
    text = subprocess.run([nodes, "--nodes", str(count), "--labels", str(labels)], check=True, stdout=subprocess.PIPE).stdout
    lines = text.splitlines(keepends=True)
    url = influx.url.replace("/?", "/write?") + "&precision=ns"
    for _ in range(2):
        for start in range(0, len(lines), 5_000):
            body = gzip.compress(b"".join(lines[start : start + 5_000]))
            request = urllib.request.Request(url, body, {"Content-Encoding": "gzip"}, method="POST")
            with urllib.request.urlopen(request, timeout=60) as answer:
                assert answer.status == 204
    written = collections.Counter(line.partition(b",")[0].decode() for line in lines)
    of_labels = ["response_time_mean", "response_time_percentiles", "response_time_sketch", "transaction_rate_mean",
                 "passed_count"]  # fmt: skip
    # A field that every point of the measurement has: `count` counts values, not points.
    fields = dict.fromkeys(written, "value") | {"response_time_percentiles": "p50", "response_codes_count": "c200",
                                                "ledger_sum": "received"}  # fmt: skip
    for measurement, points in written.items():
        per_series = influx.rows(f'SELECT count("{fields[measurement]}") AS n FROM "{measurement}" GROUP BY *')
        assert [row["n"] for row in per_series] == [count] * len(per_series), (measurement, per_series)
        assert len(per_series) * count == points, measurement
    assert all(written[measurement] == count * labels for measurement in of_labels), written
    total = influx.one("SELECT sum(count) AS n, max(run) AS run FROM transaction_rate_mean")
    assert (total["n"], total["run"]) == (count * labels, 1)


def test_a_database_that_is_not_there_is_said_and_nothing_is_destroyed(gridnode, influx):
    url = influx.url.replace("db=gridnode", "db=nowhere")
    with collecting(gridnode, url) as collect:
        send(collect.port, "jvm-1", [10])
        receipt = collect.stop(code=4)["7"]
    assert receipt["delivery"]["delivered"] == 0 and receipt["delivery"]["spooled"] == 10
    assert "nowhere" in collect.process.text or "database" in collect.process.text, collect.process
    # The operator creates it; the next start delivers what was kept.
    influx.query('CREATE DATABASE "nowhere"', method="POST")
    with collecting(gridnode, url) as again:
        again.stop()
    influx.database = "nowhere"
    assert influx.one("SELECT sum(count) AS n FROM transaction_rate_mean")["n"] == 10


def test_check_tries_a_write(gridnode, influx):
    """A database or a retention policy that is missing is found before the first flood, and mended as it is said."""
    topics = ["command_topics=arn:aws:sns:us-east-1:123456789012:c", "event_topic=arn:aws:sns:us-east-1:123456789012:e"]
    settings = [f"--set=control.{topic}" for topic in topics] + ["--set=metadata.enabled=false", "--set=aws.region=us-east-1"]

    def finding(url):
        lines = gridnode.run("check", *settings, f"--set=drain.url={url}", seconds=60).text.splitlines()
        (at,) = [at for at, line in enumerate(lines) if line.split()[1:2] == ["drain"]]
        return lines[at].split()[0], " ".join(lines[at : at + 2])

    state, text = finding(influx.url)
    assert state in ("ok", "warn") and "takes writes" in text, text
    url = influx.url.replace("db=gridnode", "db=later")
    state, text = finding(url)
    assert state == "fail" and "404" in text and "what to do: create the database" in text, text
    influx.query('CREATE DATABASE "later"', method="POST")
    assert finding(url)[0] == state.replace("fail", "ok")
    state, text = finding(f"{url}&rp=months")
    assert state == "fail" and "what to do: make the retention policy" in text, text


def test_percentiles_of_all_nodes_are_read_back_from_the_store(gridnode, influx):
    """What two nodes have written, as one table: the percentiles are those of all samples, not an average of two."""
    counts = {"node-1": [40, 250, 7], "node-2": [60, 10, 200]}
    for node, of in counts.items():
        with collecting(gridnode, influx.url, node=node) as collect:
            send(collect.port, f"jvm-{node}", of)
            collect.stop()
    asked = gridnode.run("merge", "--from", influx.url, "--flood", "7", "--add-runs", seconds=60)
    assert asked.code == 0, asked
    (flood,) = json.loads(asked.out)["floods"]
    rows = {row["label"]: row for row in flood["labels"]}
    for index, label in enumerate(LABELS):
        times = sorted(ms for of in counts.values() for ms in range(1, of[index] + 1))
        row = rows[label]
        assert (row["count"], row["failed"]) == (len(times), sum(of[index] // 5 for of in counts.values()))
        assert (row["response_time"]["sum_ms"], row["response_time"]["max_ms"]) == (sum(times), times[-1])
        exact = times[-(-95 * len(times) // 100) - 1]
        assert abs(row["p95_ms"] - exact) <= 0.008 * exact + 0.001, (label, row, exact)
        assert row["codes"] == {"200": row["count"] - row["failed"], "500": row["failed"]}, row
    assert flood["total"]["count"] == sum(sum(of) for of in counts.values())
    apart = gridnode.run("merge", "--from", influx.url, seconds=60)
    floods = json.loads(apart.out)["floods"]
    assert apart.code == 0 and sorted(flood["total"]["count"] for flood in floods) == [270, 297]

    # A report and a comparison are of the same points, and leave nothing behind.
    out, temporary = gridnode.directory / "store.html", gridnode.directory / "tmp"
    temporary.mkdir()
    made = gridnode.run("report", "--from", influx.url, "--flood", "7", "--add-runs", "--out", out, seconds=60, env={"TMPDIR": str(temporary)})
    assert made.code == 0 and LABELS[2] in out.read_text() and "567" in out.read_text(), made
    runs = ",".join(str(flood["run"]) for flood in floods)
    asked = ["compare", "--from", influx.url, "--flood", "7", "--run", runs, "--json"]
    compared = gridnode.run(*asked, seconds=60, env={"TMPDIR": str(temporary)})
    total = json.loads(compared.out)["total"]
    assert [total[side]["count"] for side in "ab"] == [flood["total"]["count"] for flood in floods], compared
    assert list(temporary.iterdir()) == []
    several = gridnode.run("compare", "--from", influx.url, seconds=60)
    assert several.code == 1 and f"failed to compare runs in {influx.url.split('/?')[0]}" in several.err, several
    both = gridnode.run("report", out, "--from", influx.url, seconds=60)
    assert both.code == 1 and "not both" in both.err, both

    nothing = gridnode.run("merge", "--from", influx.url, "--flood", "8", seconds=60)
    assert nothing.code == 1 and "has nothing of flood 8: it has flood 7 only" in " ".join(nothing.err.split()), nothing
    assert nothing.out == "", nothing
    for url, words in [
        (influx.url.replace("gridnode", "nowhere"), "database not found: nowhere"),
        ("http://127.0.0.1:9", "failed to read http://127.0.0.1:9"),
    ]:
        failed = gridnode.run("merge", "--from", url, seconds=60)
        assert failed.code == 1 and words in failed.err, failed
