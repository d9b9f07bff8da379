"""Takes secrets out of what a trace shows: names stay, a value becomes `‹redacted:3f9a›`, the beginning of a hash whose key is made
for the run and kept nowhere. It works on text as it comes: what has a secret's name beside it or a secret's shape.

The agent and the plug-ins in Java do the same (`agent/core/src/trace/redact.rs`); all are held to the same examples
(`plugins/sump/src/test/resources/trace/redaction.json`).
"""

import hashlib
import heapq
import hmac
import re
from typing import Callable, Iterable, Iterator, List, Optional, Tuple

from .secret_arrow import arrows
from .secret_bearer import SCHEMES, credentials
from .secret_bearer import encoded as encoded_credentials
from .secret_caption import caption
from .secret_command import SecretCommand, netrc
from .secret_code import NAME as CODE, code, is_exchange, proof
from .secret_complaint import complains
from .secret_encoded import encoded
from .secret_expression import is_expression
from .secret_fold import Folded
from .secret_form import form
from .secret_grid import grids
from .secret_ini import pairs as lined
from .secret_insert import inserted
from .secret_join import joined, scheme_joined
from .secret_keyed import keyed
from .secret_lines import SecretLines
from .secret_list import lists
from .secret_loose import loose
from .secret_mark import BEGINNING, HIDDEN, MARK
from .secret_markup import element, escape
from .secret_names import ELEMENTS, SecretNames
from .secret_pair import SecretPairs
from .secret_phrase import phrase
from .secret_place import NAME, Span, form_part, value
from .secret_posted import asserted, posted
from .secret_rare import rare
from .secret_refused import refused
from .secret_route import route
from .secret_schema import describes
from .secret_script import script
from .secret_sentence import sentence
from .secret_sheet import sheets
from .secret_socket import protocols
from .secret_spoken import spoken
from .secret_sql import statement
from .secret_table import columns
from .secret_tag import SecretTags
from .secret_token import tokens
from .secret_url import parameters, password
from .secret_weak import BEFORE_BYTES_MAX, BYTES_MAX, WEAK, Kind, is_another
from .secret_verdict import verdicts

# A JSON Web Token: three parts in base64, the first of which is JSON; of five the second may be empty.
WEB_TOKEN = re.compile(rb"eyJ[0-9A-Za-z_\-]{5,}\.(?:[0-9A-Za-z_\-]{8,}\.|\.[^.]*\.[^.]*\.)")
# Blanks or hyphens may group the digits of a payment card; after four digits, other marks and blanks as a form or a page has them.
CARD_GAP = rb"(?:[ \-]|(?<=[0-9]{4})(?:[+._]|%20|&nbsp;|&#160;|&#x[aA]0;|\xc2\xa0|\xe2\x80\xaf|\\u00[aA]0))"
# What may group them as well, but is often between a card and other numbers.
WIDE_GAP = rb"(?:" + CARD_GAP + rb"|(?<=[0-9]{4})(?:  |\t|/|%2[Ff]|\xe2\x80\x93|&ndash;|&#8211;|\\u2013))"
CARDS = tuple(re.compile(rb"[0-9](?:" + gap + rb"?[0-9]){12,18}(?!" + gap + rb"?[0-9])") for gap in (WIDE_GAP, CARD_GAP, rb"(?:(?!))"))
# What follows a card's number in its second track.
SECOND_TRACK = re.compile(rb"(?:=|%3[Dd])[0-9]{7,24}")
# A card's number after a letter.
GLUED = re.compile(rb"(?<=[A-Za-z_])[0-9]{13,19}(?![0-9])")
# What a card's first track begins with, also as a URL has it.
TRACK = re.compile(rb"%(?:25)?[Bb](?=[0-9])")
NO_DIGITS = re.compile(WIDE_GAP)
# A word, or what stands before a host, or a place holder.
NEXT = re.compile(rb"(?P<name>" + NAME.pattern + rb")|:|" + MARK.pattern)
# Times a text is read. What is hidden may be what hid something else.
READINGS_MAX = 8


class Redactor:
    """With the run's key, and names of secrets beside the usual ones. For one thread."""

    def __init__(self, key: bytes, more_names: Iterable[str] = ()):
        self._key = key
        self._names = SecretNames(more_names)

    def text(self, text: str) -> str:
        """Any text: a URL, a page's source, an error, a label. Of what it returns, it returns the same."""
        before = text.encode("utf-8", "replace")
        shown = self._read(before)
        for _ in range(READINGS_MAX - 1):
            # What is encoded is looked at when nothing else is left.
            shown = encoded(shown, self._read, self._hidden) if shown == before else shown
            if shown == before:
                break
            before, shown = shown, self._read(shown)
        return (shown if shown == before else self._hidden(shown)).decode("utf-8", "replace")

    def _read(self, written: bytes) -> bytes:
        folded = Folded(written)
        data = folded.data
        tags, pairs, lines = SecretTags(data, self._names), SecretPairs(data, self._names), SecretLines(data, self._names)
        shown = _Shown(folded, self._hidden)
        cells = [*columns(data, self._names), *sheets(data, self._names)]
        # Before the first of them the titles are.
        head_end = cells[0][0] if cells else 0
        told = (
            *pairs.secrets, *cells, *form(data, self._names), *tokens(data), *lists(data, self._names),
            *verdicts(data, self._names), *refused(data, self._names), *arrows(data, self._names), *netrc(data),
            *grids(data, self._names), *lined(data, self._names), *posted(data), *asserted(data, self._names),
        )  # fmt: skip
        for secret in told:
            shown.push(secret)
        for secret in (*lines.secrets, *rare(data, self._names)):
            shown.push(_with_token(data, secret))
        labels, has_codes = pairs.labels | lines.labels, is_exchange(data)
        command = SecretCommand(data)
        at = 0
        while True:
            word = NEXT.search(data, at)
            at = max(at, shown.hide_before(word.start() + 1 if word else len(data) + 1))
            if not word:
                return shown.end()
            if at > word.start():
                continue
            at = word.end()
            if word.lastgroup != "name":
                shown.push(password(data, word.start()) if word.group() == b":" else None)
                continue
            shown.push(tags.look(word.start(), at))
            named = keyed(data, word.start(), at, self._names)
            shown.push(named)
            is_label = bool(named) or word.start() in labels or tags.is_label(word.start())
            shown.push(self._secret(data, word.start(), at, tags, is_label))
            first = word.start() + escape(data, word.start(), at)
            shown.push(code(data, word.start(), at, has_codes) if data[first:at] == CODE else None)
            shown.push(proof(data, first, at))
            shown.push(sentence(data, first, at, self._names))
            shown.push(scheme_joined(data, first, at))
            shown.push(statement(data, first, at, self._names))
            shown.push(route(data, first, at, self._names))
            shown.push(caption(data, first, at, self._names))
            shown.push(spoken(data, first, at, self._names) if not is_label else None)
            shown.push(loose(data, first, at, head_end, self._names) if not is_label else None)
            if b"%" in word.group():
                for secret in (*parameters(data, first, at, self._names), *encoded_credentials(data, first, at)):
                    shown.push(secret)
            for secret in (*_glued_cards(data, first, at), *protocols(data, first, at, self._names), *inserted(data, first, at, self._names)):
                shown.push(secret)
            shown.push(command.look(first, at))
            # It may be the word itself.
            at = max(at, shown.hide_before(at))

    def _secret(self, data: bytes, at: int, end: int, tags: SecretTags, is_label: bool) -> Optional[Span]:
        """What the word is, or what it names."""
        first = at + escape(data, at, end)
        secret = _by_shape(data, first, end, data[first:end]) or tags.value(at, end)
        if not secret and data[first:end] in ELEMENTS:
            secret = element(data, at, end, whole=True)
        if not secret and not is_label:
            secret = self._named(data, at, end, at) or (self._named(data, at, end, first) if first > at else None)
            start = phrase(data, first, end, self._names) if not secret else None
            secret = self._named(data, start, end, start) if start is not None else secret
        return secret or form_part(data, at, end, self._names)

    def _named(self, data: bytes, at: int, end: int, first: int) -> Optional[Span]:
        """The value of a word, if it is a secret's name from `first` on."""
        name = data[first:end].decode("ascii")
        kind = self._names.kind(name)
        if kind in WEAK:
            start = max(0, at - BEFORE_BYTES_MAX)
            around = data[start : end + BYTES_MAX]
            seen = value(around, at - start, end - start)
            if not seen or not self._names.fits(name, around[seen[0] : seen[1]]):
                return None
        written = script(data, at, end, self._names) if kind is Kind.SECRET else None
        if written:
            return written.span
        found = value(data, at, end) if kind is not Kind.NONE else None
        if not found or describes(data, at, end, found) or complains(data, found):
            return None
        found = joined(data, found)
        is_other = kind is Kind.PASS and is_another(data, end, *found)
        return None if is_other else _with_token(data, found)

    def _hidden(self, value_bytes: bytes) -> bytes:
        """A value's place holder. What is one already stays, and what says of itself that it has no value."""
        if HIDDEN.match(value_bytes) or is_expression(value_bytes, 0, len(value_bytes)):
            return value_bytes
        digest = hmac.new(self._key, value_bytes, hashlib.sha256).hexdigest()
        return BEGINNING + digest[:4].encode() + "›".encode()


class _Shown:
    """A text as it is shown."""

    def __init__(self, folded: Folded, hidden: Callable[[bytes], bytes]):
        self._written = folded.written
        self._folded = folded
        self._data = folded.data
        self._hidden = hidden
        self._parts: List[bytes] = []
        # Up to where it is shown, and the same of what is written.
        self._done = 0
        self._written_to = 0

        # What was found and is not reached yet: of two that begin together the longer one is first.
        self._secrets: List[Tuple[int, int]] = []

    def push(self, secret: Optional[Span]) -> None:
        """Cut at characters whatever stands around it."""
        if secret and secret[0] < secret[1] and not is_expression(self._data, *secret):
            if all(self._data[place : place + 1] < b"\x80" or self._data[place] >= 0xC0 for place in secret):
                heapq.heappush(self._secrets, (secret[0], -secret[1]))

    def hide_before(self, at: int) -> int:
        """Those that begin before a place, each with those that overlap it; says up to where. What is written already stays."""
        to = 0
        while self._secrets and self._secrets[0][0] < at:
            start, end = heapq.heappop(self._secrets)
            end = -end
            while self._secrets and self._secrets[0][0] < end:
                end = max(end, -heapq.heappop(self._secrets)[1])
            start = max(start, self._done)
            if start < end:
                first, last = self._folded.place(start, end)
                self._parts += (self._written[self._written_to : first], self._hidden(self._written[first:last]))
                self._done, self._written_to = end, last
            to = max(to, end)
        return to

    def end(self) -> bytes:
        return b"".join([*self._parts, self._written[self._written_to :]])


def _with_token(data: bytes, secret: Optional[Span]) -> Optional[Span]:
    """`Authorization=Bearer TOKEN`, as Java prints a map."""
    token = credentials(data, *secret) if secret and data[secret[0] : secret[1]].lower() in SCHEMES else None
    return (secret[0], token[1]) if token else secret


def _by_shape(data: bytes, at: int, end: int, word: bytes) -> Optional[Span]:
    track = TRACK.match(word)
    if track or word[:1].isdigit():
        return _card(data, at + (track.end() if track else 0))
    if word.startswith(b"eyJ"):
        return (at, end) if WEB_TOKEN.match(word) else None
    return credentials(data, at, end)


def _card(data: bytes, at: int) -> Optional[Span]:
    cards = (card.match(data, at) for card in CARDS)
    found = next((card for card in cards if card and _is_card(card.group())), None)
    track = SECOND_TRACK.match(data, found.end()) if found else None
    return (at, track.end() if track else found.end()) if found else None


def _glued_cards(data: bytes, at: int, end: int) -> Iterator[Span]:
    """Numbers of cards within the word, glued to letters: `id4111111111111111x`. After a point it is a fraction's."""
    for digits in GLUED.finditer(data, at, end):
        if digits.start() > at and _is_card(digits.group()):
            track = SECOND_TRACK.match(data, digits.end())
            yield digits.start(), track.end() if track else digits.end()


def _is_card(text: bytes) -> bool:
    """Its length, its first digit and its check digit fit."""
    digits = [digit - 0x30 for digit in NO_DIGITS.sub(b"", text)]
    count, first = len(digits), digits[0]
    if not ((count == 13 and first == 4) or (count in (14, 15) and first == 3) or (count >= 16 and 2 <= first <= 6)):
        return False
    doubled = [digit << place % 2 for place, digit in enumerate(reversed(digits))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0 and len(set(digits)) > 1
