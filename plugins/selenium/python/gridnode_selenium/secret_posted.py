"""Codes that a page posts for a browser to an application, `<input name="code" value="abc"><input name="state" …>`; and what a test
prints below a comparison that failed.
"""

import re
from typing import Iterator

from .secret_names import SecretNames
from .secret_quote import Span
from .secret_tag import is_label

TAG = re.compile(rb"<input(?=[ \t\r\n])([^<>]{0,4352})", re.IGNORECASE)
CODE = re.compile(rb"[ \t\r\n]name=[\"']?code[\"' \t\r\n]", re.IGNORECASE)
VALUE = re.compile(rb"[ \t\r\n]value=[\"']?([0-9A-Za-z._~/+=\-]{16,})", re.IGNORECASE)
STATE = re.compile(rb"name=[\"']?(?:state|session_state|iss|id_token)[\"' >]", re.IGNORECASE)
# How far the other field is.
BESIDE_BYTES_MAX = 2_048
LETTER = re.compile(rb"[A-Za-z]")
DIGIT = re.compile(rb"[0-9]")
# `assert token == found`, and lines with marks and values below it.
ASSERT = re.compile(rb"(?:(?<=\n)|\A)[ \t]{0,64}assert[ \t]([^\r\n]{1,256})\r?\n")
LINE = re.compile(rb"[ \t|]{0,512}(?:([\"'])([^\r\n]{0,4096})\1|[^ \t|\r\n\"'][^\r\n]{0,256})?[ \t]{0,64}(?:\r?\n|\Z)")
LINES_MAX = 16


def posted(data: bytes) -> Iterator[Span]:
    """The codes of a text."""
    if not STATE.search(data):
        return
    for tag in TAG.finditer(data):
        found = VALUE.search(tag.group(1)) if CODE.search(tag.group(1)) else None
        if not found or not (LETTER.search(found.group(1)) and DIGIT.search(found.group(1))):
            continue
        if STATE.search(data, max(0, tag.start() - BESIDE_BYTES_MAX), tag.end() + BESIDE_BYTES_MAX):
            yield tag.start(1) + found.start(1), tag.start(1) + found.end(1)


def asserted(data: bytes, names: SecretNames) -> Iterator[Span]:
    """The strings below comparisons of what has a secret's name."""
    for found in ASSERT.finditer(data):
        if b"==" not in found.group(1) or not is_label(found.group(1), names):
            continue
        at = found.end()
        for _ in range(LINES_MAX):
            line = LINE.match(data, at) if data[at : at + 1] in b" \t|\"'" else None
            if not line or line.end() == at:
                break
            if line.group(1):
                yield line.span(2)
            at = line.end()
