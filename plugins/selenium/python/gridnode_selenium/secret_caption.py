"""Values on a page that stand in the element after the one that names them: `<label>API key</label> <code>s3cret1</code>`. They must
look like values, see `secret_likely`: many elements stand beside another.
"""

from typing import Optional

from .secret_cell import WHITE, is_name, tag, tag_end
from .secret_likely import is_likely
from .secret_markup import escape
from .secret_names import SecretNames
from .secret_place import OPENING, Span

# Elements that name another, and those that have a value.
OWN = frozenset(b"b dfn div em h1 h2 h3 h4 h5 h6 i label legend li p small span strong".split())
VALUES = frozenset(b"b code data div em i kbd mark output p pre samp span strong tt var".split())
TAG_BYTES_MAX = 256
LABEL_BYTES_MAX = 64
VALUE_BYTES_MAX = 512
WHITE_BYTES = b" \t\r\n"


def caption(data: bytes, first: int, end: int, names: SecretNames) -> Optional[Span]:
    """The text of the element after the one whose tag's name stands there."""
    own = data[first:end].lower()
    if own not in OWN or not _is_tag(data, first):
        return None
    label = tag_end(data, end, min(len(data), end + TAG_BYTES_MAX))
    label_to = _text_end(data, label, LABEL_BYTES_MAX + 1) if label is not None else None
    if label_to is None or not is_name(data[label:label_to], names):
        return None
    close = tag(data, label_to, min(len(data), label_to + TAG_BYTES_MAX))
    if not close or not close.is_end or close.name != own:
        return None
    at = WHITE.match(data, close.after).end()
    one = tag(data, at, min(len(data), at + TAG_BYTES_MAX))
    if not one or one.is_end or one.name not in VALUES:
        return None
    to = _text_end(data, one.after, VALUE_BYTES_MAX)
    if to is None:
        return None
    text = data[one.after : to]
    value = text.strip(WHITE_BYTES)
    start = one.after + len(text) - len(text.lstrip(WHITE_BYTES))
    return (start, start + len(value)) if len(value.split()) == 1 and is_likely(value) else None


def _is_tag(data: bytes, first: int) -> bool:
    return any(OPENING.fullmatch(data, max(0, first - length), first) for length in (1, 4, 5, 6))


def _text_end(data: bytes, at: int, count: int) -> Optional[int]:
    """Where the next tag begins, or the text ends."""
    limit = min(len(data), at + count)
    found = OPENING.search(data, at, min(len(data), limit + 5))
    if found and found.start() < limit:
        return found.start()
    return limit if limit == len(data) else None
