"""Secrets in what is written into one word: a URL within a URL, encoded once or more often, with its parameters; and in what
stands before a host: `https://user:pass@host/`.
"""

import re
from typing import List, Optional

from .secret_bearer import SCHEMES
from .secret_mark import mark
from .secret_names import SecretNames
from .secret_quote import Span
from .secret_weak import BYTES_MAX, WEAK

# Of a name.
NAME_BYTES_MAX = 128
# What stands before a host without a password is a token, unless it is shorter and the host one of another protocol.
TOKEN_BYTES_MIN = 20
# A character as %3D, or %253D.
ENCODED = re.compile(rb"%((?:25)*)([0-9A-Fa-f]{2})")
VALUE_NEXT = re.compile(rb"[&;# \t\r\n\"'<>]|" + ENCODED.pattern)
# Characters that end an encoded value.
ENCODED_ENDS = frozenset(b"&;#\"' \n\r<>},")
AUTHORITY = re.compile(rb":(?://|\\/\\/)([^/?#\\&, \t\r\n\"'<>()]*)")


def parameters(data: bytes, at: int, end: int, names: SecretNames) -> List[Span]:
    """The values of names in a word that has them encoded: `%3Ftoken%3Dabc`, `%22token%22%3A%22abc%22`."""
    found: List[Span] = []
    # The last name, and whether a quotation mark or a bracket closed it.
    name, name_to, is_closed = at, at, False
    while at < end:
        one = ENCODED.search(data, at, end)
        to = one.start() if one else end
        if to > at:
            name, name_to, is_closed = (at if is_closed else name), to, False
        if not one:
            break
        at = one.end()
        byte = int(one.group(2), 16)
        if byte in b"=:" and _is_secret(data[name:name_to], names):
            text, depth = data[name:name_to].decode("ascii"), len(one.group(1))
            head = data[at : at + BYTES_MAX] if names.kind(text) in WEAK else None
            if head is None or names.fits(text, head[slice(*_value(head, 0, depth))]):
                value = _value(data, at, depth)
                at = max(at, value[1])
                found.append(value)
        elif byte in b"\"']" and name_to > name:
            is_closed = True
            continue
        name, name_to, is_closed = at, at, False
    return found


def _is_secret(name: bytes, names: SecretNames) -> bool:
    return 0 < len(name) <= NAME_BYTES_MAX and names.is_secret(name.decode("ascii"))


def _blank(data: bytes, at: int, depth: int) -> int:
    """The length of the blank that begins there, or none. A plus sign is one, too, unless it is encoded as often as the rest."""
    if data[at : at + 1] == b"+":
        return 1
    one = ENCODED.match(data, at)
    if not one or len(one.group(1)) > depth:
        return 0
    byte = int(one.group(2), 16)
    return one.end() - at if byte in b" \t\r\n" or (byte == 0x2B and len(one.group(1)) < depth) else 0


def _value(data: bytes, start: int, depth: int) -> Span:
    blank = _blank(data, start, depth)
    while blank:
        start += blank
        blank = _blank(data, start, depth)
    one = ENCODED.match(data, start)
    opening = int(one.group(2), 16) if one and len(one.group(1)) <= depth else 0
    if opening not in (0x22, 0x27):
        opening = 0
    else:
        start = one.end()
    at = start
    while True:
        found = VALUE_NEXT.search(data, at)
        if not found:
            return start, len(data)
        at = found.end()
        if found.group(2) is None:
            byte, is_end = data[found.start()], True
        else:
            byte = int(found.group(2), 16)
            is_end = len(found.group(1)) <= depth and (byte == opening if opening else byte in ENCODED_ENDS)
        if is_end and not (byte == 0x20 and data[start : found.start()].lower() in SCHEMES):
            return start, found.start()


def password(data: bytes, at: int) -> Optional[Span]:
    """The password before a host: `at` is where `://` begins, or the same with its slashes escaped."""
    found = AUTHORITY.match(data, at)
    if not found:
        return None
    start = found.start(1)
    host = data.rfind(b"@", start, found.end())
    if host < 0:
        return None
    colon = data.find(b":", start + mark(data, start, host), host)
    if colon >= 0:
        return colon + 1, host
    is_web = data[max(0, at - 5) : at].lower().endswith((b"http", b"https"))
    return (start, host) if is_web or host - start >= TOKEN_BYTES_MIN else None
