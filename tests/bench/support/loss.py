"""The highest paced rate that `collect` takes without loss, with a large receive buffer and with the kernel's default.

Rates climb by a quarter; the search ends at the first rate that loses anything in one of two bursts, or that the sender
cannot reach. Bursts are short and stay on loopback.
"""

from support.figures import Figure
from support.process import blast, collect, free_udp_port, http_sink, stop_collect

FIRST_PER_S = 2_000
STEP = 1.25
RATE_MAX = 400_000
# A sender that falls behind this far has found its own limit.
REACHED = 0.97


def loss(bench):
    seconds, tries, rate_max = bench.effort(full=(5, 2, RATE_MAX), quick=(2, 1, RATE_MAX), smoke=(1, 1, FIRST_PER_S))
    figures = []
    for lines in (1, 8):
        default, _ = _highest(bench, lines, seconds, tries, rate_max, [bench.program("default_buffer")])
        # What the small one took, the large one takes: start there.
        large, limit = _highest(bench, lines, seconds, tries, rate_max, [], max(default, FIRST_PER_S))
        note = f"the same with the default 208 KiB buffer; ours ended at {limit}"
        what = f"highest rate without loss, {lines} sample{'s' * (lines > 1)} a datagram"
        figures.append(Figure(what, "datagrams/s", [large], [default], note, more_is_better=True))
    return figures


def _highest(bench, lines, seconds, tries, rate_max, prefix, rate=FIRST_PER_S):
    """The rate reached, and what ended the search."""
    best = 0
    while rate <= rate_max:
        for _ in range(tries):
            achieved, lost = _burst(bench, lines, seconds, rate, prefix)
            if lost:
                return best, f"loss ({lost:,} lost at {rate:,}/s)"
            if achieved < REACHED * rate:
                return max(best, achieved), "the sender's limit"
        best, rate = rate, round(rate * STEP, -2 if rate < 10_000 else -3)
        rate = int(rate)
    return best, "the highest rate tried"


def _burst(bench, lines, seconds, rate, prefix):
    port = free_udp_port()
    bench.turn += 1
    with http_sink() as drain, collect(bench, drain.url, port, f"loss-{bench.turn}", "--window", "1s", prefix=prefix) as process:
        process.says("listening")
        sent = blast(bench, port, datagrams_per_s=rate, lines=lines, seconds=seconds)
        _, receipt = stop_collect(process)
    lost = sent["samples"] - receipt["ledger"]["aggregated"]
    return int(sent["datagrams_per_s"]), lost
