"""Secrets of several words in files of pairs, `password = correct horse`: a line of such a file stands beside another, or a section."""

import re
from typing import Iterator, Optional, Tuple

from .secret_names import SecretNames
from .secret_prose import CALL
from .secret_quote import Span

LINE = re.compile(rb"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
PAIR = re.compile(rb"[ \t]*([0-9A-Za-z_.\-]{1,128})[ \t]*=(?![=>~])[ \t]*")
SECTION = re.compile(rb"[ \t]*\[[^\[\]=]{1,64}\][ \t]*")
# What begins a value that ends by itself, and what ends one that is a program's.
OPENINGS = b"\"'{[(<$@"
ENDS = b";{(,\\"
# Another pair in the line.
OTHER = re.compile(rb"[ \t][0-9A-Za-z_.\-]+=")
# A program's sign, or word, after the first word of a value.
SIGN = re.compile(rb"[^ \t]+[ \t]+(?:[^0-9A-Za-z \t\x80-\xff]{1,3}|or|and|if|else)[ \t]")
VALUE_BYTES_MAX = 4_096


def pairs(data: bytes, names: SecretNames) -> Iterator[Span]:
    """The values of those in a text."""
    is_pair, waiting, at = False, None, 0
    while at < len(data) and b"=" in data:
        line = LINE.match(data, at)
        pair = PAIR.match(data, at, line.end(1))
        if waiting and pair:
            yield waiting
        found = _value(data, pair, line.end(1), names) if pair else None
        if found and is_pair:
            yield found
        waiting = found if not is_pair else None
        is_pair = pair is not None or SECTION.fullmatch(data, at, line.end(1)) is not None
        at = line.end()


def _value(data: bytes, pair: "re.Match[bytes]", end: int, names: SecretNames) -> Optional[Tuple[int, int]]:
    start = pair.end()
    if end - start > VALUE_BYTES_MAX:
        return None
    value = data[start:end].rstrip(b" \t")
    is_open = value[:1] in OPENINGS or value[-1:] in ENDS or CALL.match(value)
    if not value or is_open or not re.search(rb"[ \t]", value) or OTHER.search(value) or SIGN.match(value):
        return None
    return (start, start + len(value)) if names.fits(pair.group(1).decode("ascii"), value) else None
