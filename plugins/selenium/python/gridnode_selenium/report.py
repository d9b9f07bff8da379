"""What the runner has to say about itself: one JSON object a line in the file that the agent reads."""

import json
import os
import threading
from typing import Optional, Union

TEXT_CHARS_MAX = 1_000
REMARKS_MAX = 200
# Of our own: a plan may close or replace `sys.stderr`.
_STDERR = os.dup(2)


def say(text: Union[str, bytes]) -> None:
    """Writes to standard error; never fails."""
    left = text.encode("utf-8", "replace") if isinstance(text, str) else text
    try:
        while left:
            left = left[os.write(_STDERR, left) :]
    except OSError:
        pass


def say_to() -> int:
    """The file descriptor that `say` writes to."""
    return _STDERR


class Report:
    """Appends remarks. Thread safe; what cannot be written goes to standard error only."""

    def __init__(self, path: Optional[str]):
        self._path = path
        self._count = 0
        self.fatal_text: Optional[str] = None
        self._renew_lock()
        # Another thread may hold it while a plan forks.
        os.register_at_fork(after_in_child=self._renew_lock)

    def info(self, text: str) -> None:
        """For whoever looks closely."""
        self._append("info", text)

    def warning(self, text: str) -> None:
        """For whoever watches the run."""
        self._append("warning", text)

    def doubt(self, text: str) -> None:
        """What does not fail the run and has to be said of it at its end."""
        self._append("doubt", text)

    def cut_short(self, text: str) -> None:
        """The run is less than what was asked for: a failure, unless its end was asked for."""
        self._append("cut_short", text)

    def fatal(self, text: str) -> None:
        """The run is no good, for this reason. The first one counts."""
        if self.fatal_text is None:
            self.fatal_text = text
        self._append("fatal", text)

    def _renew_lock(self) -> None:
        self._lock = threading.Lock()

    def _append(self, level: str, text: str) -> None:
        say(f"gridnode: {level}: {text}\n")
        line = json.dumps({"level": level, "text": text[:TEXT_CHARS_MAX]}) + "\n"
        with self._lock:
            self._count += 1
            # A reason always finds room.
            if not self._path or (self._count > REMARKS_MAX and level != "fatal"):
                return
            try:
                # A plan may have put a pipe there, which would wait for a reader for ever.
                flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
                with open(os.open(self._path, flags, 0o666), "a", encoding="utf-8") as file:
                    file.write(line)
            except OSError as error:
                say(f"gridnode: failed to write {self._path}: {error}\n")
