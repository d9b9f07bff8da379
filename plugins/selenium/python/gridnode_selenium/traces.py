"""Error traces of a run: a few failed samples of each kind and window in full, without secrets, as files that the agent takes.

They are written on a thread of their own: users wait neither for the disk nor until secrets are found. What cannot be written, or
finds no room because the disk is slow, counts as lost. Of all that goes wrong one line is said.
"""

import base64
import json
import os
import queue
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional

from .fingerprint import fingerprint
from .lines import CODE_BYTES_MAX, ERROR_BYTES_MAX, label_id, sent
from .redact import Redactor
from .report import Report
from .secret_cut import whole
from .trace_caps import Kind, TraceCaps
from .trace_settings import TraceSettings

BODY_BYTES_MAX = 64 << 10
# Of a URL, a message, a label.
CHARS_MAX = 8 << 10
CONSOLE_MAX = 50
CONSOLE_CHARS_MAX = 2 << 10
PNG_BYTES_MAX = 5 << 20
# Of a file without its picture: what is larger the agent refuses.
FILE_BYTES_MAX = 1 << 20
# What waits to be written.
TRACES_MAX = 200
BYTES_MAX = 16 << 20
# A disk that hangs must not keep the run from its end.
END_S_MAX = 2.0
# And then for the one that is being written: a disk may hang.
WAIT_S_MAX = 4.0
# What a process that is killed may take with it of the counts.
PENDING_S = 1.0


@dataclass
class Trace:
    """One sample in full. What is empty is left out."""

    kind: Kind
    error: str
    is_slow: bool = False
    # Of the same kind, not written since the last one that was.
    suppressed: int = 0
    start_ns: int = 0
    rt_ms: float = 0.0
    thread: str = ""
    url: str = ""
    status: int = 0
    message: str = ""
    source: str = ""
    # Level, source, text.
    console: List[Dict[str, str]] = field(default_factory=list)
    png: bytes = b""

    def cut(self) -> "Trace":
        """To what is shown of it; of the page's source one character more, to see that it is cut."""
        self.url, self.message = self.url[:CHARS_MAX], self.message[:CHARS_MAX]
        self.console = self.console[:CONSOLE_MAX]
        for entry in self.console:
            entry["text"] = entry["text"][:CONSOLE_CHARS_MAX]
        self.png = self.png if len(self.png) <= PNG_BYTES_MAX else b""
        return self

    def failures(self) -> int:
        """How many failures are told with it."""
        return 0 if self.is_slow else 1 + self.suppressed

    def size(self) -> int:
        """About what it needs until it is written."""
        return 2 * (len(self.source) + CHARS_MAX) + len(self.png)


class Traces:
    """Thread safe. `failed` or `slow`, fill in what the browser says, `write`."""

    def __init__(self, settings: TraceSettings, flood: str, source: str, report: Report):
        self._settings = settings
        self._flood = flood
        self._source = source
        self._report = report
        self._caps = TraceCaps(settings.per_label, settings.per_window, settings.window_s)
        self._redactor = Redactor(settings.key, settings.secrets)
        self._queue: "queue.Queue[Optional[Trace]]" = queue.Queue()
        self._lock = threading.Lock()
        self._bytes = 0
        self._waiting = 0
        # Failures that are told with those that wait: a process that is killed leaves their number.
        self._failures = 0
        # Traces that there should be and are not.
        self._unwritten = 0
        self._end = None
        self._number = 0
        # Of what is suppressed, that is on disk, and since when.
        self._pending = _counts(0, 0)
        self._pending_at = time.monotonic()
        self._is_told = False
        self._is_ended = False
        # A process that a plan forks is no source of ours.
        os.register_at_fork(after_in_child=self._forget)
        self._thread = threading.Thread(target=self._run, name="gridnode-traces", daemon=True)
        self._thread.start()

    @classmethod
    def start(cls, environment: Mapping[str, str], source: str, report: Report) -> Optional["Traces"]:
        """None where none are wanted. `source` names the files."""
        try:
            settings = TraceSettings.read(environment)
        except ValueError as error:
            report.warning(f"there are no error traces: {error}")
            return None
        return cls(settings, environment.get("FLOOD_SEQUENCE_ID") or "1", source, report) if settings else None

    def failed(self, label: str, code: Optional[str], error: Optional[str], end_ns: int) -> Optional[Trace]:
        """A failed sample, with the values of its line; None when there are enough of its kind: that is counted."""
        if self._is_ended:
            return None
        text = sent(error or "", ERROR_BYTES_MAX)
        kind = self._kind(label, code, text)
        suppressed = self._caps.failed(kind, text, end_ns)
        return None if suppressed is None else Trace(kind, text, suppressed=suppressed)

    def is_slow(self, rt_ms: float) -> bool:
        """Whether a success was slow enough for one."""
        return self._settings.slower_ms is not None and rt_ms > self._settings.slower_ms

    def slow(self, label: str, code: Optional[str], end_ns: int) -> Optional[Trace]:
        """A slow success; None when there are enough."""
        if self._is_ended or not self._caps.slow(end_ns):
            return None
        return Trace(self._kind(label, code, ""), "", is_slow=True)

    def write(self, trace: Trace) -> None:
        """Hands over what is to be written. Never waits."""
        size = trace.cut().size()
        with self._lock:
            has_room = not self._is_ended and self._waiting < TRACES_MAX and self._bytes + size <= BYTES_MAX
            if has_room:
                self._waiting += 1
                self._failures += trace.failures()
                self._bytes += size
                self._queue.put(trace)
        if not has_room:
            self._not_written(trace)

    def end(self) -> None:
        """Writes what is left, and what was suppressed. Waits a few seconds at most. A second call does nothing."""
        with self._lock:
            if self._is_ended:
                return
            self._is_ended = True
            self._end = time.monotonic()
            self._queue.put(None)
        self._thread.join(WAIT_S_MAX)
        if self._thread.is_alive():
            self._report.warning(
                "the last error traces are not written, and count as lost: their disk does not answer, or the machine has no time "
                "for them"
            )

    def _kind(self, label: str, code: Optional[str], error: str) -> Kind:
        return Kind(label or "__empty__", sent(code or "none", CODE_BYTES_MAX), fingerprint(error))

    def _run(self) -> None:
        left = 0
        while True:
            try:
                trace = self._queue.get(timeout=PENDING_S)
            except queue.Empty:
                self._write_pending(False)
                continue
            if trace is None:
                break
            if self._end is not None and time.monotonic() - self._end >= END_S_MAX:
                left += 1
                self._not_written(trace)
                self._leaves(trace)
                continue
            self._write(trace)
            self._write_pending(True)
        if left:
            self._report.warning(f"{left} error traces are not written, for there was no time left at the end; they count as lost")
        self._write_rest()

    def _write_pending(self, is_told: bool) -> None:
        """What is suppressed, for the case that the process is killed. `is_told`: a trace has just told of some."""
        now = time.monotonic()
        if not is_told and now - self._pending_at < PENDING_S:
            return
        with self._lock:
            waiting, unwritten = self._failures, self._unwritten
        self._pending_at = now
        counts = _counts(self._caps.untold() + waiting, unwritten)
        if counts != self._pending and self._try(lambda: self._put("suppressed", _json(counts), ".pending")):
            self._pending = counts

    def _write_rest(self) -> None:
        rest, others = self._caps.take_rest()
        with self._lock:
            counts = _counts(others, self._unwritten)
        if not rest and counts == _counts(0, 0) == self._pending:
            return
        show = self._redactor.text
        cut = [{**one, "label": one["label"][:CHARS_MAX]} for one in rest]
        shown = [{name: show(value) if isinstance(value, str) else value for name, value in one.items()} for one in cut]

        def put():
            # One file at any time: what was told is not told again.
            self._put("suppressed", _json({"suppressed": shown, **counts}), ".pending")
            pending = self._settings.dir / f"trace-{self._source}-suppressed.pending"
            pending.replace(pending.with_suffix(".json"))

        self._try(put)

    def _write(self, trace: Trace) -> None:
        if not self._try(lambda: self._put(str(self._number), self._content(trace))):
            self._not_written(trace)
        self._number += 1
        self._leaves(trace)

    def _leaves(self, trace: Trace) -> None:
        """It waits no longer; what it tells of is told, or counted, by now."""
        with self._lock:
            self._waiting -= 1
            self._bytes -= trace.size()
            self._failures -= trace.failures()

    def _try(self, step) -> bool:
        try:
            step()
            return True
        except Exception as error:  # noqa: BLE001 - a trace is a help, not a result
            if not self._is_told:
                self._is_told = True
                self._report.warning(
                    f"failed to write an error trace ({type(error).__name__}: {error}); it counts as lost, and so do others "
                    "like it. Look at the disk that has GRIDNODE_TRACE_DIR"
                )
            return False

    def _put(self, what: str, content: bytes, suffix: str = ".json") -> None:
        """Under another name first, so that nobody reads half of one."""
        unfinished = self._settings.dir / f"trace-{self._source}-{what}.tmp"
        try:
            with open(unfinished, "xb") as file:
                file.write(content)
            unfinished.replace(unfinished.with_suffix(suffix))
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise

    def _content(self, trace: Trace) -> bytes:
        """The whole; where that is too large without its console, then without its page."""
        shown = self._shown(trace)
        for name in ("console", "response"):
            if len(_json(shown)) > FILE_BYTES_MAX:
                shown.pop(name, None)
        if trace.png:
            shown["screenshot_png_base64"] = base64.b64encode(trace.png).decode("ascii")
        return _json(shown)

    def _shown(self, trace: Trace) -> Dict[str, Any]:
        show = self._redactor.text
        body = trace.source.encode("utf-8", "replace")
        page = show(body[:BODY_BYTES_MAX].decode("utf-8", "ignore"))
        response = {
            "status": trace.status,
            "message": show(trace.message),
            "body": whole(page) if len(body) > BODY_BYTES_MAX else page,
            "body_bytes": len(body),
        }
        shown = {
            "flood": self._flood,
            "label": show(trace.kind.label[:CHARS_MAX]),
            "label_id": label_id(trace.kind.label),
            "time_ns": trace.start_ns,
            "rt_ms": round(trace.rt_ms, 3),
            "code": show(trace.kind.code),
            "error": show(trace.error),
            "thread": trace.thread,
            "why": "slow" if trace.is_slow else "failed",
            "suppressed": trace.suppressed,
            # How the page was asked for, by a link or a form, a browser does not say.
            "request": {"url": show(trace.url)} if trace.url else None,
            "response": {name: value for name, value in response.items() if value},
            "console": [{name: show(value) for name, value in entry.items() if value} for entry in trace.console],
        }
        always = ("time_ns", "rt_ms")
        return {name: value for name, value in shown.items() if value or name in always}

    def _not_written(self, trace: Trace) -> None:
        """What it tells of is told by another one; itself it is lost."""
        with self._lock:
            self._unwritten += min(trace.failures(), 1)
        if trace.suppressed:
            self._caps.not_written(trace.kind, trace.error, trace.suppressed)

    def _forget(self) -> None:
        self._is_ended = True


def _counts(others: int, unwritten: int) -> Dict[str, int]:
    """Of failures that no trace tells of, and of traces that there should be."""
    return {"others": others, "unwritten": unwritten} if unwritten else {"others": others}


def _json(document: Dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
