"""What a program says on its standard error: passed on line by line, its last lines kept. No line and no number of them may
take more memory than this."""

import os
from collections import deque
from typing import Callable, Deque

CHUNK_BYTES = 64 * 1_024
LINE_BYTES_MAX = 8 * 1_024
LINES_KEPT = 8
KEPT_CHARS_MAX = 300
CUT = b" [cut]"


class Tail:
    """Of one program."""

    def __init__(self, say: Callable[[bytes], None]):
        self._say = say
        self._line = bytearray()
        self._is_cut = False
        self._last: Deque[str] = deque(maxlen=LINES_KEPT)

    @property
    def text(self) -> str:
        """The last lines."""
        return "\n".join(list(self._last))

    def follow(self, descriptor: int) -> None:
        """Until its end."""
        while True:
            try:
                chunk = os.read(descriptor, CHUNK_BYTES)
            except OSError:
                chunk = b""
            if not chunk:
                self._end_line()
                return
            self.take(chunk)

    def take(self, chunk: bytes) -> None:
        """Some more."""
        *whole, rest = chunk.split(b"\n")
        for piece in whole:
            self._add(piece)
            self._end_line()
        self._add(rest)

    def _add(self, piece: bytes) -> None:
        room = LINE_BYTES_MAX - len(self._line)
        self._line += piece[:room]
        self._is_cut = self._is_cut or len(piece) > room

    def _end_line(self) -> None:
        if not self._line:
            return
        self._last.append(self._line[: 4 * KEPT_CHARS_MAX].decode("utf-8", "replace").rstrip()[:KEPT_CHARS_MAX])
        self._say(bytes(self._line) + (CUT if self._is_cut else b"") + b"\n")
        self._line.clear()
        self._is_cut = False
