"""Secrets in the columns of tables, whose titles name them: of pages, `<tr><th>password</th></tr><tr><td>s3cret</td></tr>`, and with
bars below a line, as Markdown and databases write them.
"""

import re
from typing import Iterator, List

from .secret_cell import OPENING, content, is_name, tag
from .secret_names import SecretNames
from .secret_nothing import nothing
from .secret_quote import Span

CELLS = (b"td", b"th")
# What ends a row.
ROW_ENDS = (b"tr", b"table", b"thead", b"tbody", b"tfoot")
TAG = re.compile(rb"(?:" + OPENING.pattern + rb")(?=\\?/?(?:t[dhr]|table|thead|tbody|tfoot)(?![0-9A-Za-z]))", re.IGNORECASE)
# What stands between titles and rows, and around all of them.
RULE = re.compile(rb"[ \t|+:]*--[-|+: \t]*")
LINE = re.compile(rb"[^\r\n]*")
LINE_END = re.compile(rb"\r\n|\r|\n")
BAR = re.compile(rb"(?<!\\)\|")
# Around what a field says, in Markdown.
AROUND = b" \t*`"
# What says that there is one, or how it is.
WORDS = frozenset(b"yes no required optional string text none n/a on off hidden".split())
COUNT = re.compile(rb"[0-9]{1,2}")
MARKS_MAX = 3
LINE_BYTES_MAX = 8_192


def grids(data: bytes, names: SecretNames) -> Iterator[Span]:
    """The fields of a text's columns that have a secret's name."""
    yield from _page(data, names)
    yield from _lines(data, names)


def _page(data: bytes, names: SecretNames) -> Iterator[Span]:
    head: List[Span] = []
    row: List[Span] = []
    is_head, read_to = True, 0
    for found in TAG.finditer(data):
        one = tag(data, found.start(), len(data)) if found.start() >= read_to else None
        if not one:
            continue
        if one.name in CELLS and not one.is_end:
            field, read_to = content(data, one.after)
            row.append(field)
            is_head = is_head and one.name == b"th"
        elif one.name in ROW_ENDS:
            if row and is_head:
                head = row
            elif row:
                yield from _row(data, head, row, names, is_cut=False)
            head = [] if one.name == b"table" else head
            row, is_head = [], True
    if row and not is_head:
        yield from _row(data, head, row, names, is_cut=True)


def _row(data: bytes, head: List[Span], row: List[Span], names: SecretNames, is_cut: bool) -> Iterator[Span]:
    """Those of a row that has as many fields as the titles are, unless it is cut."""
    if len(row) == len(head) or (is_cut and len(row) < len(head)):
        for title, field in zip(head, row):
            label = data[slice(*title)]
            if is_name(label, names) and not _is_nothing(data, title, field) and names.fits(label.decode("utf-8", "replace"), data[slice(*field)]):
                yield field


def _is_nothing(data: bytes, title: Span, field: Span) -> bool:
    text = data[slice(*field)]
    is_mark = len(text) <= MARKS_MAX and not re.search(rb"[0-9A-Za-z]", text)
    return is_mark or text.lower() in WORDS or COUNT.fullmatch(text) is not None or nothing(data, *title, field)


def _lines(data: bytes, names: SecretNames) -> Iterator[Span]:
    head: List[Span] = []
    before: List[Span] = []
    at = 0
    while at < len(data) and b"|" in data:
        end = LINE.match(data, at).end()
        if RULE.fullmatch(data, at, end):
            head = before or head
            before = []
        else:
            before = _fields(data, at, end)
            if head and before:
                yield from _row(data, head, before, names, is_cut=end >= len(data))
            head = head if before else []
        broken = LINE_END.match(data, end)
        at = broken.end() if broken else len(data)


def _fields(data: bytes, at: int, end: int) -> List[Span]:
    """What is between the bars of a line, which may begin with one, and end so."""
    if end - at > LINE_BYTES_MAX or b"|" not in data[at:end]:
        return []
    at, end = _trim(data, at, end, b" \t")
    at += data.startswith(b"|", at)
    end -= end > at and data[end - 1 : end] == b"|"
    marks = [at - 1, *(bar.start() for bar in BAR.finditer(data, at, end)), end]
    return [_trim(data, first + 1, to, AROUND) for first, to in zip(marks, marks[1:])]


def _trim(data: bytes, at: int, end: int, around: bytes) -> Span:
    first = end - len(data[at:end].lstrip(around))
    return first, first + len(data[first:end].rstrip(around))
