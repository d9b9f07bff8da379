"""What the browser itself measured of a page: status, first byte, load, largest contentful paint."""

import time
from collections import deque
from dataclasses import dataclass
from typing import Deque, Optional

from . import dialogs
from .driving import Driving
from .texts import text_of

# Which page is shown, by the moment and the address of its navigation: what its scripts make of its address is no page. None
# for what a browser shows by itself, such as its start page; and within a frame, whose document is not the page. In place of a
# page that cannot be reached Chromium shows a document of its own, which names the error; but it also shows one for an answer
# without a body, and that is an answer. An answer at once: in a start page that is just being replaced, a script that waits would
# wait for its time-out.
WHICH = """
if (window !== window.top) return null;
const page = performance.getEntriesByType('navigation')[0];
if (location.protocol === 'chrome-error:' && !(page && page.responseStatus)) {
  const shown = document.querySelector('.error-code, #error-code');
  const raw = window.loadTimeDataRaw;
  return {unloaded: String(raw && raw.errorCode || shown && shown.textContent || '').trim().slice(0, 100)};
}
const own = ['about:', 'chrome:'].includes(location.protocol) || location.href === 'data:,';
return page && !own ? {page: performance.timeOrigin + ' ' + page.name.slice(0, 2000)} : null;
"""
# Entries that are there already are delivered before the timer.
SCRIPT = """
const done = arguments[arguments.length - 1];
const page = performance.getEntriesByType('navigation')[0];
if (!page) { done(null); return; }
let lcp = 0;
try {
  new PerformanceObserver(list => { for (const e of list.getEntries()) lcp = Math.max(lcp, e.startTime); })
    .observe({type: 'largest-contentful-paint', buffered: true});
} catch (e) {}
setTimeout(() => done({origin: performance.timeOrigin, status: page.responseStatus || 0,
  first_byte: page.responseStart, load: page.loadEventEnd, lcp: lcp}), 20);
"""
# The page's clock and ours are one clock, read at slightly different moments.
CLOCK_SLACK_MS = 5.0
LONGEST_MS = 24 * 3_600 * 1_000.0
# The driver's words for a page whose process has died.
CRASHED = "tab crashed"
# Pages that are known: one for each window that a plan may go back to.
KNOWN_MAX = 16


@dataclass
class PageTiming:
    """Times in ms from the start of the navigation; `None` for what has not happened."""

    status: int
    first_byte_ms: Optional[float]
    load_ms: Optional[float]
    lcp_ms: Optional[float]


@dataclass
class Look:
    """What the browser shows at the end of a transaction."""

    timing: Optional[PageTiming] = None
    # Why it shows no page where it was to show one.
    unloaded: Optional[str] = None
    # Nothing of it is this thread's doing, so the browser was not even asked.
    is_of_others: bool = False


class Pages:
    """The pages of one browser. Each counts once, in a transaction in which its navigation began, and of the thread that brought it
    about; that there is none counts in each transaction of that thread which ends so."""

    def __init__(self) -> None:
        self._known: Deque[str] = deque(maxlen=KNOWN_MAX)
        # What our questions during transactions took: no time of theirs.
        self.asking_ns = 0
        self.driving = Driving()

    def look(self, driver, since_ms: float, who: Optional[int] = None) -> Look:
        """The page which is shown, if it has not counted yet, began after `since_ms` (wall clock) and is the doing of `who`, if that
        is given."""
        if who is not None and not self.driving.has_driven(who):
            return Look(is_of_others=True)
        with self.driving.ourselves():
            return self._look(driver, since_ms, who)

    def _look(self, driver, since_ms: float, who: Optional[int]) -> Look:
        if dialogs.is_open(driver):
            return Look()
        try:
            found = driver.execute_script(WHICH)
            error = net_error(found)
            if error:
                if who is not None and not self.driving.is_last(who):
                    return Look()
                return Look(unloaded=f"the page did not load: {error}")
            which = found.get("page") if isinstance(found, dict) else None
            if not isinstance(which, str) or which in self._known:
                return Look()
            if who is not None and not self.driving.is_of(who, float(which.split(" ", 1)[0]), CLOCK_SLACK_MS):
                # Left for a transaction of the thread whose it is.
                return Look()
            self._known.append(which)
            return Look(read(driver.execute_async_script(SCRIPT), since_ms))
        except Exception as error:  # noqa: BLE001 - a page that cannot be asked has no timings; the transaction's own time stands
            words = text_of(error)
            return Look(unloaded=f"the page crashed: {words}") if CRASHED in words else Look()

    def failed_load(self, driver) -> Optional[str]:
        """After a navigation: Chromium's name for why it shows no page; None where it shows one."""
        began_ns = time.perf_counter_ns()
        try:
            with self.driving.ourselves():
                return None if dialogs.is_open(driver) else net_error(driver.execute_script(WHICH))
        except Exception:  # noqa: BLE001 - whatever is wrong, the plan's next question will show
            return None
        finally:
            self.asking_ns += time.perf_counter_ns() - began_ns


def net_error(found) -> Optional[str]:
    """Chromium's name for why it shows no page, out of an answer to `WHICH`; None where it shows one."""
    code = found.get("unloaded") if isinstance(found, dict) else None
    if not isinstance(code, str):
        return None
    return code if code.startswith("net::") else f"net::{code or 'ERR_FAILED'}"


def read(found, since_ms: float) -> Optional[PageTiming]:
    """Makes sense of what the page answered; a page is not to be trusted with numbers."""
    if not isinstance(found, dict) or _ms(found.get("origin"), 1e16) is None:
        return None
    if found["origin"] < since_ms - CLOCK_SLACK_MS:
        return None
    status = found.get("status")
    return PageTiming(
        status=status if isinstance(status, int) and 100 <= status <= 599 else 0,
        first_byte_ms=_ms(found.get("first_byte")),
        load_ms=_ms(found.get("load")),
        lcp_ms=_ms(found.get("lcp")),
    )


def _ms(value, most: float = LONGEST_MS) -> Optional[float]:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and 0 < value <= most else None
