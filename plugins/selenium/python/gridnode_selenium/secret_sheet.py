"""Tables in text that are parts of a multipart body: `Content-Type: text/csv`, or `filename="users.csv"`."""

import re
from typing import Iterator

from .secret_names import SecretNames
from .secret_place import HEAD_BYTES_MAX
from .secret_quote import Span
from .secret_table import columns

# What says so in a part's head; after a file's name how it ends, which is not far.
KIND = re.compile(rb"text/csv|filename[^\r\n]{0,256}")
ENDING = b".csv"


def sheets(data: bytes, names: SecretNames) -> Iterator[Span]:
    """The fields of their columns that have a secret's name."""
    at = 0
    while True:
        kind = KIND.search(data, at)
        if not kind:
            return
        at = kind.end()
        if kind.group() != b"text/csv" and ENDING not in kind.group():
            continue
        found = [(data.find(blank, at, at + HEAD_BYTES_MAX), len(blank)) for blank in (b"\r\n\r\n", b"\n\n")]
        heads = [place + length for place, length in sorted(found) if place >= 0]
        if not heads:
            continue
        start = heads[0]
        boundary = data.find(b"\n--", start)
        at = boundary if boundary >= 0 else len(data)
        to = at - 1 if at > start and boundary >= 0 and data[at - 1 : at] == b"\r" else at
        for first, last in columns(data[start:to], names):
            yield start + first, start + last
