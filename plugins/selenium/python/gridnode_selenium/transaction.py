"""`with transaction("name"):` measures a block and sends it as a sample."""

import time
from typing import List, Optional

from .screenshots import Screenshots
from .stop import Stop, Stopped
from .sump import Sump
from .timings import PageTiming, page_timing

FAILED_FROM_STATUS = 400


class Failures:
    """Remembers which errors have already been sent as samples."""

    MARK = "_gridnode_is_sent"

    @classmethod
    def is_sent(cls, error: BaseException) -> bool:
        """Whether a transaction has failed with it."""
        return getattr(error, cls.MARK, False)

    @classmethod
    def mark(cls, error: BaseException) -> None:
        """A transaction has failed with it."""
        try:
            setattr(error, cls.MARK, True)
        except AttributeError:
            pass


class Transactions:
    """Makes the transactions of one user."""

    def __init__(self, user, sump: Sump, screenshots: Screenshots, stop: Stop, page_timings: bool):
        self.user = user
        self.sump = sump
        self.screenshots = screenshots
        self.stop = stop
        self.page_timings = page_timings
        self.open: List["Transaction"] = []
        self.count = 0

    def __call__(self, name: str, check_status: bool = True) -> "Transaction":
        return Transaction(self, str(name), check_status)


class Transaction:
    """One block. Its time is that of the block; where a page was loaded in it, `lat` is the page's first byte."""

    def __init__(self, owner: Transactions, name: str, check_status: bool):
        self._owner = owner
        self._name = name
        self._check_status = check_status
        self.has_inner = False
        self.inner_failed: Optional[str] = None
        self.label = name
        self._start_ns = 0
        self._start_wall_ms = 0.0

    def __enter__(self) -> "Transaction":
        owner = self._owner
        if owner.stop.is_finishing:
            raise Stopped
        for outer in owner.open:
            outer.has_inner = True
        self.label = " / ".join([*(outer._name for outer in owner.open), self._name])
        owner.open.append(self)
        owner.count += 1
        self._start_wall_ms = time.time_ns() / 1e6
        self._start_ns = time.perf_counter_ns()
        return self

    def __exit__(self, kind, error: Optional[BaseException], _traceback) -> bool:
        end_ns = time.time_ns()
        rt_ms = (time.perf_counter_ns() - self._start_ns) / 1e6
        owner = self._owner
        owner.open.remove(self)
        if owner.stop.is_now and error is not None:
            # The browser was taken away: that says nothing about the site.
            raise Stopped from None
        if isinstance(error, Stopped):
            return False
        driver = owner.user.driver
        timing = page_timing(driver, self._start_wall_ms) if driver else None
        bad_status = bool(timing and self._check_status and timing.status >= FAILED_FROM_STATUS)
        ok = error is None and not bad_status and self.inner_failed is None
        owner.sump.sample(
            self.label,
            rt_ms,
            ok,
            end_ns,
            code=_code(error, timing, bad_status),
            lat_ms=timing.first_byte_ms if timing else None,
            error=None if ok else self._reason(error, timing if bad_status else None),
            transaction=self.has_inner,
        )
        if timing and owner.page_timings and not self.has_inner:
            for what, value_ms in (("load", timing.load_ms), ("LCP", timing.lcp_ms)):
                if value_ms is not None:
                    label = f"{self.label}: {what}"
                    owner.sump.sample(label, value_ms, not bad_status, end_ns, transaction=True)
        if not ok:
            for outer in owner.open:
                outer.inner_failed = outer.inner_failed or self.label
        if not ok and driver and not self.has_inner:
            owner.screenshots.take(driver, self.label, owner.user.number, owner.user.iteration)
        if error is not None:
            Failures.mark(error)
        return False

    def _reason(self, error: Optional[BaseException], bad_page: Optional[PageTiming]) -> str:
        if error is None and bad_page is None and self.inner_failed:
            return f"{self.inner_failed} failed"
        return _text(error, bad_page)


def _code(error: Optional[BaseException], timing: Optional[PageTiming], bad_status: bool) -> Optional[str]:
    if error is not None and not bad_status:
        return type(error).__name__
    return str(timing.status) if timing and timing.status else None


def _text(error: Optional[BaseException], timing: Optional[PageTiming]) -> str:
    if error is None:
        return f"the page answered {timing.status}" if timing else ""
    # Selenium puts the driver's own stack below the message.
    text = (getattr(error, "msg", None) or str(error)).strip()
    return text.split("\n")[0] or type(error).__name__
