"""The lines of the sump's sample dialect as bytes: what a sample, the users and the ledger look like."""

import hashlib
import re
from typing import Optional
from urllib.parse import quote_plus

ERROR_BYTES_MAX = 1_024
CODE_BYTES_MAX = 256
# A longer label is cut as the receiver would cut it, so that both name it alike.
LABEL_BYTES_MAX = 512
LABEL_BYTES_KEPT = 494
# What the longest line of a ledger adds to a datagram.
LEDGER_FIELDS_BYTES_MAX = 100
CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f]")
ESCAPED = re.compile(r'\\(["\\])')


def label_text(label: str) -> str:
    """A label as it is sent: never empty, cut to 512 bytes with a digest of the whole, URL-encoded."""
    return quote_plus(_label_cut(label), safe="*")


def label_id(label: str) -> str:
    """The id that the agent gives to a label that was sent so: the beginning of its SHA-256."""
    received = CONTROL.sub("\ufffd", _label_cut(label))
    received = "__other___" if received == "__other__" else received
    return hashlib.sha256(received.encode("utf-8")).hexdigest()[:16]


def _label_cut(label: str) -> str:
    text = (label or "__empty__").encode("utf-8", "replace")
    if len(text) > LABEL_BYTES_MAX:
        kept = text[:LABEL_BYTES_KEPT].decode("utf-8", "ignore")
        return kept + "…" + hashlib.sha256(text).hexdigest()[:12]
    return text.decode("utf-8")


def quotable(text: str, bytes_max: int) -> str:
    """The inside of a quoted field: control characters become spaces, since receivers split on LF first."""
    # A text may be as long as a plan likes, and more than its bytes are never sent.
    plain = "".join(c if c >= " " and c != "\x7f" else " " for c in text[:bytes_max])
    plain = plain.encode("utf-8", "replace").decode("utf-8")
    escaped = []
    length = 0
    for character in plain:
        piece = "\\" + character if character in '"\\' else character
        length += len(piece.encode("utf-8"))
        if length > bytes_max:
            break
        escaped.append(piece)
    return "".join(escaped)


def sent(text: str, bytes_max: int) -> str:
    """A text as receivers know it from a sample's line: cut, control characters as spaces."""
    return ESCAPED.sub(r"\1", quotable(text, bytes_max))


def tag_value(text: str) -> str:
    """A tag's value: commas, spaces and equals signs escaped, what cannot be escaped replaced."""
    plain = "".join("_" if c < " " or c in "\x7f\\" else c for c in text)
    return plain.replace(",", "\\,").replace(" ", "\\ ").replace("=", "\\=")


class Lines:
    """Writes lines for one flood and one source."""

    def __init__(self, flood: str, source: str):
        self._flood = tag_value(flood)
        self._source = tag_value(source)

    def sample(
        self,
        label: str,
        rt_ms: float,
        ok: bool,
        end_ns: int,
        code: Optional[str] = None,
        lat_ms: Optional[float] = None,
        error: Optional[str] = None,
        transaction: bool = False,
    ) -> bytes:
        """One finished sample, newline included."""
        fields = [f"rt={rt_ms:.3f}", "ok=t" if ok else "ok=f"]
        if code:
            fields.append(f'code="{quotable(code, CODE_BYTES_MAX)}"')
        if lat_ms is not None:
            fields.append(f"lat={lat_ms:.3f}")
        if transaction:
            fields.append('kind="transaction"')
        if error:
            fields.append(f'error="{quotable(error, ERROR_BYTES_MAX)}"')
        return f"sample,flood={self._flood},label={label_text(label)} {','.join(fields)} {end_ns}\n".encode()

    def users(self, active: int, started: int, finished: int, now_ns: int) -> bytes:
        """How many users run, newline included."""
        tags = f"users,flood={self._flood},source={self._source}"
        return f"{tags} active={active}i,started={started}i,finished={finished}i {now_ns}\n".encode()

    def ledger(self, seq: int, samples: int, truncated: int, final: bool = False) -> bytes:
        """The account that ends every datagram, newline included."""
        tags = f"ledger,flood={self._flood},source={self._source}"
        last = ",final=t" if final else ""
        return f"{tags} seq={seq}i,samples={samples}i,truncated={truncated}i{last}\n".encode()

    def ledger_bytes_max(self) -> int:
        """The most bytes of a line of the ledger."""
        return len(self.ledger(0, 0, 0, True)) + LEDGER_FIELDS_BYTES_MAX
