"""Sketches between gridnode and the Python package `hdrhistogram`.

    check_python.py check < vectors     one line a vector: "ok NAME", "FAILED NAME: why" or "skipped NAME: why"
    check_python.py make                histograms encoded by Python, one JSON object a line
"""

import json
import random
import sys

from hdrh.histogram import HdrHistogram

HIGHEST_US = 3_600_000_000
# From here on the package loses counts, those that it has encoded itself too (0.10.8: 2^62 + 1 decodes as 1).
COUNT_LOST = 1 << 62


def buckets(histogram):
    """[highest equivalent value, count] of every bucket that counts something."""
    return [
        [histogram.get_highest_equivalent_value(item.value_iterated_to), item.count_at_value_iterated_to]
        for item in histogram.get_recorded_iterator()
    ]


def differences(vector):
    histogram = HdrHistogram.decode(vector["v2"].encode())
    found = {
        "lowest": histogram.lowest_trackable_value,
        "highest": histogram.highest_trackable_value,
        "digits": histogram.significant_figures,
        "count": histogram.get_total_count(),
        "buckets": buckets(histogram),
    }
    wanted = {"lowest": 1, "highest": HIGHEST_US, "digits": 2, "count": vector["count"], "buckets": vector["buckets"]}
    return [f"{key} is {found[key]}, not {wanted[key]}" for key in wanted if found[key] != wanted[key]]


def check():
    for line in sys.stdin:
        vector = json.loads(line)
        if any(count >= COUNT_LOST for _, count in vector["buckets"]):
            print(f"skipped {vector['name']}: this package cannot decode counts from 2^62 on")
            continue
        try:
            wrong = differences(vector)
        except Exception as error:  # whatever the package raises is a finding about this vector
            wrong = [f"{type(error).__name__}: {error}"]
        if wrong:
            print(f"FAILED {vector['name']}: {'; '.join(wrong)[:300]}")
        else:
            print(f"ok {vector['name']}")


def make():
    generator = random.Random(20)
    lists = {
        "empty": [],
        "zero and one": [0, 1],
        "exact values": list(range(256)),
        "long gaps": [1, 1_000, 1_000_000, HIGHEST_US],
        "log-normal": [min(int(generator.lognormvariate(11.5, 1)), HIGHEST_US) for _ in range(20_000)],
        "uniform over the range": [generator.randrange(HIGHEST_US) for _ in range(2_000)],
    }
    for name, values in lists.items():
        histogram = HdrHistogram(1, HIGHEST_US, 2)
        for value in values:
            histogram.record_value(value)
        emit(name, histogram)
    wide = HdrHistogram(1, HIGHEST_US, 2)
    for bits in range(50):
        wide.record_value(1 << (bits // 2), 1 << bits)
    emit("counts up to 50 bits", wide)
    short = HdrHistogram(1, 60_000_000, 2)
    for value in (1, 500_000, 60_000_000):
        short.record_value(value)
    emit("highest value of one minute", short)


def emit(name, histogram):
    line = {
        "name": name,
        "v2": histogram.encode().decode(),
        "count": histogram.get_total_count(),
        "buckets": buckets(histogram),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    {"check": check, "make": make}[sys.argv[1]]()
