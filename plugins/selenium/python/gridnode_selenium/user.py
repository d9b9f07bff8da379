"""One user: iterations of the plan in a browser of its own."""

import random
import sys
import threading
import time
import traceback
from typing import Any, Dict, List, Optional

from .browser import Browser
from .options import Options
from .plan import Plan, words
from .report import Report
from .screenshots import Screenshots
from .stop import Stop, Stopped
from .sump import Sump
from .transaction import Failures, Transactions, _text

# Browsers in a row that came to nothing, until a user gives up.
BARREN_BROWSERS_MAX = 3
TRACEBACKS_MAX = 20


class Shared:
    """What all users of a run have in common. Thread safe where it changes."""

    def __init__(self, options: Options, plan: Plan, sump: Sump, report: Report, stop: Stop, shots: Screenshots):
        self.options = options
        self.plan = plan
        self.sump = sump
        self.report = report
        self.stop = stop
        self.screenshots = shots
        self._lock = threading.Lock()
        self.iterations = 0
        self.failed_iterations = 0
        self.transactions = 0
        self.replaced = 0
        self.gave_up = 0
        self.first_error: Optional[str] = None
        self._shown = 0

    def count(self, **more: int) -> None:
        """Adds to counters."""
        with self._lock:
            for name, n in more.items():
                setattr(self, name, getattr(self, name) + n)

    def iteration_failed(self, error: BaseException) -> None:
        """Counts it, and shows the first ones with their tracebacks."""
        with self._lock:
            self.failed_iterations += 1
            self._shown += 1
            show = self._shown <= TRACEBACKS_MAX
            if self.first_error is None:
                self.first_error = words(error, self.plan.path)
        if show:
            traceback.print_exception(type(error), error, error.__traceback__, file=sys.stderr)
            sys.stderr.flush()


class User:
    """What a plan sees of its user, and the thread behind it."""

    def __init__(self, number: int, shared: Shared):
        self.number = number
        self.iteration = 0
        self.state: Dict[str, Any] = {}
        self.row: Dict[str, Any] = {}
        self._shared = shared
        self._browser: Optional[Browser] = None
        plan = shared.plan
        self._transactions = Transactions(self, shared.sump, shared.screenshots, shared.stop, plan.page_timings)

    @property
    def driver(self):
        """The WebDriver of the browser."""
        return self._browser.driver if self._browser else None

    def param(self, name: str, default: Optional[str] = None) -> Optional[str]:
        """A parameter of the run."""
        return self._shared.options.params.get(name, default)

    def think(self, min_s: float, max_s: Optional[float] = None) -> None:
        """Waits as a person would, between `min_s` and `max_s`; ends early when the run does."""
        seconds = min_s if max_s is None else random.uniform(min_s, max_s)
        if self._shared.stop.wait(max(0.0, seconds)):
            raise Stopped

    # The rest is not for plans.

    def run(self) -> None:
        """Iterations until the run ends. The body of the user's thread."""
        shared = self._shared
        shared.sump.user_started()
        try:
            if shared.plan.setup:
                shared.plan.setup(self)
            self._iterate()
        except Stopped:
            pass
        except BaseException as error:  # noqa: BLE001 - a plan's code
            self._failed(error)
            if isinstance(error, (SystemExit, KeyboardInterrupt)):
                shared.report.warning(f"user {self.number} ended itself with {type(error).__name__}")
        finally:
            self._teardown()
            self.end_browser(by_force=shared.stop.is_now)
            shared.count(transactions=self._transactions.count)
            shared.sump.user_finished()

    def end_browser(self, by_force: bool) -> None:
        """Ends the browser, if there is one. Also called by the main thread, when nothing is waited for."""
        browser, self._browser = self._browser, None
        if browser:
            (browser.kill if by_force else browser.quit)()

    def kill_browser(self) -> None:
        """From another thread: whatever the user waits for in its browser comes to an end."""
        browser = self._browser
        if browser:
            browser.kill()

    def _iterate(self) -> None:
        shared = self._shared
        barren = 0
        wanted = shared.options.iterations
        while not shared.stop.is_finishing and (wanted is None or self.iteration < wanted):
            if not self._browser and not self._start_browser():
                barren += 1
                if barren >= BARREN_BROWSERS_MAX:
                    shared.count(gave_up=1)
                    return
                shared.stop.wait(0.5)
                continue
            self.iteration += 1
            if self._once():
                barren = 0
                if (shared.plan.profile or shared.options.profile) == "fresh":
                    self.end_browser(by_force=False)
            elif not self._browser:
                barren += 1
                if barren >= BARREN_BROWSERS_MAX:
                    shared.count(gave_up=1)
                    return

    def _once(self) -> bool:
        """One iteration; false when it failed."""
        shared = self._shared
        self.row = shared.plan.rows.take()
        self._transactions.open.clear()
        began_ns = time.perf_counter_ns()
        shared.count(iterations=1)
        try:
            shared.plan.iteration(self.driver, self._transactions, self)
            return True
        except Exception as error:  # noqa: BLE001 - a plan's code
            if shared.stop.is_now:
                raise Stopped from None
            self._failed(error, began_ns)
            if self._browser and self._browser.is_dead(error):
                self.end_browser(by_force=True)
                shared.count(replaced=1)
                if shared.replaced <= 5:
                    shared.report.warning(f"the browser of user {self.number} died and is replaced: {_text(error, None)}")
            elif (shared.plan.profile or shared.options.profile) == "fresh":
                self.end_browser(by_force=False)
                # A failed iteration in a browser that works is not the browser's fault.
                return True
            return self._browser is not None

    def _start_browser(self) -> bool:
        shared = self._shared
        plan = shared.plan
        try:
            self._browser = Browser(shared.options, plan.arguments, plan.window_size, plan.insecure)
        except Exception as error:  # noqa: BLE001 - whatever the driver says
            if shared.stop.is_finishing:
                raise Stopped from None
            shared.count(replaced=1)
            shared.report.warning(f"the browser of user {self.number} did not start: {_text(error, None)}")
            if shared.first_error is None:
                shared.first_error = _text(error, None)
            return False
        if shared.stop.is_now:
            raise Stopped
        return True

    def _failed(self, error: BaseException, began_ns: Optional[int] = None) -> None:
        shared = self._shared
        shared.iteration_failed(error)
        if not Failures.is_sent(error):
            # Outside of any transaction: it must show all the same.
            rt_ms = (time.perf_counter_ns() - began_ns) / 1e6 if began_ns else 0.0
            label, code = "iteration", type(error).__name__
            shared.sump.sample(label, rt_ms, False, time.time_ns(), code=code, error=_text(error, None))

    def _teardown(self) -> None:
        shared = self._shared
        if not shared.plan.teardown or shared.stop.is_now:
            return
        try:
            shared.plan.teardown(self)
        except Stopped:
            pass
        except BaseException as error:  # noqa: BLE001 - a plan's code
            shared.report.warning(f"teardown of user {self.number} failed: {_text(error, None)}")


def starts(users: int, ramp_up_s: float) -> List[float]:
    """When each user starts, s from the beginning: evenly over the ramp-up."""
    return [ramp_up_s * i / users for i in range(users)]
