"""What the browser itself measured of a page: status, first byte, load, largest contentful paint."""

from dataclasses import dataclass
from typing import Optional

# Ends at once: entries that are there already are delivered before the timer.
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
CLOCK_SLACK_MS = 20.0
LONGEST_MS = 24 * 3_600 * 1_000.0


@dataclass
class PageTiming:
    """Times in ms from the start of the navigation; `None` for what has not happened."""

    status: int
    first_byte_ms: Optional[float]
    load_ms: Optional[float]
    lcp_ms: Optional[float]


def page_timing(driver, since_ms: float) -> Optional[PageTiming]:
    """The last navigation, if it began after `since_ms` (wall clock)."""
    try:
        found = driver.execute_async_script(SCRIPT)
    except Exception:  # noqa: BLE001 - a page that cannot be asked has no timings; the transaction's own time stands
        return None
    return read(found, since_ms)


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
