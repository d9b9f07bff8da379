"""Secrets whose name is written in letters of other languages, or with escapes: `"Straße":"x"`, `"pass\\u0077ord":"x"`."""

import re
from typing import Iterator

from .secret_names import SecretNames
from .secret_place import Span, value

# Characters of two bytes that are no letters, and those of punctuation, are none of a name.
OTHER = rb"(?!\xe2\x80)[\xc3-\xf4][\x80-\xbf]+"
ESCAPE = rb"\\u(?:00(?:3[0-9]|4[1-9A-Fa-f]|5[0-9Aa]|6[1-9A-Fa-f]|7[0-9Aa]|[C-Fc-f][0-9A-Fa-f])|0[1-9A-Fa-f][0-9A-Fa-f]{2}|1[0-9A-Fa-f]{3})"
WORD = re.compile(rb"(?:[0-9A-Za-z_\-.%$]|" + OTHER + rb"|" + ESCAPE + rb")+")
CODE = re.compile(ESCAPE)
# Of the longest name.
NAME_BYTES_MAX = 256


def rare(data: bytes, names: SecretNames) -> Iterator[Span]:
    """Those of a text."""
    if not (b"\\u" in data or (names.has_other_letters and not data.isascii())):
        return
    for found in WORD.finditer(data):
        word = found.group()
        if len(word) > NAME_BYTES_MAX or (b"\\" not in word and word.isascii()):
            continue
        plain = CODE.sub(lambda code: chr(int(code.group()[2:], 16)).encode(), word)
        secret = value(data, *found.span()) if names.is_secret(plain.decode("utf-8", "replace")) else None
        if secret:
            yield secret
