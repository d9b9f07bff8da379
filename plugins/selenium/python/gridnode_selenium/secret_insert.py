"""Secrets in statements that insert rows, by their place in the list of columns:
`INSERT INTO users (name, password) VALUES ('ann', 's3cret'), …`.
"""

import re
from typing import Iterator, List, Optional, Tuple

from .secret_names import SecretNames
from .secret_quote import Quote, Span, closing, quote

WORD = b"values"
# Of a list of columns, rows, and bytes of a value, also of one without marks.
COLUMNS_BYTES_MAX = 1_024
ROWS_MAX = 1_000
FIELDS_MAX = 256
VALUE_BYTES_MAX = 4_096
COLUMNS = re.compile(rb"\(([^()]*)\)[ \t\r\n\f]*\Z")
# The name of a column, as databases write it.
NAME = re.compile(rb"[ \t\r\n\"'`\[\]\\]*([^ \t\r\n\"'`\[\]\\]*)")
OPEN = re.compile(rb"[ \t\r\n]*\([ \t\r\n]*")
NEXT = re.compile(rb"[ \t\r\n]*(?:(,)|\))[ \t\r\n]*")
PREFIX = re.compile(rb"[NE](?=')")
PLAIN = re.compile(rb"[^,() \t\r\n\"';]{1,256}")
NUMBER = re.compile(rb"[0-9]+")


def inserted(data: bytes, at: int, end: int, names: SecretNames) -> Iterator[Span]:
    """The secrets of the rows after the word."""
    columns = _columns(data, at, names) if data[at:end].lower() == WORD else None
    opening = OPEN.match(data, end) if columns else None
    for _ in range(ROWS_MAX):
        if not opening:
            return
        at, is_next = opening.end(), True
        for place in range(FIELDS_MAX):
            field = _field(data, at)
            if not field:
                return
            value, after = field
            if value and place < len(columns) and columns[place]:
                yield value
            after = NEXT.match(data, after)
            if not after:
                return
            at, is_next = after.end(), after.group(1) is not None
            if not is_next:
                break
        if is_next or data[at : at + 1] != b",":
            return
        opening = OPEN.match(data, at + 1)


def _columns(data: bytes, at: int, names: SecretNames) -> Optional[List[bool]]:
    """Which columns are secret, of the list that ends before the word; none if no column is."""
    found = COLUMNS.search(data[max(0, at - COLUMNS_BYTES_MAX) : at])
    if not found:
        return None
    columns = [names.is_secret(NAME.match(name).group(1).decode("utf-8", "replace")) for name in found.group(1).split(b",")]
    return columns if any(columns) else None


def _field(data: bytes, at: int) -> Optional[Tuple[Optional[Span], int]]:
    """A value that is a string or a number, and where it ends. Others stand for one: `NULL`, `?`, `:password`."""
    at += 1 if PREFIX.match(data, at) else 0
    opening = quote(data, at)
    if opening:
        head = data[: opening.after + VALUE_BYTES_MAX]
        to = closing(head, opening)
        # `'it''s'`
        while data[at] == 0x27 and head.startswith(b"''", to):
            to = closing(head, Quote(b"'", 0, to + 2))
        close = quote(head, to)
        return (opening.after, to), close.after if close else to
    plain = PLAIN.match(data, at)
    if not plain:
        return None
    return (plain.span() if NUMBER.fullmatch(plain.group()) else None), plain.end()
