"""Secrets in a text that is a form as a whole, `password=a;b&scope=c`, or begins with a URL that has one: there a value may have
what ends one elsewhere.
"""

import re
from typing import Iterator

from .secret_names import SecretNames
from .secret_nothing import compared, nothing
from .secret_quote import Span, quote
from .secret_script import is_program
from .secret_tag import is_label, label_fits
from .secret_weak import COUNT

NAME = re.compile(rb"(?!\[)([0-9A-Za-z_.%\[\]+\-]+)=(?!>)")
NEXT = re.compile(rb"&(?:amp;)?([0-9A-Za-z_.%\[\]:+\-]+)=")
# A URL up to its query, also after a method; and what no query has in it.
URL = re.compile(rb"(?:[A-Z]{3,8} )?[0-9A-Za-z_.~:/@!$%*+\-]*[?#]")
URL_END = re.compile(rb"[ \t\r\n\"'<>]|\Z")
# What follows a pair that stands alone, in a text that is none: another line that names something.
OTHER = re.compile(rb"[\r\n][ \t]*[0-9A-Za-z_.%\[\]+\-]+[ \t]*[:=]")
# Where a sentence goes on after the first word: `token=abc, roles`.
SENTENCE = re.compile(rb"[^, \t\r\n]+,[ \t]")
WHITE_BYTES = b" \t\r\n"


def form(data: bytes, names: SecretNames) -> Iterator[Span]:
    """The values of its secrets, each up to the next pair."""
    url = URL.match(data)
    first = NAME.match(data, url.end() if url else 0)
    if not first:
        return
    form_end = URL_END.search(data, first.end()).start() if url else first.end() + len(data[first.end() :].rstrip(WHITE_BYTES))
    pairs = [first, *NEXT.finditer(data, first.end(), form_end)]
    if not url and len(pairs) == 1 and (quote(data, first.end()) or _is_other(data, first.end())):
        return
    ends = [pair.start() for pair in pairs[1:]] + [form_end]
    for pair, end in zip(pairs, ends):
        if end > pair.end() and is_label(pair.group(1), names) and not nothing(data, *pair.span(1), (pair.end(), end)):
            if label_fits(pair.group(1), data[pair.end() : end], names):
                yield pair.end(), end


def _is_other(data: bytes, at: int) -> bool:
    """Whether a pair that stands alone, whose value begins there, is of a text, or of a program: `password==null||a<8`."""
    is_text = SENTENCE.match(data, at) or COUNT.match(data, at) or OTHER.search(data, at)
    return compared(data, at) is not None or is_program(data, at) or is_text is not None
