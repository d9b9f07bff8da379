r"""Secrets in paths, after a part that names them: `/api/token/a1b2c3`, `/reset-password/a1b2c3`, `\/session\/a1b2c3`."""

import re
from typing import Optional

from .secret_likely import has_run, is_likely
from .secret_names import SecretNames, plain
from .secret_quote import Span
from .secret_weak import Kind

# Parts before which other names stand than secrets, and such as are names of other things, too: what follows must be long.
SPACES = frozenset("auth authentication authorization bearer cookie cookies credentials signature".split())
OTHERS = frozenset("activate activation confirm confirmation invite magiclink passwordreset unsubscribe verify".split())
LONG_BYTES_MIN = 16
PART = re.compile(rb"\\?/([^/?#&\"'<> \t\r\n,;)\]}\\`]*)")


def route(data: bytes, at: int, end: int, names: SecretNames) -> Optional[Span]:
    """What follows a part of a path."""
    part = PART.match(data, end) if at > 0 and data[at - 1] == 0x2F else None
    value = part.group(1).rstrip(b".") if part else b""
    if not value or not is_likely(value):
        return None
    name = data[at:end].decode("ascii")
    usual = plain(name)
    is_name = names.kind(name) is Kind.SECRET and usual not in SPACES
    is_other = usual in SPACES or usual in OTHERS
    return (part.start(1), part.start(1) + len(value)) if is_name or (is_other and has_run(value, LONG_BYTES_MIN)) else None
