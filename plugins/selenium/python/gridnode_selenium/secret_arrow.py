"""Values that an arrow, a comparison, a bar or angle brackets tell of their names: `password -> abc1`, `password|abc1`,
`password=<abc1>`. They must have letters and digits: words of a program, of tables and of usages stand there, too.
"""

import re
from typing import Iterator

from .secret_names import SecretNames
from .secret_quote import Span
from .secret_sentence import is_mixed

SIGN = re.compile(rb"[ \t]{0,8}(?:->|==)[ \t]{0,8}|=<|\|")
NAME_BEFORE = re.compile(rb"[0-9A-Za-z_\-.]+\Z")
VALUE = re.compile(rb"[0-9A-Za-z_!@#$%^*+~?\-]{6,}")
BRACKET = b"<"
NAME_BYTES_MAX = 64


def arrows(data: bytes, names: SecretNames) -> Iterator[Span]:
    """Those of a text."""
    for sign in SIGN.finditer(data):
        value = VALUE.match(data, sign.end())
        if not value or not is_mixed(value.group()):
            continue
        is_open = sign.group().rstrip().endswith(BRACKET)
        # Of a call or a path it is a part, and a tag has more in it.
        if is_open != data.startswith(b">", value.end()) or data[value.end() : value.end() + 1] in (b"(", b".", b"=", b"/", b"[", b"|"):
            continue
        name = NAME_BEFORE.search(data[max(0, sign.start() - NAME_BYTES_MAX) : sign.start()])
        if name and names.is_secret(name.group().decode("ascii")) and not names.is_secret(value.group().decode("ascii")):
            yield value.span()
