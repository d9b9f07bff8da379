"""Pictures of failures, in their error traces or as files: a few for each label, and a hundred in all."""

import re
import threading
from collections import Counter
from pathlib import Path
from typing import Optional

from . import dialogs

IN_ALL_MAX = 100
NAME_CHARS_MAX = 60


class Screenshots:
    """Where they go. Thread safe."""

    def __init__(self, directory: str, per_label_max: int):
        self._directory = Path(directory)
        self._per_label_max = per_label_max
        self._lock = threading.Lock()
        self._by_label: Counter = Counter()
        self._taken = 0
        self.suppressed = 0

    def take(self, driver, label: str, user: int, iteration: int) -> None:
        """One more as a file, if there may be."""
        if dialogs.is_open(driver):
            return
        number = self._next(label)
        if number is None:
            return
        try:
            picture = driver.get_screenshot_as_png()
            self._directory.mkdir(parents=True, exist_ok=True)
            name = f"{safe(label)}-user{user}-iteration{iteration}-{number}.png"
            (self._directory / name).write_bytes(picture)
        except Exception:  # noqa: BLE001 - a browser that failed may be unable to show itself
            pass

    def picture(self, driver, label: str) -> Optional[bytes]:
        """One more for an error trace, if there may be."""
        return None if self._next(label) is None else driver.get_screenshot_as_png()

    def _next(self, label: str) -> Optional[int]:
        """Its number within its label; None: there are enough."""
        with self._lock:
            if self._taken >= IN_ALL_MAX or self._by_label[label] >= self._per_label_max:
                self.suppressed += 1
                return None
            self._taken += 1
            self._by_label[label] += 1
            return self._by_label[label]


def safe(label: str) -> str:
    """A part of a file's name: nothing in it leads to another directory."""
    return re.sub(r"[^A-Za-z0-9_]+", "-", label).strip("-")[:NAME_CHARS_MAX] or "label"
