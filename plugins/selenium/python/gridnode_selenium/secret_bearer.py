"""What follows the word for a scheme: `Bearer TOKEN`, `Bearer%20TOKEN`, `Bearer \\"TOKEN\\"`, `Negotiate TOKEN`."""

import re
from typing import Iterator, Optional

from .secret_mark import BEGINNING, MARK
from .secret_quote import Span, quote

BEARER = b"bearer"
SCHEMES = (BEARER, b"basic")
# Words that are also others: what follows them must look like a token.
TICKETS = (b"negotiate", b"ntlm")
# Between `Bearer` and what follows it: blanks, also as a form, a URL or JSON has them; and ends of lines.
GAP = re.compile(rb"(?:[ \t+]|%20|%09|\\t|\\u0020)*")
FOLD = re.compile(rb"(?:[ \t+\r\n]|%20|%09|\\[trn]|\\u0020)*")
# What follows a place holder, or what looks like one, is no part of it.
MARKED = re.compile(rb"(?:" + MARK.pattern + rb"|(?!" + MARK.pattern + rb")" + BEGINNING + rb")[0-9A-Za-z\-._~+/=%\x80-\xff]+")
TOKEN = re.compile(rb"[0-9A-Za-z\-._~+/=%]*")
TICKET = re.compile(rb"[ \t]+([0-9A-Za-z+/=]*)")
# Of one that need not look like one; of one on the next line; of one that has nothing but digits, for `bearer 401` has none.
BYTES_MIN = 8
FOLDED_BYTES_MIN = 4
DIGITS_MIN = 4
SHORT_BYTES_MIN = 2
# What follows the word in a sentence, or names what would be there.
WORDS = frozenset(
    b"basic bearer digest ntlm oauth oauth2 "
    b"a and are as at auth authn authz be bonds but by can error expired expiry failed flow for format found from given has "
    b"header if in info invalid is it jwt key kind missing mode must name needed news no none not null of on only or plugin present "
    b"prefix realm scheme schemes scope secret sent should that the then this to token tokens type types until used user value was were "
    b"when which will with without".split()
)
TRAILING = b".-=/~"
DIGIT, LETTER, SMALL, GREAT = (re.compile(one) for one in (rb"[0-9]", rb"[A-Za-z]", rb"[a-z]", rb"[A-Z]"))
SIGN = re.compile(rb"[ \t]*[:=]")
# Where a value ends, a text, and where one may begin.
VALUE_END = re.compile(rb"[ \t]*(?:[\r\n`\])},;&<]|\Z)")
TEXT_END = re.compile(rb"[ \t]*(?:[\r\n]|\Z)")
VALUE_BEGINNINGS = b":=`\"'>;,([{\r\n"
# A token after these is one up to what encodes no character of it.
ENCODED = re.compile(
    rb"(?:(?<![0-9A-Za-z=])|(?<=%[0-9A-Fa-f]{2}))(?i:bearer|basic|negotiate|ntlm)(?:%20|%09|%0[AaDd])+(?:%5[Cc])*(?:%22|%27)?"
)
ENCODED_TOKEN = re.compile(rb"(?:[0-9A-Za-z\-._~+/=]|%(?:2[BbDdEeFf]|3[Dd]|5[Ff]|7[Ee]))*")


def credentials(data: bytes, at: int, end: int) -> Optional[Span]:
    """What follows the word, if it is a scheme."""
    word = data[at:end].lower()
    if word in TICKETS:
        ticket = TICKET.match(data, end)
        return ticket.span(1) if ticket and len(ticket.group(1)) >= BYTES_MIN and _looks(ticket.group(1)) else None
    if word not in SCHEMES:
        return None
    blank = GAP.match(data, end).end()
    start = FOLD.match(data, blank).end()
    if start == end:
        return None
    marked = MARKED.match(data, start)
    if marked:
        return marked.span()
    opening = quote(data, start)
    first = opening.after if opening else start
    to = TOKEN.match(data, first).end()
    token, closing = data[first:to], quote(data, to)
    if opening and (closing is None or closing[:2] != opening[:2]):
        return None
    if start > blank:
        is_name = SIGN.match(data, closing.after if closing else to) is not None
        is_token = not is_name and len(token) >= FOLDED_BYTES_MIN and LETTER.search(token) is not None and _looks(token)
    elif len(token) >= BYTES_MIN:
        is_token = True
    else:
        is_token = word == BEARER and _is_short(token, opening is not None or _is_placed(data, at, end, to))
    return (first, to) if is_token else None


def encoded(data: bytes, at: int, end: int) -> Iterator[Span]:
    """Tokens in the word, after a scheme and a blank that is encoded. What follows an equals sign is looked at as a value."""
    for scheme in ENCODED.finditer(data, at, end):
        token = ENCODED_TOKEN.match(data, scheme.end())
        if len(token.group()) >= BYTES_MIN or _is_short(token.group(), True):
            yield token.span()


def _is_short(token: bytes, is_placed: bool) -> bool:
    """Whether a short word is a token: it looks like one, or stands where one does and is no word that may stand there, too."""
    word = token.rstrip(TRAILING)
    if len(word) < SHORT_BYTES_MIN or not (word[:1].isalnum() or word[:1] == b"_") or word.lower() in WORDS:
        return False
    if not LETTER.search(word):
        return len(word) >= DIGITS_MIN
    return is_placed or DIGIT.search(word) is not None or (SMALL.search(word) is not None and GREAT.search(word) is not None)


def _looks(token: bytes) -> bool:
    """Whether it has a digit, or letters of both kinds, the great ones not only at its beginning."""
    return DIGIT.search(token) is not None or (SMALL.search(token) is not None and GREAT.search(token, 1) is not None)


def _is_placed(data: bytes, at: int, end: int, to: int) -> bool:
    """Whether scheme and token are all that a value has, or the end of a text; or what stands there is encoded."""
    if data.startswith(b"+", end) or (data.startswith(b"B", at) and TEXT_END.match(data, to)):
        return True
    while at > 0 and data[at - 1] in b" \t":
        at -= 1
    is_begun = at == 0 or data[at - 1] in VALUE_BEGINNINGS
    return is_begun and (VALUE_END.match(data, to) is not None or quote(data, to) is not None)
