"""The highest rate without loss: halving what lies between a rate that was taken and one that was not."""

import dataclasses
import math

from support.duel import bout

LOWEST_PER_S = 2_000
HIGHEST_PER_S = 400_000
# A sender that falls behind this far has found its own limit.
REACHED = 0.97


@dataclasses.dataclass
class Limit:
    per_s: int  # 0: it loses at every rate that was tried
    steps: int
    ended: str  # by what the rate above was too high


def search(bench, contestant, case, seed, steps, highest_per_s=HIGHEST_PER_S):
    """Halves ratios, not differences: each step says as much at a low rate as at a high one."""
    low, high, best, ended = LOWEST_PER_S, highest_per_s, 0, "the highest rate tried"
    for step in range(steps):
        # The lowest is no answer until it has been tried.
        rate = round_rate(math.sqrt(low * high)) if best or step + 1 < steps else low
        result = bout.fight(bench, contestant, dataclasses.replace(case, datagrams_per_s=rate), seed)
        if result.lost <= 0 and result.reached >= REACHED:
            low = best = rate
        else:
            high, ended = rate, f"{result.lost:,} lost at {rate:,}/s" if result.lost > 0 else "the sender's limit"
    return Limit(best, steps, ended)


def round_rate(rate):
    """Two digits that count."""
    return int(round(rate, 1 - math.floor(math.log10(rate))))
