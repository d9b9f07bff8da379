"""CPU a line of the whole receiver, from the kernel to the closed window and beyond, under a load that both can take.

The alternative (`plain_collect`) receives with tokio, parses with the crate, hands every point over a channel and keeps
a HashMap of HdrHistograms; it writes a file where gridnode spools, posts and keeps accounts.
"""

import json
import signal

from support.figures import Figure
from support.process import blast, collect, free_udp_port, http_sink, running, stop_collect

WINDOW_S = 5
LABELS = 50


def ingest(bench):
    pairs, seconds = bench.effort(full=(7, 10), quick=(5, 4), smoke=(1, 1))
    figures = []
    for datagrams_per_s, lines in ((20_000, 1), (10_000, 8)):
        load = {"datagrams_per_s": datagrams_per_s, "lines": lines, "seconds": seconds, "labels": LABELS}
        ours, plain, lost = [], [], 0
        for n in range(pairs):
            for arm in (_ours, _plain) if n % 2 == 0 else (_plain, _ours):
                cpu_us, missing = arm(bench, load, n)
                lost += missing
                (ours if arm is _ours else plain).append(cpu_us)
        note = "tokio, channel, crate, HashMap, hdrhistogram" + (f"; {lost} samples lost" if lost else "")
        figures.append(Figure(f"CPU a sample, {lines} a datagram, {datagrams_per_s * lines:,} samples/s", "µs", ours, plain, note))
    return figures


def _ours(bench, load, n):
    port = free_udp_port()
    with http_sink() as drain, collect(bench, drain.url, port, f"ingest-{load['lines']}-{n}", "--window", f"{WINDOW_S}s") as process:
        process.says("listening")
        sent = blast(bench, port, **load)
        ended, receipt = stop_collect(process)
    return _cpu_us(ended, receipt["ledger"]["aggregated"], sent)


def _plain(bench, load, n):
    port, name = free_udp_port(), f"plain-{load['lines']}-{n}"
    command = [bench.program("plain_collect"), f"127.0.0.1:{port}", WINDOW_S, bench.directory / f"{name}.gz"]
    with running(command, bench.directory, name) as process:
        process.says("listening")
        sent = blast(bench, port, **load)
        ended = process.end(by_signal=signal.SIGTERM)
    return _cpu_us(ended, json.loads(ended.out)["samples"], sent)


def _cpu_us(ended, samples, sent):
    if not samples:
        raise RuntimeError(f"nothing arrived:\n{ended.err[-2000:]}")
    return ended.cpu_s * 1e6 / samples, sent["samples"] - samples
