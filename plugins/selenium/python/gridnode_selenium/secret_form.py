"""Secrets in a text that is a form as a whole, `password=a;b&scope=c`: there a value may have what ends one elsewhere."""

import re
from typing import Iterator

from .secret_names import SecretNames
from .secret_quote import Span, quote
from .secret_tag import is_label

NAME = re.compile(rb"([0-9A-Za-z_.%\[\]\-]+)=(?!>)")
NEXT = re.compile(rb"&(?:amp;)?([0-9A-Za-z_.%\[\]\-]+)=")
# What follows a pair that stands alone, in a text that is none: another line that names something.
OTHER = re.compile(rb"[\r\n][ \t]*[0-9A-Za-z_.%\[\]\-]+[ \t]*[:=]")
WHITE_BYTES = b" \t\r\n"


def form(data: bytes, names: SecretNames) -> Iterator[Span]:
    """The values of its secrets, each up to the next pair."""
    first = NAME.match(data)
    if not first:
        return
    pairs = [first, *NEXT.finditer(data, first.end())]
    if len(pairs) == 1 and (quote(data, first.end()) or OTHER.search(data, first.end())):
        return
    ends = [pair.start() for pair in pairs[1:]] + [first.end() + len(data[first.end() :].rstrip(WHITE_BYTES))]
    for pair, end in zip(pairs, ends):
        if end > pair.end() and is_label(pair.group(1), names):
            yield pair.end(), end
