"""What the browser itself measured of a page: status, first byte, load, largest contentful paint."""

import re
from collections import deque
from dataclasses import dataclass
from typing import Deque, Optional

from . import dialogs
from .texts import text_of

# Which page is shown, by the moment and the address of its navigation: what its scripts make of its address is no page. None
# for what a browser shows by itself, such as its start page; and within a frame, whose document is not the page. In place of a
# page that cannot be reached Chromium shows a document of its own, with the net error. An answer at once: in a start page that is just being replaced, a script that waits would wait
# for its time-out.
WHICH = """
if (window !== window.top) return null;
const page = performance.getEntriesByType('navigation')[0];
const which = performance.timeOrigin + ' ' + (page ? page.name.slice(0, 2000) : '');
if (location.protocol === 'chrome-error:')
  return {which: which, origin: performance.timeOrigin, error: String((window.loadTimeDataRaw || {}).errorCode || 'ERR_FAILED')};
const own = ['about:', 'chrome:'].includes(location.protocol) || location.href === 'data:,';
return page && !own ? which : null;
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
# Pages that are known: one for each window that a plan may go back to.
KNOWN_MAX = 16
# What Chromium's own document says in place of an answer without a body: a page with a status, not a failed load.
HTTP_ERROR = re.compile(r"HTTP ERROR (\d{3})")
ERROR_CHARS_MAX = 100
CRASHED = "tab crashed"


@dataclass
class PageTiming:
    """Times in ms from the start of the navigation; `None` for what has not happened."""

    status: int
    first_byte_ms: Optional[float]
    load_ms: Optional[float]
    lcp_ms: Optional[float]
    # Why there is no page.
    failure: Optional[str] = None


class Pages:
    """The pages of one browser. Each counts once, in a transaction in which its navigation began."""

    def __init__(self) -> None:
        self._known: Deque[str] = deque(maxlen=KNOWN_MAX)

    def timing(self, driver, since_ms: float) -> Optional[PageTiming]:
        """That of the page which is shown, if it has not counted yet and began after `since_ms` (wall clock)."""
        if dialogs.is_open(driver):
            return None
        try:
            which = driver.execute_script(WHICH)
            error = which if isinstance(which, dict) else None
            which = error.get("which") if error else which
            if not isinstance(which, str) or which in self._known:
                return None
            self._known.append(which)
            if error:
                return read_error(error, since_ms)
            return read(driver.execute_async_script(SCRIPT), since_ms)
        except Exception as error:  # noqa: BLE001 - a page that cannot be asked has no timings; the transaction's own time stands
            return PageTiming(0, None, None, None, failure=CRASHED) if CRASHED in text_of(error) else None


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


def read_error(found, since_ms: float) -> Optional[PageTiming]:
    """What stands in place of a page: its net error, or the status of an answer without a body."""
    timing = read(found, since_ms)
    if timing is not None:
        error = str(found.get("error"))[:ERROR_CHARS_MAX]
        http = HTTP_ERROR.fullmatch(error)
        if http:
            timing.status = int(http[1])
        else:
            timing.failure = f"net::{error}"
    return timing


def _ms(value, most: float = LONGEST_MS) -> Optional[float]:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and 0 < value <= most else None
