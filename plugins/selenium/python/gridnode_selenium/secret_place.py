"""Where the value of a name stands: in a query, a form, JSON, XML, a part of a multipart body, or a line like a header's.

`at` to `end` is the name. What is found is a pair: from a byte to before another.
"""

import re
from typing import Optional

from .secret_beside import PAIR_END, is_host, is_style, path
from .secret_markup import element
from .secret_names import SecretNames
from .secret_nothing import compared, nothing, sentences
from .secret_prose import CALL, rejected, said
from .secret_quote import Quote, Span, closing, literal, quote
from .secret_told import field, told
from .secret_weak import BYTES_MAX, WEAK, Kind
from .secret_why import is_why
from .secret_yaml import below

# Bytes before a part's name in which its kind stands.
DISPOSITION_BYTES_MAX = 64
# Of a part's head, from its name on.
HEAD_BYTES_MAX = 1_024
# A percent sign may encode one; dots and hyphens join their words.
NAME = re.compile(rb"[0-9A-Za-z_\-.%$]+")
# What begins a tag, and what ends it: also in a script, or as text of a page.
OPENING = re.compile(rb"<|&lt;|&#60;|\\u003c", re.IGNORECASE)
CLOSING = re.compile(rb">|&gt;|&#62;|\\u003e", re.IGNORECASE)
BRACKET = re.compile(rb'[{}\[\]"]')
# What follows a name that has several values.
INDICES = re.compile(rb"(?:\[[0-9A-Za-z_\-.%$]{0,64}\]){0,4}")
PLAIN_NAME = re.compile(rb"=([^;\s\"']+)")
LINE_END = re.compile(rb"[\r\n]")
# A reference in HTML that is part of a value, for it is none that ends it or begins the next name.
REFERENCE = rb"&(?!(?i:amp|quot|apos|lt|gt|#34|#38|#39|#034|#038|#039|#60|#62|#x22|#x26|#x27|#x3c|#x3e);)(?=[#0-9A-Za-z]{2,8};)#?[0-9A-Za-z]+;"
PLAIN = re.compile(rb"(?:[^&; \t\r\n\"'<>]+|" + REFERENCE + rb")*")
# The same up to the comma before what is another's.
PAIR = re.compile(rb"(?:[^,&; \t\r\n\"'<>]+|(?!" + PAIR_END.pattern + rb"),|" + REFERENCE + rb")*")
MEMBER = re.compile(rb"(?:[^,}\] \t\r\n&\"'<>]+|" + REFERENCE + rb")*")
# Of a string from one double mark to the next.
DOUBLED_BYTES_MAX = 256
# What PHP prints before a string.
DUMPED = re.compile(rb'string\([0-9]{1,9}\) "')
SOME = b"Some("
SOME_END = re.compile(rb"[)\r\n]|\Z")
BLANKS = re.compile(rb"[ \t]*")
WHITE = re.compile(rb"[ \t\r\n]*")
# No-break spaces, which a page or a word processor puts around a sign.
WIDE = re.compile(rb"(?:\xc2\xa0[ \t]*)*")
WIDE_SIGN = re.compile(rb"(?:(?:\xc2\xa0[ \t]*)+(?=[=:]))?")
# Plain, in a query, as references in HTML, escaped in JSON.
SEPARATOR = re.compile(rb"=&gt;|=>|=|:|%3[Dd]|&#x3[Dd];|&#61;|&equals;|\\u003[dD]")


def value(data: bytes, at: int, end: int) -> Optional[Span]:
    """The value of a name."""
    content = element(data, at, end, whole=False)
    if content:
        return content
    # user[password]=, password[]=
    following = INDICES.match(data, end + (data[end : end + 1] == b"]")).end()
    quoted = quote(data, following)
    # `x["password"] = "abc"`
    is_index = quoted is not None and data.startswith(b"]", quoted.after)
    following = _after(BLANKS, data, quoted.after + is_index if quoted else following)
    following = WIDE_SIGN.match(data, following).end()
    separator = SEPARATOR.match(data, following)
    if not separator:
        found = told(data, at, end, following) if not is_index else None
        return None if found and nothing(data, at, end, found) else found
    other = compared(data, separator.end()) if separator.group() == b"=" else None
    if other is not None:
        opening = quote(data, other)
        return (opening.after, closing(data, opening)) if opening else None
    is_line = separator.group() == b":" and quoted is None
    if is_line and (is_host(data, at) or is_style(data, separator.end())):
        return None
    lines = below(data, at, separator.end(), is_line) if separator.group() == b":" else None
    if lines:
        return lines
    following = _after(WIDE, data, _after(BLANKS if is_line else WHITE, data, separator.end()))
    marked = literal(data, following) if not is_line or not LINE_END.match(data, following) else following
    # As Rust prints what there may be.
    if data.startswith(SOME, marked):
        marked = following = marked + len(SOME)
        if not quote(data, marked):
            to = SOME_END.search(data, marked).start()
            return None if nothing(data, at, end, (marked, to)) else (marked, to)
    opening = quote(data, marked)
    if opening:
        return _triple(data, marked, opening) or (opening.after, _doubled(data, opening))
    if is_index:
        dumped = DUMPED.match(data, marked)
        return (dumped.end(), closing(data, Quote(b'"', 0, dumped.end()))) if dumped else None
    following = marked if quoted else following
    if following >= len(data):
        return None
    refused = rejected(data, following)
    if refused:
        return refused
    if separator.group() == b":" and is_why(data, at, end, following):
        return None
    if not is_line and data[following : following + 1] in (b"{", b"["):
        is_no_secret = quoted and data[following : following + 1] == b"[" and sentences(data, following)
        return None if is_no_secret else (following, _balanced(data, following))
    if not is_line and not quoted and following > separator.end() and CALL.match(data, following):
        return None
    listed = field(data, at, following) if is_line else None
    is_pair = separator.group() == b"=" and not quoted
    plain = MEMBER if quoted else PAIR if is_pair else PLAIN
    found = listed or said(data, at, end, following) if is_line else (following, _after(plain, data, following))
    found = path(data, at, end, found) if is_pair else found
    return None if found and nothing(data, at, end, found) else found


def _triple(data: bytes, at: int, opening: Quote) -> Optional[Span]:
    """A text between three marks, which may have one of them in it."""
    mark = data[at : opening.after]
    if not data.startswith(mark * 2, opening.after):
        return None
    start = opening.after + 2 * len(mark)
    to = data.find(mark * 3, start)
    return start, to if to >= 0 else len(data)


def _doubled(data: bytes, opening: Quote) -> int:
    """Where a string ends that may have its mark twice in it, as in SQL: `'it''s'`."""
    to = closing(data, opening)
    while opening.mark == b"'" and not opening.backslashes and to > opening.after and data.startswith(b"''", to):
        part = data[to + 2 : to + 2 + DOUBLED_BYTES_MAX]
        more = closing(part, opening._replace(after=0))
        if more >= len(part) or LINE_END.search(part, 0, more):
            break
        to += 2 + more
    return to


def form_part(data: bytes, at: int, end: int, names: SecretNames) -> Optional[Span]:
    """The content of a part of a form that is sent as multipart and has a secret's name: the word is `name`."""
    if data[at:end] != b"name" or data.find(b"form-data", max(0, at - DISPOSITION_BYTES_MAX), at) < 0:
        return None
    opening = quote(data, end + (data[end : end + 1] == b"="))
    plain = None if opening else PLAIN_NAME.match(data, end)
    if not opening and not plain:
        return None
    start, close = plain.span(1) if plain else (opening.after, closing(data, opening))
    if close < start:
        return None
    found = [(data.find(blank, close, close + HEAD_BYTES_MAX), len(blank)) for blank in (b"\r\n\r\n", b"\n\n")]
    heads = [place + length for place, length in sorted(found) if place >= 0]
    if not heads:
        return None
    name = data[start:close].decode("utf-8", "replace")
    if names.kind(name) is Kind.NONE:
        # What is no secret is not read to its end.
        return None
    limit = min(len(data), heads[0] + BYTES_MAX) if names.kind(name) in WEAK else len(data)
    to = data.find(b"\n--", heads[0], limit)
    if to < 0:
        to = limit
    elif to > heads[0] and data[to - 1 : to] == b"\r":
        to -= 1
    return (heads[0], to) if names.fits(name, data[heads[0] : to]) else None


def _balanced(data: bytes, at: int) -> int:
    """Where an object or array ends."""
    depth = 0
    while True:
        found = BRACKET.search(data, at)
        if not found:
            return len(data)
        at = found.end()
        if found.group() in b"{[":
            depth += 1
        elif found.group() == b'"':
            at = closing(data, Quote(b'"', 0, at)) + 1
        else:
            depth -= 1
            if depth <= 0:
                return at


def _after(what: "re.Pattern[bytes]", data: bytes, at: int) -> int:
    return what.match(data, min(at, len(data))).end()
