"""What the runner has to say about itself: one JSON object a line in the file that the agent reads."""

import json
import sys
import threading
from typing import Optional

TEXT_CHARS_MAX = 1_000
REMARKS_MAX = 200


class Report:
    """Appends remarks. Thread safe; what cannot be written goes to standard error only."""

    def __init__(self, path: Optional[str]):
        self._path = path
        self._lock = threading.Lock()
        self._count = 0
        self.fatal_text: Optional[str] = None

    def info(self, text: str) -> None:
        """For whoever looks closely."""
        self._append("info", text)

    def warning(self, text: str) -> None:
        """For whoever watches the run."""
        self._append("warning", text)

    def fatal(self, text: str) -> None:
        """The run is no good, for this reason. The first one counts."""
        if self.fatal_text is None:
            self.fatal_text = text
        self._append("fatal", text)

    def _append(self, level: str, text: str) -> None:
        print(f"gridnode: {level}: {text}", file=sys.stderr, flush=True)
        line = json.dumps({"level": level, "text": text[:TEXT_CHARS_MAX]}) + "\n"
        with self._lock:
            self._count += 1
            # A reason always finds room.
            if not self._path or (self._count > REMARKS_MAX and level != "fatal"):
                return
            try:
                with open(self._path, "a", encoding="utf-8") as file:
                    file.write(line)
            except OSError as error:
                print(f"gridnode: failed to write {self._path}: {error}", file=sys.stderr, flush=True)
