"""One program of a user: started below a warden of its own, listened to, ended with everything that it leaves behind."""

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Callable, List, Mapping, Tuple

from .processes import kill_below
from .report import say
from .stop import LOOK_S, Stop
from .tail import Tail

# For the last words of a program that is to end; less where nothing is waited for.
TERM_S = 5.0
TERM_NOW_S = 0.8
KILL_WAIT_S = 2.0
WARDEN = Path(__file__).with_name("warden.py")


def run_program(
    command: List[str], environment: Mapping[str, str], stop: Stop, is_over: Callable[[], bool] = lambda: False
) -> Tuple[int, str]:
    """Runs it to its end, to that of the run, or until `is_over`. Returns its exit code and its last words."""
    # The warden needs nothing that is installed.
    warden = [sys.executable, "-I", "-S", "-B", str(WARDEN)]
    process = subprocess.Popen(
        [*warden, *command], env=dict(environment), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    tail = Tail(say)
    listener = threading.Thread(target=_listen, args=(process, tail), daemon=True)
    listener.start()
    try:
        while process.poll() is None and not stop.is_finishing and not is_over():
            time.sleep(LOOK_S)
    finally:
        _end(process, stop)
    listener.join(1)
    return process.returncode, tail.text


def _end(process: subprocess.Popen, stop: Stop) -> None:
    """Its shutdown hooks say the last word of the account."""
    if process.poll() is None:
        process.terminate()
    since_s = time.monotonic()
    while process.poll() is None:
        if time.monotonic() - since_s >= (TERM_NOW_S if stop.is_now else TERM_S):
            # Its warden goes last.
            kill_below(process.pid)
            try:
                process.wait(KILL_WAIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(KILL_WAIT_S)
            return
        time.sleep(LOOK_S)


def _listen(process: subprocess.Popen, tail: Tail) -> None:
    with process.stderr as stream:
        tail.follow(stream.fileno())
