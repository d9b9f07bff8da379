"""Values that are arguments: after their name, `setItem("token", "abc")`, or of a function that has it, `.setPassword("abc")`."""

import re
from typing import Optional

from .secret_join import joined
from .secret_names import plain
from .secret_quote import Span, closing, literal, quote

# Functions that set a value begin so; and what is in the names of others.
SETTERS = ("set", "put", "add", "append", "header", "with", "define", "cookie", "env", "param", "queryparam", "formparam", "attr", "property", "store")
NO_SETTERS = ("error", "message", "label", "rule", "text", "valid")
DEFINE = "define"
# Other functions that have a secret's name, as those of builders do.
OWN = ("password", "passwd", "apikey", "secretkey", "clientsecret", "accesstoken")
PASSWORD = "password"
# Names whose values are of two words.
HEADERS = ("authorization", "cookie")
CONSOLE = re.compile(rb"console[ \t]*\.[ \t]*[a-z]{1,16}[ \t]*\([ \t]*\\?[\"']\Z")
# A word that a console shows beside a name, and no value.
SHOWN = re.compile(rb"[A-Za-z]?[a-z]{1,63}")
FUNCTION = re.compile(rb"([0-9A-Za-z_$]+)[ \t]*\([ \t]*\\?[\"']\Z")
# Of what stands before a name.
FUNCTION_BYTES_MAX = 64
COMMA = re.compile(rb"[ \t\r\n]*,")
# Of a value that may be a sentence.
SENTENCE_BYTES_MAX = 4_096


def argument(data: bytes, at: int, end: int) -> Optional[Span]:
    """The string after a name, which is one itself, if a function is called that sets it."""
    close = quote(data, end)
    comma = COMMA.match(data, close.after) if close else None
    function = FUNCTION.search(data, max(0, at - FUNCTION_BYTES_MAX), at) if comma else None
    name = function.group(1).decode("ascii").lower() if function else ""
    if function and CONSOLE.search(data, max(0, at - FUNCTION_BYTES_MAX), at):
        shown = _value(data, at, end, comma.end(), False)
        return None if shown and SHOWN.fullmatch(data, *shown) else shown
    if not name.startswith(SETTERS) or any(word in name for word in NO_SETTERS):
        return None
    return _value(data, at, end, comma.end(), name == DEFINE)


def setter(data: bytes, at: int, end: int) -> Optional[Span]:
    """The string that a function is called with whose name is a secret's."""
    if data[end : end + 1] != b"(":
        return None
    own, _, last = data[at:end].decode("ascii").lower().rpartition(".")
    is_part = own or at < end and data[at - 1 : at] == b">" or data.startswith(b".", at)
    is_sql = plain(last) == PASSWORD and data.startswith(b"'", end + 1)
    if last.startswith(("set", "with")) or (is_part and plain(last).endswith(OWN)) or is_sql:
        return _value(data, at, end, end + 1, False)
    return None


def _value(data: bytes, at: int, end: int, start: int, is_any: bool) -> Optional[Span]:
    """A string that is no sentence."""
    opening = quote(data, literal(data, start))
    if not opening:
        return None
    part = data[opening.after : opening.after + SENTENCE_BYTES_MAX]
    to = closing(part, opening._replace(after=0))
    if is_any or to == SENTENCE_BYTES_MAX:
        return opening.after, closing(data, opening)
    is_word = b" " not in part[:to] or plain(data[at:end].decode("ascii")).endswith(HEADERS)
    return joined(data, (opening.after, opening.after + to)) if is_word else None
