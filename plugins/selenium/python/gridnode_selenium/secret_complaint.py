"""Complaints about a value, which stand where it would: `password: too short`, `{"password":"is required"}`."""

import re

from .secret_quote import Span

# Words that complain; those that do in more words only, for one of them may be a password; and those that may stand beside them. A
# value of other words may be a passphrase.
STATES = frozenset(
    b"blank blocked breached denied disabled empty expired incorrect invalid malformed mismatch missing rejected required "
    b"revoked unauthorized unknown weak wrong".split()
)
REASONS = frozenset(b"characters common digits length long match must no not same should short".split())
OTHERS = frozenset(
    b"a again already an and are at be been before between by can can't cannot confirmation contain containing contains "
    b"current digit do does doesn't entirely equal exceed field find found had has have in include includes is it least letter "
    b"letters lowercase maximum may minimum more most number numbers numeric of one only or password passwords please provided "
    b"similar special symbol symbols than that the this to token too try uppercase use used valid value was were with your".split()
)
NUMBER = re.compile(rb"[0-9]{1,4}")
# What may stand around a word.
MARKS = b".,;:!?()}]"
# Of a complaint.
BYTES_MAX = 160


def complains(data: bytes, span: Span) -> bool:
    """Whether a value is one."""
    if span[1] - span[0] > BYTES_MAX:
        return False
    words = [word.strip(MARKS) for word in data[span[0] : span[1]].lower().split()]
    if len(words) == 1:
        return words[0] in STATES
    is_known = all(word in STATES or word in REASONS or word in OTHERS or NUMBER.fullmatch(word) for word in words)
    return is_known and any(word in STATES or word in REASONS for word in words)
