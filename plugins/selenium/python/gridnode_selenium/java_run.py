"""A run of a plan in Java: for each user a driver behind a gateway, and a JVM with the plan in it."""

import os
import time
from pathlib import Path
from typing import Optional

from selenium.common.exceptions import WebDriverException

from . import exits
from .arguments import write_arguments
from .drive import drive, tell_late
from .early import Early, early_text
from .gateway import Gateway
from .options import Options
from .program import TERM_NOW_S, run_program
from .report import Report, say
from .stop import Stop
from .sump import Sump
from .texts import class_of, text_of, trace_of

FAILURES_MAX = 3
NAMED_MAX = 10


class JavaUser:
    """One user: its JVM is started again while the duration lasts, as the platform loops programs."""

    def __init__(self, number: int, options: Options, sump: Sump, report: Report, stop: Stop):
        self.number = number
        self._options = options
        self._sump = sump
        self._report = report
        self._stop = stop
        self._last_words = ""
        self.gave_up = False
        self.broken: Optional[str] = None
        self.reason = ""
        self.ended_s = 0.0
        self._began_s = time.monotonic()
        # Why a browser of it died, and was not replaced by the program itself.
        self.died = ""

    def run(self) -> None:
        """The body of the user's thread: whatever happens in it, the user is accounted for."""
        self._sump.user_started()
        try:
            self._live()
        except BaseException as error:  # noqa: BLE001 - a driver that does not start, or an error of ours
            self.gave_up, self.reason = True, f"{class_of(error)}: {text_of(error)}"
            if not isinstance(error, WebDriverException) and not self._stop.is_now:
                say(trace_of(error))
                self.broken = self.reason
            self._report.warning(f"user {self.number} ended: {self.reason}")
        finally:
            self.ended_s = time.monotonic() - self._began_s
            self._sump.user_finished()

    def _live(self) -> None:
        gateway = Gateway(self._options)
        try:
            gateway.start()
            self._loop(gateway)
        finally:
            gateway.close()
            if gateway.restarts:
                times = "once" if gateway.restarts == 1 else f"{gateway.restarts} times"
                self._report.warning(f"the driver of user {self.number} died {times} and was replaced")

    def _loop(self, gateway: Gateway) -> None:
        failures = 0
        options = self._options
        again = options.duration_s is not None and options.iterations is None
        while not self._stop.is_finishing:
            code = self._once(gateway)
            death = gateway.take_death()
            gateway.close_sessions()
            if death and not (self._stop.asked or self._stop.is_now):
                self.died = self.died or death
                self._report.warning(f"the browser of user {self.number} died: {death}")
            if self._stop.is_finishing:
                return
            if code == 0 and not death:
                failures = 0
            else:
                failures += 1
                words = self._last_words or "it has said nothing on its standard error"
                if not death:
                    self._report.warning(f"the program of user {self.number} ended with exit code {code}: {words}")
                if failures >= FAILURES_MAX or not again:
                    self.gave_up, self.reason = True, words
                    return
            if not again:
                return

    def _once(self, gateway: Gateway) -> int:
        environment = dict(os.environ)
        environment.update(THREAD_ID=str(self.number), WEBDRIVER_HOST="127.0.0.1", WEBDRIVER_PORT=str(gateway.port))
        # Ours, not the program's.
        for name in ("PYTHONPATH", "PYTHONSAFEPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONNOUSERSITE"):
            environment.pop(name, None)
        arguments = write_arguments(self._options, Path(self._options.temporary_dir) / f"java-{self.number}.args")
        command = [self._options.java, f"@{arguments}", self._options.main_class]
        code, self._last_words = run_program(command, environment, self._stop, gateway.is_given_up)
        return code


def run(options: Options, sump: Sump, report: Report, stop: Stop) -> int:
    """Runs it to its end; returns the exit code."""
    users = [JavaUser(number, options, sump, report, stop) for number in range(options.users)]
    late = drive(options, [user.run for user in users], stop, kill_after_s=TERM_NOW_S)
    is_late = tell_late(late, report, stop)
    if stop.asked:
        return exits.FINE
    died = [user for user in users if user.died]
    if died:
        users_text = ", ".join(str(user.number) for user in died[:NAMED_MAX]) + (", …" if len(died) > NAMED_MAX else "")
        report.fatal(f"the browser of {len(died)} user(s) died ({users_text}): {died[0].died}")
        return exits.CRASH_LOOP
    if all(user.gave_up for user in users):
        report.fatal(f"the programs of all {len(users)} users failed: {users[0].reason}")
        return exits.NO_TRANSACTION
    early = [Early(user.number, user.ended_s, user.reason) for user in users if user.gave_up]
    if early:
        report.cut_short(early_text(early, options))
    broken = next((user for user in users if user.broken), None)
    if broken:
        report.fatal(f"user {broken.number} ended by an unexpected error: {broken.broken}")
        return exits.BROKEN
    return exits.UNENDED if is_late else exits.FINE
