"""`with transaction("name"):` measures a block and sends it as a sample."""

import threading
import time
from collections import deque
from typing import Deque, List, Optional

from .capture import Capture, Finished
from .stop import Stop, Stopped
from .sump import Sump
from .texts import class_of, text_of
from .timings import Look, PageTiming

FAILED_FROM_STATUS = 400
SENT_MAX = 16


class Transactions:
    """Makes the transactions of one user."""

    def __init__(self, user, sump: Sump, capture: Capture, stop: Stop, page_timings: bool):
        self.user = user
        self.sump = sump
        self.capture = capture
        self.stop = stop
        self.page_timings = page_timings
        self.count = 0
        self._of_thread = threading.local()
        # The user's own thread.
        self._home = threading.get_ident()
        # By identity and for one iteration: a plan's exceptions may refuse a mark, and may be raised again and again.
        self._sent: Deque[BaseException] = deque(maxlen=SENT_MAX)

    def __call__(self, name: str, check_status: bool = True) -> "Transaction":
        return Transaction(self, str(name), check_status)

    @property
    def open(self) -> List["Transaction"]:
        """Those of this thread, from the outermost: what another thread of the user does is not inside of them."""
        if not hasattr(self._of_thread, "open"):
            self._of_thread.open = []
        return self._of_thread.open

    def asking_ns(self) -> int:
        """What our own questions have taken of the time so far."""
        pages = self.user.pages
        return pages.asking_ns if pages else 0

    def whose(self) -> int:
        """Whose the calling thread's doings are: its own within its transactions. A helper without any works for the user's own."""
        return threading.get_ident() if self.open else self._home

    def begin(self) -> None:
        """The calling thread is the user's own."""
        self._home = threading.get_ident()

    def new_iteration(self) -> None:
        """Forgets what the last one has left."""
        self.open.clear()
        self._sent.clear()

    def has_sent(self, error: BaseException) -> bool:
        """Whether a transaction has failed with it."""
        # In one step: threads of the user append.
        return any(one is error for one in list(self._sent))

    def mark_sent(self, error: BaseException) -> None:
        """A transaction has failed with it."""
        if not self.has_sent(error):
            self._sent.append(error)


class Transaction:
    """One block. Its time is that of the block; where a page was loaded in it, `lat` is the page's first byte."""

    def __init__(self, owner: Transactions, name: str, check_status: bool):
        self._owner = owner
        self._name = name
        self._check_status = check_status
        self._outer: List["Transaction"] = []
        self.has_inner = False
        self.inner_failed: Optional[str] = None
        self.label = name
        self._start_ns = 0
        self._start_wall_ms = 0.0
        self._asking_ns = 0

    def __enter__(self) -> "Transaction":
        owner = self._owner
        stack = owner.open
        # An inner one belongs to what is under way, which may finish.
        if owner.stop.is_now or (owner.stop.is_finishing and not stack):
            raise Stopped
        for outer in stack:
            outer.has_inner = True
        self._outer = list(stack)
        self.label = " / ".join([*(outer._name for outer in stack), self._name])
        stack.append(self)
        owner.count += 1
        self._start_wall_ms = time.time_ns() / 1e6
        self._asking_ns = owner.asking_ns()
        self._start_ns = time.perf_counter_ns()
        return self

    def __exit__(self, kind, error: Optional[BaseException], _traceback) -> bool:
        end_ns = time.time_ns()
        owner = self._owner
        asking_ns = owner.asking_ns() - self._asking_ns
        rt_ms = max(0, time.perf_counter_ns() - self._start_ns - asking_ns) / 1e6
        if self in owner.open:
            owner.open.remove(self)
        if owner.stop.is_now and error is not None:
            # The browser was taken away: that says nothing about the site.
            raise Stopped from None
        if isinstance(error, Stopped) and owner.stop.is_finishing:
            return False
        user = owner.user
        driver = user.driver
        look = user.pages.look(driver, self._start_wall_ms, threading.get_ident()) if driver and user.pages else Look()
        # What is taken away at the end is no page that failed.
        unloaded = None if owner.stop.is_now else look.unloaded
        timing = look.timing
        bad_status = bool(timing and self._check_status and timing.status >= FAILED_FROM_STATUS)
        ok = error is None and not bad_status and self.inner_failed is None and unloaded is None
        code = _code(error, timing, bad_status)
        reason = None if ok else self._reason(error, timing if bad_status else None, unloaded)
        lat_ms = timing.first_byte_ms if timing else None
        is_outer = self.has_inner
        owner.sump.sample(self.label, rt_ms, ok, end_ns, code=code, lat_ms=lat_ms, error=reason, transaction=is_outer)
        if error is not None:
            owner.mark_sent(error)
        # Those of a page that failed are of whatever was shown in its place.
        if timing and owner.page_timings and not self.has_inner and not bad_status:
            for what, value_ms in (("load", timing.load_ms), ("LCP", timing.lcp_ms)):
                if value_ms is not None:
                    label = f"{self.label}: {what}"
                    owner.sump.sample(label, value_ms, True, end_ns, transaction=True)
        if not ok:
            for outer in self._outer:
                outer.inner_failed = outer.inner_failed or self.label
        if not owner.stop.is_now:
            finished = Finished(self.label, rt_ms, ok, end_ns, code, reason, self._start_wall_ms)
            owner.capture.sent(user, finished, look, is_of_its_own=self.inner_failed is None)
        return False

    def _reason(self, error: Optional[BaseException], bad_page: Optional[PageTiming], unloaded: Optional[str]) -> str:
        if error is not None:
            return text_of(error)
        if bad_page:
            return f"the page answered {bad_page.status}"
        return f"{self.inner_failed} failed" if self.inner_failed is not None else str(unloaded)


def _code(error: Optional[BaseException], timing: Optional[PageTiming], bad_status: bool) -> Optional[str]:
    if error is not None and not bad_status:
        return class_of(error)
    return str(timing.status) if timing and timing.status else None
