"""Place holders, which stand for what is hidden already."""

import re

BEGINNING = "‹redacted:".encode()
MARK = re.compile(BEGINNING + rb"[0-9a-f]{4}" + "›".encode())
# A value that is one, or several, but for marks that end a value.
HIDDEN = re.compile(rb"(?:" + MARK.pattern + rb")(?:" + MARK.pattern + rb"|[,;:.)\]}>\"'\\& \t\r\n])*\Z")


def mark(data: bytes, at: int, end: int) -> int:
    """The length of the one that begins there, or none."""
    found = MARK.match(data, at, end)
    return found.end() - at if found else 0
