"""A browser's console: asking its driver for it empties it, so what we have read is kept for the plan."""

from collections import deque
from typing import Deque, List

UNREAD_MAX = 1_000
# The driver's name for it.
LOG = "browser"


class Console:
    """What we have read and the plan has not."""

    def __init__(self) -> None:
        self._unread: Deque[dict] = deque(maxlen=UNREAD_MAX)

    def look(self, more: List[dict]) -> List[dict]:
        """All that is there, with what the driver has just said. For us: it stays."""
        self._unread.extend(more)
        return list(self._unread)

    def take(self, more: List[dict]) -> List[dict]:
        """The same for the plan."""
        unread = list(self._unread)
        self._unread.clear()
        return [*unread, *more]
