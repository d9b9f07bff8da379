"""`with transaction("name"):` measures a block and sends it as a sample."""

import threading
import time
from collections import deque
from typing import Deque, List, Optional

from .screenshots import Screenshots
from .stop import Stop, Stopped
from .sump import Sump
from .texts import class_of, text_of
from .timings import PageTiming

FAILED_FROM_STATUS = 400
SENT_MAX = 16


class Transactions:
    """Makes the transactions of one user."""

    def __init__(self, user, sump: Sump, screenshots: Screenshots, stop: Stop, page_timings: bool):
        self.user = user
        self.sump = sump
        self.screenshots = screenshots
        self.stop = stop
        self.page_timings = page_timings
        self.count = 0
        self._of_thread = threading.local()
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

    def new_iteration(self) -> None:
        """Forgets what the last one has left."""
        self.open.clear()
        self._sent.clear()

    def has_sent(self, error: BaseException) -> bool:
        """Whether a transaction has failed with it."""
        return any(one is error for one in self._sent)

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
        self._start_ns = time.perf_counter_ns()
        return self

    def __exit__(self, kind, error: Optional[BaseException], _traceback) -> bool:
        end_ns = time.time_ns()
        rt_ms = (time.perf_counter_ns() - self._start_ns) / 1e6
        owner = self._owner
        if self in owner.open:
            owner.open.remove(self)
        if owner.stop.is_now and error is not None:
            # The browser was taken away: that says nothing about the site.
            raise Stopped from None
        if isinstance(error, Stopped) and owner.stop.is_finishing:
            return False
        user = owner.user
        driver = user.driver
        timing = user.pages.timing(driver, self._start_wall_ms) if driver and user.pages else None
        bad_status = bool(timing and self._check_status and timing.status >= FAILED_FROM_STATUS)
        failed_page = timing if timing and (bad_status or timing.failure) else None
        ok = error is None and failed_page is None and self.inner_failed is None
        owner.sump.sample(
            self.label,
            rt_ms,
            ok,
            end_ns,
            code=_code(error, timing, bad_status),
            lat_ms=timing.first_byte_ms if timing else None,
            error=None if ok else self._reason(error, failed_page),
            transaction=self.has_inner,
        )
        if error is not None:
            owner.mark_sent(error)
        # What a page took that failed is no load time of the site, and one failed page is one failure.
        if timing and owner.page_timings and not self.has_inner and failed_page is None:
            for what, value_ms in (("load", timing.load_ms), ("LCP", timing.lcp_ms)):
                if value_ms is not None:
                    label = f"{self.label}: {what}"
                    owner.sump.sample(label, value_ms, True, end_ns, transaction=True)
        if not ok:
            for outer in self._outer:
                outer.inner_failed = outer.inner_failed or self.label
            if driver and not self.has_inner:
                owner.screenshots.take(driver, self.label, user.number, user.iteration)
        return False

    def _reason(self, error: Optional[BaseException], bad_page: Optional[PageTiming]) -> str:
        if error is not None:
            return text_of(error)
        if bad_page and bad_page.failure:
            return f"the page did not load: {bad_page.failure}"
        return f"the page answered {bad_page.status}" if bad_page else f"{self.inner_failed} failed"


def _code(error: Optional[BaseException], timing: Optional[PageTiming], bad_status: bool) -> Optional[str]:
    if error is not None and not bad_status:
        return class_of(error)
    return str(timing.status) if timing and timing.status else None
