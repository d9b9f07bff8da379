"""Secrets in tables and lists of terms: `<th>API key</th><td>s3cret</td>`, `<dt>token</dt><dd>s3cret</dd>`."""

import re
from typing import NamedTuple, Optional, Tuple

from .secret_names import SecretNames
from .secret_place import CLOSING, OPENING, Span

# From a cell's beginning to that of its neighbour.
LABEL_CELL_BYTES_MAX = 1_024
# Of a cell's text that may be a name, and its words.
LABEL_BYTES_MAX = 64
LABEL_WORDS_MAX = 4
# What has one of these words is no secret's name: `Price per token`.
NO_NAMES = frozenset((b"per", b"price", b"cost"))
# A cell, and the one whose name it is.
NEIGHBOURS = {b"th": b"td", b"td": b"td", b"dt": b"dd"}
# Tags within a cell's text.
INLINE = frozenset(b"a b br code div em font i label p pre small span strong tt u".split())
# Where a cell ends, whether or not it is closed.
BEGINNINGS = frozenset(b"td th tr dt dd".split())
ENDS = frozenset(b"td th tr dt dd dl table tbody thead".split())
# Bytes of a tag's name.
NAME_BYTES_MAX = 16
SLASH = re.compile(rb"\\?/")
NAME = re.compile(rb"[0-9A-Za-z]*")
# Of what begins or ends a tag.
MARK_BYTES_MAX = 6
EITHER = re.compile(OPENING.pattern + rb"|" + CLOSING.pattern, re.IGNORECASE)
WHITE = re.compile(rb"(?:[ \t\r\n\f]|\\[nrtNRT])*")
TEXT = re.compile(rb"[^ \t\r\n\f]")
REFERENCE = re.compile(rb"&[#0-9A-Za-z]{0,7};")
WORD = re.compile(rb"[0-9A-Za-z]+")


class _Tag(NamedTuple):
    """Its name in small letters, whether it closes an element, and where its text goes on."""

    name: bytes
    is_end: bool
    after: int


def cell(data: bytes, first: int, end: int, names: SecretNames) -> Optional[Tuple[Span, int, int]]:
    """What a cell is the name of: the text in the next one, which may be none, and where that cell begins and ends."""
    own = data[first:end].lower()
    wanted = NEIGHBOURS.get(own)
    limit = min(len(data), end + LABEL_CELL_BYTES_MAX)
    at = tag_end(data, end, limit) if wanted else None
    if at is None:
        return None
    label = bytearray()
    while True:
        if at >= limit:
            return None
        one = tag(data, at, limit)
        reference = None if one else REFERENCE.match(data, at)
        if one and one.is_end and one.name == own:
            one = tag(data, WHITE.match(data, one.after).end(), limit)
            if not one or one.is_end or one.name != wanted:
                return None
            break
        if one and not one.is_end and one.name == wanted:
            break
        if one:
            if one.name not in INLINE:
                return None
            at = one.after
        elif reference:
            label += b" "
            at = reference.end()
        else:
            label.append(data[at])
            at += 1
    label = _inner(bytes(label).strip(b" \t\r\n\f"))
    if not is_name(label, names):
        return None
    value, cell_end = content(data, one.after)
    if not names.fits(label.decode("utf-8", "replace").strip(), data[value[0] : value[1]]):
        return None
    return value, one.after, cell_end


def _inner(label: bytes) -> bytes:
    """The name that is an index: `$_SERVER['PHP_AUTH_PW']`."""
    return label[label.rfind(b"[") + 1 : -1].strip(b" \"'") if label.endswith(b"]") and label.lstrip(b"$").startswith(b"_") else label


def is_name(label: bytes, names: SecretNames) -> bool:
    if len(label) > LABEL_BYTES_MAX:
        return False
    words = WORD.findall(label.lower())
    return len(words) <= LABEL_WORDS_MAX and NO_NAMES.isdisjoint(words) and names.is_secret(label.decode("utf-8", "replace"))


def content(data: bytes, start: int) -> Tuple[Span, int]:
    """The text of a cell without the tags around it, and where the cell ends."""
    first = last = at = start
    while True:
        found = OPENING.search(data, at)
        text_to = found.start() if found else len(data)
        one = tag(data, text_to, len(data)) if found else None
        if found and not one:
            # It is text.
            text_to += 1
        text = data[at:text_to]
        begins = TEXT.search(text)
        if begins:
            first = at + begins.start() if first == last else first
            last = at + len(text.rstrip(b" \t\r\n\f"))
        if not found or (one and one.name in (ENDS if one.is_end else BEGINNINGS)):
            return (first, last), text_to
        at = one.after if one else text_to


def tag(data: bytes, at: int, limit: int) -> Optional[_Tag]:
    """The tag that begins there. One that never ends is text."""
    opening = OPENING.match(data, at)
    if not opening:
        return None
    slash = SLASH.match(data, opening.end())
    name = NAME.match(data, slash.end() if slash else opening.end())
    after = tag_end(data, name.end(), limit)
    if after is None:
        return None
    return _Tag(name.group().lower() if len(name.group()) <= NAME_BYTES_MAX else b"", slash is not None, after)


def tag_end(data: bytes, start: int, limit: int) -> Optional[int]:
    """After the mark that ends a tag, before another begins."""
    found = EITHER.search(data, start, limit + MARK_BYTES_MAX)
    if not found or found.start() >= limit or OPENING.match(data, found.start()):
        return None
    return found.end()
