"""The end of a text that was cut. What may be part of a secret there has no shape that tells it."""

import re

from .secret_mark import BEGINNING, mark

# The longest run that is dropped; of a shorter text half of it, but as many as these.
RUN_BYTES_MAX = 4_096
RUN_BYTES_MIN = 64
BLANK = re.compile(rb"[ \t\r\n]")
# Groups of digits before it that may be a card's.
GROUPS = re.compile(rb"(?:(?<![0-9])[0-9]{1,6} ){0,5}\Z")
GROUPS_BYTES_MAX = 36


def whole(text: str) -> str:
    """Without what is not blank at its end."""
    data = text.encode("utf-8", "replace")
    at = max(0, len(data) - min(RUN_BYTES_MAX, max(RUN_BYTES_MIN, len(data) // 2)))
    for blank in BLANK.finditer(data, at):
        at = blank.end()
    if data[at:].isdigit() or at == len(data):
        at = GROUPS.search(data[:at], max(0, at - GROUPS_BYTES_MAX)).start()
    while 0 < at < len(data) and data[at] & 0xC0 == 0x80:
        at -= 1
    # Half a place holder is none.
    last = data.rfind(BEGINNING, 0, at)
    if last >= 0 and last + mark(data, last, len(data)) > at:
        at = last
    return data[:at].decode("utf-8", "replace")
