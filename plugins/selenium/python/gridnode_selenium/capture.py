"""What of a failure is kept: its error trace, with the page's address, source, console and picture; the picture alone where no
traces are wanted. The browser is asked when everything has been measured, and not while a dialog is open."""

import time
from dataclasses import dataclass
from typing import Any, Callable, Optional

from . import dialogs
from .screenshots import Screenshots
from .texts import class_of
from .timings import CLOCK_SLACK_MS, Look
from .traces import Trace, Traces

LEVELS = ("SEVERE", "WARNING")


@dataclass
class Finished:
    """A sample that was sent."""

    label: str
    rt_ms: float
    ok: bool
    end_ns: int
    code: Optional[str]
    error: Optional[str]
    # Wall clock: older lines of the console are of something else.
    began_ms: float


class Capture:
    """One for all users. Thread safe, and it never raises."""

    def __init__(self, traces: Optional[Traces], screenshots: Screenshots):
        self._traces = traces
        self.screenshots = screenshots

    def sent(self, user, sample: Finished, look: Look, is_of_its_own: bool) -> None:
        """`is_of_its_own`: it has not failed just because an inner one has, which is shown already."""
        traces = self._traces
        if traces is None:
            if not sample.ok and is_of_its_own and user.driver and not look.is_of_others:
                self.screenshots.take(user.driver, sample.label, user.number, user.iteration)
            return
        if sample.ok and traces.is_slow(sample.rt_ms):
            trace = traces.slow(sample.label, sample.code, sample.end_ns)
        elif not sample.ok and is_of_its_own:
            trace = traces.failed(sample.label, sample.code, sample.error, sample.end_ns)
        else:
            return
        if trace:
            trace.start_ns = sample.end_ns - int(sample.rt_ms * 1e6)
            trace.rt_ms = sample.rt_ms
            trace.thread = f"user {user.number}"
            self._ask(user, trace, sample, look)
            traces.write(trace)

    def _ask(self, user, trace: Trace, sample: Finished, look: Look) -> None:
        began_ns = time.perf_counter_ns()
        pages = user.pages
        try:
            if user.driver and not look.is_of_others and not dialogs.is_open(user.driver):
                _ask_all(user.driver, trace, look, sample.began_ms)
                if not sample.ok and trace.url:
                    trace.png = self.screenshots.picture(user.driver, sample.label) or b""
        except Exception:  # noqa: BLE001 - a driver may be a plan's own code; what is known by now is shown
            pass
        finally:
            if pages:
                # No time of an outer transaction.
                pages.asking_ns += time.perf_counter_ns() - began_ns


def _ask_all(driver, trace: Trace, look: Look, began_ms: float) -> None:
    """What raises a time-out is a browser that hangs: it is not asked any more."""
    trace.url = _text(driver.current_url)
    if look.unloaded is not None:
        # In place of the page stands one of Chromium's own.
        trace.message = look.unloaded
    else:
        trace.status = look.timing.status if look.timing else 0
        trace.source = _text(_asked(lambda: driver.page_source))
    entries = _asked(driver.look_at_console) or []
    trace.console = [_entry(entry) for entry in entries if _is_of(entry, began_ms)]


def _asked(question: Callable[[], Any]) -> Any:
    try:
        return question()
    except Exception as error:  # noqa: BLE001 - a driver without such an answer
        if class_of(error) == "TimeoutException":
            raise
        return None


def _is_of(entry: Any, began_ms: float) -> bool:
    if not isinstance(entry, dict) or entry.get("level") not in LEVELS:
        return False
    at_ms = entry.get("timestamp")
    return isinstance(at_ms, (int, float)) and at_ms >= began_ms - CLOCK_SLACK_MS


def _entry(entry: dict) -> dict:
    return {"level": _text(entry["level"]), "source": _text(entry.get("source")), "text": _text(entry.get("message"))}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
