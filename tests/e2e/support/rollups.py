"""Merges rollups independently of gridnode: own line reader, sketches by the Python package `hdrhistogram`.

Nothing here imports or calls the code under test, so that its merge is not its own oracle.
"""

import collections
import pathlib

from hdrh.histogram import HdrHistogram

from support import lineprotocol

LOWEST_US, HIGHEST_US, DIGITS = 1, 3_600_000_000, 2


class Label:
    """All windows of one label of one kind, merged."""

    def __init__(self, label_id):
        self.label_id, self.text, self.kind = label_id, None, None
        self.count = self.passed = self.failed = self.rx = self.tx = 0
        self.passed_points = self.failed_points = self.rt_count = self.percentile_count = 0
        self.sum_ms, self.min_ms, self.max_ms = 0.0, float("inf"), float("-inf")
        self.codes = collections.Counter()
        self.times = {"latency_mean": [0, 0.0], "connect_time_mean": [0, 0.0]}
        self.sketch = HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)

    def percentile_ms(self, permille):
        """Nearest rank on the buckets' highest equivalent values, clamped to the exact extremes."""
        rank = max(1, (self.sketch.total_count * permille + 999) // 1000)
        seen = 0
        for item in self.sketch.get_recorded_iterator():
            seen += item.count_at_value_iterated_to
            if seen >= rank:
                highest = self.sketch.get_highest_equivalent_value(item.value_iterated_to) / 1000
                return min(max(highest, self.min_ms), self.max_ms)
        raise AssertionError(f"an empty sketch has no percentiles: {self.text!r}")

    def add(self, point):
        fields = point.fields
        match point.measurement:
            case "response_time_mean":
                self.rt_count += fields["count"]
                self.sum_ms += fields["sum"]
                self.min_ms, self.max_ms = min(self.min_ms, fields["min"]), max(self.max_ms, fields["max"])
            case "response_time_percentiles":
                self.percentile_count += fields["count"]
            case "response_time_sketch":
                self.sketch.add(decode(fields["value"]))
            case "latency_mean" | "connect_time_mean" as name:
                self.times[name][0] += fields["count"]
                self.times[name][1] += fields["sum"]
            case "transaction_rate_mean":
                self.count += fields["count"]
                self.passed += fields["passed"]
                self.failed += fields["failed"]
            case "passed_count":
                self.passed_points += fields["value"]
            case "failed_count":
                self.failed_points += fields["value"]
            case "response_codes_count":
                self.codes.update({name.removeprefix("c"): n for name, n in fields.items()})
            case "throughput_sum":
                self.rx += fields.get("rx", 0)
                self.tx += fields.get("tx", 0)
            case other:
                raise AssertionError(f"an unknown measurement with a label: {other}")


class Rollups:
    """Everything that a flood's points say."""

    def __init__(self, points):
        unique = {point.identity: point for point in points}
        self.points = list(unique.values())
        self.repeated = len(points) - len(unique)
        self.labels = {}
        self.ledger = collections.Counter()
        self.users_max = 0
        kinds = self._kinds()
        for point in self.points:
            if "label_id" in point.tags:
                # Points of one label, window and part share a timestamp; so the kind of one is that of all.
                label_id = point.tags["label_id"]
                text, kind = kinds.get((label_id, point.time_ns), (None, None))
                label = self.labels.setdefault((text, kind), Label(label_id))
                label.text, label.kind = text, kind
                label.add(point)
            elif point.measurement == "ledger_sum":
                self.ledger.update({name: n for name, n in point.fields.items() if name not in ("run", "node")})
            elif point.measurement == "concurrency_max":
                self.users_max = max(self.users_max, point.fields["value"])

    def _kinds(self):
        return {
            (point.tags["label_id"], point.time_ns): (point.fields["label"], point.fields["kind"])
            for point in self.points
            if point.measurement == "transaction_rate_mean"
        }

    def of(self, text, kind="request"):
        return self.labels[(text, kind)]

    @property
    def samples(self):
        return sum(label.count for label in self.labels.values())


def decode(text):
    histogram = HdrHistogram.decode(text.encode())
    found = (histogram.lowest_trackable_value, histogram.highest_trackable_value, histogram.significant_figures)
    assert found == (LOWEST_US, HIGHEST_US, DIGITS), found
    return histogram


def read(*paths):
    """Rollups of files of line protocol, or of all `*.lp` below a directory."""
    files = []
    for path in map(pathlib.Path, paths):
        files += sorted(path.rglob("*.lp")) if path.is_dir() else [path]
    assert files, f"no rollups in {paths}"
    return Rollups([point for file in files for point in lineprotocol.parse(file.read_text(encoding="utf-8"))])
