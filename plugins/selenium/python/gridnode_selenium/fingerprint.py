"""What an error text is without what differs from one time to the next: numbers, ids and hosts are one `#` each.

The agent counts by the same rule (`agent/core/src/base/fingerprint.rs`).
"""

import re
from functools import lru_cache

# In turn: a host after `://`, one with a dot before its port or address, a word, and what is neither.
PART = re.compile(
    r"(?<=://)(?P<inside>[A-Za-z0-9.\-]+)"
    r"|(?<![A-Za-z0-9_\-.])(?P<host>(?=[a-z0-9\-]*\.)[a-z0-9.\-]+)(?=[:/][0-9])"
    r"|(?P<word>[A-Za-z0-9_\-]+)"
    r"|[^A-Za-z0-9_\-]+"
)
DIGITS = re.compile(r"[0-9]+")
HEX = re.compile(r"[0-9A-Fa-f\-]+\Z")
# Characters of a number in base 16 that make a word an id; after an `@`, where the JVM writes an object's identity; of any other
# word, and how often it changes between letters and digits.
HEX_ID_CHARS = 8
IDENTITY_CHARS = 4
ID_CHARS = 16
ID_CHANGES = 4
KNOWN_MAX = 256


@lru_cache(KNOWN_MAX)
def fingerprint(text: str) -> str:
    """Two errors of one kind have the same."""

    def print_of(part: "re.Match[str]") -> str:
        word = part.group("word")
        if word is None:
            return "#" if part.group("inside") or part.group("host") else part.group()
        after_at = part.start() > 0 and text[part.start() - 1] == "@"
        return "#" if _is_id(word, after_at) else DIGITS.sub("#", word)

    return PART.sub(print_of, text)


def _is_id(word: str, after_at: bool) -> bool:
    if not DIGITS.search(word):
        return False
    if len(word) >= (IDENTITY_CHARS if after_at else HEX_ID_CHARS) and HEX.match(word):
        return True
    is_digit = ["0" <= c <= "9" for c in word]
    return len(word) >= ID_CHARS and sum(a != b for a, b in zip(is_digit, is_digit[1:])) >= ID_CHANGES
