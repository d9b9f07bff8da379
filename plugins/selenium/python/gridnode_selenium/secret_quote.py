"""Quotation marks, however they are written: in JSON within JSON, in an attribute of HTML, in a script's text."""

import re
from typing import NamedTuple, Optional, Tuple

# From a byte to before another.
Span = Tuple[int, int]

# As they stand and as references in HTML; the last ones after a backslash.
MARK = re.compile(rb"(\\*)(\"|'|&quot;|&#34;|&#x22;|&apos;|&#39;|&#039;|&#x27;|&amp;quot;|(?<=\\)(?:u002[27]|x2[27]))")

# What may stand before a literal, as languages have it, and remarks before that.
PREFIX = re.compile(rb"(?:[NnUuBbRrFf@$]{1,2}(?=" + MARK.pattern + rb"))?")
GAP = re.compile(rb"(?:[ \t\r\n]|\xc2\xa0)*")
REMARKS_MAX = 4
REMARK_BYTES_MAX = 256


class Quote(NamedTuple):
    """A quotation mark, which may be escaped; `after`: where the text in it begins."""

    mark: bytes
    backslashes: int
    after: int


def quote(data: bytes, at: int) -> Optional[Quote]:
    """The one that begins there."""
    found = MARK.match(data, at)
    return Quote(found.group(2), len(found.group(1)), found.end()) if found else None


def literal(data: bytes, at: int) -> int:
    """Where the quotation mark of a literal stands, after remarks, blanks and its prefix: `/* x */ N'abc'`. If none does: where a
    value is."""
    for _ in range(REMARKS_MAX):
        at = GAP.match(data, at).end()
        end = data.find(b"*/", at + 2, at + REMARK_BYTES_MAX) if data.startswith(b"/*", at) else -1
        if end < 0:
            break
        at = end + 2
    return PREFIX.match(data, GAP.match(data, at).end()).end()


def closing(data: bytes, opening: Quote) -> int:
    """Where the text ends: at a mark that is not escaped deeper than the first."""
    at = data.find(opening.mark, opening.after)
    while at >= 0:
        first = at
        while first > opening.after and data[first - 1] == 0x5C:
            first -= 1
        before = at - first
        if opening.backslashes == 0 and before % 2 == 0:
            return at
        if opening.backslashes and before <= opening.backslashes:
            return first
        at = data.find(opening.mark, at + 1)
    return len(data)


def closing_attribute(data: bytes, opening: Quote) -> int:
    """The same in an attribute, where a backslash is a character like any other."""
    if opening.backslashes:
        return closing(data, opening)
    at = data.find(opening.mark, opening.after)
    return len(data) if at < 0 else at
