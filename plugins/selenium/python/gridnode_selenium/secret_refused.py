"""Values that the validators of frameworks quote when they refuse them, with their names before them or after:
`Variable "$password" got invalid value "abc"`, `"password" with value "abc" fails`, `{"password":["'abc' is too weak"]}`.
"""

import re
from typing import Iterator, List, Optional, Tuple

from .secret_rare import FIELDS
from .secret_names import SecretNames
from .secret_nothing import sentences
from .secret_quote import Span, closing, quote
from .secret_tag import is_label

# GraphQL's, after which the name may follow.
VARIABLE = b"got invalid value "
PLACE = b" at "
# Joi's and Spring's.
VALUE = b" with value"
COLON = re.compile(rb":?[ ]?")
PROPERTY = b"property '"
REASON = re.compile(rb"(?:nvalid UUID string: |or input string: |or value )\[?")
PLAIN = re.compile(rb"[^\r\n\"'<>,;\]\\]+")
# Jackson's, with the name in the chain that leads to it.
STRING = b"from String "
CHAIN = b"reference chain: "
CHAIN_END = re.compile(rb"[)\r\n]")
# Of a parameter, and of a header that is none of Amazon's.
PARAMETER = b"nvalid value "
FOR = b" for "
LABEL = re.compile(rb"[^.,;:\r\n\"<\\]{1,64}")
# Groovy's, in one line: what was asserted, and the values in it.
ASSERT = b"assert "
ASSERTED = re.compile(rb"([^|\r\n]{1,256})\| ")
ASSERTED_BYTES_MAX = 260
LINE = re.compile(rb"[^\r\n]*")
WORD = re.compile(rb"[0-9A-Za-z_]+")
STRING_OF = re.compile(rb"'([^'\r\n]{1,256})'")
HEADER = b"' not a valid key=value pair"
# A list of sentences about one field, and what they quote.
LISTS = (b":[", b": [")
LISTED = re.compile("“([^”\r\n\"]{1,128})”".encode() + rb"|\\u201[cC]([^\"\\\r\n]{1,128})\\u201[dD]|(?<![0-9A-Za-z])'([^'\r\n\"]{1,128})'(?![0-9A-Za-z])|\\\"([^\"\\\r\n]{1,128})\\\"")
NAME_BEFORE = re.compile(rb"[0-9A-Za-z_\-.%$]+\Z")
MARKS = b"\"'`\\ "
NAME_BYTES_MAX = 128
VALUE_BYTES_MAX = 1_024


def refused(data: bytes, names: SecretNames) -> Iterator[Span]:
    """Those of a text."""
    rules = ((VARIABLE, _variable), (VALUE, _named), (PROPERTY, _property), (STRING, _chain), (PARAMETER, _parameter), (HEADER, _header), (ASSERT, _asserted))
    for anchor, rule in (*rules, *((mark, _listed) for mark in LISTS)):
        at = data.find(anchor)
        while at >= 0:
            yield from rule(data, at, at + len(anchor), names)
            at = data.find(anchor, at + len(anchor))


def _string(data: bytes, at: int) -> Optional[Tuple[int, int, int]]:
    """The string that begins there, and where what follows it begins."""
    opening = quote(data, at)
    if not opening:
        return None
    to = opening.after + closing(data[opening.after : opening.after + VALUE_BYTES_MAX], opening._replace(after=0))
    close = quote(data, to)
    return (opening.after, to, close.after) if close and to < opening.after + VALUE_BYTES_MAX else None


def _is_named(data: bytes, at: int, names: SecretNames) -> bool:
    """Whether a secret's name stands before."""
    before = NAME_BEFORE.search(data[max(0, at - NAME_BYTES_MAX) : at].rstrip(MARKS))
    return before is not None and names.is_secret(before.group().decode("ascii"))


def _variable(data: bytes, at: int, after: int, names: SecretNames) -> List[Span]:
    value = _string(data, after)
    place = _string(data, value[2] + len(PLACE)) if value and data.startswith(PLACE, value[2]) else None
    is_one = value and (_is_named(data, at, names) or (place and is_label(data[place[0] : place[1]], names)))
    return [value[:2]] if is_one else []


def _named(data: bytes, at: int, after: int, names: SecretNames) -> List[Span]:
    value = _string(data, COLON.match(data, after).end())
    return [value[:2]] if value and _is_named(data, at, names) else []


def _property(data: bytes, _at: int, after: int, names: SecretNames) -> List[Span]:
    end = data.find(b"'", after, after + NAME_BYTES_MAX)
    if end < 0 or not is_label(data[after:end], names):
        return []
    reason = REASON.search(data, end, end + VALUE_BYTES_MAX)
    if not reason:
        return []
    value = _string(data, reason.end())
    plain = PLAIN.match(data, reason.end(), reason.end() + VALUE_BYTES_MAX)
    return [value[:2]] if value else [plain.span()] if plain else []


def _chain(data: bytes, _at: int, after: int, names: SecretNames) -> List[Span]:
    value = _string(data, after)
    chain = data.find(CHAIN, value[2], value[2] + VALUE_BYTES_MAX) if value else -1
    if chain < 0:
        return []
    path = CHAIN_END.split(data[chain : chain + VALUE_BYTES_MAX], maxsplit=1)[0]
    return [value[:2]] if is_label(path[path.rfind(b"[") + 1 :], names) else []


def _parameter(data: bytes, _at: int, after: int, names: SecretNames) -> List[Span]:
    value = _string(data, after)
    label = LABEL.match(data, value[2] + len(FOR)) if value and data.startswith(FOR, value[2]) else None
    return [value[:2]] if label and is_label(label.group(), names) else []


def _header(data: bytes, at: int, _after: int, _names: SecretNames) -> List[Span]:
    mark = data.rfind(b"'", max(0, at - VALUE_BYTES_MAX), at)
    return [(mark + 1, at)] if mark >= 0 else []


def _asserted(data: bytes, _at: int, after: int, names: SecretNames) -> List[Span]:
    asserted = ASSERTED.match(data, after, after + ASSERTED_BYTES_MAX)
    if not asserted or not any(names.is_secret(word.decode("ascii")) for word in WORD.findall(asserted.group(1))):
        return []
    line = LINE.match(data, asserted.end(), asserted.end() + VALUE_BYTES_MAX)
    return [found.span(1) for found in STRING_OF.finditer(data, asserted.end(), line.end())]


def _listed(data: bytes, at: int, after: int, names: SecretNames) -> Iterator[Span]:
    if not quote(data, at - 1) or not _is_named(data, at, names) or not sentences(data, after - 1):
        return
    # Sentences end where none is left.
    end = data.find(b"]", after, after + VALUE_BYTES_MAX)
    for found in LISTED.finditer(data, after, end if end >= 0 else min(len(data), after + VALUE_BYTES_MAX)):
        text = found.group(found.lastindex)
        if text.lower() not in FIELDS and not is_label(text, names):
            yield found.span(found.lastindex)
