"""Takes secrets out of what a trace shows: names stay, a value becomes `‹redacted:3f9a›`, the beginning of a hash whose key is made
for the run and kept nowhere. It works on text as it comes: what has a secret's name beside it or a secret's shape.

The agent and the plug-ins in Java do the same (`agent/core/src/trace/redact.rs`); all are held to the same examples
(`plugins/sump/src/test/resources/trace/redaction.json`).
"""

import hashlib
import hmac
import re
from typing import Callable, Iterable, List, Optional

from .secret_names import ELEMENTS, SecretNames
from .secret_place import NAME, Span, element, form_part, value
from .secret_tag import SecretTags, escape

MARK = "‹redacted:".encode()
# Of the shortest token after `Bearer`.
CREDENTIALS = re.compile(rb"(?: |%20)([0-9A-Za-z\-._~+/=%]{8,})")
# A JSON Web Token: three parts in base64, the first of which is JSON.
WEB_TOKEN = re.compile(rb"eyJ[0-9A-Za-z_\-]{5,}\.[0-9A-Za-z_\-]{8,}\.")
# Blanks or hyphens may group the digits of a payment card.
CARD = re.compile(rb"[0-9](?:[ \-]?[0-9]){12,18}(?![0-9A-Za-z_]|[ \-][0-9])")


class Redactor:
    """With the run's key, and names of secrets beside the usual ones. For one thread."""

    def __init__(self, key: bytes, more_names: Iterable[str] = ()):
        self._key = key
        self._names = SecretNames(more_names)

    def text(self, text: str) -> str:
        """Any text: a URL, a page's source, an error, a label."""
        data = text.encode("utf-8", "replace")
        tags = SecretTags(data, self._names)
        shown = _Shown(data, self._hidden)
        # Of an element, whose attributes come first.
        content: Optional[Span] = None
        at = 0
        while True:
            word = NAME.search(data, at)
            if content and content[0] <= (word.start() if word else len(data)):
                shown.hide(content)
                at, content = max(at, content[1]), None
                continue
            if not word:
                return shown.end()
            at = word.end()
            tags.look(word.start(), at)
            secret = self._secret(data, word.start(), at, tags)
            if secret and not content and data.find(b">", at, secret[0]) >= 0:
                content = secret
            elif secret:
                shown.hide(secret)
                at = max(secret[1], at)

    def _secret(self, data: bytes, at: int, end: int, tags: SecretTags) -> Optional[Span]:
        """What the word is, or what it names."""
        word = data[at:end]
        first = at + escape(data, at, end)
        secret = _by_shape(data, first, end, data[first:end]) or tags.value(at, end)
        if not secret and word in ELEMENTS:
            secret = element(data, at, end, whole=True)
        is_secret = self._names.is_secret
        if not secret and (is_secret(word.decode("ascii")) or (first > at and is_secret(data[first:end].decode("ascii")))):
            secret = _with_token(data, value(data, at, end))
        secret = secret or form_part(data, at, end, is_secret)
        if not secret or secret[0] >= secret[1]:
            return None
        # Cut at characters whatever stands around it.
        return secret if all(data[place : place + 1] < b"\x80" or data[place] >= 0xC0 for place in secret) else None

    def _hidden(self, value_bytes: bytes) -> bytes:
        digest = hmac.new(self._key, value_bytes, hashlib.sha256).hexdigest()
        return MARK + digest[:4].encode() + "›".encode()


class _Shown:
    """A text as it is shown."""

    def __init__(self, data: bytes, hidden: Callable[[bytes], bytes]):
        self._data = data
        self._hidden = hidden
        self._parts: List[bytes] = []
        # Up to where it is written.
        self._done = 0

    def hide(self, secret: Span) -> None:
        """What is written already stays as it is."""
        start = max(secret[0], self._done)
        if start < secret[1] and not self._data.startswith(MARK, start):
            self._parts += (self._data[self._done : start], self._hidden(self._data[start : secret[1]]))
            self._done = secret[1]

    def end(self) -> str:
        return b"".join([*self._parts, self._data[self._done :]]).decode("utf-8", "replace")


def _with_token(data: bytes, secret: Optional[Span]) -> Optional[Span]:
    """`Authorization=Bearer TOKEN`, as Java prints a map."""
    if secret and data[secret[0] : secret[1]].lower() in (b"bearer", b"basic"):
        token = CREDENTIALS.match(data, secret[1])
        return (secret[0], token.end()) if token else secret
    return secret


def _by_shape(data: bytes, at: int, end: int, word: bytes) -> Optional[Span]:
    if word[:1].isdigit():
        card = CARD.match(data, at)
        return card.span() if card and _is_card(card.group()) else None
    if word.startswith(b"eyJ"):
        return (at, end) if WEB_TOKEN.match(word) else None
    if word.lower() in (b"bearer", b"basic"):
        token = CREDENTIALS.match(data, end)
        return token.span(1) if token else None
    return None


def _is_card(text: bytes) -> bool:
    """Its length, its first digit and its check digit fit."""
    digits = [digit - 0x30 for digit in text if digit not in b" -"]
    count, first = len(digits), digits[0]
    if not ((count == 13 and first == 4) or (count in (14, 15) and first == 3) or (count >= 16 and 2 <= first <= 6)):
        return False
    doubled = [digit << place % 2 for place, digit in enumerate(reversed(digits))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0 and len(set(digits)) > 1
