"""Tags in which one attribute names the secret that another one has: a hidden field, a password's, `<meta name="csrf-token">`.

They may be cut, written into a script's text, or shown as text on a page.
"""

import re
from typing import Optional, Tuple

from .secret_cell import cell
from .secret_markup import escape
from .secret_names import SecretNames
from .secret_place import CLOSING, NAME, OPENING, Span
from .secret_quote import closing_attribute, quote

# Attributes that say what a value is, and those that have it.
LABELS = frozenset((b"name", b"id", b"key", b"property", b"itemprop", b"http-equiv"))
VALUES = frozenset((b"value", b"content"))
TYPE = frozenset((b"type",))
# What a browser fills in, and what of it is secret.
FILL = frozenset((b"autocomplete",))
FILLED = frozenset(b"current-password new-password one-time-code cc-number cc-csc".split())
# The element within one that has its value.
CHILD = re.compile(rb"[ \t\r\n\f]*(?:" + OPENING.pattern + rb")(?:value|val|string|text|content)(?:" + CLOSING.pattern + rb")", re.IGNORECASE)
# Of the longest label that is looked at.
LABEL_BYTES_MAX = 256
# Labels whose element has its value as its text.
TEXT_LABELS = frozenset((b"name", b"key", b"property"))
# Elements that have no such text.
TEXTLESS = frozenset(b"input meta a form button link img iframe label".split())
# The element whose text may have tags in it.
TEXT_FIELD = frozenset((b"textarea",))
# Of a text field's tag that is not read to its end.
TAG_BYTES_MAX = 2_048
OPENINGS = (b"<", b"&lt;", b"&#60;", b"\\u003c")
# The longest of them.
OPENING_BYTES_MAX = 6
# Of an attribute, or where the tag ends.
NEXT = re.compile(rb"([0-9A-Za-z_\-.%$]+)|[<>]|&(?:lt|gt|#60|#62);|\\u003[ce]", re.IGNORECASE)
EQUALS = re.compile(rb"[ \t\r\n\f]*=[ \t\r\n\f]*")
PLAIN_END = re.compile(rb"[ \t\r\n\f>]|&(?:gt|#62);|\\u003e", re.IGNORECASE)
FIELD_END = re.compile(rb"(?:" + OPENING.pattern + rb")\\?/textarea", re.IGNORECASE)
WHITE_BYTES = b" \t\r\n\f"


class SecretTags:
    """Those of a text, as far as it was looked at."""

    def __init__(self, data: bytes, names: SecretNames):
        self._data = data
        self._names = names
        self._read_to = self._secret_to = 0
        # Up to where a cell of a table is that names another's text.
        self._label_to = 0
        # Bytes that were read more than once.
        self.again = 0

    def look(self, at: int, end: int) -> Optional[Span]:
        """Looks at a word; should it begin a tag, at all of it. What is secret of the element's text."""
        first = at + escape(self._data, at, end)
        if not self._data[max(0, first - OPENING_BYTES_MAX) : first].lower().endswith(OPENINGS):
            return None
        found = cell(self._data, first, end, self._names)
        if found:
            # There may be a field in the cell.
            value, self._label_to, cell_end = found
            self._secret_to = max(self._secret_to, cell_end)
            return value
        # A mark that is never closed must not hide the tags after it. Nor may they all be read to the end of the text: what is not
        # looked at again may be secret.
        if first < self._read_to and self.again >= len(self._data):
            self._secret_to = max(self._secret_to, self._read_to)
            to = self._data.find(b">", end, end + TAG_BYTES_MAX)
            return self._content(first, end, to) if to >= 0 and self._data[first:end].lower() in TEXT_FIELD else None
        to, is_secret, has_text = self._read(first, end)
        if first < self._read_to:
            self.again += to - first
        self._read_to = max(self._read_to, to)
        if is_secret:
            self._secret_to = max(self._secret_to, to)
        return self._content(first, end, to) if has_text else None

    def is_label(self, at: int) -> bool:
        """Whether a word is part of what names another cell's text."""
        return at < self._label_to

    def _content(self, first: int, end: int, tag_end: int) -> Optional[Span]:
        """The text of an element whose tag ends there, up to the next tag, or, of a text field, to its own."""
        data = self._data
        close = CLOSING.match(data, tag_end)
        if is_any(data, first, end, TEXTLESS) or data[tag_end - 1 : tag_end] == b"/" or not close:
            return None
        close = CHILD.match(data, close.end()) or close
        found = (FIELD_END if is_any(data, first, end, TEXT_FIELD) else OPENING).search(data, close.end())
        text = data[close.end() : found.start() if found else len(data)]
        to = close.end() + len(text.rstrip(WHITE_BYTES))
        start = close.end() + len(text) - len(text.lstrip(WHITE_BYTES))
        return (start, to) if to > start else None

    def value(self, at: int, end: int) -> Optional[Span]:
        """What the word begins, in a tag whose value is secret."""
        return self._attribute(end) if at < self._secret_to and is_any(self._data, at, end, VALUES) else None

    def _read(self, first: int, end: int) -> Tuple[int, bool, bool]:
        """Where the tag ends, whether its value is secret, and whether its text is. The rest of a tag that is cut may say so."""
        data, at = self._data, end
        is_secret = has_label = has_type = has_text = False
        is_field = is_any(data, first, end, TEXT_FIELD)
        while True:
            found = NEXT.search(data, at)
            if not found:
                tag = data[first:end].lower()
                may_be = (tag == b"input" and not (has_label and has_type)) or (tag == b"meta" and not has_label)
                return len(data), is_secret or may_be, has_text
            if not found.group(1):
                return found.start(), is_secret, has_text
            at = found.end()
            span = self._attribute(at)
            if not span:
                continue
            at = span[1]
            is_whole = at < len(data)
            if is_any(data, found.start(), found.end(), LABELS):
                has_label |= is_whole
                is_carrier = is_label(data[span[0] : span[1]], self._names)
                is_secret |= is_carrier
                has_text |= is_carrier and (is_field or is_any(data, found.start(), found.end(), TEXT_LABELS))
            elif is_any(data, found.start(), found.end(), TYPE):
                has_type |= is_whole
                is_secret |= data[span[0] : span[1]].lower() == b"password"
            elif is_any(data, found.start(), found.end(), FILL):
                is_secret |= data[span[0] : span[1]].lower().split(b" ")[-1] in FILLED

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


def is_label(label: bytes, names: SecretNames) -> bool:
    """`user[pin]` as a whole, and each of its words."""
    if len(label) > LABEL_BYTES_MAX:
        return False
    is_secret = names.is_secret
    return is_secret(label.decode("utf-8", "replace")) or any(is_secret(word.decode("ascii")) for word in NAME.findall(label))


def label_fits(label: bytes, value: bytes, names: SecretNames) -> bool:
    """Whether a value is secret that has this label: as a whole, or one of its words."""
    words = [label, *NAME.findall(label)]
    return any(names.fits(word.decode("utf-8", "replace"), value) for word in words)


def is_any(data: bytes, at: int, end: int, words: "frozenset[bytes]") -> bool:
    """Whether a word is one of these, in whatever letters."""
    word = data[at:end].lower()
    return word in words or word[escape(data, at, end) :] in words
