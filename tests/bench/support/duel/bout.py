"""One run of one program: it starts shortly before a window, gets the job within that window, and is watched until all has come."""

import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

from support.duel import contestant as contestants
from support.duel import sink
from support.process import free_udp_port, running

START_BEFORE_S = 2.0
# Of a window; the job is a second shorter than it.
FIRST_SEND_S = 0.3
# All has come when nothing has for this long; gridnode and Telegraf wait 2 s for what is late.
QUIET_S = 2.5
ARRIVAL_S_MAX = 12
# Of fewer, neighbours in rank are some per cent apart, and what one calls a percentile makes the difference.
SAMPLES_MIN = 1_000
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass(frozen=True)
class Case:
    labels: int
    lines: int  # a datagram
    datagrams_per_s: int
    spread: str = "zipf"
    neighbour: bool = False  # one that keeps every CPU busy
    window_s: int = 15

    def __str__(self):
        lines = f"{self.lines} line{'s' * (self.lines > 1)}"
        busy = ", busy neighbour" if self.neighbour else ""
        return f"{self.labels:,} labels, {lines} × {self.datagrams_per_s:,}/s{busy}"


@dataclasses.dataclass
class Result:
    sent: int
    reached: float  # the pace that the sender held, of what it should
    counted: int
    cpu_s: float
    rss_max_mib: float
    p95_error: float | None
    sink_bytes: int | None
    arrival_s: float | None  # window's end → last byte at the sink

    @property
    def lost(self):
        return self.sent - self.counted

    @property
    def cpu_s_per_million(self):
        return self.cpu_s * 1e6 / self.counted if self.counted else None


def fight(bench, contestant, case, seed):
    """Raises where the program does not start, or says nothing."""
    with tempfile.TemporaryDirectory(dir=bench.directory) as directory, sink.listening() as server:
        return _fight(bench, contestant, case, seed, pathlib.Path(directory), server)


def _fight(bench, contestant, case, seed, directory, server):
    port, truths_file = free_udp_port(), directory / "truths.json"
    command = contestant.prepare(contestant.program, port, server.url, case.window_s, case.labels, directory)
    start_s = _next_window(case.window_s)
    _sleep_until(start_s - START_BEFORE_S)
    with running(command, directory, contestant.name, env=contestants.environment()) as process:
        process.says(contestant.ready, 10)
        if time.time() > start_s:
            raise RuntimeError(f"{contestant.name} took more than {START_BEFORE_S} s to start")
        with _neighbour() if case.neighbour else contextlib.nullcontext():
            _sleep_until(start_s + FIRST_SEND_S)
            pid = process.child.pid
            cpu_before_s = cpu_s(pid)
            sent = _send(bench, port, case, seed, truths_file)
            _await_arrival(server, contestant, start_s + case.window_s)
            took_s, rss_max_mib = cpu_s(pid) - cpu_before_s, rss_max_kib(pid) / 1_024
        in_time = list(server.bodies)
        ended = process.end(seconds=8, by_signal=signal.SIGTERM)
    got = contestant.counted(ended, in_time)
    error = got.error_worst(json.loads(truths_file.read_text()), SAMPLES_MIN)
    if contestant.decode:
        # What is told only at the end is not lost. Percentiles of it say nothing: vmagent's, for one, repeats them, of other labels.
        got.counts += contestant.decode(server.bodies[len(in_time) :]).counts
    arrival_s = in_time[-1].at_s - start_s - case.window_s if in_time else None
    return Result(
        sent["lines"], sent["datagrams_per_s"] / case.datagrams_per_s, got.counts.total(), took_s, rss_max_mib,
        error, sum(len(body.content) for body in in_time) if in_time else None, arrival_s,
    )  # fmt: skip


def _send(bench, port, case, seed, truths_file):
    options = {
        "to": f"127.0.0.1:{port}", "seed": seed, "datagrams-per-s": case.datagrams_per_s, "lines": case.lines,
        "seconds": max(case.window_s - 1, 1), "labels": case.labels, "spread": case.spread, "reference": truths_file,
    }  # fmt: skip
    command = [bench.program("duel_send"), *(part for key, value in options.items() for part in (f"--{key}", value))]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=40)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def _await_arrival(server, contestant, window_end_s):
    if contestant.decode is None:
        time.sleep(0.3)  # it looks for its end every 0.1 s, and then has taken all
        return
    while (now := time.time()) < window_end_s + ARRIVAL_S_MAX:
        last_s = server.bodies[-1].at_s if server.bodies else 0
        if last_s > window_end_s and now > last_s + QUIET_S:
            return
        time.sleep(0.05)


@contextlib.contextmanager
def _neighbour():
    spin = [sys.executable, "-c", "while True: pass"]
    hogs = [subprocess.Popen(spin) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


def _next_window(window_s):
    """Its start: late enough for a program to be there before."""
    return ((time.time() + START_BEFORE_S + 0.2) // window_s + 1) * window_s


def _sleep_until(at_s):
    time.sleep(max(0.0, at_s - time.time()))


def _family(pid):
    """The process, and those that it has started, at any depth."""
    found = [pid]
    for one in found:
        for children in pathlib.Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(child) for child in children.read_text().split()]
    return found


def cpu_s(pid):
    """Of the process and its children, those that have ended included."""
    ticks = 0
    for one in _family(pid):
        with contextlib.suppress(OSError):
            # The name may have spaces and brackets; after it come 11 words, then user and system time, its own and its children's.
            words = pathlib.Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(word) for word in words[11:15])
    return ticks / TICKS_PER_S


def rss_max_kib(pid):
    total = 0
    for one in _family(pid):
        with contextlib.suppress(OSError):
            lines = pathlib.Path(f"/proc/{one}/status").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return total
