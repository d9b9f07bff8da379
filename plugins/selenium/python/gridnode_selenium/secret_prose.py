"""Where a value ends whose name a colon alone follows: `Token: abc`, `Password: correct horse`. Many such names are words of a
sentence, or of a page in one line, whose rest is no secret.
"""

import re
import sys
from typing import Callable, Optional

from .secret_markup import escape
from .secret_names import plain
from .secret_quote import MARK, Span

# Names end so whose values are single words. Others may be of several words.
WORDS = tuple(
    "auth authentication authorization cookie cookies credential credentials csrf jwt key keys secret secrets session sessionid sessions "
    "sid sig signature token tokens xsrf".split()
)
# Headers whose values are whole lines; others begin so.
AUTHORIZATIONS = frozenset(("authorization", "proxyauthorization"))
COOKIES = frozenset(("cookie", "setcookie", "setcookie2", "httpcookie"))
OWN = b"x-"
# Words before a secret, in whatever letters; and those that are words of a sentence, too, in small ones.
SCHEMES = frozenset((b"bearer", b"basic"))
OTHER_SCHEMES = frozenset((b"digest", b"negotiate", b"ntlm", b"token", b"apikey", b"oauth"))
NAME = re.compile(rb"[0-9A-Za-z_\-.%$ +]*")
# What stands before the first name of a line: marks of lists, of quotes, and of what a client prints.
FIRST = " \t\"'{-*•".encode()
FIRST_HEADER = FIRST + b"<>"
BREAKS = (b"\\n", b"\\r")
REST = re.compile(rb"[\r\n<\"]|\\[^\r\n<]")
# After the mark that ends a string of JSON.
STRING_END = re.compile(rb"[ \t\r\n]*(?:[,}\]]|\Z)")
MARKS = MARK.pattern.partition(rb"(\\*)")[2]
WORD = re.compile(
    rb"(?:[^ \t\r\n\"'<,;\\&]+|\\+(?!\\|" + MARKS + rb")|(?!" + MARKS + rb")&(?!(?i:lt|#60|#x3c);)(?:(?=[#0-9A-Za-z]{2,8};)#?[0-9A-Za-z]+;)?)*"
)
BLANKS = re.compile(rb"[ \t]+")
# A word of a sentence with another after it; or with the end of its element, or of a remark.
PROSE = re.compile(rb"[a-z]{2,20}[ \t]+[^ \t\r\n]")
PROSE_END = re.compile(rb"[a-z]{2,20}<")
ANSWER = re.compile(rb"(?:YES|NO)\)")
LISTED = re.compile(rb"\[([^\[\]\r\n]{1,4096})\]")
# A scheme that is not known, and what follows it.
SCHEME = re.compile(rb"[A-Z][0-9A-Za-z\-]{1,31}")
TOKEN = re.compile(rb"[ \t]+[^ \t\r\n\"'<,;\\&\])}]+")
SIGNATURE = "signature"
SIGNED = re.compile(WORD.pattern + rb"(?:,(?=[0-9A-Za-z])" + WORD.pattern + rb")*")
FOLD = re.compile(rb"\r?\n[ \t]+")
CALL = re.compile(rb"[A-Za-z_.]{1,64}\(")
# Of a call that may be a cookie's: a longer word is none.
CALLED_BYTES_MAX = 4_096
# What Spring's validator says before a value.
REJECTED = b"rejected value ["
REJECTED_ENDS = (b"]; ", b"]")
REJECTED_BYTES_MAX = 4_096


def said(data: bytes, at: int, end: int, start: int) -> Optional[Span]:
    """The value that begins at `start`, of a name from `at` to `end`."""
    first = at + escape(data, at, end)
    is_plain = NAME.fullmatch(data, first, end) is not None
    name = plain(data[first:end].decode("ascii")) if is_plain else ""
    is_word = name.rstrip("0123456789").endswith(WORDS)
    is_header = name in AUTHORIZATIONS or name in COOKIES or data[first : first + len(OWN)].lower() == OWN
    if (is_header or not is_word) and (first > at or _is_first(data, first, FIRST_HEADER if is_header else FIRST)):
        return start, _within(data, first, start, _folded) if is_header else rest(data, start)
    # As Go prints a map of lists.
    listed = LISTED.match(data, start) if data[start - 1 : start] == b":" else None
    if listed:
        return listed.span(1)
    is_told = ANSWER.match(data, start) or CALL.match(data, start)
    if is_told and name not in COOKIES:
        # However long its word is.
        return None
    limit = min(len(data), start + CALLED_BYTES_MAX) if is_told else len(data)
    to = WORD.match(data, start, limit).end()
    word = data[start:to]
    if name in COOKIES and (b"=" in word or (is_told and to == limit < len(data))):
        return start, _within(data, first, start, rest)
    small = word.lower()
    if small in SCHEMES or (small in OTHER_SCHEMES and (name in AUTHORIZATIONS or small != word)):
        if small not in SCHEMES and name in AUTHORIZATIONS:
            return start, _within(data, first, start, rest)
        blanks = BLANKS.match(data, to)
        return start, WORD.match(data, blanks.end()).end() if blanks else to
    if name in AUTHORIZATIONS and SCHEME.fullmatch(word):
        # One of its own, which is hidden with its token.
        token = TOKEN.match(data, to)
        return start, token.end() if token else to
    if name.endswith(SIGNATURE):
        to = SIGNED.match(data, start).end()
    if is_told or PROSE.match(data, start) or (is_word and PROSE_END.match(data, start)):
        return None
    return start, to


def rejected(data: bytes, at: int) -> Optional[Span]:
    """What stands between brackets after `rejected value`."""
    if not data.startswith(REJECTED, at):
        return None
    start = at + len(REJECTED)
    end = rest(data, start, start + REJECTED_BYTES_MAX)
    closes = [data.find(close, start, end) for close in REJECTED_ENDS]
    return start, next((close for close in closes if close >= 0), end)


def _folded(data: bytes, start: int) -> int:
    """Where a header ends whose token, or whose next cookie, is in the line below."""
    to = rest(data, start)
    first = data[start:to].strip().lower()
    fold = FOLD.match(data, to) if first in SCHEMES or first in OTHER_SCHEMES or first.endswith(b";") else None
    return rest(data, fold.end()) if fold else to


def _within(data: bytes, first: int, start: int, to: Callable[[bytes, int], int]) -> int:
    """Where a header ends that is a string as a whole, as an option's is: `-H 'Cookie: a=b' https://h/`. `to`: where one ends that is
    none, which is read no further than the string."""
    close = data.find(b"'", start) if data[first - 1 : first] == b"'" else -1
    return start + min(close - start, to(data[start : close + 1], 0)) if close >= 0 else to(data, start)


def _is_first(data: bytes, at: int, marks: bytes) -> bool:
    """Whether a name is the first of its line, or of its string."""
    while at > 0 and data[at - 1] in marks:
        at -= 1
    return at == 0 or data[at - 1] in b"\r\n" or data[max(0, at - 2) : at] in BREAKS


def rest(data: bytes, start: int, limit: int = sys.maxsize) -> int:
    """Where the line ends, or a tag begins, or the string of JSON ends that it is part of."""
    limit = min(limit, len(data))
    is_open = False
    found = REST.search(data, start, limit)
    while found:
        if found.group() == b'"':
            if not is_open and STRING_END.match(data, found.end(), limit):
                return found.start()
            is_open = not is_open
        elif found.group() in b"\r\n<":
            return found.start()
        found = REST.search(data, found.end(), limit)
    return limit
