"""Values that say what a secret is like, and are none: `"password":{"type":"string","minLength":8}`, a label in another language."""

import re

from .secret_quote import Span

# Members of what describes a field, and of what is shown beside one; the first of them says that it does.
FIRST = rb"type|\$ref|label|title|placeholder|format|description"
MEMBER = FIRST + rb"|name|in|scheme|bearerFormat|minLength|maxLength|pattern|nullable|readOnly|writeOnly|required|hint|help|maximum|minimum"
KIND = rb"string|object|integer|number|boolean|array|apiKey|http|oauth2|openIdConnect|null|text|password|keyword"
VALUE = rb"(?:\"(?:[^\"\\]|\\.){0,256}\"|[0-9]{1,9}|true|false|null)"
NEXT = rb"[ \t\r\n]{0,64}"


def _members(names: bytes) -> bytes:
    return rb"\"(?:type\"" + NEXT + rb":" + NEXT + rb"\"(?:" + KIND + rb")\"|(?!type\")(?:" + names + rb")\"" + NEXT + rb":" + NEXT + VALUE + rb")" + NEXT


SCHEMA = re.compile(rb"\{" + NEXT + _members(FIRST) + rb"(?:," + NEXT + _members(MEMBER) + rb"){0,15}\}")
# The name of what a page shows, and its text.
LABEL = re.compile(rb"(?:forgot|forgotten|reset|change|show|hide|enter|invalid|wrong|missing|lost|weak|update|create|choose)[_\-]?(?=[A-Za-z])", re.IGNORECASE)
TEXT = re.compile(rb"[A-Z][A-Za-z ,.?!'\-]*")
TEXT_BYTES_MAX = 128


def describes(data: bytes, at: int, end: int, span: Span) -> bool:
    """Whether the value of a name from `at` to `end` only describes one."""
    start, to = span
    if data[start : start + 1] == b"{":
        found = SCHEMA.match(data, start, to)
        return found is not None and found.end() == to
    text = data[start:to] if to - start <= TEXT_BYTES_MAX and LABEL.match(data, at, end) else b""
    return b" " in text and TEXT.fullmatch(text) is not None
