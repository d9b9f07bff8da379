"""HTTP servers that stand where a Drain should: one that records what it gets, and one that misbehaves on purpose.

The second is the only fake: faults that a real InfluxDB cannot be made to show on demand.
"""

import gzip
import http.server
import threading
import urllib.parse

from support import lineprotocol, rollups


class Recorder:
    """Answers writes as InfluxDB 1.x does (204) and keeps every line; `answer` may change its mind per request."""

    def __init__(self, answer=None):
        self.writes, self.bodies = [], []
        self._answer = answer or (lambda number: (204, {}, b""))
        self._lock = threading.Lock()
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.reply(204, {"X-Influxdb-Version": "1.6.7"}, b"")

            do_HEAD = do_GET

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.reply(*recorder.take(self.path, self.headers, body))

            def reply(self, status, headers, body):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def take(self, path, headers, body):
        with self._lock:
            self.writes.append((urllib.parse.urlsplit(path), headers))
            status, extra, answer = self._answer(len(self.writes))
            if status == 204:
                text = gzip.decompress(body) if headers.get("Content-Encoding") == "gzip" else body
                self.bodies.append(text.decode())
        return status, extra, answer

    def points(self, measurement=""):
        """Of one measurement, or of all: a million lines are slow to read."""
        with self._lock:
            lines = [line for body in self.bodies for line in body.splitlines() if line.startswith(measurement)]
        return [lineprotocol.parse_line(line) for line in lines]

    def rollups(self):
        return rollups.Rollups(self.points())


def always(status, body=b"", **headers):
    return lambda number: (status, headers, body)


def first(count, status, body=b"", then=204):
    """`status` for the first `count` writes, `then` afterwards."""
    return lambda number: (status, {}, body) if number <= count else (then, {}, b"")
