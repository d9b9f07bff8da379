"""Values that checks, validators and databases quote, beside the name of what they looked at:
`jsonPath($.access_token).find.is(abc), found def`, ``Path `password` (`x`) is shorter``, `Key (token)=(abc) already exists`.
"""

import re
from typing import Iterator, List, Optional

from .secret_names import SecretNames
from .secret_prose import rest
from .secret_quote import Span
from .secret_tag import is_label

# Gatling's checks, what follows what they look at, and what stands before what they found.
CHECKS = (b"jsonPath(", b"jmesPath(", b"regex(", b"css(", b"xpath(", b"header(", b"headerRegex(", b"currentLocationRegex(", b"form(")
CHECK = b").find"
# `find(1).is(abc)`: the first is a place.
CONDITION = re.compile(rb"[A-Za-z.]*(?:\([0-9]*\)(?=\.)[A-Za-z.]*)?")
FOUND = b"found "
NOTHING = b"nothing"
# JMeter's assertions.
PATH = b"path '"
EXPECTED = b"' expected "
BUT = b", but "
# Mongoose's.
MARKED = b"` (`"
MARKED_END = b"`)"
# PostgreSQL's, and MySQL's.
KEY = b")=("
KEY_HEAD = b"Key ("
KEY_END = re.compile(rb"\) already|\) is |\) conflicts")
COMMA = b", "
ENTRY = b"Duplicate entry '"
ENTRY_KEY = b"' for key '"
# Of what names a value, and of a value before more that is read.
NAME_BYTES_MAX = 256
VALUE_BYTES_MAX = 4_096


def verdicts(data: bytes, names: SecretNames) -> Iterator[Span]:
    """Those of a text."""
    for anchor, rule in ((CHECK, _check), (PATH, _assertion), (MARKED, _marked), (KEY, _key), (ENTRY, _entry)):
        at = data.find(anchor)
        to = 0
        while at >= 0:
            # What is within another's value is hidden with it.
            secrets = rule(data, at, names) if at >= to else []
            yield from secrets
            to = secrets[-1][1] if secrets else to
            at = data.find(anchor, at + len(anchor))


def _check(data: bytes, at: int, names: SecretNames) -> List[Span]:
    first = max(data.rfind(kind, max(0, at - NAME_BYTES_MAX), at) + len(kind) if kind in data[max(0, at - NAME_BYTES_MAX) : at] else -1 for kind in CHECKS)
    if first < 0 or not is_label(data[first:at], names):
        return []
    end = rest(data, at)
    found = data.find(FOUND, at + len(CHECK), end)
    found = end if found < 0 else found
    opening = CONDITION.match(data, at + len(CHECK), found).end()
    secrets = []
    if data.startswith(b"(", opening, found):
        close = data.rfind(b")", opening, found)
        secrets.append((opening + 1, found if close < 0 else close))
    actual = min(end, found + len(FOUND))
    if data[actual:end] != NOTHING:
        secrets.append((actual, end))
    return secrets


def _assertion(data: bytes, at: int, names: SecretNames) -> List[Span]:
    first = at + len(PATH)
    close = data.find(EXPECTED, first, first + NAME_BYTES_MAX)
    if close < 0 or not is_label(data[first:close], names):
        return []
    start = close + len(EXPECTED)
    end = rest(data, start)
    but = data.find(BUT, start, end)
    but = end if but < 0 else but
    return [part for part in (_quoted(data, start, but), _quoted(data, but, end)) if part]


def _quoted(data: bytes, start: int, end: int) -> Optional[Span]:
    """Between the first and the last mark of a part."""
    first = data.find(b"'", start, end)
    last = data.rfind(b"'", first + 1, end)
    return (first + 1, last if last >= 0 else end) if first >= 0 else None


def _marked(data: bytes, at: int, names: SecretNames) -> List[Span]:
    mark = data.rfind(b"`", max(0, at - NAME_BYTES_MAX), at)
    if mark < 0 or not is_label(data[mark + 1 : at], names):
        return []
    start, end = at + len(MARKED), _line(data, at)
    close = data.find(MARKED_END, start, end)
    return [(start, close if close >= 0 else end)]


def _key(data: bytes, at: int, names: SecretNames) -> List[Span]:
    head = data.rfind(KEY_HEAD, max(0, at - NAME_BYTES_MAX), at)
    if head < 0 or not is_label(data[head + len(KEY_HEAD) : at], names):
        return []
    start, end = at + len(KEY), _line(data, at)
    found = KEY_END.search(data, start, max(start, end))
    close = found.start() if found else data.find(b")", start, end)
    close = close if close >= 0 else max(start, end)
    columns = data[head + len(KEY_HEAD) : at].split(COMMA)
    values = data[start:close].split(COMMA)
    # Values with commas of their own cannot be told apart.
    if len(columns) != len(values):
        return [(start, close)] if any(is_label(column, names) for column in columns) else []
    secrets = []
    for column, value in zip(columns, values):
        if is_label(column, names):
            secrets.append((start, start + len(value)))
        start += len(value) + len(COMMA)
    return secrets


def _entry(data: bytes, at: int, names: SecretNames) -> List[Span]:
    start, end = at + len(ENTRY), _line(data, at)
    close = data.find(ENTRY_KEY, start, end)
    name = data[close + len(ENTRY_KEY) : end].partition(b"'")[0] if close >= 0 else b""
    return [(start, close)] if is_label(name, names) else []


def _line(data: bytes, at: int) -> int:
    """Where the line ends, or the string that it is in, unless it is longer than messages are."""
    return rest(data, at, at + VALUE_BYTES_MAX)
