"""`gridnode dashboard`: each of its queries gives, asked of a real InfluxDB, the numbers that `gridnode merge` has."""

import json
import re

import pytest

from support import sump
from support.collecting import collecting

COUNTS = {"cart": 40, "login, please": 120}
WINDOW_S = 1


def send(port):
    with sump.Sender(port, pace_s=0.0005) as sender:
        source = sump.Source(sender, "jvm-1")
        for label, count in COUNTS.items():
            for n in range(1, count + 1):
                failed = n % 4 == 0
                source.send(
                    source.sample(label, n, ok=not failed, code="503" if failed else "200", extra=",lat=0.5,rx=100i,tx=10i")
                )
        source.send(source.sample("both", 500, extra=',kind="transaction"'))
        source.close()


class Dashboard:
    """What the command prints, with its variables filled in as Grafana does it."""

    def __init__(self, gridnode, influx):
        self.influx = influx
        printed = gridnode.run("dashboard")
        assert printed.code == 0, printed
        self.panels = {panel["title"]: panel for panel in json.loads(printed.out)["panels"]}

    def queries(self, title):
        return [self.fill(target["query"]) for target in self.panels[title]["targets"]]

    def rows(self, title, at=0):
        """All rows of a query of a panel, with their tags."""
        found = self.influx.query(self.queries(title)[at])
        return [
            dict(zip(series["columns"], values)) | series.get("tags", {}) for series in found for values in series["values"]
        ]

    def value(self, title):
        rows = self.rows(title)
        assert len(rows) == 1, rows
        return next(value for name, value in rows[0].items() if name != "time")

    @staticmethod
    def fill(query):
        values = {"flood": "7", "grid": ".*", "window_s": str(WINDOW_S), "timeFilter": "time > now() - 1h AND time < now() + 1h"}
        filled = re.sub(r"\$\{?(\w+)\}?", lambda found: values.get(found[1], found[0]), query)
        assert "$" not in filled.replace("$/", "/"), filled
        return filled


def test_its_queries_give_the_numbers_of_merge(gridnode, influx):
    with collecting(gridnode, influx.url, "--grid", "9", "--region", "eu", window=f"{WINDOW_S}s") as collect:
        send(collect.port)
        collect.stop()
    flood = json.loads(gridnode.run("merge", "--from", influx.url, "--flood", "7").out)["floods"][0]
    total, labels = flood["total"], {label["label"]: label for label in flood["labels"]}
    board = Dashboard(gridnode, influx)

    sums = [sum(row["requests"] for row in board.rows("Requests a second")), sum(row["failed"] for row in board.rows("Requests a second", 1))]
    assert board.value("Requests") == total["count"] == sum(COUNTS.values())
    assert [n * WINDOW_S for n in sums] == [total["count"], total["failed"]]
    assert board.value("Failed") == pytest.approx(100 * total["failed"] / total["count"])
    times = [labels[name]["response_time"] for name in labels]
    assert board.value("Mean response time") == pytest.approx(
        sum(time["sum_ms"] for time in times) / sum(time["count"] for time in times)
    )
    assert board.value("Samples lost") == 0
    rows = {row["label"]: row for row in board.rows("Labels")}
    by_id = {row["label_id"]: row for row in board.rows("Labels", 1)}
    for name, label in labels.items():
        row = rows[name] | by_id[rows[name]["label_id"]]
        assert (row["count"], row["failed"] or 0) == (label["count"], label["failed"]), row
        time = label["response_time"]
        assert (row["mean ms"], row["max ms"]) == (pytest.approx(time["mean_ms"]), time["max_ms"]), row
    codes = board.rows("Response codes in a window")
    assert sum(row[column] or 0 for row in codes for column in row if column.endswith("c503")) == total["failed"]
    account = board.rows("The account of the samples")
    assert sum(row["received"] for row in account) == sum(COUNTS.values()) + 1
    assert sum(row["received"] for row in board.rows("Bytes a second")) * WINDOW_S == 100 * sum(COUNTS.values())


def test_every_query_is_understood(gridnode, influx):
    """Also those of measurements that only nodes of a grid write."""
    influx.write(
        'node_health_mean,grid=9,region=eu node="n1",reason="cpu",saturated=true,cpu_percent=97.5,cpu_steal_percent=0.5,'
        "agent_cpu_percent=1.0,memory_used_percent=40.0,runs=1i\n"
        'trace,flood=7,grid=9,label_id=0011 label="cart",code="503",error="full",suppressed=3i,location="s3://b/k"\n'
        'concurrency_max,flood=7,grid=9 value=12.0,mean=11.0,last=12.0,node="n1",run=1i'
    )
    board = Dashboard(gridnode, influx)
    for title in board.panels:
        for query in board.queries(title):
            board.influx.query(query)
    assert board.rows("Saturated nodes")[0]["reason"] == "cpu"
    assert board.rows("Error traces")[0]["location"] == "s3://b/k"
    assert board.value("Most users in one window") == 12
    assert board.value("Windows of saturated nodes") == 1
    assert board.rows("Nodes of the grid")[-1]["nodes"] == 1
