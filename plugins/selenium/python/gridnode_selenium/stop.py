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
        self._now = threading.Event()
        self.asked = False

    def handle_signals(self) -> None:
        """SIGTERM and SIGINT end the run at once. For the main thread."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._ask_now())

    def finish(self) -> None:
        """What is under way may finish."""
        self._finish.set()

    def now(self) -> None:
        """Nothing is waited for."""
        self._finish.set()
        self._now.set()

    def _ask_now(self) -> None:
        self.asked = True
        self.now()

    @property
    def is_finishing(self) -> bool:
        """Nothing new begins."""
        return self._finish.is_set()

    @property
    def is_now(self) -> bool:
        """Nothing is waited for."""
        return self._now.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleeps; true as soon as nothing new may begin."""
        return self._finish.wait(seconds)

    def look(self) -> None:
        """Looks at the stop file."""
        if self._path is None or self.is_now:
            return
        try:
            word = self._path.read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            return
        self.asked = True
        if word == "now":
            self.now()
        else:
            self.finish()
