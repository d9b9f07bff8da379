"""A proxy before a real InfluxDB that does to writes what networks, proxies and databases do.

Each write meets one fault or none, by a seeded choice. `commits` are let through to the database first:

    slow            waits up to a second, then passes
    reset early     the connection is reset before the body was read
    reset late      the same, after the body
    cut             commits; the answer is broken off or never begins
    busy            503 with `Retry-After`
    page            a page that is not the store's, with a status that means something else there
    too large       413, half of the time before the body was read
    partial         commits or not; answers as the store does that has stored a part: nobody can know
    outage          nobody listens for some seconds
"""

import collections
import contextlib
import hashlib
import http.client
import http.server
import random
import socket
import struct
import threading

from support import ports
from support.wait import pause

PASSES = "passes"
# In percent of all writes; the rest passes.
FAULTS = {"slow": 10, "reset early": 5, "reset late": 6, "cut": 12, "busy": 5, "page": 2, "too large": 5, "partial": 2}
PAGES = [(200, b"<html>Please log in</html>"), (400, b"<html>Bad Request</html>"), (502, b"<html>Bad Gateway</html>")]
PARTIAL = b'{"error":"partial write: field type conflict dropped=1"}'


class FaultyDrain:
    """Serves within the `with` block; `seen` counts what was done to writes, `contradictions` are batches that changed."""

    def __init__(self, influx, seed):
        self.port, self.seen, self.contradictions = ports.free_tcp(), collections.Counter(), []
        self.is_well = False
        self._influx, self._random, self._lock = influx, random.Random(seed), threading.Lock()
        self._digests = {}

    def __enter__(self):
        self._listen()
        return self

    def __exit__(self, *_):
        self._close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/?db={self._influx.database}"

    def outage(self, seconds):
        self.seen["outage"] += 1
        self._close()
        pause(seconds)
        self._listen()

    def _listen(self):
        drain = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            server_version = "proxy"

            def do_POST(self):
                with contextlib.suppress(OSError):
                    drain.take(self)

            def handle(self):
                with contextlib.suppress(OSError, ValueError):
                    super().handle()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self._is_open = True

    def _close(self):
        self._is_open = False
        self._server.shutdown()
        self._server.server_close()

    def _choose(self):
        with self._lock:
            left = self._random.uniform(0, 100)
            detail = self._random.random()
            for kind, percent in FAULTS.items():
                left -= percent
                if left < 0 and not self.is_well:
                    break
            else:
                kind = PASSES
            self.seen[kind] += 1
            return kind, detail

    def take(self, request):
        """One write, in a thread of its connection."""
        if not self._is_open:
            return reset(request)
        kind, detail = self._choose()
        early = kind == "reset early" or (kind == "too large" and detail < 0.5)
        body = b"" if early else request.rfile.read(int(request.headers["Content-Length"]))
        if body:
            self._remember(request.headers["X-Gridnode-Batch"], body)
        if kind.startswith("reset"):
            return reset(request)
        if kind == "too large":
            return answer(request, 413, b"<html>Request Entity Too Large</html>", close=early)
        if kind == "busy":
            return answer(request, 503, b"busy", [("Retry-After", "1")])
        if kind == "page":
            return answer(request, *PAGES[int(detail * len(PAGES))])
        if kind == "slow":
            pause(detail)
        if kind == "partial" and detail < 0.5:
            return answer(request, 400, PARTIAL, [("X-Influxdb-Version", "1.8")])
        said = self._forward(request, body)
        if said is None:
            return reset(request)
        if kind == "cut":
            if detail < 0.5:
                request.wfile.write(b"HTTP/1.1 20")
                request.wfile.flush()
            return reset(request)
        if kind == "partial":
            return answer(request, 400, PARTIAL, [("X-Influxdb-Version", "1.8")])
        return answer(request, *said)

    def _remember(self, batch, body):
        """A batch of one name has one content, whoever sends it and when."""
        digest = hashlib.sha256(body).hexdigest()
        with self._lock:
            if self._digests.setdefault(batch, digest) != digest:
                self.contradictions.append(batch)

    def _forward(self, request, body):
        """Status, body and fields of the store's answer; None when it is away."""
        upstream = http.client.HTTPConnection("127.0.0.1", self._influx.port, timeout=20)
        try:
            fields = {name: request.headers[name] for name in ("Content-Encoding", "Content-Type")}
            upstream.request("POST", request.path, body, fields)
            said = upstream.getresponse()
            kept = [(name, value) for name, value in said.getheaders() if name.lower().startswith("x-influxdb")]
            return said.status, said.read(), kept
        except (OSError, http.client.HTTPException):
            with self._lock:
                self.seen["store away"] += 1
            return None
        finally:
            upstream.close()


def answer(request, status, body, fields=(), close=False):
    request.send_response(status)
    for name, value in fields:
        request.send_header(name, value)
    if status != 204:
        request.send_header("Content-Length", str(len(body)))
    if close:
        request.send_header("Connection", "close")
        request.close_connection = True
    request.end_headers()
    if status != 204:
        request.wfile.write(body)


def reset(request):
    """RST instead of an orderly end."""
    request.close_connection = True
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.connection.close()
