"""Elements: as they stand, as text of a page or of another element, in a script. `at` to `end` is a tag's name."""

import re
from typing import List, NamedTuple, Optional, Tuple

from .secret_beside import is_usage
from .secret_quote import Span

# Bytes in which a tag ends.
TAG_BYTES_MAX = 2_048
NAME_BYTES = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-.%$"
ESCAPE = re.compile(rb"u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[nrt]")
# Also as escapes.
WHITE = re.compile(rb"(?:[ \t\r\n\f]|\\[nrtNRT])*")


# Tags of the page that shows an element as text, as a browser shows XML.
SHOWN = re.compile(rb"(?:<[^<>&]{1,256}>){1,4}(?!<|&lt;|[ \t\r\n])")


class Kind(NamedTuple):
    """What begins a tag and what ends it, as one text has them; what is escaped may have what ends it plain."""

    opening: bytes
    # Either of them.
    edge: "re.Pattern[bytes]"
    # What ends an element's text: no remark in it.
    text_end: "re.Pattern[bytes]"
    data_end: "re.Pattern[bytes]"
    is_script: bool


def _kind(opening: bytes, closing: bytes) -> Kind:
    begins, ends = (b"(?:" + mark + b"|" + re.escape(own) + b")" for mark, own in ((b"<", opening), (b">", closing)))
    is_script = opening.startswith(b"\\")
    # A script's text ends with its string.
    text_end = begins + rb"(?!!(?:--|\[))" + (rb'|(?<!\\)"' if is_script else b"")
    patterns = (re.compile(one, re.IGNORECASE) for one in (begins + b"|(" + ends + b")", text_end, rb"\]\]" + ends))
    return Kind(opening, *patterns, is_script)


KINDS = [
    _kind(b"<", b">"),
    _kind(b"&lt;", b"&gt;"),
    _kind(b"&#60;", b"&#62;"),
    _kind(b"&#x3c;", b"&#x3e;"),
    _kind(b"&amp;lt;", b"&amp;gt;"),
    _kind(b"\\u003c", b"\\u003e"),
    _kind(b"\\x3c", b"\\x3e"),
]


def tag(data: bytes, at: int, end: int) -> Optional[Tuple[Kind, int]]:
    """The kind of the tag that the name stands in, and where it begins with its prefix."""
    first = at
    if data[max(0, at - 1) : at] == b":":
        before = data[max(0, at - 1 - TAG_BYTES_MAX) : at - 1]
        first = at - 1 - len(before) + len(before.rstrip(NAME_BYTES))
    first += escape(data, first, end)
    for kind in KINDS:
        if data[max(0, first - len(kind.opening)) : first].lower() == kind.opening:
            return kind, first
    return None


def element(data: bytes, at: int, end: int, whole: bool) -> Optional[Span]:
    """The content of an element that the name begins; `whole`, or where it begins with one: with the elements in it."""
    found = tag(data, at, end)
    if not found:
        return None
    kind, first = found
    # `--password <password>`
    opening = first - len(kind.opening)
    if not whole and is_usage(data, opening, first, end):
        return None
    close = kind.edge.search(data, end, min(len(data), end + TAG_BYTES_MAX))
    if not close or not close.group(1) or data[end : close.start()].endswith(b"/"):
        return None
    start = close.end()
    shown = SHOWN.match(data, start) if kind.opening == b"&lt;" else None
    if shown:
        last = data.find(b"<", shown.end())
        return shown.end(), last if last >= 0 else len(data)
    if whole or _is_within(data, start, kind):
        to = _closed(data, start, kind, data[first:end])
    elif _is_opening(data, start, kind) and data.startswith(b"![CDATA[", start + len(kind.opening)):
        last = kind.data_end.search(data, start)
        return start, last.end() if last else len(data)
    else:
        last = kind.text_end.search(data, start)
        to = last.start() if last else len(data)
    while kind.is_script and start < to < len(data) and data[to - 1] == 0x5C:
        # Of a script within a script.
        to -= 1
    return start, to


def _is_opening(data: bytes, at: int, kind: Kind) -> bool:
    return data[at : at + len(kind.opening)].lower() == kind.opening


def _is_within(data: bytes, start: int, kind: Kind) -> bool:
    """Whether the content begins with an element."""
    at = WHITE.match(data, start).end()
    following = at + len(kind.opening)
    return following < len(data) and _is_opening(data, at, kind) and data[following] not in b"/!\\"


def _closed(data: bytes, start: int, kind: Kind, name: bytes) -> int:
    """Where an element of this name ends."""
    ends: List[bytes] = [b"/" + name, b"\\/" + name]
    for found in kind.edge.finditer(data, start):
        if not found.group(1) and found.group().lower() == kind.opening and data.startswith(tuple(ends), found.end()):
            return found.start()
    return len(data)


def escape(data: bytes, at: int, end: int) -> int:
    """Bytes at the beginning of a word that are the rest of an escape: `\\npassword`."""
    if at < 1 or data[at - 1] != 0x5C:
        return 0
    found = ESCAPE.match(data, at, end)
    return found.end() - at if found and found.end() < end else 0
