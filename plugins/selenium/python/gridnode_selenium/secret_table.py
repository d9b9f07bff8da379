"""Secrets in the columns of a table in text, whose first line names them: `user,password`, and below it `bob,hunter2`."""

import re
from typing import Iterator, List, Tuple

from .secret_names import SecretNames
from .secret_quote import Span

BOM = b"\xef\xbb\xbf"
SEPARATOR = re.compile(rb"[,;\t|]")
# Lines before the first one: remarks, and what says the separator.
BEFORE = re.compile(rb"(?:#[^\r\n]*|(?i:sep)=([,;\t|]))(?:\r\n|\r|\n)")
BEFORE_MAX = 8
# Between bars counts stand more often than in other tables: `user|password`, and below it `bob|3`.
COUNT = re.compile(rb"[0-9]{1,2}")
LINE_END = re.compile(rb"[\r\n]")
HEAD_BYTES_MAX = 8_192
ROWS_MAX = 10_000
# A column's name; a sentence has more words.
NAME = re.compile(rb"[A-Za-z_\x80-\xff][0-9A-Za-z_ .\-\x80-\xff]{0,63}")
BLANKS_MAX = 2
# Where a quoted field ends, for two marks are one of it.
QUOTE_END = re.compile(rb'[^"]*(?:""[^"]*)*')


def columns(data: bytes, names: SecretNames) -> Iterator[Span]:
    """The fields of those that have a secret's name."""
    start = len(BOM) if data.startswith(BOM) else 0
    own = b""
    for _ in range(BEFORE_MAX):
        before = BEFORE.match(data, start)
        if not before:
            break
        start, own = before.end(), before.group(1) or own
    head_end = LINE_END.search(data, start, start + HEAD_BYTES_MAX)
    separator = SEPARATOR.search(data, start, head_end.start()) if head_end else None
    # A bar between blanks is one of a log's lines.
    if not separator or (separator.group() == b"|" and not own and data[separator.end()] == 0x20):
        return
    ends = re.compile(b"[\r\n" + (own or separator.group()) + b"]")
    is_bar = (own or separator.group()) == b"|"
    head, at = _row(data, start, ends)
    titles = [data[first:to] for first, to in head]
    if not all(NAME.fullmatch(title) and title.count(b" ") <= BLANKS_MAX for title in titles):
        return
    secret = [place for place, title in enumerate(titles) if names.is_secret(title.decode("utf-8", "replace"))]
    for _ in range(ROWS_MAX if secret else 0):
        if at >= len(data):
            return
        row, at = _row(data, at, ends)
        # The last one may be cut.
        if len(row) == len(head) or (at >= len(data) and len(row) < len(head)):
            for place, field in ((place, row[place]) for place in secret if place < len(row)):
                is_count = is_bar and COUNT.fullmatch(data, *field)
                if not is_count and names.fits(titles[place].decode("utf-8", "replace"), data[field[0] : field[1]]):
                    yield field
        # Where a field is never closed, the others may be in it.
        first, to = row[-1]
        if to == len(data) and data[first - 1] == 0x22:
            yield first, to


def _row(data: bytes, at: int, ends: "re.Pattern[bytes]") -> Tuple[List[Span], int]:
    """The fields of a line, without the blanks and the marks around them, and where the next one begins."""
    fields: List[Span] = []
    while True:
        close = QUOTE_END.match(data, at + 1).end() if data[at : at + 1] == b'"' else -1
        found = ends.search(data, max(at, close))
        to = found.start() if found else len(data)
        if close >= 0 and (close >= len(data) or close + 1 == to):
            fields.append((at + 1, close))
        else:
            first = to - len(data[at:to].lstrip(b" \t"))
            fields.append((first, first + len(data[first:to].rstrip(b" \t"))))
        if not found:
            return fields, len(data)
        at = found.end()
        if found.group() in b"\r\n":
            return fields, at + (found.group() == b"\r" and data[at : at + 1] == b"\n")
