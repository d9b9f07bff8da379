"""Gatling's own `simulation.log` as the exact oracle: the binary form since 3.13, the lines before it.

Binary, big endian, times in ms since the run's start:

    0 run      version, class (string), start (long), description (string), scenarios, assertions
    1 request  groups, name (cached string), start, end (int), ok (byte), message (cached string)
    2 user     scenario (int), starts (byte), time (int)
    3 group    groups, start, end, cumulated response time (int), ok (byte)
    4 error    message (cached string), time (int)

    groups         count (int), cached strings
    string         bytes (int), then, unless there are none, the bytes and 0 for Latin-1, 1 for UTF-16
    cached string  index (int) and the string when it is new, -index afterwards
"""

import collections
import dataclasses
import pathlib
import struct
import sys

RUN, REQUEST, USER, GROUP, ERROR = range(5)
SEPARATOR = " / "


@dataclasses.dataclass
class Label:
    """All records of one label and kind."""

    times_ms: list = dataclasses.field(default_factory=list)
    failed: int = 0

    @property
    def count(self):
        return len(self.times_ms)

    def percentile_ms(self, permille):
        """Nearest rank."""
        ranked = sorted(self.times_ms)
        return ranked[(len(ranked) * permille + 999) // 1000 - 1]


@dataclasses.dataclass
class Log:
    """What one run wrote: labels by (text, kind), a kind being `request` or `transaction`."""

    version: str = ""
    simulation: str = ""
    labels: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(Label))
    errors: list = dataclasses.field(default_factory=list)
    started: int = 0
    ended: int = 0

    def add(self, path, kind, time_ms, ok):
        label = self.labels[(SEPARATOR.join(path), kind)]
        label.times_ms.append(time_ms)
        label.failed += not ok

    def user(self, starts):
        self.started += starts
        self.ended += not starts

    @property
    def records(self):
        """Responses and groups."""
        return sum(label.count for label in self.labels.values())

    @property
    def responses(self):
        return sum(label.count for (_, kind), label in self.labels.items() if kind == "request")


def find(directory):
    """The one log below a directory."""
    found = list(pathlib.Path(directory).rglob("simulation.log"))
    assert len(found) == 1, f"{len(found)} logs of Gatling in {directory}: {found}"
    return found[0]


def read(path, torn=False):
    """Reads a whole log; `torn`: its last record may be cut off."""
    content = pathlib.Path(path).read_bytes()
    log = Log()
    try:
        if content[:1] == bytes([RUN]):
            _Binary(content).into(log)
        else:
            _lines(content.decode("utf-8"), log)
    except (struct.error, IndexError):
        if not torn:
            raise
    return log


class _Binary:
    def __init__(self, content):
        self._content, self._at, self._strings = content, 0, {}

    def into(self, log):
        while self._at < len(self._content):
            match self._byte():
                case kind if kind == RUN:
                    self._run(log)
                case kind if kind == REQUEST:
                    path = [*self._groups(), self._cached()]
                    start, end, ok, _ = self._int(), self._int(), self._byte(), self._cached()
                    log.add(path, "request", end - start, ok)
                case kind if kind == USER:
                    _, starts, _ = self._int(), self._byte(), self._int()
                    log.user(starts == 1)
                case kind if kind == GROUP:
                    path = self._groups()
                    _, _, cumulated, ok = self._int(), self._int(), self._int(), self._byte()
                    log.add(path, "transaction", cumulated, ok)
                case kind if kind == ERROR:
                    log.errors.append(self._cached())
                    self._int()
                case kind:
                    raise AssertionError(f"an unknown record: {kind} at byte {self._at - 1}")

    def _run(self, log):
        log.version, log.simulation = self._string(), self._string()
        self._take(8)
        self._string()
        for _ in range(self._int()):
            self._string()
        for _ in range(self._int()):
            self._take(self._int())

    def _groups(self):
        return [self._cached() for _ in range(self._int())]

    def _cached(self):
        index = self._int()
        if index < 0:
            return self._strings[-index]
        self._strings[index] = self._string()
        return self._strings[index]

    def _string(self):
        length = self._int()
        if length == 0:
            return ""
        content = self._take(length)
        wide = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"
        return content.decode(wide if self._byte() else "latin-1")

    def _int(self):
        return struct.unpack(">i", self._take(4))[0]

    def _byte(self):
        return self._take(1)[0]

    def _take(self, length):
        taken = self._content[self._at : self._at + length]
        if len(taken) < length:
            raise IndexError(f"the log ends in the middle of a record, at byte {len(self._content)}")
        self._at += length
        return taken


def _lines(text, log):
    # What follows the last newline is a torn line.
    for line in text.split("\n")[:-1]:
        kind, *fields = line.split("\t")
        match kind:
            case "RUN":
                log.simulation, log.version = fields[0], fields[4]
            case "REQUEST":
                groups, name, start, end, status = fields[:5]
                log.add([*_path(groups), name], "request", int(end) - int(start), status == "OK")
            case "GROUP":
                groups, _, _, cumulated, status = fields[:5]
                log.add(_path(groups), "transaction", int(cumulated), status == "OK")
            case "USER":
                log.user(fields[1] == "START")
            case "ERROR":
                log.errors.append(fields[0])
            case "ASSERTION":
                pass
            case _:
                raise AssertionError(f"an unknown record: {line!r}")


def _path(groups):
    return groups.split(",") if groups else []
