"""Fifty thousand labels in the whole program: does a flush hold up what receives?"""

from support.figures import Figure
from support.process import blast, collect, free_udp_port, http_sink, stop_collect

WINDOW_S = 5


def labels(bench):
    count, seconds = bench.effort(full=(50_000, 30), quick=(50_000, 15), smoke=(1_000, 1))
    port = free_udp_port()
    args = ("--window", f"{WINDOW_S}s", "--labels-max", str(count))
    with http_sink() as drain, collect(bench, drain.url, port, "labels", *args) as process:
        process.says("listening")
        sent = blast(bench, port, datagrams_per_s=10_000, lines=8, seconds=seconds, labels=count)
        ended, receipt = stop_collect(process)
        posted = drain.bytes_read
    ledger = receipt["ledger"]
    lost = sent["samples"] - ledger["aggregated"]
    windows = seconds / WINDOW_S
    note = f"{lost:,} of {sent['samples']:,} samples lost, {ledger['kernel_dropped']:,} datagrams dropped by the kernel"
    what = f"collect, {count:,} labels, {sent['samples_per_s']:,.0f} samples/s, windows of {WINDOW_S} s"
    return [
        Figure(f"{what}: CPU", "s", [ended.cpu_s], [float(sent["elapsed_s"])], f"the time it ran; {note}"),
        Figure(f"{what}: largest memory", "MiB", [ended.rss_max_kib / 1_024], [], f"{posted / windows / 1e6:,.1f} MB gzipped a window"),
    ]
