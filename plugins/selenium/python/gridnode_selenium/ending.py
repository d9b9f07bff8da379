"""The end of a run. In order or by force, it is the same one: the account is closed, browsers and drivers are gone."""

import os
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Optional

from . import exits
from .processes import kill_below
from .report import say
from .stop import LOOK_S, Stop
from .sump import Sump
from .texts import trace_of
from .traces import Traces

# From `now` until nothing is waited for any more.
NOW_MAX_S = 1.9
# A plan that computes without a pause must not hold up each look at a process: 5 ms would be usual.
SWITCH_S = 1e-5
# For an end that has begun in another thread.
END_MAX_S = 3.0


class Ending:
    """Ends this process. From its first moment a thread looks for a stop: a plan may never come back to us."""

    def __init__(self, stop: Stop):
        self._stop = stop
        self._begun = threading.Lock()
        # Set by whoever makes them.
        self.sump: Optional[Sump] = None
        self.traces: Optional[Traces] = None
        self.temporary_dir: Optional[Path] = None
        self.link: Optional[Path] = None
        # While a plan is being loaded nothing is under way that could finish.
        self.is_loading = True

    def watch(self) -> None:
        """Starts to look."""
        threading.Thread(target=self._watch, name="gridnode-stop", daemon=True).start()

    def end(self, code: int) -> None:
        """Does not return."""
        if not self._begun.acquire(timeout=END_MAX_S):
            os._exit(code)
        sys.setswitchinterval(SWITCH_S)
        try:
            for step in (self._close_account, self._kill, self._write_traces, self._remove_files, _flush):
                try:
                    step()
                except Exception as error:  # noqa: BLE001 - the other steps matter all the same
                    say(trace_of(error))
        finally:
            # A user that hangs must not hold up the end.
            os._exit(code)

    def _close_account(self) -> None:
        if self.sump:
            self.sump.close()

    def _write_traces(self) -> None:
        if self.traces:
            self.traces.end()

    def _kill(self) -> None:
        kill_below(os.getpid())

    def _remove_files(self) -> None:
        # A browser that is killed leaves more than its profile.
        for path in self.temporary_dir.iterdir() if self.temporary_dir else ():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        if self.link:
            self.link.unlink(missing_ok=True)

    def _watch(self) -> None:
        since_s: Optional[float] = None
        while True:
            try:
                self._stop.look()
            except Exception:  # noqa: BLE001 - a plan may use up memory and files; the next look may succeed
                pass
            if self._stop.is_now or (self._stop.is_finishing and self.is_loading):
                since_s = since_s or time.monotonic()
                sys.setswitchinterval(SWITCH_S)
                if self.is_loading or time.monotonic() - since_s >= NOW_MAX_S:
                    self.end(exits.FINE if self._stop.asked else exits.UNENDED)
            time.sleep(LOOK_S)


def _flush() -> None:
    sys.stdout.flush()
