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
STATE = re.compile(rb"(?<![0-9A-Za-z_\-.%$])(?:state|scope)=")
QUERY_BYTES_MAX = 1_024
QUERY_ENDS = re.compile(rb"[ \t\r\n\"'<>]")
# With what may follow it.
TOKEN = re.compile(rb"([0-9A-Za-z._~/+\-%]{12,})(?:[&;#, \t\r\n\"'<>()\[\]{}\\]|\Z)")
# Of a code beside what asks for its token, and of a proof in JSON; and a proof that says what it is.
GRANTED = re.compile(TOKEN.pattern.replace(b"{12,}", b"{4,}"))
GRANT = re.compile(rb"(?<![0-9A-Za-z_\-.%$])grant_type=authorization_code")
# The same in JSON, and how far it is.
GRANT_MEMBER = re.compile(rb"grant_type(?=[\\\"' ]{0,19}:)[\\\"' :]{1,20}authorization_code")
MEMBER_BYTES_MAX = 512
# Beside it a service's answer may have a code of its own: `404`, `E_BAD`, `invalid_grant`.
ANSWER = re.compile(rb"[0-9]{1,6}|[A-Z_]+|[a-z]+(?:_[a-z]+)+")
# In a query one is told by itself if it is long, and has letters of both sizes, or no mark in it.
LONG_BYTES_MIN = 16
LONG = re.compile(rb"[0-9A-Za-z]{16,}")
SMALL = re.compile(rb"[a-z]")
GREAT = re.compile(rb"[A-Z]")
ASSERTION = re.compile(TOKEN.pattern.replace(b"{12,}", b"{20,}"))
TICKET = re.compile(TOKEN.pattern.replace(b"([", b"((?:ST|PT|TGT|PGT)-[").replace(b"{12,}", b"+"))
LETTER = re.compile(rb"[A-Za-z]")
DIGIT = re.compile(rb"[0-9]")


def is_exchange(data: bytes) -> bool:
    """Whether any code in a text may be one."""
    return any(word in data for word in WORDS)


def code(data: bytes, at: int, end: int, is_sure: bool) -> Optional[Span]:
    """The value of the word `code`, if it looks like a token."""
    start = _start(data, at, end)
    granted = GRANTED.match(data, start) if is_sure and start is not None else None
    if granted and not ANSWER.fullmatch(granted.group(1)) and _is_granted(data, at, end, granted.end(1)):
        return granted.span(1)
    found = TOKEN.match(data, start) if start is not None else None
    if not found or not (LETTER.search(found.group(1)) and DIGIT.search(found.group(1))):
        return None
    is_one = is_sure or _is_beside(STATE, data, at, found.end(1)) or _is_long(data, at, end, found.group(1))
    return found.span(1) if is_one else None


def _is_granted(data: bytes, at: int, end: int, to: int) -> bool:
    if data[end : end + 1] == b"=":
        return _is_beside(GRANT, data, at, to)
    return bool(GRANT_MEMBER.search(data, max(0, at - MEMBER_BYTES_MAX), at) or GRANT_MEMBER.search(data, to, to + MEMBER_BYTES_MAX))


def _is_long(data: bytes, at: int, end: int, text: bytes) -> bool:
    """Whether it is one whatever stands beside it, as a query's parameter."""
    is_parameter = data[end : end + 1] == b"=" and (data[at - 1 : at] in (b"?", b"&") or data[max(0, at - 5) : at] == b"&amp;")
    return is_parameter and len(text) >= LONG_BYTES_MIN and bool(SMALL.search(text)) and bool(GREAT.search(text) or LONG.search(text))


def proof(data: bytes, at: int, end: int) -> Optional[Span]:
    """The value of one of the proofs, which the word may be, if it looks like a token."""
    word = data[at:end].lower()
    if word not in PROOFS:
        return None
    found = None
    if data[end : end + 1] == b"=":
        found = TOKEN.match(data, end + 1) or (TICKET.match(data, end + 1) if word == b"ticket" else None)
    elif word == b"assertion" and quote(data, end):
        start = _start(data, at, end)
        found = ASSERTION.match(data, start) if start is not None else None
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


def _is_beside(what: "re.Pattern[bytes]", data: bytes, at: int, end: int) -> bool:
    before = QUERY_ENDS.split(data[max(0, at - QUERY_BYTES_MAX) : at])[-1]
    after = QUERY_ENDS.split(data[end : end + QUERY_BYTES_MAX], 1)[0]
    return bool(what.search(before) or what.search(after))
