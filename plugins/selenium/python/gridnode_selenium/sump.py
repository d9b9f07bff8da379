"""Sends lines to the sump in datagrams that each end with the account of all samples sent so far.

A thread of its own sends what there is every 100 ms, and says twice a second how many users run.
"""

import mmap
import os
import secrets
import socket
import threading
import time
from pathlib import Path
from typing import Mapping, Optional

from .lines import Lines
from .report import Report

DATAGRAM_BYTES_MAX = 8 * 1_024
FLUSH_S = 0.1
FLUSHES_PER_USERS_LINE = 5
FINAL_COPIES = 3
FINAL_GAP_S = 0.005
FORKED = "transactions in processes that the plan forks are not counted: use threads, or more users"


class Sump:
    """One source of samples. Thread safe."""

    def __init__(self, environment: Mapping[str, str], report: Report):
        self.source = f"{os.getpid()}-{secrets.token_hex(8)}"
        self._lines = Lines(environment.get("FLOOD_SEQUENCE_ID") or "1", self.source)
        port = int(environment.get("FLOOD_SUMP_PORT") or "35663")
        self._address = (environment.get("FLOOD_SUMP_HOST") or "127.0.0.1", port)
        self._final_dir: Optional[str] = environment.get("GRIDNODE_TRACE_DIR") or None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._lock = threading.Lock()
        self._pending = bytearray()
        self._seq = 0
        self._samples = 0
        self._truncated = 0
        self._started = 0
        self._finished = 0
        self._closed = threading.Event()
        self._report = report
        # A process that a plan forks is no source of ours: its samples would be in an account that is not its own.
        self._is_forked = False
        # Shared by all of them, so that one says it for all.
        self._has_told = mmap.mmap(-1, 1)
        os.register_at_fork(after_in_child=self._forget)
        self._thread = threading.Thread(target=self._flush_for_ever, name="gridnode-sump", daemon=True)
        self._thread.start()

    def sample(self, *args, **kwargs) -> None:
        """One finished sample; see `Lines.sample`."""
        if self._is_forked:
            self._tell()
            return
        line = self._lines.sample(*args, **kwargs)
        with self._lock:
            if self._closed.is_set():
                return
            if len(line) + self._lines.ledger_bytes_max() > DATAGRAM_BYTES_MAX:
                self._truncated += 1
                return
            self._make_room(len(line))
            self._samples += 1
            self._pending += line

    def user_started(self) -> None:
        """One more user runs."""
        with self._lock:
            self._started += 1

    def user_finished(self) -> None:
        """One user less runs."""
        with self._lock:
            self._finished += 1

    def close(self) -> None:
        """Sends what is left and the last word, which is also left as a file. A second call does nothing."""
        with self._lock:
            if self._closed.is_set():
                return
            self._users_line()
            self._send()
            self._closed.set()
            self._seq += 1
            last = self._lines.ledger(self._seq, self._samples, self._truncated, final=True)
            for _ in range(FINAL_COPIES):
                self._send_datagram(last)
                time.sleep(FINAL_GAP_S)
        if self._final_dir:
            self._leave(Path(self._final_dir), last)
        self._thread.join(1)

    def _tell(self) -> None:
        if not self._has_told[0]:
            self._has_told[0] = 1
            self._report.warning(FORKED)

    def _forget(self) -> None:
        self._is_forked = True
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._closed.set()

    def _leave(self, directory: Path, last: bytes) -> None:
        unfinished = directory / f".{self.source}.tmp"
        try:
            unfinished.write_bytes(last)
            unfinished.replace(directory / f"{self.source}.final")
        except OSError:
            # The datagrams have said it three times.
            pass

    def _flush_for_ever(self) -> None:
        count = 0
        while not self._closed.wait(FLUSH_S):
            with self._lock:
                if self._closed.is_set():
                    return
                count += 1
                if count % FLUSHES_PER_USERS_LINE == 3:
                    self._users_line()
                self._send()

    def _users_line(self) -> None:
        active = self._started - self._finished
        line = self._lines.users(active, self._started, self._finished, time.time_ns())
        self._make_room(len(line))
        self._pending += line

    def _make_room(self, more: int) -> None:
        if len(self._pending) + more + self._lines.ledger_bytes_max() > DATAGRAM_BYTES_MAX:
            self._send()

    def _send(self) -> None:
        if not self._pending:
            return
        self._seq += 1
        datagram = bytes(self._pending) + self._lines.ledger(self._seq, self._samples, self._truncated)
        self._pending.clear()
        self._send_datagram(datagram)

    def _send_datagram(self, datagram: bytes) -> None:
        try:
            self._socket.sendto(datagram, self._address)
        except OSError:
            # The ledger of a later datagram tells the receiver what is missing.
            pass
