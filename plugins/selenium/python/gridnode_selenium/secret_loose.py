"""Values that stand beside their names with no sign between them: `--password s3cret`, also in a list, `Password [s3cret]`, a
tab, `define('PASSWORD', 's3cret')`.
"""

import re
from typing import Optional

from .secret_beside import is_stand_in
from .secret_call import argument, setter
from .secret_names import SecretNames, plain
from .secret_quote import Span, closing, quote

OPTION = b"--"
OPTION_VALUE = re.compile(rb"[ \t]+(?![ \t\-])")
OPTION_END = re.compile(rb"[ \t\r\n\"'<>\\]|\Z")
BRACKET = re.compile(rb"[ \t]+\[(?![0-9A-Za-z_.]{1,64}=)([^\[\]\r\n]*)")
DIGIT = re.compile(rb"[0-9]")
TAB = re.compile(rb"\t+([^\t\r\n]+)")
COMMA = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*")
# Also a key of the keyboard, or of an object, a season's pass.
NO_NAMES = frozenset("key pass pan bearer".split())


def loose(data: bytes, at: int, end: int, head_end: int, names: SecretNames) -> Optional[Span]:
    """The value beside a word; `head_end`: up to where a table's titles may stand, which are none."""
    following = data[end : end + 1]
    if not following or following not in b" \t\"'\\(&" or not names.is_secret(data[at:end].decode("ascii")):
        return None
    if following == b"(":
        return setter(data, at, end)
    if following in b"\"'\\&":
        return _listed(data, at, end) if data.startswith(OPTION, at) else argument(data, at, end)
    if data.startswith(OPTION, at):
        start = OPTION_VALUE.match(data, end)
        if not start:
            return None
        opening = quote(data, start.end())
        if opening:
            return opening.after, closing(data, opening)
        to = OPTION_END.search(data, start.end()).start()
        return None if is_stand_in(data[at:end].decode("ascii"), data[start.end() : to]) else (start.end(), to)
    if plain(data[at:end].decode("ascii")) in NO_NAMES:
        return None
    bracket, tab = BRACKET.match(data, end), TAB.match(data, end)
    if bracket:
        return bracket.span(1)
    return tab.span(1) if tab and (at >= head_end or DIGIT.search(tab.group(1))) else None


def _listed(data: bytes, at: int, end: int) -> Optional[Span]:
    """The string after an option's."""
    close = quote(data, end)
    comma = COMMA.match(data, close.after) if close else None
    opening = quote(data, comma.end()) if comma else None
    if not opening or data.startswith(b"-", opening.after):
        return None
    return opening.after, closing(data, opening)
