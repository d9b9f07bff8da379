"""Secrets that are written in rare ways: their name in letters of other languages, or with escapes, `"pass\\u0077ord":"x"`; as one of
two in a list, `["password","x"]`; private keys in PEM.
"""

import re
from typing import Iterator

from .secret_beside import FIELDS
from .secret_fold import fold
from .secret_names import SecretNames
from .secret_place import Span, value
from .secret_quote import closing, quote

# Characters of two bytes that are no letters, and those of punctuation, are none of a name.
OTHER = rb"(?!\xe2\x80)[\xc3-\xf4][\x80-\xbf]+"
ESCAPE = rb"\\u(?:00(?:3[0-9]|4[1-9A-Fa-f]|5[0-9Aa]|6[1-9A-Fa-f]|7[0-9Aa]|[C-Fc-f][0-9A-Fa-f])|0[1-9A-Fa-f][0-9A-Fa-f]{2}|1[0-9A-Fa-f]{3}"
WIDE = rb"|(?i:24(?:B[6-9A-F]|[CD][0-9A-F]|E[0-9])|FF(?:1[0-9]|2[1-9A-F]|3[0-9A]|4[1-9A-F]|5[0-9A])))"
ESCAPE += WIDE
WORD = re.compile(rb"(?:[0-9A-Za-z_\-.%$]|" + OTHER + rb"|" + ESCAPE + rb")+")
CODE = re.compile(ESCAPE)
# Of the longest name.
NAME_BYTES_MAX = 256


PAIR = re.compile(rb"\[[ \t\r\n]*(?:\\*[\"']|&quot;)([0-9A-Za-z_\-.%$]{1,128})(?:\\*[\"']|&quot;)[ \t\r\n]*,[ \t\r\n]*")
PAIR_END = re.compile(rb"[ \t\r\n]*\]")
KEY = re.compile(rb"-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----")
# Those of other programs: what begins one, and what ends it.
BLOCKS = (
    (b"---- BEGIN SSH2 PRIVATE KEY ----", b"---- END"),
    (b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----", b"---- END"),
    (b"Private-Lines:", b"Private-MAC:"),
)


def rare(data: bytes, names: SecretNames) -> Iterator[Span]:
    """Those of a text."""
    yield from _names(data, names)
    yield from _pairs(data, names)
    yield from _keys(data)
    yield from _blocks(data)


def _pairs(data: bytes, names: SecretNames) -> Iterator[Span]:
    found = PAIR.search(data)
    while found:
        at = found.end()
        opening = quote(data, at) if names.is_secret(found.group(1).decode("ascii")) else None
        if opening:
            at = closing(data, opening)
            close = quote(data, at)
            second = data[opening.after : at]
            if (not close or PAIR_END.match(data, close.after)) and second.lower() not in FIELDS and names.fits(found.group(1).decode("ascii"), second):
                yield opening.after, at
        found = PAIR.search(data, at)


def _keys(data: bytes) -> Iterator[Span]:
    found = KEY.search(data)
    while found:
        end = data.find(b"-----END", found.end())
        yield found.end(), len(data) if end < 0 else end
        found = KEY.search(data, end) if end >= 0 else None


def _blocks(data: bytes) -> Iterator[Span]:
    for begin, end in BLOCKS:
        at = data.find(begin)
        while at >= 0:
            start = at + len(begin)
            to = data.find(end, start)
            yield start, len(data) if to < 0 else to
            at = data.find(begin, to) if to >= 0 else -1


def _names(data: bytes, names: SecretNames) -> Iterator[Span]:
    if b"\\u" not in data and data.isascii():
        return
    read_to = 0
    for found in WORD.finditer(data):
        word = found.group()
        # What is within another's value is hidden with it.
        if found.start() < read_to or len(word) > NAME_BYTES_MAX or (b"\\" not in word and word.isascii()):
            continue
        plain = CODE.sub(lambda code: fold(chr(int(code.group()[2:], 16))).encode(), word)
        secret = value(data, *found.span()) if names.is_secret(plain.decode("utf-8", "replace")) else None
        if secret:
            read_to = secret[1]
            yield secret
