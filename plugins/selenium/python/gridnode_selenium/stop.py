"""The wish to end: a stop file, SIGTERM, or the run's duration."""

import signal
import threading
from pathlib import Path
from typing import Optional

LOOK_S = 0.1


class Stopped(BaseException):
    """Ends a user's iteration where it stands. Not an `Exception`: a plan's `except Exception` must not swallow it."""


class Stop:
    """How far the wish has come: nothing, `finish` (what is under way may finish) or `now`."""

    def __init__(self, path: Optional[str]):
        self._path = Path(path) if path else None
        self._finish = threading.Event()
        self._is_now = False
        self.asked = False
        # At the end: how many users have started, and of how many.
        self.users_started = (0, 0)

    def handle_signals(self) -> None:
        """SIGTERM and SIGINT end the run at once. For the main thread; another one must `look`."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def finish(self) -> None:
        """What is under way may finish."""
        self._finish.set()

    def now(self) -> None:
        """Nothing is waited for."""
        self._is_now = True
        self._finish.set()

    def _on_signal(self, *_) -> None:
        # Not the event: the thread that this interrupts may be just setting it, and hold its lock.
        self.asked = True
        self._is_now = True

    @property
    def is_finishing(self) -> bool:
        """Nothing new begins."""
        return self._is_now or self._finish.is_set()

    @property
    def is_now(self) -> bool:
        """Nothing is waited for."""
        return self._is_now

    def wait(self, seconds: float) -> bool:
        """Sleeps; true as soon as nothing new may begin."""
        return self._finish.wait(seconds) or self.is_finishing

    def look(self) -> None:
        """Looks at the stop file, and wakes who waits after a signal."""
        if self._is_now:
            self._finish.set()
            return
        if self._path is None:
            return
        try:
            word = self._path.read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            return
        # The agent makes it before the run, and writes into it.
        if not word:
            return
        self.asked = True
        if word == "now":
            self.now()
        else:
            self.finish()
