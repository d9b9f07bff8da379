"""The contract once more, naively: from datagrams to what every point must say. Shares nothing with the agent."""

import hashlib
import math
import re
from urllib.parse import unquote_to_bytes

DAY_US = 86_400_000_000
REOPEN_WINDOWS_MAX = 1024
LATE_WINDOWS_MAX = 8
REASONS = ("syntax", "missing_field", "not_finite", "out_of_range", "too_long", "unknown_measurement", "unknown_flood")
TIMES = {"response_time": "rt", "latency": "lat"}


class Bad(Exception):
    pass


def split_unescaped(text, separator):
    parts, part, at = [], b"", 0
    while at < len(text):
        # A backslash before anything else stands for itself, and so does what it stands before.
        step = 2 if text[at : at + 2] in (b"\\,", b"\\=", b"\\ ") else 1
        if text[at : at + 1] == separator:
            parts.append(part)
            part = b""
        else:
            part += text[at : at + step]
        at += step
    return [*parts, part]


def split_quoted(text, separator):
    """As above, but separators in quoted texts do not count."""
    parts, part, quoted, at = [], b"", False, 0
    while at < len(text):
        step = 2 if text[at : at + 1] == b"\\" else 1
        char = text[at : at + step]
        quoted ^= char == b'"'
        if char == separator and not quoted:
            parts.append(part)
            part = b""
        else:
            part += char
        at += step
    if quoted:
        raise Bad("syntax")
    return [*parts, part]


def unescape(text):
    return re.sub(rb"\\([,= ])", rb"\1", text)


def value_of(text):
    if text in (b"t", b"true"):
        return True
    if text in (b"f", b"false"):
        return False
    if text.startswith(b'"'):
        return text[1:-1].decode()
    try:
        if text.endswith(b"i"):
            return int(text[:-1])
        number = float(text)
    except ValueError:
        raise Bad("syntax") from None
    if not math.isfinite(number):
        raise Bad("not_finite")
    return number


def parse(line):
    """(measurement, tags, fields, time) of a line; raises Bad."""
    head, *rest = [part for part in split_quoted(line, b" ") if part]
    measurement, *pairs = split_unescaped(head, b",")
    if len(rest) not in (1, 2):
        raise Bad("syntax")
    tags = [tuple(split_unescaped(pair, b"=")) for pair in pairs]
    fields = [tuple(split_unescaped(pair, b"=")) for pair in split_quoted(rest[0], b",")]
    if any(len(pair) != 2 for pair in tags + fields):
        raise Bad("syntax")
    fields = {key.decode(): value_of(value) for key, value in fields}
    tags = {unescape(key).decode(): unescape(value) for key, value in tags}
    return measurement.decode(), tags, fields, int(rest[1]) if len(rest) == 2 else None


def label_of(raw):
    text = unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8", errors="replace")
    text = "".join("\ufffd" if ord(c) < 32 or 127 <= ord(c) < 160 else c for c in text)
    if not text:
        return "__empty__"
    if text == "__other__":
        return "__other___"
    whole = text.encode()
    if len(whole) > 512:
        return whole[:494].decode(errors="ignore") + "…" + hashlib.sha256(whole).hexdigest()[:12]
    return text


def number(fields, name, top, scale=1):
    value = fields[name]
    if isinstance(value, (str, bool)):
        raise Bad("missing_field")
    if not 0 <= value <= top:
        raise Bad("out_of_range")
    return math.floor(value * scale + 0.5 + 1e-9)


class Series:
    def __init__(self):
        self.count = self.passed = self.failed = 0
        self.values = {"rt": [], "lat": [], "conn": []}
        self.bytes = {}
        self.codes = {}

    def code(self, code, n=1):
        if code:
            known = len(code) == 3 and code.isdigit() and "100" <= code <= "599"
            name = "c" + code if known else "cother"
            self.codes[name] = self.codes.get(name, 0) + n


class Run:
    """All of one golden run. `windows` maps (start_s, part) to {(label, kind, alternate): Series}."""

    def __init__(self, given):
        self.period = given["period_s"] * 10**9
        self.grace = given["grace_ms"] * 10**6
        self.labels_max = given["labels_max"]
        self.first = given["opened_ns"] // self.period
        self.frontier = (given["opened_ns"] - self.grace) // self.period
        self.open, self.emitted, self.windows = {}, {}, {}
        self.kinds = {}
        self.account = dict.fromkeys(("received", "unattributed", "aggregated", "late", "restamped", "folded_samples",
                                      "duplicate_datagrams", "traces"), 0)
        self.rejected = dict.fromkeys(REASONS, 0)
        self.folded, self.sources, self.seen = set(), {}, set()
        self.gauges, self.users, self.users_max, self.span = {}, {}, 0, []
        for step in given["steps"]:
            self.tick(step["at_ns"])
            if "bytes" in step:
                self.datagram(step["at_ns"], step["bytes"])
        self.tick(given["closed_ns"])
        for index in sorted(self.open):
            self.close(index)

    def tick(self, now):
        due = (now - self.grace) // self.period
        if due <= self.frontier:
            return
        for index in range(max(self.frontier, self.first), due):
            self.open.setdefault(index, {})
        late = self.frontier
        self.frontier = due
        for index in sorted(index for index in self.open if index < due or index < late):
            self.close(index)

    def close(self, index):
        part = self.emitted.get(index, 0)
        self.emitted[index] = part + 1
        self.windows[index * self.period // 10**9, part] = self.open.pop(index)

    def window(self, now, time):
        """Gives the open window for a sample, and how its time was taken."""
        time = now if time is None else time
        how = "restamped" if time > now else None
        index = min(time, now) // self.period
        if index not in self.open and index < self.frontier:
            late = sum(1 for other in self.open if other < self.frontier)
            if late >= LATE_WINDOWS_MAX or index < self.frontier - REOPEN_WINDOWS_MAX:
                index, how = min(self.open, default=self.frontier), "restamped"
        if how is None and index < self.frontier:
            how = "late"
        if how != "restamped":
            self.span.append(time)
        else:
            self.span.append(now)
        return self.open.setdefault(index, {}), how

    def series(self, label, kind):
        """(label, kind, alternate), folded"""
        folded = label not in self.kinds and len([k for k in self.kinds if k != "__other__"]) >= self.labels_max
        if folded:
            self.folded.add(label)
            label = "__other__"
        kinds = self.kinds.setdefault(label, [])
        if kind not in kinds:
            kinds.append(kind)
        return (label, kind, kinds.index(kind) > 0), folded

    def datagram(self, now, data):
        lines = [line for line in data.split(b"\n") if line]
        source = None
        if lines and lines[-1].startswith(b"ledger"):
            _, tags, fields, _ = parse(lines[-1])
            source = self.sources.setdefault(tags["source"].decode(), dict(sent=0, received=0, datagrams=0, seq_max=0,
                                                                           truncated=0, closed=False))
            source["closed"] |= fields.get("final", False)
            if (tags["source"], fields["seq"]) in self.seen:
                self.account["duplicate_datagrams"] += 1
                return
            self.seen.add((tags["source"], fields["seq"]))
            source["datagrams"] += 1
            for name, field in (("sent", "samples"), ("seq_max", "seq"), ("truncated", "truncated")):
                source[name] = max(source[name], fields[field])
        for line in lines:
            before = self.account["received"]
            try:
                self.line(now, *parse(line))
            except Bad as bad:
                self.account["received"] += 1
                self.rejected[str(bad)] += 1
            added = self.account["received"] - before
            if source is not None and line.startswith((b"sample,", b"sample ")):
                source["received"] += added
            else:
                self.account["unattributed"] += added

    def line(self, now, measurement, tags, fields, time):
        if measurement == "sample":
            self.sample(now, tags, fields, time)
        elif measurement in ("response_time", "latency", "passed", "failed", "transaction_rate", "throughput"):
            self.metric(now, measurement, tags, fields, time)
        elif measurement in ("concurrency", "users"):
            name = "active" if measurement == "users" else "value"
            self.users[tags.get("source", b"")] = number(fields, name, 10**9)
            total = sum(self.users.values())
            self.users_max = max(self.users_max, total)
            self.gauges.setdefault(now // self.period * self.period // 10**9, []).append(total)
        elif measurement in ("trace", "object"):
            self.account["traces"] += 1
        elif measurement != "ledger":
            raise Bad("unknown_measurement")

    def counted(self, how, folded):
        for name in ("received", "aggregated", *([how] if how else []), *(["folded_samples"] if folded else [])):
            self.account[name] += 1

    def sample(self, now, tags, fields, time):
        if "flood" not in tags or "label" not in tags or "rt" not in fields or "ok" not in fields or time is None:
            raise Bad("missing_field")
        times = {name: number(fields, name, 86_400_000, 1000) for name in ("rt", "lat", "conn") if name in fields}
        key, folded = self.series(label_of(tags["label"]), fields.get("kind", "request"))
        window, how = self.window(now, time)
        series = window.setdefault(key, Series())
        series.count += 1
        series.passed += fields["ok"]
        series.failed += not fields["ok"]
        for name, us in times.items():
            series.values[name].append(us)
        for name in ("rx", "tx"):
            if name in fields:
                series.bytes[name] = series.bytes.get(name, 0) + fields[name]
        series.code(fields.get("code"))
        self.counted(how, folded)

    def metric(self, now, measurement, tags, fields, time):
        if "label" not in tags or "value" not in fields or isinstance(fields["value"], str):
            raise Bad("missing_field")
        scale = 1000 if measurement in TIMES else 1
        value = number(fields, "value", 86_400_000 if measurement in TIMES else 10**15, scale)
        key, folded = self.series(label_of(tags["label"]), "request")
        window, how = self.window(now, time)
        series = window.setdefault(key, Series())
        if measurement in TIMES:
            series.values[TIMES[measurement]].append(value)
        elif measurement == "throughput":
            series.bytes["rx"] = series.bytes.get("rx", 0) + value
        elif measurement == "transaction_rate":
            series.count += value
            series.code(fields.get("response_code"), value)
            self.counted(how, folded)
        else:
            setattr(series, measurement, getattr(series, measurement) + value)
        if measurement != "transaction_rate":
            self.span.pop()
