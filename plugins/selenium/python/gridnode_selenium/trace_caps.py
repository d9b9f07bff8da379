"""Which failures get a trace, window by window of the samples' ends: so many of a kind (label, code, fingerprint), so many in all.

When the window's total is used up, a kind that has had none in it may still have one, up to twice the total: a storm of one error
must not hide another. What gets none is counted: every failure is either written or in one of the counts. As in the plug-ins in
Java (`TraceCaps`).
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import List, NamedTuple, Optional, Tuple

# Beyond it the kinds that were not seen for the longest time are one number.
KINDS_MAX = 1_000
# Successes of a window that were slow.
SLOW_MAX = 3
# An end that is this much older was late; beyond it the clock was set back, and its windows count anew.
LATE_NS_MAX = 3_600 * 1_000_000_000


class Kind(NamedTuple):
    """What of it has a few traces a window."""

    label: str
    code: str
    fingerprint: str


@dataclass
class _Count:
    # An error text of this kind, as it was the first time.
    error: str
    window: Optional[int] = None
    written: int = 0
    suppressed: int = 0


class TraceCaps:
    """Thread safe. No clock: time is the sample's end."""

    def __init__(self, per_kind: int, per_window: int, window_s: int):
        self._per_kind = per_kind
        self._per_window = per_window
        self._window_ns = window_s * 1_000_000_000
        self._lock = threading.Lock()
        self._counts: "OrderedDict[Kind, _Count]" = OrderedDict()
        self._window: Optional[int] = None
        self._written = 0
        self._slow = 0
        self._others = 0

    def failed(self, kind: Kind, error: str, end_ns: int) -> Optional[int]:
        """Whether this failure is written: how many of its kind were not since the last that was; None: it is not."""
        with self._lock:
            self._turn(end_ns)
            count = self._count(kind, error)
            if count.window != self._window:
                count.window, count.written = self._window, 0
            is_first = count.written == 0 and self._written < 2 * self._per_window
            has_room = count.written < self._per_kind and self._written < self._per_window
            if self._per_kind == 0 or not (is_first or has_room):
                count.suppressed += 1
                return None
            count.written += 1
            self._written += 1
            suppressed, count.suppressed = count.suppressed, 0
            return suppressed

    def slow(self, end_ns: int) -> bool:
        """Whether this slow success is written."""
        with self._lock:
            self._turn(end_ns)
            self._slow += 1
            return self._slow <= SLOW_MAX

    def not_written(self, kind: Kind, error: str, traces: int) -> None:
        """So many were to be written and could not be."""
        with self._lock:
            self._count(kind, error).suppressed += traces

    def take_rest(self) -> Tuple[List[dict], int]:
        """What was not written and not told with a later trace, and the same of kinds that are not remembered: told now."""
        with self._lock:
            rest = [
                {"label": kind.label, "code": kind.code, "error": count.error, "count": count.suppressed}
                for kind, count in self._counts.items()
                if count.suppressed
            ]
            for count in self._counts.values():
                count.suppressed = 0
            others, self._others = self._others, 0
            return rest, others

    def _count(self, kind: Kind, error: str) -> _Count:
        count = self._counts.get(kind)
        if count is None:
            count = self._counts[kind] = _Count(error)
            if len(self._counts) > KINDS_MAX:
                self._others += self._counts.popitem(last=False)[1].suppressed
        else:
            self._counts.move_to_end(kind)
        return count

    def _turn(self, end_ns: int) -> None:
        """A late end counts into the newest window: else ends on both sides of a border would each begin it anew."""
        window = end_ns // self._window_ns
        if self._window is None or window > self._window or window < self._window - LATE_NS_MAX // self._window_ns:
            self._window, self._written, self._slow = window, 0, 0
