"""Tokens among the protocols of a WebSocket, where browsers put them for want of other headers: `Sec-WebSocket-Protocol: a, X`."""

import re
from typing import Iterator

from .secret_names import SecretNames
from .secret_quote import Span

NAME = b"sec-websocket-protocol"
SIGN = re.compile(rb"\\?[\"']?[ \t]*[:=,][ \t]*\\?[\"']?")
ITEM = re.compile(rb"[ \t]*,?[ \t]*([0-9A-Za-z!#$%&*+^_|~/=.\-]+)")
# A part of one that has letters and a digit. Protocols are of words: `v4.channel.k8s.io`, `actioncable-v1-json`.
RUN = re.compile(rb"[0-9A-Za-z_]{12,}")
DIGIT, LETTER = re.compile(rb"[0-9]"), re.compile(rb"[A-Za-z]")


def protocols(data: bytes, at: int, end: int, names: SecretNames) -> Iterator[Span]:
    """Those that look like tokens, or follow a secret's name."""
    if data[at:end].lower() != NAME:
        return
    sign = SIGN.match(data, end)
    item = ITEM.match(data, sign.end()) if sign else None
    is_named = False
    while item:
        start = item.start(1)
        if is_named:
            yield item.span(1)
        else:
            for part in item.group(1).split(b"."):
                if any(DIGIT.search(run) and LETTER.search(run) for run in RUN.findall(part)):
                    yield start, item.end()
                    break
                start += len(part) + 1
        is_named = not is_named and names.is_secret(item.group(1).decode("ascii"))
        item = ITEM.match(data, item.end())
