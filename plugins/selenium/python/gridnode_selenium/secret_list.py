"""Secrets in lists of names and values: `"rawHeaders":["Host","x","Cookie","a=b"]`, and pairs of them, `('password', 'x')`."""

import re
from typing import Iterator

from .secret_names import SecretNames, is_header
from .secret_quote import Span, closing, literal, quote

HEADERS = b"rawHeaders"
HEADERS_OPEN = re.compile(rb"(?:\\*[\"']|&quot;)?[ \t\r\n]*[:=][ \t\r\n]*\[")
# Strings that are read, and bytes of a name.
STRINGS_MAX = 400
NAME_BYTES_MAX = 128
WHITE = re.compile(rb"[ \t\r\n]*")
COMMA = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*")
# What begins a pair: no call, nor a list in SQL.
PAIR = re.compile(rb"(?:(?<=[\[({,])|(?<=[\[({,] )|(?<![^\r\n]))\(")
NAME = re.compile(rb"[0-9A-Za-z_\-.%$]{1,128}\Z")


def lists(data: bytes, names: SecretNames) -> Iterator[Span]:
    """Those of a text."""
    yield from _headers(data, names)
    yield from _pairs(data, names)


def _headers(data: bytes, names: SecretNames) -> Iterator[Span]:
    at = data.find(HEADERS)
    while at >= 0:
        at += len(HEADERS)
        head = HEADERS_OPEN.match(data, at)
        next_at, is_secret = head.end() if head else len(data), False
        for place in range(STRINGS_MAX if head else 0):
            opening = quote(data, WHITE.match(data, next_at).end())
            if not opening:
                break
            at = closing(data, opening)
            if is_secret and place % 2:
                yield opening.after, at
            name = data[opening.after : at][: NAME_BYTES_MAX + 1].decode("utf-8", "replace")
            is_secret = names.is_secret(name) or is_header(name)
            close = quote(data, at)
            comma = COMMA.match(data, close.after) if close else None
            if not comma:
                break
            next_at = comma.end()
        at = data.find(HEADERS, at)


def _pairs(data: bytes, names: SecretNames) -> Iterator[Span]:
    found = PAIR.search(data)
    while found:
        at = found.end()
        first = quote(data, literal(data, at))
        to = first.after if first else at
        while to < len(data) and to - at <= NAME_BYTES_MAX and NAME.match(data[to : to + 1]):
            to += 1
        close = quote(data, to) if first else None
        comma = COMMA.match(data, close.after) if close else None
        opening = quote(data, literal(data, comma.end())) if comma and names.is_secret(data[first.after : to].decode("ascii")) else None
        if opening:
            at = closing(data, opening)
            end = quote(data, at)
            if not end or data.startswith(b")", WHITE.match(data, end.after).end()):
                yield opening.after, at
        found = PAIR.search(data, at)
