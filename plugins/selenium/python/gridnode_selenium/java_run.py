"""A run of a plan in Java: for each user a driver behind a gateway, and a JVM with the plan in it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import Deque, List, Optional

from . import exits
from .gateway import Gateway
from .options import Options
from .report import Report
from .stop import LOOK_S, Stop
from .sump import Sump
from .user import starts

FAILURES_MAX = 3
TERM_S = 5.0
STDERR_LINES_KEPT = 8


class JavaUser:
    """One user: its JVM is started again while the duration lasts, as the platform loops programs."""

    def __init__(self, number: int, options: Options, sump: Sump, report: Report, stop: Stop):
        self.number = number
        self._options = options
        self._sump = sump
        self._report = report
        self._stop = stop
        self._process: Optional[subprocess.Popen] = None
        self._last_words: Deque[str] = deque(maxlen=STDERR_LINES_KEPT)
        self.gave_up = False
        self.reason = ""

    def run(self) -> None:
        """The body of the user's thread."""
        self._sump.user_started()
        gateway = Gateway(self._options)
        try:
            gateway.start()
            self._loop(gateway)
        except Exception as error:  # noqa: BLE001 - a driver that does not start
            self.gave_up, self.reason = True, str(error)
            self._report.warning(f"user {self.number} ended: {error}")
        finally:
            gateway.close()
            if gateway.restarts:
                self._report.warning(f"the driver of user {self.number} died {gateway.restarts} times and was replaced")
            self._sump.user_finished()

    def _loop(self, gateway: Gateway) -> None:
        failures = 0
        options = self._options
        again = options.duration_s is not None and options.iterations is None
        while not self._stop.is_finishing:
            code = self._once(gateway.port)
            gateway.close_sessions()
            if self._stop.is_finishing:
                return
            if code == 0:
                failures = 0
            else:
                failures += 1
                words = "\n".join(self._last_words)
                self._report.warning(f"the program of user {self.number} ended with exit code {code}: {words}")
                if failures >= FAILURES_MAX or not again:
                    self.gave_up, self.reason = True, words
                    return
            if not again:
                return

    def _once(self, port: int) -> int:
        environment = dict(os.environ)
        environment.update(THREAD_ID=str(self.number), WEBDRIVER_HOST="127.0.0.1", WEBDRIVER_PORT=str(port))
        # Ours, not the program's.
        for name in ("PYTHONPATH", "PYTHONSAFEPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONNOUSERSITE"):
            environment.pop(name, None)
        arguments = write_arguments(self._options, Path(self._options.temporary_dir) / f"java-{self.number}.args")
        self._last_words.clear()
        process = subprocess.Popen(
            [self._options.java, f"@{arguments}", self._options.main_class],
            env=environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        self._process = process
        listener = threading.Thread(target=self._listen, args=(process,), daemon=True)
        listener.start()
        while process.poll() is None:
            if self._stop.is_finishing:
                self._end(process)
            time.sleep(LOOK_S)
        listener.join(1)
        return process.returncode

    def _listen(self, process: subprocess.Popen) -> None:
        for line in process.stderr or ():
            self._last_words.append(line.rstrip()[:300])
            sys.stderr.write(line)

    def _end(self, process: subprocess.Popen) -> None:
        """Its shutdown hooks say the last word of the account."""
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(TERM_S)
        except subprocess.TimeoutExpired:
            process.kill()


def write_arguments(options: Options, path: Path) -> Path:
    """Options of a JVM in a file for its owner only: parameters may be secret, and every user reads command lines."""

    def quoted(text: str) -> str:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'

    words = [f"-Xmx{options.heap_mib}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    words += [f"-Djava.io.tmpdir={options.temporary_dir}"]
    words += [f"-D{name}={value}" for name, value in options.params.items()]
    words += ["-cp", options.class_path]
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write("\n".join(quoted(word) for word in words) + "\n")
    return path


def run(options: Options, sump: Sump, report: Report, stop: Stop) -> int:
    """Runs it to its end; returns the exit code."""
    users = [JavaUser(number, options, sump, report, stop) for number in range(options.users)]
    threads: List[threading.Thread] = []
    due = starts(options.users, float(options.ramp_up_s))
    began = time.monotonic()
    while True:
        elapsed = time.monotonic() - began
        stop.look()
        if options.duration_s is not None and elapsed >= options.duration_s:
            stop.finish()
        if stop.is_finishing:
            due = due[: len(threads)]
        while len(threads) < len(due) and elapsed >= due[len(threads)]:
            threads.append(threading.Thread(target=users[len(threads)].run, daemon=True))
            threads[-1].start()
        if len(threads) == len(due) and not any(thread.is_alive() for thread in threads):
            break
        time.sleep(LOOK_S)
    if not stop.asked and all(user.gave_up for user in users):
        report.fatal(f"the programs of all {len(users)} users failed: {users[0].reason}")
        return exits.NO_TRANSACTION
    return exits.FINE
