"""Values that are no secrets, whatever their names: `"has_password":false`, `"tokens":17`, `{"password":["This field is required."]}`."""

import re
from typing import Optional

from .secret_names import plain
from .secret_quote import Span, closing, quote

WORDS = frozenset(b"true false null True False None undefined nil".split())
# Names of several, which may be counted.
PLURALS = ("cookies", "credentials", "keys", "passwords", "secrets", "sessions", "tokens")
COUNT = re.compile(rb"[0-9]{1,9}(?:\.[0-9]{1,9})?(?:/[A-Za-z]{1,8})?")
# Of such a value, and what may stand around it.
BYTES_MAX = 64
AROUND = b" \t,)}]>"
# Of an array that is read.
ARRAY_BYTES_MAX = 4_096
WHITE = re.compile(rb"[ \t\r\n]*")
BLANKS_MIN = 2
SHORT_FORM = re.compile(rb"[A-Za-z]'[A-Za-z]")
COMPARISON = re.compile(rb"={1,2}(?![=])[ \t]*")
# With which something is compared with no blank before it: `password==null`.
COMPARED = re.compile(rb"(?:null|undefined|true|false|None|NULL)(?![0-9A-Za-z_\-.%$])")


def nothing(data: bytes, at: int, end: int, span: Span) -> bool:
    """Whether what a name from `at` to `end` has tells nothing."""
    if span[1] - span[0] > BYTES_MAX:
        return False
    text = data[span[0] : span[1]].strip(AROUND)
    if text in WORDS:
        return True
    return COUNT.fullmatch(text) is not None and plain(data[at:end].decode("utf-8", "replace")).endswith(PLURALS)


def sentences(data: bytes, at: int) -> bool:
    """Whether an array that begins there has sentences alone."""
    first = at
    while at - first <= ARRAY_BYTES_MAX:
        opening = quote(data, WHITE.match(data, at + 1).end())
        if not opening:
            return False
        to = closing(data, opening)
        close, text = quote(data, to), data[opening.after : to]
        blanks = text.count(b" ")
        if not close or not (blanks >= BLANKS_MIN or (blanks and SHORT_FORM.search(text))):
            return False
        at = WHITE.match(data, close.after).end()
        if data[at : at + 1] == b"]":
            return True
        if data[at : at + 1] != b",":
            return False
    return False


def compared(data: bytes, at: int) -> Optional[int]:
    """Where that begins with which a name is compared, after its first sign: `password == null`."""
    found = COMPARISON.match(data, at)
    if not found:
        return None
    is_one = data[found.end() - 1 : found.end()] != b"=" or quote(data, found.end()) or COMPARED.match(data, found.end())
    return found.end() if is_one else None
