"""The results as bars, in SVG that needs nothing else; light or dark as its reader has it."""

from xml.sax.saxutils import escape

from support.duel import table
from support.figures import number

WIDTH, NAME_WIDTH, VALUE_WIDTH, MARGIN = 860, 90, 150, 16
BAR, GAP, HEADING, TITLE = 14, 4, 24, 34
STYLE = """
  svg { background: #fff; } text { font: 12px system-ui, sans-serif; fill: #1c2127; }
  .title { font-size: 15px; font-weight: 600; } .faint { fill: #667; }
  .gridnode { fill: #2a7de1; } .bare { fill: #98a1ad; } .telegraf { fill: #e08600; } .vmagent { fill: #c2255c; }
  @media (prefers-color-scheme: dark) {
    svg { background: #14171b; } text { fill: #e4e7eb; } .faint { fill: #98a1ad; }
    .gridnode { fill: #6cb0ff; } .bare { fill: #667; } .telegraf { fill: #ffb84d; } .vmagent { fill: #ff7aa8; }
  }
"""


def draw(results, limits, caption):
    """A panel a measure, a group of bars a case."""
    panels = [
        ("CPU seconds per million lines: less is better", _of(results, "cpu_s_per_million"), "s"),
        ("peak memory, MiB: less is better", _of(results, "rss_max_mib"), "MiB"),
        ("highest rate without loss, datagrams/s: more is better", _limits(limits), ""),
    ]
    parts, y = [], MARGIN
    for title, groups, unit in panels:
        if groups:
            drawn, y = _panel(title, groups, unit, y)
            parts += drawn
    parts.append(_text(MARGIN, y + 12, caption, "faint"))
    height = y + 12 + MARGIN
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">'
    return "\n".join([head, f"<title>{escape(caption)}</title>", f"<style>{STYLE}</style>", *parts, "</svg>", ""])


def _of(results, key):
    groups = {}
    for case, by_program in results.items():
        values = {name: table.median([getattr(result, key) for result in got]) for name, got in by_program.items()}
        groups[str(case)] = {name: value for name, value in values.items() if value is not None}
    return groups


def _limits(limits):
    return {
        f"{case.labels:,} labels, {case.lines} a datagram": {name: limit.per_s for name, limit in by_program.items()}
        for case, by_program in limits.items()
    }


def _panel(title, groups, unit, y):
    """Its parts, and where the next one starts."""
    parts, y = [_text(MARGIN, y + 15, title, "title")], y + TITLE
    most = max((value for values in groups.values() for value in values.values()), default=0) or 1
    room = WIDTH - 2 * MARGIN - NAME_WIDTH - VALUE_WIDTH
    for heading, values in groups.items():
        parts.append(_text(MARGIN, y + 10, heading, "faint"))
        y += HEADING - 6
        for name, value in values.items():
            width = max(1, round(room * value / most))
            parts.append(_text(MARGIN, y + 11, name))
            parts.append(f'<rect class="{escape(name)}" x="{MARGIN + NAME_WIDTH}" y="{y}" width="{width}" height="{BAR}" rx="2"/>')
            parts.append(_text(MARGIN + NAME_WIDTH + width + 6, y + 11, f"{number(value)} {unit}".strip()))
            y += BAR + GAP
        y += 8
    return parts, y + 8


def _text(x, y, text, kind=""):
    of_kind = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{of_kind}>{escape(text)}</text>'
