#!/usr/bin/env python3
"""Checks the golden runs (agent/core/tests/golden/runs) against the contract, from the datagrams, with nothing but
Python's standard library: label ids, timestamps, counts, sums, percentiles, sketches, the account. Ends with
`N passed, N failed`; exit code 1 if anything failed."""

import base64
import hashlib
import hmac
import json
import math
import pathlib
import struct
import sys
import zlib

import model

RUNS = pathlib.Path(__file__).resolve().parents[2] / "agent/core/tests/golden/runs"
KEY = b"gridnode-timestamp-v1"
HOUR_US = 3_600_000_000
PERCENTILES = {"p50": 500, "p75": 750, "p90": 900, "p95": 950, "p99": 990, "p999": 999}
passed, failures = 0, []


def check(what, found, expected):
    global passed
    same = found == expected
    if isinstance(expected, float) and isinstance(found, float):
        same = math.isclose(found, expected, rel_tol=1e-12, abs_tol=1e-12)
    if same:
        passed += 1
    else:
        failures.append(f"{what}: {found!r}, expected {expected!r}")


def stamp(given, label_id, start_s, part):
    identity = given["identity"]
    parts = (given["node"], identity["flood"], identity["run"], label_id, start_s, part)
    digest = hmac.new(KEY, "\0".join(map(str, parts)).encode(), hashlib.sha256).digest()
    return start_s * 10**9 + int.from_bytes(digest[:8], "big") % (given["period_s"] * 10**9)


def bucket(us):
    """The lowest and highest value that share a bucket with `us`: 256 exact ones, then 128 a power of two."""
    us = min(us, HOUR_US)
    width = 1 << max(us.bit_length() - 8, 0)
    return us // width * width, us // width * width + width - 1


def decode_sketch(text):
    """{lowest value of the bucket: count} of a compressed V2 histogram."""
    data = base64.b64decode(text, validate=True)
    cookie, length = struct.unpack(">ii", data[:8])
    inner = zlib.decompress(data[8:])
    v2, counts_bytes, offset, digits, lowest, highest, ratio = struct.unpack(">iiiiqqd", inner[:40])
    head = (cookie, length, v2, counts_bytes, offset, digits, lowest, highest, ratio)
    check("sketch head", head, (0x1C849314, len(data) - 8, 0x1C849313, len(inner) - 40, 0, 2, 1, HOUR_US, 1.0))
    counts, index, at = {}, 0, 40
    while at < len(inner):
        value = shift = 0
        while True:
            byte = inner[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        value = value >> 1 ^ -(value & 1)
        if value > 0:
            sub = max(index // 128 - 1, 0)
            counts[(index - sub * 128) << sub] = value
        index += -value if value < 0 else 1
    return counts


def percentile(values, permille):
    values = sorted(values)
    rank = max((len(values) * permille + 999) // 1000, 1)
    return min(max(bucket(values[rank - 1])[1], values[0]), values[-1]) / 1000


def stats(values):
    return {"value": sum(values) / 1000 / len(values), "sum": sum(values) / 1000, "min": min(values) / 1000,
            "max": max(values) / 1000, "count": len(values)}


def expected_points(label, kind, series, window_s, run):
    points = {}
    rt = series.values["rt"]
    if rt:
        mean = sum(rt) / len(rt)
        deviation = math.sqrt(sum((us - mean) ** 2 for us in rt) / len(rt)) / 1000
        points["response_time_mean"] = stats(rt) | {"stddev": deviation}
        points["response_time_percentiles"] = {name: percentile(rt, p) for name, p in PERCENTILES.items()}
        points["response_time_percentiles"]["count"] = len(rt)
        counts = {}
        for us in rt:
            counts[bucket(us)[0]] = counts.get(bucket(us)[0], 0) + 1
        points["response_time_sketch"] = {"value": counts}
    for name, values in (("latency_mean", series.values["lat"]), ("connect_time_mean", series.values["conn"])):
        if values:
            points[name] = stats(values)
    points["transaction_rate_mean"] = {
        "value": series.count / window_s, "count": series.count, "passed": series.passed, "failed": series.failed,
        "window_s": float(window_s), "label": label, "kind": kind,
        "run": run}
    for name in ("passed", "failed"):
        if getattr(series, name):
            points[f"{name}_count"] = {"value": getattr(series, name)}
    if series.codes:
        points["response_codes_count"] = series.codes
    if series.bytes:
        points["throughput_sum"] = series.bytes
    return points


def read_points(path):
    """(measurement, tags, time) → fields, and the windows as the comments name them."""
    points, windows, window = {}, [], None
    for line in path.read_bytes().splitlines():
        if line.startswith(b"#"):
            words = line.split()
            window = (int(words[2]), int(words[4].rstrip(b":")))
            windows.append(window)
            continue
        head, rest = line.split(b" ", 1)
        fields, time = rest.rsplit(b" ", 1)
        measurement, *tags = head.decode().split(",")
        fields = [pair.split(b"=", 1) for pair in model.split_quoted(fields, b",")]
        key = (measurement, tuple(tags), int(time))
        check(f"{path.name}: {key} written once", key in points, False)
        points[key] = {name.decode(): typed(value) for name, value in fields}
    return points, windows


def typed(value):
    if value.startswith(b'"'):
        return value[1:-1].replace(b'\\"', b'"').replace(b"\\\\", b"\\").decode()
    if value.endswith(b"i"):
        return int(value[:-1])
    assert b"." in value, value  # a float always has a point
    return float(value)


def tags_of(identity, label_id=None):
    tags = {**{name: identity[name] for name in ("account", "flood", "grid", "project", "region")}, "label_id": label_id}
    return tuple(f"{name}={value}" for name, value in sorted(tags.items()) if value is not None)


def check_labels(name, given, run, points):
    base = given["incarnation"] * 65536
    for (start_s, part), window in run.windows.items():
        for (label, kind, alternate), series in window.items():
            label_id = hashlib.sha256(label.encode()).hexdigest()[:16]
            time = stamp(given, label_id, start_s, base + part + (32768 if alternate else 0))
            for measurement, fields in expected_points(
                    label, kind, series, given["period_s"], given["identity"]["run"]).items():
                where = f"{name}: {measurement} of {label[:40]!r} in window {start_s} part {part}"
                found = points.pop((measurement, tags_of(given["identity"], label_id), time), None)
                if found is None:
                    failures.append(f"{where}: no point at {time}")
                    continue
                if measurement == "response_time_sketch":
                    found = {"value": decode_sketch(found["value"])}
                check(f"{where}: fields", set(found), set(fields))
                for field, value in fields.items():
                    check(f"{where}: {field}", found.get(field), value)
                    check(f"{where}: type of {field}", type(found.get(field)), type(value))


def check_run_points(name, given, run, points, windows, fields):
    identity, base = given["identity"], given["incarnation"] * 65536
    node = {"node": given["node"], "run": identity["run"]}
    added = dict.fromkeys(fields, 0)
    for start_s, part in windows:
        gauge = points.pop(("concurrency_max", tags_of(identity), stamp(given, "", start_s, 0)), None) if part == 0 else None
        seen = run.gauges.get(start_s)
        if seen:
            expected = {"value": float(max(seen)), "mean": sum(seen) / len(seen), "last": float(seen[-1]), **node}
            check(f"{name}: concurrency_max of {start_s}", gauge, expected)
        ledger = points.pop(("ledger_sum", tags_of(identity), stamp(given, "", start_s, base + part)), None)
        if ledger is not None:
            check(f"{name}: fields of ledger_sum", set(ledger), {*fields, *node, "labels", "series"})
            check(f"{name}: node of ledger_sum", {key: ledger[key] for key in node}, node)
            for field in fields:
                added[field] += ledger[field]
    for field, value in fields.items():
        check(f"{name}: {field} of all ledger_sum", added[field], value)


def check_case(path):
    name = path.name.removesuffix(".input.json")
    given = json.loads(path.read_text())
    for step in given["steps"]:
        if "datagram" in step:
            step["bytes"] = step["datagram"].encode()
        if "datagram_base64" in step:
            step["bytes"] = base64.b64decode(step["datagram_base64"])
    run = model.Run(given)
    points, windows = read_points(RUNS / f"{name}.expected.lp")
    word = json.loads((RUNS / f"{name}.expected.json").read_text())

    sent = sum(source["sent"] for source in run.sources.values())
    account = run.account | {"sent": sent, "truncated": sum(s["truncated"] for s in run.sources.values()),
                             "kernel_dropped": 0, "folded_labels": len(run.folded)}
    account["lost"] = sent - sum(source["received"] for source in run.sources.values())
    rejected = sum(run.rejected.values())
    check(f"{name}: received = aggregated + rejected", account["received"], account["aggregated"] + rejected)
    check(f"{name}: rejected", word["account"].pop("rejected"), run.rejected)
    check(f"{name}: account", word["account"], account)
    check(f"{name}: identity", word["identity"], given["identity"])
    sources = {source.pop("name"): source for source in word["sources"]}
    check(f"{name}: sources", sources, {key: {**s, "inconsistent": False} for key, s in run.sources.items()})
    exact = bool(run.sources) and all(source["closed"] for source in run.sources.values())
    check(f"{name}: sent_exact", word["sent_exact"], exact)
    check(f"{name}: users_max", word["users_max"], run.users_max)
    check(f"{name}: sample_span_ns", word["sample_span_ns"], [min(run.span), max(run.span)])

    check_labels(name, given, run, points)
    check_run_points(name, given, run, points, windows, account | {"rejected": rejected} | run.rejected)
    left = [key for key in points if key[0] != "concurrency_max"]
    check(f"{name}: points that nothing accounts for", left, [])


def main():
    cases = sorted(RUNS.glob("*.input.json"))
    check("there are cases", len(cases) >= 5, True)
    for path in cases:
        check_case(path)
    for failure in failures[:50]:
        print("FAILED", failure)
    print(f"{passed} passed, {len(failures)} failed")
    sys.exit(1 if failures else 0)


main()
