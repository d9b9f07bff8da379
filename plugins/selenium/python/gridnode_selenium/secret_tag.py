"""Tags in which one attribute names the secret that another one has: a hidden field, a password's, `<meta name="csrf-token">`.

They may be cut, written into a script's text, or shown as text on a page.
"""

import re
from typing import Optional, Tuple

from .secret_names import SecretNames
from .secret_place import NAME, Span
from .secret_quote import closing_attribute, quote

# Attributes that say what a value is, and those that have it.
LABELS = frozenset((b"name", b"id", b"key", b"property", b"itemprop", b"http-equiv"))
VALUES = frozenset((b"value", b"content"))
TYPE = frozenset((b"type",))
# Of the longest label that is looked at.
LABEL_BYTES_MAX = 256
OPENINGS = (b"<", b"&lt;", b"&#60;", b"\\u003c")
# The longest of them.
OPENING_BYTES_MAX = 6
# Of an attribute, or where the tag ends.
NEXT = re.compile(rb"([0-9A-Za-z_\-.%$]+)|[<>]|&(?:lt|gt|#60|#62);|\\u003[ce]", re.IGNORECASE)
EQUALS = re.compile(rb"[ \t\r\n\f]*=[ \t\r\n\f]*")
PLAIN_END = re.compile(rb"[ \t\r\n\f>]|&(?:gt|#62);|\\u003e", re.IGNORECASE)
ESCAPE = re.compile(rb"u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[nrt]")


class SecretTags:
    """Those of a text, as far as it was looked at."""

    def __init__(self, data: bytes, names: SecretNames):
        self._data = data
        self._names = names
        self._read_to = self._secret_to = 0
        # Bytes that were read more than once.
        self.again = 0

    def look(self, at: int, end: int) -> None:
        """Looks at a word; should it begin a tag, at all of it."""
        first = at + escape(self._data, at, end)
        if not self._data[max(0, first - OPENING_BYTES_MAX) : first].lower().endswith(OPENINGS):
            return
        # A mark that is never closed must not hide the tags after it. Nor may they all be read to the end of the text: what is not
        # looked at again may be secret.
        if first < self._read_to and self.again >= len(self._data):
            self._secret_to = max(self._secret_to, self._read_to)
            return
        to, is_secret = self._read(first, end)
        if first < self._read_to:
            self.again += to - first
        self._read_to = max(self._read_to, to)
        if is_secret:
            self._secret_to = max(self._secret_to, to)

    def value(self, at: int, end: int) -> Optional[Span]:
        """What the word begins, in a tag whose value is secret."""
        return self._attribute(end) if at < self._secret_to and self._is_any(at, end, VALUES) else None

    def _read(self, first: int, end: int) -> Tuple[int, bool]:
        """Where the tag ends, and whether its value is secret. The rest of a tag that is cut may say so."""
        data, at = self._data, end
        is_secret = has_label = has_type = False
        while True:
            found = NEXT.search(data, at)
            if not found:
                tag = data[first:end].lower()
                may_be = (tag == b"input" and not (has_label and has_type)) or (tag == b"meta" and not has_label)
                return len(data), is_secret or may_be
            if not found.group(1):
                return found.start(), is_secret
            at = found.end()
            span = self._attribute(at)
            if not span:
                continue
            at = span[1]
            is_whole = at < len(data)
            if self._is_any(found.start(), found.end(), LABELS):
                has_label |= is_whole
                is_secret |= self._is_label(data[span[0] : span[1]])
            elif self._is_any(found.start(), found.end(), TYPE):
                has_type |= is_whole
                is_secret |= data[span[0] : span[1]].lower() == b"password"

    def _attribute(self, end: int) -> Optional[Span]:
        """What stands after an attribute's name."""
        equals = EQUALS.match(self._data, end)
        if not equals:
            return None
        start = equals.end()
        opening = quote(self._data, start)
        if opening:
            return opening.after, closing_attribute(self._data, opening)
        found = PLAIN_END.search(self._data, start)
        return start, found.start() if found else len(self._data)

    def _is_label(self, label: bytes) -> bool:
        """`user[pin]` as a whole, and each of its words."""
        if len(label) > LABEL_BYTES_MAX:
            return False
        is_secret = self._names.is_secret
        return is_secret(label.decode("utf-8", "replace")) or any(is_secret(word.decode("ascii")) for word in NAME.findall(label))

    def _is_any(self, at: int, end: int, words: "frozenset[bytes]") -> bool:
        word = self._data[at:end].lower()
        return word in words or word[escape(self._data, at, end) :] in words


def escape(data: bytes, at: int, end: int) -> int:
    """Bytes at the beginning of a word that are the rest of an escape: `\\npassword`."""
    if at < 1 or data[at - 1] != 0x5C:
        return 0
    found = ESCAPE.match(data, at, end)
    return found.end() - at if found and found.end() < end else 0
