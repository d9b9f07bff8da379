"""Values that a sentence or a page tells with more than a sign between them and their name: `password was: s3cret`, `The password
's3cret' is too short`, `<span>password</span>: <span>s3cret</span>`, `{Password:two words Token:abc}`.
"""

import re
from typing import Optional

from .secret_names import plain
from .secret_prose import CALL, PROSE, WORD
from .secret_quote import Span, closing, quote

VERB = re.compile(rb"(?:was|is)[ \t]*:[ \t]*")
# Other names are those of things, which a message has between marks: `secret 'db' not found`, `Unexpected token 'x'`.
PASSWORDS = ("password", "passwd", "passphrase", "passcode", "pwd", "pin", "otp")
QUOTED_BYTES_MAX = 128
BLANKS_MAX = 1
# What stands between a name and its value where a page colours both, and how often.
STEP = re.compile(rb"(?P<tag></?span(?:[ \t][^<>]{0,256})?>)|(?P<sign>=>|=&gt;|[:=])|(?P<mark>[\"']|&quot;|&#34;|&#39;)|[ \t\r\n]")
STEPS_MAX = 16
COLOURED = re.compile(rb"(?:[^<\"\r\n&]|&(?!quot;|#34;))+")
WORDS = frozenset(b"yes no required optional string text none n/a on off hidden".split())
# Where a field ends of what Go prints as a structure, and a script as an object; and how far that may be.
FIELD_END = re.compile(rb"[\r\n\"<}]|,?[ ]?(?<=[, ])[A-Za-z_][0-9A-Za-z_.]{0,63}:")
FIELD_BYTES_MAX = 1_024
BEFORE_BYTES_MAX = 512
NO_FIELD = re.compile(rb"[}\r\n\"]")


def told(data: bytes, at: int, end: int, following: int) -> Optional[Span]:
    """The value of a name that ends at `end`; what follows blanks after it begins at `following`."""
    if data.startswith(b"<", following):
        return _coloured(data, following)
    if following == end:
        return None
    verb = VERB.match(data, following)
    start = verb.end() if verb else following
    opening = quote(data, start)
    if not opening:
        is_word = verb and not PROSE.match(data, start) and not CALL.match(data, start)
        return (start, WORD.match(data, start).end()) if is_word else None
    to = opening.after + closing(data[opening.after : opening.after + QUOTED_BYTES_MAX], opening._replace(after=0))
    is_one = to < opening.after + QUOTED_BYTES_MAX and to < len(data) and data.count(b" ", opening.after, to) <= BLANKS_MAX
    is_named = verb or plain(data[at:end].decode("utf-8", "replace")).endswith(PASSWORDS)
    return (opening.after, to) if is_one and is_named and not re.search(rb"[\r\n]", data[opening.after : to]) else None


def _coloured(data: bytes, at: int) -> Optional[Span]:
    is_tag = is_sign = is_marked = False
    for _ in range(STEPS_MAX):
        step = STEP.match(data, at)
        if not step or (step.group("sign") and is_sign):
            break
        at = step.end()
        if step.group("tag"):
            is_tag = not step.group().startswith(b"</")
        is_sign = is_sign or step.group("sign") is not None
        is_marked = is_marked or (is_sign and step.group("mark") is not None)
    value = COLOURED.match(data, at) if is_sign and (is_tag or is_marked) else None
    if not value or value.group()[:1] in b"{[(":
        return None
    text = value.group().rstrip(b" \t'")
    is_word = is_marked or (b" " not in text and text.lower() not in WORDS)
    return (at, at + len(text)) if is_word else None


def field(data: bytes, first: int, start: int) -> Optional[Span]:
    """The value of a structure's field, whose name begins at `first`; it may have blanks."""
    if data[start - 1 : start] != b":" or data[start : start + 1] in b"[{" or CALL.match(data, start):
        return None
    before = data[max(0, first - BEFORE_BYTES_MAX) : first]
    if not before.endswith(b"{") and not (before.endswith(b" ") and _is_open(before)):
        return None
    found = FIELD_END.search(data, start, start + FIELD_BYTES_MAX)
    is_end = found and (found.group() == b"}" or found.group().endswith(b":"))
    return (start, found.start()) if is_end and found.start() > start else None


def _is_open(before: bytes) -> bool:
    opening = before.rfind(b"{")
    return opening >= 0 and not NO_FIELD.search(before, opening)
