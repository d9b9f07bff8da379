"""Passwords in statements of SQL, `IDENTIFIED BY 's3cret'`, and secrets in what PHP serialized, `s:8:"password";s:6:"s3cret";`."""

import re
from typing import Optional

from .secret_names import SecretNames
from .secret_quote import Span, closing, quote

# What stands before the word before a password.
BEFORE = {b"by": (b"identified",), b"password": (b"with", b"encrypted")}
BEFORE_BYTES_MAX = 24
WHITE = re.compile(rb"[ \t\r\n]+")
WHITE_BYTES = b" \t\r\n"
# What a column is compared with.
CONDITION = re.compile(rb"[ \t]+(?:NOT[ \t]+)?(?:I?LIKE|(IN)[ \t]*\()[ \t]*(?=['\"])", re.IGNORECASE)
ITEM = re.compile(rb"[ \t]*,[ \t]*(?=['\"])")
ITEMS_MAX = 64
SERIALIZED = re.compile(rb";s:[0-9]{1,9}:")


def statement(data: bytes, at: int, end: int, names: SecretNames) -> Optional[Span]:
    """The value that follows a word."""
    close = quote(data, end)
    if close:
        serialized = SERIALIZED.match(data, close.after)
        opening = quote(data, serialized.end()) if serialized and names.is_secret(data[at:end].decode("ascii")) else None
        return (opening.after, closing(data, opening)) if opening else None
    condition = CONDITION.match(data, end)
    if condition and names.is_secret(data[at:end].decode("ascii")):
        return _compared(data, condition)
    wanted = BEFORE.get(data[at:end].lower())
    white = WHITE.match(data, end) if wanted else None
    opening = quote(data, white.end()) if white else None
    before = data[max(0, at - BEFORE_BYTES_MAX) : at]
    word = before.rstrip(WHITE_BYTES)
    if not opening or word == before or not word.lower().endswith(wanted):
        return None
    return opening.after, closing(data, opening)


def _compared(data: bytes, condition: "re.Match[bytes]") -> Optional[Span]:
    """The string, or all of a list."""
    opening = quote(data, condition.end())
    start, to = opening.after, closing(data, opening)
    for _ in range(ITEMS_MAX if condition.group(1) else 0):
        item = ITEM.match(data, to + 1)
        if not item:
            break
        to = closing(data, quote(data, item.end()))
    return start, to
