"""Secrets in YAML that stand in other lines than their names: blocks, `password: |`, values below their names, and lists of names and
values: `- name: password`, and below it `value: s3cret`.
"""

import re
from typing import Iterator, NamedTuple, Optional, Tuple

from .secret_quote import Span, closing, quote

# Before a name in its line.
INDENT_BYTES_MAX = 256
# What stands after a colon when the value is below; that of a block, with a tag and a remark.
HEADER = re.compile(rb"[ \t]*(?:(?:![0-9A-Za-z!_\-]{0,32}[ \t]+)?([|>][0-9+\-]{0,2})[ \t]*(?:(?<=[ \t])#[^\r\n]*)?)?[\r\n]")
INDENT = re.compile(rb"[ \t]*")
LINE_END = re.compile(rb"[\r\n]|\Z")
# Tags, and other members.
NO_VALUE = re.compile(rb"<[A-Za-z/!]|[^\r\n]*?:(?:[ \t\r\n]|\Z)")
MEMBER_END = re.compile(rb"[ \t]*:")
# A member that may be a name or a value of a list.
MEMBER = re.compile(rb"(?:\A|(?<=[\r\n]))([ \t\-]{0,64})[\"']?([A-Za-z]{1,16})[\"']?:(?=[ \t\r\n])")
LINE_BREAK = re.compile(rb"\r?\n|\r")


class Member(NamedTuple):
    """One that has its own line: its name, where that begins and ends, and the text of its value."""

    name: bytes
    at: int
    end: int
    text: bytes


def below(data: bytes, at: int, after: int, is_plain: bool) -> Optional[Span]:
    """The lines below a name that are indented deeper; `after` its colon. Unless it is plain, a block alone."""
    header = HEADER.match(data, after)
    if not header or not (is_plain or header.group(1)):
        return None
    column = _column(data, at)
    if column is None:
        return None
    start = to = header.end()
    line = header.end()
    while line < len(data):
        first = INDENT.match(data, line).end()
        line_end = LINE_END.search(data, first).start()
        if first < line_end:
            if first - line <= column:
                break
            if to == header.end():
                start = first
                if not header.group(1) and quote(data, first):
                    return _quoted(data, first)
                if not header.group(1) and NO_VALUE.match(data, first):
                    return None
            to = first + len(data[first:line_end].rstrip(b" \t"))
        line = line_end + 1
    return (start, to) if to > start else None


def _quoted(data: bytes, at: int) -> Optional[Span]:
    opening = quote(data, at)
    to = closing(data, opening)
    close = quote(data, to)
    return None if close and MEMBER_END.match(data, close.after) else (opening.after, to)


def _column(data: bytes, at: int) -> Optional[int]:
    """Of a name that is the first of its line."""
    if data[max(0, at - 1) : at] in (b'"', b"'"):
        at -= 1
    before = data[max(0, at - INDENT_BYTES_MAX) : at]
    column = len(before) - len(before.rstrip(b" \t-"))
    start = at - column
    return column if start == 0 or data[start - 1] in b"\r\n" else None


def members(data: bytes) -> Iterator[Tuple[Member, Member]]:
    """Those that stand in two lines, one below the other, of one object."""
    last: Optional[Member] = None
    last_column = last_end = -1
    for found in MEMBER.finditer(data):
        line_end = LINE_END.search(data, found.end()).start()
        text = data[found.end() : line_end].strip(b" \t").strip(b"\"'")
        member = Member(found.group(2).lower(), *found.span(2), text)
        column = found.end(1) - found.start()
        if last and column == last_column and b"-" not in found.group(1):
            line_break = LINE_BREAK.match(data, last_end)
            if line_break and line_break.end() == found.start():
                yield last, member
        last, last_column, last_end = member, column, line_end
