"""Secrets in the values of a form or a query, as they are when they are decoded: `h=Bearer%20abc`, `x=%3Cpassword%3Eabc%3C…`."""

import re
from typing import Callable

VALUE = re.compile(rb"=([^&;# \t\r\n\"'<>\\]*)")
CHARACTER = re.compile(rb"%([0-9A-Fa-f]{2})")
# Values within values.
DEPTH_MAX = 3


def encoded(data: bytes, read: Callable[[bytes], bytes], hidden: Callable[[bytes], bytes], depth: int = 1) -> bytes:
    """A text with each value hidden that has a secret in it."""

    def is_secret(value: bytes) -> bool:
        if b"%" not in value and b"+" not in value:
            return False
        plain = CHARACTER.sub(lambda found: bytes((int(found.group(1), 16),)), value.replace(b"+", b" "))
        plain = plain.decode("utf-8", "replace").encode()
        return read(plain) != plain or (depth < DEPTH_MAX and encoded(plain, read, hidden, depth + 1) != plain)

    return VALUE.sub(lambda found: b"=" + hidden(found.group(1)) if is_secret(found.group(1)) else found.group(), data)
