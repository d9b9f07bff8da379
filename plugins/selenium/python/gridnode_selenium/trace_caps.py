"""Which failures get a trace, window by window of the samples' ends: so many of a kind (label, code, fingerprint), so many in all.

As many again are kept for kinds that have had none in the whole run, of which one label gets a quarter at most: a storm must hide
nothing new, neither in its first window nor in a later one. What gets none is counted: every failure is either written or in one of
the counts. As in the plug-ins in Java (`TraceCaps`).
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Dict, List, NamedTuple, Optional, Tuple

# Beyond it the kinds that were not seen for the longest time are one number.
KINDS_MAX = 1_000
# Kinds that are known to have had one; beyond it the oldest is new again.
SHOWN_MAX = 10_000
# One label's part of what is kept for new kinds, the reciprocal.
LABELS = 4
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
        self._written_new = 0
        self._new_of_label: Dict[str, int] = {}
        # Hashes of kinds that have had one in this run.
        self._shown: "OrderedDict[int, None]" = OrderedDict()
        self._slow = 0
        self._others = 0

    def failed(self, kind: Kind, error: str, end_ns: int) -> Optional[int]:
        """Whether this failure is written: how many of its kind were not since the last that was; None: it is not."""
        with self._lock:
            self._turn(end_ns)
            count = self._count(kind, error)
            if count.window != self._window:
                count.window, count.written = self._window, 0
            if count.written >= self._per_kind or not self._take_room(kind):
                count.suppressed += 1
                return None
            count.written += 1
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

    def untold(self) -> int:
        """How many were not written and not told with a later trace, until now."""
        with self._lock:
            return self._others + sum(count.suppressed for count in self._counts.values())

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

    def _take_room(self, kind: Kind) -> bool:
        shown, of_label = hash(kind), self._new_of_label.get(kind.label, 0)
        is_new = shown not in self._shown
        if is_new and self._written_new < self._per_window and of_label < -(-self._per_window // LABELS):
            self._written_new += 1
            self._new_of_label[kind.label] = of_label + 1
        elif self._written < self._per_window:
            self._written += 1
        else:
            return False
        self._shown.setdefault(shown)
        if len(self._shown) > SHOWN_MAX:
            self._shown.popitem(last=False)
        return True

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
            self._window, self._written, self._written_new, self._slow = window, 0, 0, 0
            self._new_of_label.clear()
