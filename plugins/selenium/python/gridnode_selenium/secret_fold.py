"""Characters that stand for others: fullwidth letters, digits and marks, letters of mathematics and in circles; and what nobody sees
between letters. A text that has them is read as it is meant, and what is found is hidden where it stands.
"""

import re
from typing import List, Optional, Tuple

from .secret_quote import Span

UNSEEN = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
FOLDED = re.compile(f"[{UNSEEN}\u24b6-\u24e9\u3000\uff01-\uff5e\U0001d400-\U0001d6a3\U0001d7ce-\U0001d7ff]")
LETTERS = 52


def fold(text: str) -> str:
    """What a text means."""
    return FOLDED.sub(lambda found: _one(found.group()), text)


def _one(char: str) -> str:
    code = ord(char)
    if code >= 0x1D7CE:
        return chr(0x30 + (code - 0x1D7CE) % 10)
    if code >= 0x1D400:
        letter = (code - 0x1D400) % LETTERS
        return chr(0x41 + letter if letter < 26 else 0x61 + letter - 26)
    if 0xFF01 <= code <= 0xFF5E:
        return chr(code - 0xFF01 + 0x21)
    if 0x24B6 <= code <= 0x24E9:
        return chr(code - 0x24B6 + 0x41 if code <= 0x24CF else code - 0x24D0 + 0x61)
    return " " if code == 0x3000 else ""


class Folded:
    """A text as it is meant, and where each of its bytes is in the text as it is written."""

    def __init__(self, written: bytes):
        self.data = self.written = written
        # Where the character begins, and where it ends; none of a text that is written as it is meant.
        self._places: Optional[List[Tuple[int, int]]] = None
        if written.isascii():
            return
        text = written.decode("utf-8", "replace")
        if not FOLDED.search(text):
            return
        # What is decoded may have bytes that are no characters.
        self.written = text.encode()
        meant, self._places, at = bytearray(), [], 0
        for char in text:
            length = len(char.encode())
            one = fold(char).encode()
            meant += one
            self._places += [(at, at + length)] * len(one)
            at += length
        self.data = bytes(meant)

    def place(self, start: int, end: int) -> Span:
        """Where a part of the text is in the one that is written."""
        if self._places is None:
            return start, end
        return self._places[start][0], self._places[end - 1][1]
