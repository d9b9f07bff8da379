"""Names that are also words like others, and what their values must look like to be secrets: `"key":"photos/a.jpg"` is none."""

import re
from enum import Enum

TOKEN = re.compile(r"[0-9A-Za-z_\-+/=%~]{16,}")
# A part of a token with no mark in it.
RUN = re.compile(r"[0-9A-Za-z]{16,}")
LETTER = re.compile(r"[A-Za-z]")
SMALL = re.compile(r"[a-z]")
GREAT = re.compile(r"[A-Z]")
DIGIT = re.compile(r"[0-9]")
# Of a card, which marks may group; or of a person.
CARD = re.compile(r"[0-9A-Za-z *\-+%.]{10,}")
CARD_DIGITS_MIN = 4
# Of what is sent once.
CODE = re.compile(r"[0-9A-Za-z \-]{4,32}")
# Longer ones are read no further.
CHARS_MAX = 4_096
# A word that may as well be another thing: `"pass":"economy"`.
PLAIN = re.compile(rb"[A-Za-z]{1,20}\Z")
# How many passed, of which others failed.
COUNT = re.compile(rb"[0-9]{1,9}[ \t]*,?[ \t]*(?:fail|error|skip|warn)")
# Beside whom it is a password; and where that may stand.
OWNERS = (b"user", b"login", b"mail")
OWNER_BYTES_MAX = 128
AROUND = " \t\r\n,;)}]\"'"


class Kind(Enum):
    """What a name says of its value."""

    NONE = 0
    SECRET = 1
    # A secret if it looks like a token, or like a card's number; or unless it is a word, with nobody beside it.
    TOKEN = 2
    CARD = 3
    PASS = 4
    # A secret if it has a digit: what is sent once.
    CODE = 5


# Whose values must look like secrets; of a text after such a name, and before it, as many bytes are read: what is left as it is must
# not be read again and again.
WEAK = (Kind.TOKEN, Kind.CARD, Kind.CODE)
BYTES_MAX = 512
BEFORE_BYTES_MAX = 256
# The names themselves.
NAMES = {
    "key": Kind.TOKEN,
    "hmac": Kind.TOKEN,
    "pan": Kind.CARD,
    "pass": Kind.PASS,
    **dict.fromkeys(("mfa", "tfa", "2fa", "emailcode", "logincode", "confirmationcode"), Kind.CODE),
}


def fits(kind: Kind, value: str) -> bool:
    """Whether a value is secret that has a name of this kind."""
    # What is hidden already is left as it is.
    if kind in (Kind.SECRET, Kind.PASS) or "‹" in value:
        return True
    text = value[:CHARS_MAX].strip(AROUND)
    if kind is Kind.CARD:
        return bool(CARD.fullmatch(text)) and len(DIGIT.findall(text)) >= CARD_DIGITS_MIN
    if kind is Kind.CODE:
        return bool(CODE.fullmatch(text)) and bool(DIGIT.search(text))
    if not TOKEN.fullmatch(text):
        return False
    # A path has words; what is written in base64 has letters of both sizes.
    if "/" in text and not (SMALL.search(text) and GREAT.search(text)):
        return False
    return any(LETTER.search(run) and DIGIT.search(run) for run in RUN.findall(text))


def is_another(data: bytes, end: int, start: int, to: int) -> bool:
    """Whether `pass`, which ends at `end`, has a word of its own as its value: after a colon, with nobody's name near; or a count."""
    if COUNT.match(data, start):
        return True
    if not PLAIN.match(data[start:to]) or b":" not in data[end:start]:
        return False
    around = data[max(0, end - OWNER_BYTES_MAX) : end] + data[to : to + OWNER_BYTES_MAX]
    return not any(owner in around.lower() for owner in OWNERS)
