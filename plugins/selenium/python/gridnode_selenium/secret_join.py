"""Strings that a program's text joins: `"Bearer " + "abc"`, `"Basic " + btoa("bob:abc")`."""

import re
from typing import Optional

from .secret_quote import Span, closing, quote

SCHEME = re.compile(rb"(?:bearer|basic|token|digest|apikey)[ \t]*", re.IGNORECASE)
PLUS = re.compile(rb"[ \t\r\n]*\+[ \t\r\n]*(?:(?:window\.)?btoa\([ \t]*)?")
# That are looked at, and bytes of each.
STRINGS_MAX = 8
SCHEMES = frozenset((b"bearer", b"basic"))
BYTES_MAX = 4_096
SCHEME_BYTES_MAX = 8


def joined(data: bytes, span: Span) -> Span:
    """What of a string is secret, and of those that are joined to it. A scheme stays; it may be all there is."""
    start, to = span
    is_scheme = to - start <= SCHEME_BYTES_MAX and SCHEME.fullmatch(data, start, to) is not None
    for count in range(STRINGS_MAX):
        close = quote(data, to)
        plus = PLUS.match(data, close.after) if close else None
        if not plus:
            break
        opening = quote(data, plus.end())
        if not opening:
            # A variable has it.
            return (to, to) if count == 0 and is_scheme else (start, to)
        part = data[opening.after : opening.after + BYTES_MAX]
        start = opening.after if count == 0 and is_scheme else start
        to = opening.after + closing(part, opening._replace(after=0))
    return start, to


def scheme_joined(data: bytes, at: int, end: int) -> Optional[Span]:
    """What is joined to a string that is a scheme, whatever stands before it."""
    if data[at - 1 : at] not in (b'"', b"'") or data[at:end].lower() not in SCHEMES:
        return None
    blank = end + data.startswith(b" ", end)
    close = quote(data, blank)
    return joined(data, (at, blank)) if close and PLUS.match(data, close.after) else None
