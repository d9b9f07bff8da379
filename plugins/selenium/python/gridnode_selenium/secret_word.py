"""Names that are secret by their last word alone, whatever stands before it: `card[cvc]`, `card.cvv`, `pay-cvc`, `loginOtp`.

A short word within a longer one says nothing (`compass`, `monkey`): words end at marks and where small letters meet great ones.
"""

import re
from typing import NamedTuple, Optional

# As a whole, or as the last of a name's words.
WORDS = frozenset("cvc cvv pin otp totp ssn iban sid sig pw psw passcode".split())
# Those that are also words of a program: `app.session`, `django.security.csrf`. Their values must look like tokens.
WEAK_WORDS = frozenset("session auth csrf xsrf jwt".split())
# Words before one that make it another: a map's pin, Twilio's identifier of a call.
OTHERS = {
    "pin": frozenset("map gpio push drop safety board".split()),
    "sid": frozenset("call message account object conversation service room".split()),
}
PASS = "pass"
# Words before `pass`. Others make it no secret: a boarding pass, the first pass, `compass`.
PASS_OWNERS = frozenset(
    "account admin api app auth basic bind cert client confirm current customer db default email ftp guest hash http imap jdbc key "
    "keystore ldap login mail master member mongo my mysql new old original pg plain postgres proxy re redis reenter repeat retype root "
    "secret security server service smtp sql ssh store sudo temp tmp trust truststore user usr verify web wifi wp".split()
)
# Between a name and what belongs to it: `user[pin]`, `login:pin`.
PARTS = re.compile(r"[\[\]:]")
ENDS = "._-$0123456789"


class Word(NamedTuple):
    """The last word of a name, in small letters, and the one before it."""

    last: str
    before: str


def part(name: str) -> Optional[str]:
    """The last part of a name that has several: `pin` of `user[pin]`."""
    found = PARTS.split(name.rstrip("[]:"))
    return found[-1] if len(found) > 1 else None


def last_word(name: str) -> Word:
    """The last word and the one before it."""
    end = len(name.rstrip(ENDS))
    start = _start(name, end)
    before = len(name[:start].rstrip(ENDS))
    return Word(name[start:end].lower(), name[_start(name, before) : before].lower())


def _start(name: str, end: int) -> int:
    """Where the word begins that ends there."""
    at = end
    while at > 0 and name[at - 1].isascii() and name[at - 1].isalnum() and not (at < end and _is_border(name, at, end)):
        at -= 1
    return at


def _is_border(name: str, at: int, end: int) -> bool:
    """Whether a great letter begins a word: `cardCvv`, `USERPin`."""
    if not "A" <= name[at] <= "Z":
        return False
    return not "A" <= name[at - 1] <= "Z" or (at + 1 < end and "a" <= name[at + 1] <= "z")


def is_word(word: Word) -> bool:
    """Whether the last word makes a name a secret's."""
    return word.last in WORDS and word.before not in OTHERS.get(word.last, ())


def is_weak(word: Word) -> bool:
    """Whether it does if the value looks like a token."""
    return word.last in WEAK_WORDS


def is_pass(word: Word) -> bool:
    """Whether it is somebody's password: `dbPass`, `confirmpass`."""
    owner = word.before if word.last == PASS else word.last[: -len(PASS)] if word.last.endswith(PASS) else ""
    return owner in PASS_OWNERS
