"""What has come to the sink, in the three ways in which the programs say it: a count and a 95th percentile for each label."""

import collections
import gzip
import re
import struct

from support.duel import snappy

# The label is decoded in some, and not in others.
NUMBER = re.compile(rb"items(?:/|%2F)(\d+)(?:/|%2F)reviews")
LABEL_ID = re.compile(rb"label_id=([0-9a-f]+)")
COUNT = re.compile(rb"[ ,]count=(\d+)i")
P95 = re.compile(rb"[ ,]p95=([^, ]+)")
TELEGRAF_COUNT = re.compile(rb"[ ,]rt_count=([^, ]+)")
TELEGRAF_P95 = re.compile(rb"[ ,]rt_095=([^, ]+)")


class Arrived:
    """Counts add up; a label's percentile is one number only where all of its samples came as one."""

    def __init__(self):
        self.counts, self.p95s_ms = collections.Counter(), collections.defaultdict(list)

    def error_worst(self, truths, samples_min):
        """The largest relative error of a percentile; of labels with enough samples all of which are counted. None: there are none."""
        worst = None
        for label, count, _sum_us, p95_us in truths:
            got = self.p95s_ms.get(label, ())
            if count >= samples_min and len(got) == 1 and self.counts[label] == count:
                worst = max(worst or 0.0, abs(got[0] * 1_000 / p95_us - 1))
        return worst


def gridnode(bodies):
    arrived, labels, p95s = Arrived(), {}, []
    for line in _lines(bodies):
        if line.startswith(b"transaction_rate_mean,"):
            label = int(NUMBER.search(line)[1])
            labels[LABEL_ID.search(line)[1]] = label
            arrived.counts[label] += int(COUNT.search(line)[1])
        elif line.startswith(b"response_time_percentiles,"):
            p95s.append((LABEL_ID.search(line)[1], float(P95.search(line)[1])))
    for label_id, p95_ms in p95s:
        arrived.p95s_ms[labels[label_id]].append(p95_ms)
    return arrived


def telegraf(bodies):
    arrived = Arrived()
    for line in _lines(bodies):
        label = NUMBER.search(line)
        if label is None:
            continue
        if count := TELEGRAF_COUNT.search(line):
            arrived.counts[int(label[1])] += int(float(count[1].rstrip(b"iu")))
        if p95 := TELEGRAF_P95.search(line):
            arrived.p95s_ms[int(label[1])].append(float(p95[1]))
    return arrived


def vmagent(bodies):
    arrived = Arrived()
    for body in bodies:
        for tags, value in series(snappy.unpack(body.content)):
            label, name = NUMBER.search(tags.get(b"label", b"")), tags.get(b"__name__", b"")
            if label is None:
                continue
            if name.endswith(b"_count_samples"):
                arrived.counts[int(label[1])] += int(value)
            elif name.endswith(b"_quantiles") and tags.get(b"quantile") == b"0.95":
                arrived.p95s_ms[int(label[1])].append(value)
    return arrived


def _lines(bodies):
    for body in bodies:
        yield from (gzip.decompress(body.content) if body.encoding == "gzip" else body.content).split(b"\n")


def series(message):
    """Tags and value of each sample of a `WriteRequest`."""
    for number, part in _fields(message):
        if number != 1:
            continue
        tags, values = {}, []
        for inner, content in _fields(part):
            if inner == 1:
                pair = dict(_fields(content))
                tags[pair.get(1, b"")] = pair.get(2, b"")
            elif inner == 2:
                values += [struct.unpack("<d", bits)[0] for field, bits in _fields(content) if field == 1]
        for value in values:
            yield tags, value


def _fields(message):
    """Of protobuf: number and content."""
    at = 0
    while at < len(message):
        key, at = snappy.varint(message, at)
        kind = key & 7
        if kind == 0:
            content, at = snappy.varint(message, at)
        elif kind in (1, 5):
            end = at + (8 if kind == 1 else 4)
            content, at = message[at:end], end
        elif kind == 2:
            length, at = snappy.varint(message, at)
            content, at = message[at : at + length], at + length
        else:
            raise ValueError(f"wire type {kind}")
        yield key >> 3, content
