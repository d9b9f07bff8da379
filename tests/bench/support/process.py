"""Starting what is measured, and knowing what CPU it took."""

import contextlib
import dataclasses
import http.server
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time


@dataclasses.dataclass
class Ended:
    code: int
    cpu_s: float  # of the process and the children it has waited for
    rss_max_kib: int
    out: str
    err: str


class Process:
    """A child whose end is awaited with its own resource usage; output goes to files, so that no pipe fills up."""

    def __init__(self, command, directory, name, env=None):
        self.command = [str(part) for part in command]
        self._files = [pathlib.Path(directory) / f"{name}.{end}" for end in ("out", "err")]
        with open(self._files[0], "wb") as out, open(self._files[1], "wb") as err:
            self.child = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=directory, env=env
            )

    def says(self, text, seconds=60):
        until = time.monotonic() + seconds
        while text not in "".join(self._texts()):
            if self.child.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{self.command} did not say {text!r}:\n{self._texts()[1][-2000:]}")
            time.sleep(0.02)

    def end(self, seconds=180, by_signal=None):
        """Awaits the end, after the signal if there is one; kills what does not end in time."""
        if by_signal is not None:
            self.child.send_signal(by_signal)
        killer = threading.Timer(seconds, self.child.kill)
        killer.start()
        try:
            _, status, usage = os.wait4(self.child.pid, 0)
        finally:
            killer.cancel()
        self.child.returncode = os.waitstatus_to_exitcode(status)
        out, err = self._texts()
        return Ended(self.child.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, out, err)

    def kill_if_running(self):
        if self.child.returncode is None and self.child.poll() is None:
            self.child.kill()
            self.child.wait()

    def _texts(self):
        return [path.read_text(errors="replace") for path in self._files]


@contextlib.contextmanager
def running(*args, **options):
    process = Process(*args, **options)
    try:
        yield process
    finally:
        process.kill_if_running()


def collect(bench, drain_url, port, name, *args, prefix=()):
    """`gridnode collect`, listening."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("GRIDNODE_")}
    state = bench.directory / f"state-{name}"
    command = [
        *prefix, bench.gridnode, "collect", "--listen", f"127.0.0.1:{port}", "--drain", drain_url,
        "--node", "node-1", "--state-dir", state, *args,
    ]  # fmt: skip
    return running(command, bench.directory, name, env=env)


def stop_collect(process):
    """SIGTERM; what it took, and the one receipt."""
    ended = process.end(by_signal=signal.SIGTERM)
    receipts = [json.loads(line) for line in ended.out.splitlines() if line.startswith("{")]
    if len(receipts) != 1:
        raise RuntimeError(f"{len(receipts)} receipts (exit code {ended.code}):\n{ended.err[-2000:]}")
    return ended, receipts[0]


def blast(bench, port, **options):
    """Sends; gives what was achieved."""
    command = [str(bench.program("blast")), "--to", f"127.0.0.1:{port}"]
    for key, value in options.items():
        command += [f"--{key.replace('_', '-')}", str(value)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    return json.loads(done.stdout)


def free_udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sink(http.server.BaseHTTPRequestHandler):
    """A Drain that reads, keeps nothing and says 204."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.server.bytes_read += len(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def http_sink():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    server.daemon_threads, server.bytes_read = True, 0
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
