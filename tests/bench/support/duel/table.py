"""The results as text: each program of a case beside gridnode, with how many times as much it takes."""

import statistics

from support.figures import number

HEAD = ["case", "program", "CPU s / 1 M lines", "×", "peak MiB", "×", "lost", "p95 off by", "to the sink MB", "×", "window end → last byte"]
LIMIT_HEAD = ["case", "program", "no loss up to, datagrams/s", "÷", "what ended it"]
NOTES = (
    "×: times what gridnode takes; ÷: how many times more gridnode takes. Medians of the rounds; lost: of all of them. p95 off by: the "
    "worst label with 1,000 samples or more, all of them counted, against the nearest rank of what was sent."
)


def rows(results):
    """`results`: case → program → list of results."""
    out = []
    for case, by_program in results.items():
        ours = by_program.get("gridnode", [])
        out += [_row(case, name, got, ours) for name, got in by_program.items() if got]
    return out


def _row(case, name, got, ours):
    def value(key, of=got):
        return median([getattr(result, key) for result in of])

    def ratio(key):
        return _ratio(value(key), value(key, ours))

    sent, lost = sum(result.sent for result in got), sum(result.lost for result in got)
    sink_bytes, errors = value("sink_bytes"), [result.p95_error for result in got if result.p95_error is not None]
    return [
        str(case), name, _number(value("cpu_s_per_million")), ratio("cpu_s_per_million"),
        _number(value("rss_max_mib")), ratio("rss_max_mib"), _lost(lost, sent), f"{max(errors):.2%}" if errors else "–",
        _number(sink_bytes and sink_bytes / 1e6), ratio("sink_bytes"), _seconds(value("arrival_s")),
    ]  # fmt: skip


def limit_rows(limits):
    """`limits`: case → program → limit."""
    out = []
    for case, by_program in limits.items():
        ours = by_program.get("gridnode")
        what = f"{case.labels:,} labels, {case.lines} a datagram"
        for name, limit in by_program.items():
            ratio = number(ours.per_s / limit.per_s) if ours and ours.per_s and limit.per_s else "–"
            reached = f"{limit.per_s:,}" if limit.per_s else "none that was tried"
            out.append([what, name, reached, ratio, limit.ended])
    return out


def median(values):
    """None where nobody has a value."""
    there = [value for value in values if value is not None]
    return statistics.median(there) if there else None


def _ratio(value, ours):
    return number(value / ours) if value is not None and ours else "–"


def _number(value):
    return "–" if value is None else number(value)


def _seconds(value):
    return "–" if value is None else f"{value:.1f} s"


def _lost(lost, sent):
    return f"{lost:,}" if lost <= 0 or not sent else f"{lost:,} ({lost / sent:.1%})"


def plain(head, body):
    widths = [max(len(row[i]) for row in [head, *body]) for i in range(len(head))]
    # Names to the left, figures to the right.
    lines = ["  ".join(_aligned(cell, width, i) for i, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in [head, *body]]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def _aligned(cell, width, column):
    return cell.ljust(width) if column < 2 else cell.rjust(width)


def markdown(head, body):
    under = ["---" if i < 2 else "--:" for i in range(len(head))]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in [head, under, *body])
