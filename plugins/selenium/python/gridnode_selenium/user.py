"""One user: iterations of the plan in a browser of its own."""

import os
import random
import threading
import time
from typing import Any, Callable, Dict, List, Optional

from .capture import Capture, Finished
from .early import Early, is_early
from .options import Options
from .plan import Plan, brief, words
from .report import Report, say
from .stop import Stop, Stopped
from .sump import Sump
from .texts import class_of, is_of_script, text_of, trace_of
from .timings import Look
from .transaction import Transactions

# Browsers in a row that came to nothing, until a user gives up.
BARREN_BROWSERS_MAX = 3
TRACEBACKS_MAX = 20
# The longest `think` within a transaction after the end. A plan that asks a site again and again still pauses.
LAST_THINK_S = 0.5


class Shared:
    """What all users of a run have in common. Thread safe where it changes."""

    def __init__(
        self,
        options: Options,
        plan: Plan,
        sump: Sump,
        report: Report,
        stop: Stop,
        capture: Capture,
        new_browser: Callable[[], Any],
    ):
        self.options = options
        self.plan = plan
        self.sump = sump
        self.report = report
        self.stop = stop
        self.capture = capture
        self.new_browser = new_browser
        self.pid = os.getpid()
        self._lock = threading.Lock()
        self.iterations = 0
        # Those of them that came to an end of their own: the end of the run, or a stop, cut none of these.
        self.ended_iterations = 0
        self.failed_iterations = 0
        self.transactions = 0
        # Browsers that died under an iteration, and those that did not start; both were replaced.
        self.died = 0
        self.first_death: Optional[str] = None
        self.unstarted = 0
        # Browsers that a script has ended although its user was to keep them, and how.
        self.ended_by_script = 0
        self.ended_by: Optional[str] = None
        self.gave_up = 0
        self.browsers_asked = 0
        self.browsers = 0
        # Iterations that ended by a mistake of the script, and the first of them.
        self.mistakes = 0
        self.first_mistake: Optional[str] = None
        # Threads that the script started and that ended by a mistake of its, and those that ended by an error which no sample shows.
        self.thread_mistakes = 0
        self.first_thread_mistake: Optional[str] = None
        self.thread_errors = 0
        self.first_thread_error: Optional[str] = None
        self.all_transactions: List[Transactions] = []
        self.began_s = time.monotonic()
        self.early: List[Early] = []
        self.broken: Optional[str] = None
        self.first_error: Optional[str] = None
        self._shown = 0

    def count(self, **more: int) -> None:
        """Adds to counters."""
        with self._lock:
            for name, n in more.items():
                setattr(self, name, getattr(self, name) + n)

    def browser_died(self, why: str) -> None:
        """A browser has died, and its iteration with it."""
        with self._lock:
            self.died += 1
            self.first_death = self.first_death or why

    def browser_ended(self, how: str) -> None:
        """A script has ended a browser that was to be kept."""
        with self._lock:
            self.ended_by_script += 1
            self.ended_by = self.ended_by or how

    def user_ended(self, number: int, iterations: int, why: str) -> None:
        """A user has ended by itself, which is nothing where it was at its end anyway."""
        after_s = time.monotonic() - self.began_s
        if self.stop.is_finishing or not is_early(self.options, after_s, iterations):
            return
        with self._lock:
            self.early.append(Early(number, after_s, why))

    def iteration_failed(self, error: BaseException, is_setup: bool = False) -> None:
        """Counts it, and shows the first ones with their tracebacks."""
        with self._lock:
            if is_of_script(error) and not is_setup:
                self.mistakes += 1
                self.first_mistake = self.first_mistake or brief(error, self.plan.path)
            self.failed_iterations += 1
            self._shown += 1
            show = self._shown <= TRACEBACKS_MAX
            if self.first_error is None:
                self.first_error = words(error, self.plan.path)
        if show:
            say(trace_of(error))

    def thread_ended(self, error: BaseException) -> None:
        """A thread that the script has started has ended by an error, and the iteration went on as if nothing were."""
        if self.stop.is_now or isinstance(error, Stopped):
            # The run ends, and everything is taken away.
            return
        with self._lock:
            if is_of_script(error):
                self.thread_mistakes += 1
                self.first_thread_mistake = self.first_thread_mistake or brief(error, self.plan.path)
            elif not any(transactions.has_sent(error) for transactions in self.all_transactions):
                self.thread_errors += 1
                self.first_thread_error = self.first_thread_error or brief(error, self.plan.path)
            self._shown += 1
            show = self._shown <= TRACEBACKS_MAX
        if show:
            say(trace_of(error))

    def user_broke(self, number: int, error: BaseException) -> None:
        """A user has come to its end by an error of ours, or by one of a plan that we did not think of."""
        say(trace_of(error))
        text = f"user {number} ended by an unexpected error: {class_of(error)}: {text_of(error)}"
        if self.stop.is_now:
            # Everything is being taken away from it.
            self.report.warning(text)
            return
        with self._lock:
            self.broken = self.broken or text


class User:
    """What a plan sees of its user, and the thread behind it."""

    def __init__(self, number: int, shared: Shared):
        self.number = number
        self.iteration = 0
        self.state: Dict[str, Any] = {}
        self.row: Dict[str, Any] = {}
        self._shared = shared
        self._browser: Optional[Any] = None
        timings = shared.plan.page_timings
        self._transactions = Transactions(self, shared.sump, shared.capture, shared.stop, timings)
        shared.all_transactions.append(self._transactions)

    @property
    def driver(self):
        """The WebDriver of the browser."""
        browser = self._browser
        return browser.driver if browser else None

    def param(self, name: str, default: Optional[str] = None) -> Optional[str]:
        """A parameter of the run."""
        return self._shared.options.params.get(name, default)

    def think(self, min_s: float, max_s: Optional[float] = None) -> None:
        """Waits as a person would, between `min_s` and `max_s`. When the run ends, so does the iteration; within a transaction only
        the waiting does."""
        stop = self._shared.stop
        seconds = max(0.0, min_s if max_s is None else random.uniform(min_s, max_s))
        if not stop.wait(seconds):
            return
        if stop.is_now or not self._transactions.open:
            raise Stopped
        time.sleep(min(seconds, LAST_THINK_S))

    # The rest is not for plans.

    @property
    def pages(self):
        """The pages of the browser."""
        browser = self._browser
        return browser.pages if browser else None

    def run(self) -> None:
        """Iterations until the run ends. The body of the user's thread: whatever happens in it, the user is accounted for."""
        shared = self._shared
        shared.sump.user_started()
        self._transactions.begin()
        try:
            self._live()
        except BaseException as error:  # noqa: BLE001 - it must not vanish
            shared.user_broke(self.number, error)
        finally:
            shared.count(transactions=self._transactions.count)
            shared.sump.user_finished()

    def end_browser(self, by_force: bool) -> None:
        """Ends the browser, if there is one."""
        browser, self._browser = self._browser, None
        if browser:
            (browser.kill if by_force else browser.quit)()

    def _live(self) -> None:
        try:
            if self._set_up():
                self._iterate()
        except Stopped:
            pass
        finally:
            try:
                self._teardown()
            finally:
                self.end_browser(by_force=self._shared.stop.is_now)

    def _set_up(self) -> bool:
        shared = self._shared
        began_ns = time.perf_counter_ns()
        try:
            if shared.plan.setup:
                shared.plan.call("setup", self)
            return True
        except BaseException as error:  # noqa: BLE001 - a plan's code
            self._end_if_stopped(error)
            self._ended(f"its `setup` failed: {text_of(error)}")
            self._failed(error, began_ns, is_setup=True)
            return False

    def _end_if_stopped(self, error: BaseException) -> None:
        """Nothing has failed where the run ends anyway. A plan may raise `Stopped` by itself; that counts as an error."""
        stop = self._shared.stop
        if stop.is_now or (isinstance(error, Stopped) and stop.is_finishing):
            raise Stopped from None

    def _iterate(self) -> None:
        shared = self._shared
        barren = 0
        wanted = shared.options.iterations
        while not shared.stop.is_finishing and (wanted is None or self.iteration < wanted):
            if not self._browser and not self._start_browser():
                barren += 1
                if barren >= BARREN_BROWSERS_MAX:
                    self._gave_up()
                    return
                shared.stop.wait(0.5)
                continue
            self.iteration += 1
            error = self._once()
            if error is not None and not isinstance(error, Exception):
                self._ended(text_of(error) if isinstance(error, SystemExit) else f"the script raised {class_of(error)}")
                return
            # At the end of the run a driver that has gone is nothing to a user that has done its iteration.
            counts = error is not None or not shared.stop.is_finishing
            if self._browser and counts and self._browser.is_dead(error):
                self._replace(error)
                barren += 1
                if barren >= BARREN_BROWSERS_MAX:
                    self._gave_up()
                    return
                continue
            # A failed iteration in a browser that works is not the browser's fault.
            barren = 0
            is_fresh = (shared.plan.profile or shared.options.profile) == "fresh"
            ended_by = self._browser.ended_by() if self._browser else None
            if ended_by and not is_fresh:
                shared.browser_ended(ended_by)
            if ended_by or is_fresh:
                self.end_browser(by_force=False)

    def _gave_up(self) -> None:
        self._shared.count(gave_up=1)
        self._ended(f"its browsers died or did not start, {BARREN_BROWSERS_MAX} times in a row")

    def _ended(self, why: str) -> None:
        self._shared.report.warning(f"user {self.number} ended: {why}")
        self._shared.user_ended(self.number, self.iteration, why)

    def _once(self) -> Optional[BaseException]:
        """One iteration; what it failed with."""
        shared = self._shared
        self.row = shared.plan.rows.take()
        self._transactions.new_iteration()
        began_ns = time.perf_counter_ns()
        shared.count(iterations=1)
        try:
            shared.plan.call("iteration", self.driver, self._transactions, self)
            shared.count(ended_iterations=1)
            return None
        except BaseException as error:  # noqa: BLE001 - a plan's code
            self._end_if_stopped(error)
            shared.count(ended_iterations=1)
            self._failed(error, began_ns)
            return error
        finally:
            if os.getpid() != shared.pid:
                # A process that the plan has forked and that has come back from it: it is no user.
                os._exit(0)

    def _replace(self, error: Optional[BaseException]) -> None:
        shared = self._shared
        # A plan may have caught it.
        error = error or getattr(self.driver, "lost", None)
        self.end_browser(by_force=True)
        why = text_of(error) if error else "its driver ended"
        shared.browser_died(why)
        if shared.died <= 5:
            shared.report.warning(f"the browser of user {self.number} died and is replaced: {why}")

    def _start_browser(self) -> bool:
        shared = self._shared
        shared.count(browsers_asked=1)
        try:
            self._browser = shared.new_browser()
        except Exception as error:  # noqa: BLE001 - whatever the driver says
            if shared.stop.is_finishing:
                raise Stopped from None
            shared.count(unstarted=1)
            shared.report.warning(f"the browser of user {self.number} did not start: {text_of(error)}")
            if shared.first_error is None:
                shared.first_error = text_of(error)
            return False
        if self.pages:
            self.pages.driving.whose = self._transactions.whose
        shared.count(browsers=1)
        if shared.stop.is_now:
            raise Stopped
        return True

    def _failed(self, error: BaseException, began_ns: int, is_setup: bool = False) -> None:
        shared = self._shared
        if not self._transactions.has_sent(error):
            # Outside of any transaction: it must show all the same.
            rt_ms = (time.perf_counter_ns() - began_ns) / 1e6
            end_ns, code, text = time.time_ns(), class_of(error), text_of(error)
            shared.sump.sample("iteration", rt_ms, False, end_ns, code=code, error=text)
            finished = Finished("iteration", rt_ms, False, end_ns, code, text, end_ns / 1e6 - rt_ms)
            shared.capture.sent(self, finished, Look(), is_of_its_own=True)
        shared.iteration_failed(error, is_setup)

    def _teardown(self) -> None:
        shared = self._shared
        if not shared.plan.teardown or shared.stop.is_now:
            return
        try:
            shared.plan.call("teardown", self)
        except Stopped:
            pass
        except BaseException as error:  # noqa: BLE001 - a plan's code
            shared.report.doubt(f"teardown of user {self.number} failed: {text_of(error)}")
