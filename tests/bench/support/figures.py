"""A figure: ours beside the alternative, pair by pair. The ratio is always how many times better ours is."""

import dataclasses
import math
import statistics

# Two-sided 95 % quantiles of Student's t by degrees of freedom; beyond them the normal one will do.
T95 = [0, 12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09, 2.09]
T95_FAR = 1.98


@dataclasses.dataclass
class Figure:
    what: str
    unit: str
    ours: list
    alternative: list
    note: str = ""
    more_is_better: bool = False
    ratio_text: str = None  # where a ratio of medians would say nothing
    spread_text: str = None

    def cells(self):
        ratio, spread = self._ratio()
        return [
            self.what,
            f"{number(statistics.median(self.ours))} {self.unit}",
            f"{number(statistics.median(self.alternative))} {self.unit}" if self.alternative else "–",
            self.ratio_text or ratio,
            self.spread_text or spread,
            self.note,
        ]

    def _ratio(self):
        if not self.alternative:
            return "–", "–"
        if min(self.ours) <= 0 or min(self.alternative) <= 0:
            return "–", "–"
        ratios = [b / a for a, b in zip(self.ours, self.alternative)]
        if self.more_is_better:
            ratios = [1 / ratio for ratio in ratios]
        if len(ratios) == 1:
            return number(ratios[0]), "one pair"
        low, high = middle_half(ratios)
        return number(statistics.median(ratios)), f"{number(low)}–{number(high)} of {len(ratios)}"


HEAD = ["what", "ours", "alternative", "ratio", "spread", "the alternative"]


def middle_half(values):
    if len(values) < 4:
        return min(values), max(values)
    quarters = statistics.quantiles(values, n=4, method="inclusive")
    return quarters[0], quarters[2]


def mean_with_interval(differences):
    """Mean and half of its 95 % interval."""
    mean = statistics.fmean(differences)
    if len(differences) < 2:
        return mean, math.inf
    degrees = len(differences) - 1
    t = T95[degrees] if degrees < len(T95) else T95_FAR
    return mean, t * statistics.stdev(differences) / math.sqrt(len(differences))


def overhead_with_interval(ours, without):
    """What ours takes more, as a share: geometric mean of the pairs' ratios less 1, and the ends of its 95 % interval."""
    mean, half = mean_with_interval([math.log(a / b) for a, b in zip(ours, without)])
    return tuple(math.exp(value) - 1 if value < 700 else math.inf for value in (mean, mean - half, mean + half))


def number(value):
    """Three digits that count: 0.123, 12.3, 12,300."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "∞"
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    rounded = round(value, 2 - math.floor(math.log10(abs(value))))
    return f"{rounded:,.{min(decimals, 4)}f}"


def plain_table(figures):
    rows = [HEAD, *(figure.cells() for figure in figures)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def markdown_table(figures):
    rows = [HEAD, ["---", "--:", "--:", "--:", "---", "---"], *(figure.cells() for figure in figures)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
