"""Where everybody sends to: an HTTP server that keeps what comes, looks at nothing and says 204."""

import contextlib
import dataclasses
import http.server
import threading
import time


@dataclasses.dataclass
class Body:
    at_s: float  # when its last byte was there, seconds since the epoch
    encoding: str
    content: bytes


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        content = self._chunks() if self.headers.get("Transfer-Encoding") == "chunked" else self._whole()
        self.server.bodies.append(Body(time.time(), self.headers.get("Content-Encoding", ""), content))
        self.send_response(204)
        self.end_headers()

    def _whole(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _chunks(self):
        parts = []
        while length := int(self.rfile.readline().partition(b";")[0], 16):
            parts.append(self.rfile.read(length))
            self.rfile.readline()
        while self.rfile.readline().strip():  # trailers
            pass
        return b"".join(parts)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def listening():
    """`bodies` in the order in which they came."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.bodies = True, []
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
