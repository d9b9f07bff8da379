"""Tokens that a sentence tells with nothing but blanks, marks or a word between them and what they are: `Invalid token "abc"`,
`API key abc not found`, `session id: abc`, `signature mismatch, expected: abc`. They must look like tokens: words follow such names, too.
"""

import re
from typing import Optional

from .secret_names import SecretNames
from .secret_quote import Span, quote
from .secret_tag import is_label

# What a token is called, as the end of a word; of two words, the second with the first before it.
NOUNS = (b"token", b"jwt", b"session", b"sessionid", b"session_id", b"session-id", b"apikey", b"api_key", b"api-key")
SECONDS = {b"key": b"api ", b"id": b"session "}
# Words between it and the token, and how many.
FILLER = re.compile(rb"[ \t]+(?:id|provided|value|given|supplied|received|was|is|with)(?![0-9A-Za-z_\-])", re.IGNORECASE)
FILLERS_MAX = 2
SIGN = re.compile(rb"[ \t]*([:=]?)[ \t]*[(\[]?")
# Of a WebSocket's protocols: `bearer, abc`, `bearer.abc`.
BEARER = b"bearer"
BEARER_GAP = b", "
BEARER_PARTS = (b"bearer.", b"base64url.bearer.authorization.k8s.io.")
TOKEN = re.compile(rb"[0-9A-Za-z_\-.~+/]+")
# After a token: its end in base64, and what makes it another's name, or a function.
PADDING = re.compile(rb"={0,2}")
OTHER = re.compile(rb"[=(0-9A-Za-z]")
RUN = re.compile(rb"[0-9A-Za-z]+")
TOKEN_BYTES_MIN = 16
ID_BYTES_MIN = 6
DIGITS_MIN = 3
# A part of a token that has fewer of them; and how many letters a word has of a name that is written as one, `TokenExpiredException`.
RUN_BYTES_MIN = 16
WORD_LETTERS_MIN = 4
WORD = re.compile(rb"[A-Z]+[a-z]*|[a-z]+")
DIGIT = re.compile(rb"[0-9]")
LETTER = re.compile(rb"[A-Za-z]")
# What stands before one of two signatures, and beside them, and how near.
SIDES = frozenset(b"expected received got actual computed calculated provided was".split())
SCHEME = re.compile(rb"(?:sha(?:1|256|512)|v[012])=")
HEX = re.compile(rb"[0-9A-Fa-f]+")
SIGNATURE = re.compile(rb"signature|hmac", re.IGNORECASE)
SIGNATURE_BYTES_MIN = 32
AROUND_BYTES_MAX = 512
# What a check that has a name of its own says.
FOUND = b"found"
FOUND_GAP = b", "
FOUND_BYTES_MAX = 128
BREAK = re.compile(rb"[\r\n\"<>]")
EXPECTED = b"xpected"
LINE_END = re.compile(rb"[ \t]*(?:[\r\n\"\\<]|\Z)")


def sentence(data: bytes, at: int, end: int, names: SecretNames) -> Optional[Span]:
    """What a word tells, or has in it."""
    word = data[at:end].lower()
    if word == FOUND:
        return _found(data, at, end, names)
    if word in SIDES:
        return _side(data, at, end)
    part = next((part for part in BEARER_PARTS if word.startswith(part)), None)
    if part:
        return (at + len(part), end) if is_token(data[at + len(part) : end]) else None
    if word == BEARER and data.startswith(BEARER_GAP, end):
        return _token(data, end + len(BEARER_GAP), TOKEN_BYTES_MIN)
    before = SECONDS.get(word)
    if not word.endswith(NOUNS) and not (before and data[max(0, at - len(before)) : at].lower() == before):
        return None
    start = end
    for _ in range(FILLERS_MAX):
        filler = FILLER.match(data, start)
        start = filler.end() if filler else start
    sign = SIGN.match(data, start)
    opening = quote(data, sign.end())
    start = opening.after if opening else sign.end()
    is_id = sign.group(1) and data[end - 2 : sign.start(1)].rstrip().lower().endswith(b"id")
    return _token(data, start, ID_BYTES_MIN if is_id else TOKEN_BYTES_MIN) if start > end else None


def _token(data: bytes, start: int, count_min: int) -> Optional[Span]:
    found = TOKEN.match(data, start)
    if not found:
        return None
    to = start + len(found.group().rstrip(b"."))
    value = data[start:to]
    is_one = is_token(value) if count_min == TOKEN_BYTES_MIN else len(value) >= count_min and is_mixed(value)
    to = PADDING.match(data, to).end()
    return None if not is_one or OTHER.match(data, to) else (start, to)


def is_mixed(text: bytes) -> bool:
    """Whether it has letters and digits."""
    return bool(DIGIT.search(text) and LETTER.search(text))


def is_token(text: bytes) -> bool:
    """Whether it is one rather than a word, a date, a path or a class: a part of it mixes letters and digits, or great and small letters."""
    if len(text) < TOKEN_BYTES_MIN:
        return False
    if len(DIGIT.findall(text)) < DIGITS_MIN:
        is_path = b"." in text or b"/" in text
        return not is_path and any(_is_random(run) for run in RUN.findall(text))
    runs = [run for run in RUN.findall(text) if is_mixed(run)]
    if b"." in text or b"/" in text:
        return any(len(run) >= TOKEN_BYTES_MIN and len(DIGIT.findall(run)) > DIGITS_MIN for run in runs)
    return bool(runs)


def _is_random(run: bytes) -> bool:
    """Whether a part with few digits is no word, and no name of words."""
    words = WORD.findall(run)
    has_both = run.lower() != run != run.upper()
    is_name = has_both and sum(map(len, words)) >= WORD_LETTERS_MIN * len(words)
    return len(run) >= RUN_BYTES_MIN and not is_name and (has_both or is_mixed(run))


def _side(data: bytes, at: int, end: int) -> Optional[Span]:
    """One of two signatures that differ."""
    close = quote(data, end)
    sign = SIGN.match(data, close.after if close else end)
    opening = quote(data, sign.end())
    start = opening.after if opening else sign.end()
    scheme = SCHEME.match(data, start)
    start = scheme.end() if scheme else start
    found = TOKEN.match(data, start) if start > end else None
    to = start + len(found.group().rstrip(b".")) if found else start
    if to - start < SIGNATURE_BYTES_MIN:
        return None
    padding = PADDING.match(data, to).end()
    if not (HEX.fullmatch(data, start, to) or (is_mixed(data[start:to]) and padding > to)):
        return None
    return (start, padding) if SIGNATURE.search(data, max(0, at - AROUND_BYTES_MAX), padding + AROUND_BYTES_MAX) else None


def _found(data: bytes, at: int, end: int, names: SecretNames) -> Optional[Span]:
    """What such a check found: `the token of login, found abc1`."""
    if data[max(0, at - len(FOUND_GAP)) : at] != FOUND_GAP or data[end : end + 1] != b" ":
        return None
    label = BREAK.split(data[max(0, at - FOUND_BYTES_MAX) : at - len(FOUND_GAP)])[-1]
    if EXPECTED in label or not is_label(label, names):
        return None
    found = _token(data, end + 1, ID_BYTES_MIN)
    return found if found and LINE_END.match(data, found[1]) else None
