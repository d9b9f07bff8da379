"""Secrets whose name is the text of the element before theirs: `<key>password</key><string>s3cret</string>`, `<name>…</name><value>…`."""

import re
from typing import Optional

from .secret_markup import WHITE, element, escape, tag
from .secret_names import SecretNames
from .secret_pair import WORD
from .secret_quote import Span
from .secret_tag import is_label

LABELS = frozenset(b"key name param-name".split())
VALUES = frozenset(b"array data date dict false integer param-value real string true value".split())
# Of a label, with what stands around it.
LABEL_BYTES_MAX = 256
NAME = re.compile(rb"(?:[0-9A-Za-z_\-.%$]{1,64}:)?([0-9A-Za-z_\-.%$]{1,64})")
WHITE_BYTES = b" \t\r\n\f"


def keyed(data: bytes, at: int, end: int, names: SecretNames) -> Optional[Span]:
    """What the element is the name of that the word begins, which may be nothing; none if it names no other."""
    if data[at + escape(data, at, end) : end].lower() not in LABELS:
        return None
    found = tag(data, at, end)
    if not found:
        return None
    kind, first = found
    limit = min(len(data), end + LABEL_BYTES_MAX)
    begun = kind.edge.search(data, end, limit)
    if not begun or not begun.group(1) or data[end : begun.start()].endswith(b"/"):
        return None
    close = kind.edge.search(data, begun.end(), limit)
    if not close or close.group(1):
        return None
    slash = b"\\/" if data.startswith(b"\\", close.end()) else b"/"
    own = slash + data[first:end]
    closed = kind.edge.match(data, close.end() + len(own)) if data.startswith(own, close.end()) else None
    if not closed or not closed.group(1):
        return None
    other = kind.edge.match(data, WHITE.match(data, closed.end()).end())
    name = NAME.match(data, other.end()) if other and not other.group(1) else None
    if not name or name.group(1).lower() not in VALUES:
        return None
    label = data[begun.end() : close.start()].strip(WHITE_BYTES)
    is_carrier = is_label(label, names)
    if not is_carrier and not WORD.match(label):
        return None
    content = element(data, *name.span(1), whole=False) if is_carrier else None
    return content or (at, at)
