"""Drains that are away or answer nonsense: what was measured is kept, it is said, and nothing is destroyed."""

import contextlib
import gzip
import http.server
import socket
import struct
import threading

import pytest

from support import ports, sump
from support.collecting import collecting
from support.drains import Recorder, always, first

SAMPLES = 30


def measure(gridnode, drain, code, seconds=90):
    with collecting(gridnode, drain) as collect:
        with sump.Sender(collect.port) as sender:
            source = sump.Source(sender)
            for n in range(SAMPLES):
                source.send(source.sample("a", n))
            source.close()
        receipt = collect.stop(code, seconds)["7"]
    assert receipt["ledger"]["aggregated"] == SAMPLES
    return receipt["delivery"], collect.process


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(always(200, b"<html>hello</html>"), "200", id="a web page"),
        pytest.param(always(404, b'{"error":"database not found: \\"gridnode\\""}'), "404", id="no such database"),
        pytest.param(always(401, b'{"error":"authorization failed"}'), "401", id="not authorized"),
        pytest.param(always(302, Location="http://127.0.0.1:9/"), "302", id="redirect"),
        pytest.param(always(500, b"oops"), "500", id="internal error"),
    ],
)
def test_an_answer_that_is_no_204_keeps_the_data(gridnode, answer, said):
    with Recorder(answer) as drain:
        delivery, process = measure(gridnode, drain.url, code=4)
    assert (delivery["delivered"], delivery["spooled"]) == (0, SAMPLES), process
    assert said in process.err, process
    assert f"{SAMPLES} samples are not delivered yet" in process.err, process

    # Once the Drain is well again, the next start delivers what was kept, exactly once.
    with Recorder() as drain, collecting(gridnode, drain.url) as again:
        again.stop()
        assert drain.rollups().samples == SAMPLES


def test_nobody_listens(gridnode):
    delivery, process = measure(gridnode, f"http://127.0.0.1:{ports.free_tcp()}", code=4)
    assert (delivery["delivered"], delivery["spooled"]) == (0, SAMPLES), process


def test_a_name_that_does_not_exist(gridnode):
    delivery, process = measure(gridnode, "http://drain.invalid:8086", code=4)
    assert (delivery["delivered"], delivery["spooled"]) == (0, SAMPLES), process


def test_a_drain_that_recovers_gets_everything_once(gridnode):
    with Recorder(first(2, 503)) as drain:
        delivery, process = measure(gridnode, drain.url, code=0)
        got = drain.rollups()
    assert delivery["delivered"] == SAMPLES and delivery["retries"] >= 1, process
    assert got.samples == SAMPLES
    batches = [headers["X-Gridnode-Batch"] for _, headers in drain.writes]
    assert batches[0] in batches[1:], "a retry has the name of the first try"


def test_what_it_cannot_read_is_set_aside(gridnode):
    with Recorder(always(400, b'{"error":"unable to parse \'x\': bad timestamp"}')) as drain:
        delivery, process = measure(gridnode, drain.url, code=4)
    assert (delivery["delivered"], delivery["quarantined"]) == (0, SAMPLES), process
    assert "set aside" in process.err, process


def test_a_partial_write_is_uncertain(gridnode):
    with Recorder(always(400, b'{"error":"partial write: points beyond retention policy dropped=1"}')) as drain:
        delivery, process = measure(gridnode, drain.url, code=4)
    assert (delivery["delivered"], delivery["uncertain"]) == (0, SAMPLES), process


def test_too_large_is_split(gridnode):
    with Recorder(first(1, 413)) as drain:
        delivery, process = measure(gridnode, drain.url, code=0)
        got = drain.rollups()
    assert delivery["delivered"] == SAMPLES and got.samples == SAMPLES, process


class Impatient:
    """Reads the head of a write; answers 413 at once if the body is to be larger than `bytes_max`, and resets the connection."""

    def __init__(self, bytes_max):
        self.bytes_max, self.refused, self.bodies = bytes_max, [], []

    def __enter__(self):
        impatient = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["Content-Length"])
                if length > impatient.bytes_max:
                    impatient.refused.append(length)
                    self.send_error(413)
                    self.wfile.flush()
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return self.connection.close()
                impatient.bodies.append(gzip.decompress(self.rfile.read(length)).decode())
                self.send_response(204)
                self.end_headers()

            def finish(self):
                with contextlib.suppress(OSError, ValueError):
                    super().finish()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"


def test_too_large_is_split_also_when_it_is_said_before_the_body_was_read_and_the_connection_is_reset(gridnode):
    labels = 1_000
    with Impatient(16 << 10) as drain, collecting(gridnode, drain.url, window="5s") as collect:
        with sump.Sender(collect.port, pace_s=0.0005) as sender:
            source = sump.Source(sender)
            for n in range(0, labels, 10):
                source.send(*[source.sample(f"l{n + i}", n + i) for i in range(10)])
            source.close()
        receipt = collect.stop()["7"]
    lines = [line for body in drain.bodies for line in body.splitlines() if line.startswith("transaction_rate_mean,")]
    assert receipt["delivery"]["delivered"] == labels == len(lines) == len(set(lines)), receipt["delivery"]
    assert max(drain.refused) > 32 << 10, "there was something to split"
