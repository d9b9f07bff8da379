"""Values that a sentence tells with nothing between them and their names but words: `password hunter2`, `your password is hunter2`,
`Passwort lautet hunter2`, `The PIN for ann is 4711`. They must look like values, see `secret_likely`: "password must be 8
characters", "your password is wrong" are sentences.
"""

import re
from typing import Optional, Tuple

from .secret_likely import is_likely
from .secret_names import SecretNames, plain
from .secret_phrase import phrase
from .secret_quote import Span, quote
from .secret_weak import Kind

# Names that are not told so, but of things.
NO_NAMES = frozenset("auth authentication authorization bearer cookie cookies credential credentials csrf jwt session signature tokens".split())
# Names end so whose values may follow with no word between; and those whose values may be digits alone.
PASSWORDS = tuple(
    "password passwd passphrase passcode pwd pswd passwort kennwort senha contrasena motdepasse wachtwoord losenord haslo apikey "
    "accesskey secretkey".split()
)
NUMBERS = tuple("pin otp code passcode password passwd pwd passwort kennwort".split())
NUMBER = re.compile(rb"[0-9]{4,12}")
# Words between a name and its value: verbs, what something is changed by, what may end them, and others.
VERBS = frozenset("is was are be equals reads lautet ist war heißt est es".encode().split())
CHANGES = frozenset((b"set", b"changed", b"reset"))
LASTS = frozenset((b"to", b"auf", b"as", b"now", b"jetzt"))
OTHERS = frozenset((b"has", b"been", b"will", b"currently", b"still"))
WORDS_MAX = 5
WORD = re.compile(rb"[ \t]+([A-Za-z\x80-\xff]{1,17})(?=[ \t])")
# Whose it is, before a verb.
OWNERS = frozenset("for of für von".encode().split())
OWNER = re.compile(rb"[ \t]*[^ \t\r\n\"'<>`,;\\()\[\]{}|]{0,64}")
BLANKS = re.compile(rb"[ \t]+")
# Around a value, in Markdown; the word that may be one; and what ends a sentence.
AROUND = re.compile(rb"[*_`]*")
VALUE = re.compile(rb"(?:[^ \t\r\n\"'<>`,;\\()\[\]{}|&]|&(?!(?=[#0-9A-Za-z]{2,8};)#?[0-9A-Za-z]+;)){0,257}")
STOPS = b".:?*_"
VALUE_BYTES_MAX = 257
PAIR = re.compile(rb"=[0-9A-Za-z]")


def spoken(data: bytes, at: int, end: int, names: SecretNames) -> Optional[Span]:
    """What a sentence tells of the name that the word is, or ends."""
    if data[end : end + 1] not in (b" ", b"\t"):
        return None
    start = at if names.kind(data[at:end].decode("ascii")) is Kind.SECRET else phrase(data, at, end, names)
    name = plain(data[start:end].decode("ascii")).rstrip("0123456789") if start is not None else ""
    linked = _linked(data, end) if name and name not in NO_NAMES else None
    if not linked or not (linked[1] or name.endswith(PASSWORDS)):
        return None
    value = _value(data, linked[0])
    if not value:
        return None
    word = data[value[0] : value[1]]
    is_number = linked[1] and NUMBER.fullmatch(word) and name.endswith(NUMBERS)
    return value if is_number or is_likely(word) else None


def _linked(data: bytes, end: int) -> Optional[Tuple[int, bool]]:
    """Where a value may begin after the words that follow a name, and whether there is a verb; none if they tell no value."""
    at = end
    owner = WORD.match(data, at)
    has_owner = owner is not None and owner.group(1).lower() in OWNERS
    if has_owner:
        at = OWNER.match(data, owner.end()).end()
    count, is_told, is_last = 0, False, False
    found = WORD.match(data, at)
    while found and count < WORDS_MAX:
        word = found.group(1).lower()
        is_end = word in VERBS or word in LASTS
        if not is_end and word not in CHANGES and word not in OTHERS:
            break
        is_told = is_told or word in VERBS or word in CHANGES
        is_last = is_end
        count += 1
        at = found.end()
        found = WORD.match(data, at)
    has_verb = is_told and is_last
    blanks = BLANKS.match(data, at)
    return (blanks.end(), has_verb) if blanks and (has_verb or (count == 0 and not has_owner)) else None


def _value(data: bytes, at: int) -> Optional[Span]:
    """The word that may be a value there: no other pair, address or call."""
    opening = quote(data, at)
    start = AROUND.match(data, opening.after if opening else at).end()
    found = VALUE.match(data, start, start + VALUE_BYTES_MAX)
    word = found.group()
    if PAIR.search(word) or data[found.end() : found.end() + 1] in (b"(", b"[", b"{") or word.startswith(b"/") or b"://" in word:
        return None
    return start, start + len(word.rstrip(STOPS))
