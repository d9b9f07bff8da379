"""Secrets whose name is another member's value: `{"name":"password","value":"s3cret"}`, in either order, with others between
them, in JSON, a script, or JSON within a string.
"""

import re
from typing import List, Optional, Set

from .secret_names import SecretNames
from .secret_place import NAME, Span
from .secret_quote import closing, quote
from .secret_tag import is_any, is_label

# Members that say what a value is, and those that have it.
LABELS = frozenset((b"name", b"id", b"key", b"property", b"field", b"parametername", b"parameterkey"))
VALUES = frozenset((b"value", b"val", b"content", b"values", b"parametervalue"))
# Members that say the same of a value in a change of JSON, and of one that a validator refused.
PATHS = frozenset((b"path", b"param", b"loc", b"instancepath", b"datapath", b"propertypath", b"pointer", b"label"))
# Members that have what was refused; and what tells nothing of it.
REFUSED = frozenset((b"rejectedvalue", b"invalidvalue", b"originalvalue", b"input", b"data", b"received", b"invalid"))
NOTHING = frozenset((b"null", b"None", b"undefined", b"string", b"number", b"boolean", b"object", b"array", b"nan"))
# A path that is a list: its last part.
LIST = re.compile(rb"\[(?:[^\],]*,)*([^\],]*)\]")
LIST_BYTES_MAX = 256
# Members that say the same of a field of a form. Of those a key may be one of the keyboard.
KINDS = frozenset((b"type",))
NO_KIND = b"key"
MISSING = b"missing"
KIND_BYTES_MAX = 256
# What says that an object is a key in JSON, and its members that are secret.
KEY_KIND = frozenset((b"kty",))
KEY_PARTS = frozenset(b"d p q dp dq qi k".split())
# Those that are secret as long as a cut may have taken the name, unless they are longer than secrets are.
IN_DOUBT = frozenset((b"value", b"val"))
DOUBT_BYTES_MAX = 4_096
# A member's name in a list of names and values, where `key` is no secret.
WORD = re.compile(rb"[A-Za-z_\-. :/\[\]]{1,40}\Z")
# Times the text's bytes that are read in search of quotation marks.
WORK_MAX = 4
NEXT = re.compile(rb"[{}\[\]\"'\\&]|" + NAME.pattern)
SEPARATOR = re.compile(rb"[ \t\r\n]*(?:=>|:|=)[ \t\r\n]*")
BACKSLASHES = re.compile(rb"\\*")
PLAIN = re.compile(rb"[^,;}\]\r\n\\\"'<>]*")


class _Open:
    """What is open: an object, an array, or a string, which may have objects in it."""

    def __init__(self, mark: bytes, at: int, limit: int, is_value: bool, is_input: bool):
        self.mark = mark
        self.at = at
        # Where the string around it ends.
        self.limit = limit
        # Where its last string ends, if it is an array.
        self.quote_at = 0
        self.is_value = is_value
        # Whether it is what was refused; and what was so in it, unless that is all in which a member was missing.
        self.is_input = is_input
        self.inputs: List[Span] = []
        self.is_missing = False
        # Whether what was refused is secret, is another question.
        self.is_secret = self.is_refused = self.has_label = False
        self.label: Optional[int] = None
        self.values: List[Span] = []
        self.is_key = False
        self.key_parts: List[Span] = []
        self.in_doubt: List[Span] = []
        self.refused: List[Span] = []


class SecretPairs:
    """Those of a text."""

    def __init__(self, data: bytes, names: SecretNames):
        self.secrets: List[Span] = []
        # Words that look like a secret's name and are none.
        self.labels: Set[int] = set()
        # Bytes that were read in search of quotation marks.
        self.work = 0
        self._data = data
        self._names = names
        self._open: List[_Open] = []
        # What is opened there is a member's value.
        self._value_at = self._input_at = -1
        if b"{" in data:
            self._read()

    def _read(self) -> None:
        data, at = self._data, 0
        while True:
            found = NEXT.search(data, at)
            at = found.start() if found else len(data)
            while self._open and self._open[-1].limit <= at:
                # A string's end is where it is, however far the next word.
                self._close(self._open[-1].limit)
            if not found:
                break
            what = found.group()
            if what in (b"{", b"["):
                self._push(what, at, self._limit())
            elif what == b"}":
                while self._is_in(b"["):
                    self._close(at)
                if self._is_in(b"{"):
                    self._close(at + 1)
            elif what == b"]":
                if self._is_in(b"["):
                    self._close(at + 1)
            elif what in b"\"'\\&":
                at = self._element(at) if self._is_in(b"[") else at + 1
                continue
            else:
                at = self._word(at, found.end())
                continue
            at += 1
        while self._open:
            self._close(min(self._limit(), len(data)))

    def _is_in(self, mark: bytes) -> bool:
        return bool(self._open) and self._open[-1].mark == mark

    def _limit(self) -> int:
        return self._open[-1].limit if self._open else len(self._data) + 1

    def _push(self, mark: bytes, at: int, limit: int) -> None:
        self._open.append(_Open(mark, at, limit, self._value_at == at, self._input_at == at))

    def _close(self, end: int) -> None:
        """What was opened last ends."""
        last = self._open.pop()
        if last.is_value and self._open:
            self._open[-1].values.append((last.at, end))
        if last.is_input and self._open:
            self._open[-1].inputs.append((last.at, end))
        if last.values and last.label is not None:
            self.labels.add(last.label)
        if last.is_key:
            self.secrets += last.key_parts
        if last.is_secret or last.is_refused:
            self.secrets += last.refused + ([] if last.is_missing else last.inputs)
        if last.is_secret:
            self.secrets += last.values
        elif end >= len(self._data) and not last.has_label and not self._data.endswith(b"}"):
            self.secrets += last.in_doubt

    def _element(self, at: int) -> int:
        """A string in an array, should one begin there."""
        opening, last = quote(self._data, at), self._open[-1]
        if opening and last.quote_at == at:
            return opening.after
        if not opening or self.work > WORK_MAX * len(self._data):
            return max(BACKSLASHES.match(self._data, at).end(), at + 1)
        last.quote_at = closing(self._data, opening)
        return self._string(at, (opening.after, last.quote_at), False)

    def _string(self, at: int, span: Span, label: bool) -> int:
        """What is in a string is looked at where it may be an object. Says from where on to read."""
        self.work += span[1] - span[0]
        if not label and self._data.find(b"{", *span) >= 0:
            self._push(b'"', at, min(span[1], self._limit()))
            return span[0]
        return span[1]

    def _word(self, at: int, end: int) -> int:
        """Looks at a word, and says from where on to read."""
        data = self._data
        named = quote(data, end)
        separator = SEPARATOR.match(data, named.after if named else end)
        if not separator:
            return end
        start = separator.end()
        value = is_any(data, at, end, VALUES)
        path, refused = is_any(data, at, end, PATHS), is_any(data, at, end, REFUSED)
        kind = path or refused or is_any(data, at, end, KINDS)
        label = is_any(data, at, end, LABELS)
        is_tired = self.work > WORK_MAX * len(data)
        if is_tired and not value:
            return end
        opening = quote(data, start)
        if opening:
            span = opening.after, closing(data, opening)
        elif data[start : start + 1] in (b"{", b"["):
            self._value_at = start if value and self._is_in(b"{") else -1
            self._input_at = start if refused and self._is_in(b"{") else -1
            if path:
                self._list(start)
            return start
        elif label or value or path or refused:
            plain = PLAIN.match(data, start).group()
            span = start, start + len(plain.rstrip(b" \t"))
        else:
            return end
        if is_tired:
            # What is not looked at may be secret.
            self.secrets.append(span)
            return max(span[1], end)
        self._key(at, end, span)
        if label or value or kind:
            self._member(at, end, span, label or kind)
        return self._string(start, span, label)

    def _key(self, at: int, end: int, span: Span) -> None:
        """A member that may be one of a key's."""
        if not self._is_in(b"{"):
            return
        if is_any(self._data, at, end, KEY_PARTS):
            self._open[-1].key_parts.append(span)
        elif is_any(self._data, at, end, KEY_KIND):
            self._open[-1].is_key = True

    def _list(self, at: int) -> None:
        """Looks at a path that is a list, `["body", "password"]`: what its last part names."""
        found = LIST.match(self._data, at, at + LIST_BYTES_MAX)
        if found and self._is_in(b"{"):
            self._open[-1].is_refused |= is_label(found.group(1), self._names)

    def _member(self, at: int, end: int, span: Span, label: bool) -> None:
        if not self._is_in(b"{") or span[0] >= span[1]:
            return
        last = self._open[-1]
        if is_any(self._data, at, end, REFUSED):
            if self._data[span[0] : span[1]] not in NOTHING:
                last.refused.append(span)
            return
        if not label:
            last.values.append(span)
            if is_any(self._data, at, end, IN_DOUBT):
                last.refused.append(span)
            if span[1] - span[0] <= DOUBT_BYTES_MAX and is_any(self._data, at, end, IN_DOUBT):
                last.in_doubt.append(span)
            return
        text = self._data[span[0] : span[1]]
        if is_any(self._data, at, end, KINDS):
            last.is_missing |= text.lower().endswith(MISSING)
            last.is_secret |= text.lower() != NO_KIND and len(text) <= KIND_BYTES_MAX and self._names.is_secret(text.decode("utf-8", "replace"))
            return
        if is_any(self._data, at, end, PATHS):
            is_path, is_carrier = text.startswith((b"/", b"\\/")), is_label(text, self._names)
            last.is_secret |= is_path and is_carrier
            # That of a file may have a folder of such a name.
            last.is_refused |= is_carrier and (is_path or b"/" not in text)
            return
        is_carrier = is_label(text, self._names)
        last.is_secret |= is_carrier
        last.is_refused |= is_carrier
        last.has_label |= span[1] < len(self._data)
        if is_carrier or WORD.match(text):
            last.label = at
