"""What stands beside a secret and is none of it: the next pair, a query, a rule of a style sheet, the text of a usage."""

import re

from .secret_names import plain
from .secret_quote import Span

# Between pairs that a program prints: `[session=abc,user=bob]`, `token=abc, roles=x`.
PAIR_END = re.compile(rb",(?=[0-9A-Za-z_.\-]{1,64}=[^=&]|[ \t\r\n])")
# What is in a URL's path ends where its query begins.
PATH_NAME = b"jsessionid"
PATH_END = re.compile(rb"[?#/]")
HOSTS = (b"://", b":\\/\\/")
# What follows a selector of a style sheet: `#password:hover{`, `#password::placeholder{`.
STYLE = re.compile(
    rb":?(?:hover|focus(?:-within|-visible)?|active|disabled|enabled|checked|(?:in)?valid|required|optional|visited|before|after|placeholder"
    rb"|autofill|read-only|read-write|empty|target|(?:first|last|only)-(?:child|of-type)|-(?:webkit|moz|ms)-[a-z\-]{1,40}|nth-child|not|is)"
    rb"(?:\([^()\r\n]{0,64}\))?[ \t]*[{,:>+~]"
)
# Names that a list of names has: `["password","email"]`.
FIELDS = frozenset(b"email mail user username login name id phone role roles remember password token value key type".split())
USAGE_BYTES_MAX = 136


def path(data: bytes, at: int, end: int, span: Span) -> Span:
    """The value of a name from `at` to `end` after an equals sign, without the query after a path, or the bracket after a query."""
    found = PATH_END.search(data, *span) if data[at:end].lower() == PATH_NAME and data[at - 1 : at] == b";" else None
    # A URL in brackets.
    bracket = data.find(b"]", *span) if data[at - 1 : at] in (b"?", b"&") and data.find(b"[", *span) < 0 else -1
    return span[0], found.start() if found else bracket if bracket >= 0 else span[1]


def is_host(data: bytes, at: int) -> bool:
    """Whether a host or its user begins there, whose password has a rule of its own."""
    return data[max(0, at - len(HOSTS[1])) : at].endswith(HOSTS)


def is_style(data: bytes, at: int) -> bool:
    """Whether a rule of a style sheet goes on there, after a colon."""
    return STYLE.match(data, at) is not None


def is_usage(data: bytes, opening: int, first: int, end: int) -> bool:
    """Whether what looks like a tag, whose mark begins at `opening`, stands for a value: `--password <password>`."""
    name = data[first:end].lower()
    before = data[max(0, opening - USAGE_BYTES_MAX) : opening]
    option = before.rstrip(b" \t=")
    return len(option) < len(before) and option.lower().endswith(b"-" + name)


def is_stand_in(name: str, value: bytes) -> bool:
    """Whether a value is its option's name in great letters: `--api-key KEY`."""
    text = plain(value.decode("utf-8", "replace"))
    return value.isupper() and bool(text) and plain(name).endswith(text)
