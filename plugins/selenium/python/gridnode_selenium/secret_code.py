"""Codes for which a service gives tokens: `?code=4/0AX4XfWh&state=1`. Many others are named so, which are no secrets."""

import re
from typing import Optional

from .secret_markup import TAG_BYTES_MAX, tag
from .secret_place import BLANKS, SEPARATOR, WHITE
from .secret_quote import Span, quote

NAME = b"code"
# What proves who one is, as a parameter.
PROOFS = frozenset((b"ticket", b"assertion", b"client_assertion"))
# What a text has that has such a code.
WORDS = (b"grant_type", b"redirect_uri", b"code_verifier")
# Another parameter of its query, and how far that is.
STATE = re.compile(rb"(?<![0-9A-Za-z_\-.%$])state=")
QUERY_BYTES_MAX = 1_024
QUERY_ENDS = re.compile(rb"[ \t\r\n\"'<>]")
# With what may follow it.
TOKEN = re.compile(rb"([0-9A-Za-z._~/+\-%]{12,})(?:[&;#, \t\r\n\"'<>()\[\]{}\\]|\Z)")
LETTER = re.compile(rb"[A-Za-z]")
DIGIT = re.compile(rb"[0-9]")


def is_exchange(data: bytes) -> bool:
    """Whether any code in a text may be one."""
    return any(word in data for word in WORDS)


def code(data: bytes, at: int, end: int, is_sure: bool) -> Optional[Span]:
    """The value of the word `code`, if it looks like a token."""
    start = _start(data, at, end)
    found = TOKEN.match(data, start) if start is not None else None
    if not found or not (LETTER.search(found.group(1)) and DIGIT.search(found.group(1))):
        return None
    return found.span(1) if is_sure or _has_state(data, at, found.end(1)) else None


def proof(data: bytes, end: int) -> Optional[Span]:
    """The value of one of the proofs, which ends there, if it looks like a token."""
    found = TOKEN.match(data, end + 1) if data[end : end + 1] == b"=" else None
    return found.span(1) if found else None


def _start(data: bytes, at: int, end: int) -> Optional[int]:
    element = tag(data, at, end)
    if element:
        close = element[0].edge.search(data, end, min(len(data), end + TAG_BYTES_MAX))
        return close.end() if close and close.group(1) else None
    named = quote(data, end)
    separator = SEPARATOR.match(data, BLANKS.match(data, named.after if named else end).end())
    if not separator:
        return None
    start = WHITE.match(data, separator.end()).end()
    opening = quote(data, start)
    return opening.after if opening else start


def _has_state(data: bytes, at: int, end: int) -> bool:
    before = QUERY_ENDS.split(data[max(0, at - QUERY_BYTES_MAX) : at])[-1]
    after = QUERY_ENDS.split(data[end : end + QUERY_BYTES_MAX], 1)[0]
    return bool(STATE.search(before) or STATE.search(after))
