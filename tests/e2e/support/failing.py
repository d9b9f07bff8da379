"""A target that fails in as many ways as there are, and keeps what it was sent and what it answered.

    /status    500 with a text          /passes    200 with a text that nobody asserts
    /large     500 with 5 MB            /binary    502 with bytes that are no text
    /waits     nothing for 30 s         /resets    a head, half a body, a reset
    /form      500 with a page that has a secret in each place a page has for one
    /cut-form  the same, and a hidden field across the 64th KiB
"""

import http.server
import socket
import struct
import threading
import time

LARGE = ("Käse €1 " * 700_000)[:5_000_000 // 2]
FORM = """<html><head>
<meta name="csrf-token" content="canary-meta"><META CONTENT='canary-META' NAME=XSRF-TOKEN>
<meta name="viewport" content="width=device-width">
</head><body data-csrf-token="canary-data">
<form action="/pay?step=2&amp;token=canary-action">
<input type="hidden" name="csrf_token" value="canary-hidden"><input type=hidden name=step value=stays-3>
<INPUT VALUE='canary-quote'
  NAME='__RequestVerificationToken'
  TYPE='hidden'/>
<input name=authenticity_token value=canary-bare/a+b== type=hidden>
<input type="password" name="pw" value="canary-pw">
<input type="hidden" name="session" value="canary&#x2F;canary&quot;canary">
</form>
<div data-props="{&quot;accessToken&quot;:&quot;canary-props&quot;,&quot;page&quot;:&quot;stays-4&quot;}"></div>
<a href="/reset?x=1&amp;token=canary-href&amp;y=stays-5">again</a>
<script>window.__STATE__ = {"access_token":"canary-state","cart":"stays-6"};
var shop = { refreshToken: 'canary-literal', page: 'stays-7' };
var more = JSON.parse("{\\"token\\":\\"canary-parse\\",\\"n\\":\\"stays-8\\"}");</script>
<pre>
HTTP/1.1 500 Internal Server Error
Set-Cookie: sid=canary-dump; Path=/
X-Served-By: stays-9
</pre></body></html>
"""
CUT_FORM = FORM.ljust((64 << 10) - 90) + '<input type="hidden" value="' + "canary-cut-" * 1_000 + '" name="csrf_token">'
BINARY = bytes(range(256)) * 8
ANSWERS = {
    "/status": (500, "text/plain; charset=utf-8", "order 17 is lost: €".encode()),
    "/passes": (200, "application/json", b'{"state": "pending"}'),
    "/large": (500, "text/html; charset=utf-8", LARGE.encode()),
    "/form": (500, "text/html; charset=utf-8", FORM.encode()),
    "/cut-form": (500, "text/html; charset=utf-8", CUT_FORM.encode()),
    "/binary": (502, "application/octet-stream", BINARY),
}


class Failing:
    """Serves within the `with` block; `log` has (method, target, headers, body) of each request."""

    def __enter__(self):
        self.log = log = []
        ended = self._ended = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body are two writes: the second would wait for what the client delays.
            disable_nagle_algorithm = True

            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                log.append((self.command, self.path, list(self.headers.items()), body))
                path = self.path.partition("?")[0]
                if path == "/waits":
                    ended.wait(30)
                    self.close_connection = True
                elif path == "/resets":
                    self._reset()
                else:
                    self._answer(*ANSWERS.get(path, (404, "text/plain", b"nothing")))

            do_POST = do_GET

            def _answer(self, status, kind, body):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("X-Request-Id", f"r-{len(log)}")
                self.send_header("Set-Cookie", "sid=canary-set-cookie; Path=/")
                self.end_headers()
                self.wfile.write(body)

            def _reset(self):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nhalf of it")
                self.wfile.flush()
                time.sleep(0.1)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True

            def log_message(self, *_):
                pass

            def handle(self):
                try:
                    super().handle()
                except OSError:
                    pass  # a client that does not wait for its answer

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self):
        return self._server.server_address[1]

    def sent(self, path):
        """The requests to a path."""
        return [entry for entry in self.log if entry[1].partition("?")[0] == path]
