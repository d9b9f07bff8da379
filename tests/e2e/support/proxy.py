"""A proxy in front of an AWS look-alike that can fail on demand: nobody can make the look-alikes do it.

It understands just enough HTTP/1.1 to know one request from the next, so that a change of mode also counts for
connections that are open and for a long poll that is under way. Modes:

    passing()           every request goes through
    refusing()          nobody listens, open connections are reset
    silent()            connections and requests are accepted and never answered
    slow(seconds)       every request waits that long first
    failing(error)      every request is answered with an error of AWS

A long poll goes through as a row of short ones: the look-alikes do not notice that a client has gone, and the poll of a
killed agent would swallow the next message until its visibility timeout is over.

Each takes `only`: the services ("sqs", "sns", "s3") that it is about; the others pass. `refusing` is for all.
"""

import asyncio
import collections
import contextlib
import json
import re
import socket
import struct
import threading
import urllib.parse

from support import ports

SERVICES = ("sqs", "sns", "s3")
POLL_EVERY_S = 0.15
# As AWS names them: (status, code in JSON for SQS, code in XML for SNS, code in XML for S3).
THROTTLED = (400, "com.amazonaws.sqs#RequestThrottled", "Throttling", "SlowDown")
EXPIRED_TOKEN = (403, "com.amazon.coral.service#ExpiredTokenException", "ExpiredToken", "ExpiredToken")
ACCESS_DENIED = (403, "com.amazon.coral.service#AccessDeniedException", "AuthorizationError", "AccessDenied")
# What a proxy shows in the place of the service, with a 200.
A_PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 22\r\n\r\n<h1>Please log in</h1>"
INTERNAL = (500, "com.amazon.coral.service#InternalFailure", "InternalFailure", "InternalError")


class Proxy:
    """Serves within the `with` block; `seen[(service, action)]` counts requests, `failed[…]` those it did not let through."""

    def __init__(self, upstream_url):
        self.port = ports.free_tcp()
        self.seen, self.failed = collections.Counter(), collections.Counter()
        self._upstream_port = urllib.parse.urlsplit(upstream_url).port
        self._mode, self._only = ("passing", None), SERVICES
        self._connections = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        self._on_loop(self._listen())
        return self

    def __exit__(self, *_):
        self._on_loop(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def passing(self):
        self._on_loop(self._switch("passing", None, SERVICES))

    def refusing(self):
        self._on_loop(self._switch("refusing", None, SERVICES))

    def silent(self, only=SERVICES):
        self._on_loop(self._switch("silent", None, only))

    def slow(self, seconds, only=SERVICES):
        self._on_loop(self._switch("slow", seconds, only))

    def failing(self, error, only=SERVICES):
        self._on_loop(self._switch("failing", error, only))

    def failures(self):
        return sum(self.failed.values())

    # In the loop's thread -----------------------------------------------------------------------------------------

    def _on_loop(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    async def _listen(self):
        self._changed = asyncio.Condition()
        self._server = await asyncio.start_server(self._connection, "127.0.0.1", self.port, backlog=1024, limit=1 << 20)

    async def _switch(self, mode, detail, only):
        was, self._mode, self._only = self._mode[0], (mode, detail), (only,) if isinstance(only, str) else tuple(only)
        if mode == "refusing":
            self._server.close()
            for task, writer in list(self._connections.items()):
                reset(writer)
                task.cancel()
        elif was == "refusing":
            self._server = await asyncio.start_server(
                self._connection, "127.0.0.1", self.port, backlog=1024, limit=1 << 20
            )
        async with self._changed:
            self._changed.notify_all()

    async def _end(self):
        self._server.close()
        tasks = list(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connection(self, reader, writer):
        task = asyncio.current_task()
        self._connections[task] = writer
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head, body = await message(reader)
                if head is None:
                    break
                answer = await unless_gone(reader, self._answer(head, body))
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        del self._connections[task]
        writer.close()

    async def _answer(self, head, body):
        service, action = what_is_asked(head, body)
        self.seen[service, action] += 1
        while True:
            mode, detail = self._mode if service in self._only else ("passing", None)
            if mode == "slow":
                await asyncio.sleep(detail)
            if mode == "failing":
                self.failed[service, action] += 1
                return detail if isinstance(detail, bytes) else error_of(service, detail)
            if mode == "silent":
                await self._silence(service, action)
            return await self._through(service, action, head, body)

    async def _silence(self, service, action):
        """Never answered: whoever asked has given up long before the mode changes, or is reset then."""
        self.failed[service, action] += 1
        async with self._changed:
            await self._changed.wait_for(lambda: not self._is_silent(service))
        raise ConnectionResetError

    def _is_silent(self, service):
        return self._mode[0] == "silent" and service in self._only

    async def _through(self, service, action, head, body):
        if action == "ReceiveMessage":
            answer = await self._long_poll(head, json.loads(body))
        else:
            answer = await self._ask(head, body)
        # The answer to a long poll that was under way gets lost, too.
        if self._is_silent(service):
            await self._silence(service, action)
        return answer

    async def _long_poll(self, head, asked):
        # What a request does not say, the queue's attributes do: at most 20 s.
        until = self._loop.time() + asked.get("WaitTimeSeconds", 20)
        body = json.dumps(asked | {"WaitTimeSeconds": 0}).encode()
        head = re.sub(rb"(?i)(content-length:) *\d+", b"\\1 %d" % len(body), head)
        while True:
            answer = await self._ask(head, body)
            if b'"MessageId"' in answer or b" 200 " not in answer[:16] or self._loop.time() > until:
                return answer
            await asyncio.sleep(POLL_EVERY_S)

    async def _ask(self, head, body):
        reader, writer = await asyncio.open_connection("127.0.0.1", self._upstream_port, limit=1 << 20)
        try:
            writer.write(head + body)
            await writer.drain()
            answer_head, answer_body = await message(reader, to_head=head.startswith(b"HEAD "))
        finally:
            writer.close()
        if answer_head is None:
            raise ConnectionResetError
        return answer_head + answer_body


async def unless_gone(reader, coroutine):
    """Its result; None, and nothing more is asked of the look-alike, when the client goes away first: a long poll of the
    dead would swallow a message."""
    work, gone = asyncio.ensure_future(coroutine), asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            assert gone.exception() or gone.result() == b"", "requests are not pipelined"
            return None
        return work.result()
    finally:
        for task in (work, gone):
            task.cancel()
        await asyncio.gather(work, gone, return_exceptions=True)


async def message(reader, to_head=False):
    """One request or answer: head with its empty line, body as it came; (None, b"") at the end of the stream."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None, b""
    fields = fields_of(head)
    first = head.split(b" ", 2)
    is_answer = head.startswith(b"HTTP/")
    if to_head or (is_answer and first[1] in (b"204", b"304")):
        return head, b""
    if "chunked" in fields.get("transfer-encoding", ""):
        return head, await chunks(reader)
    if "content-length" in fields:
        return head, await reader.readexactly(int(fields["content-length"]))
    return head, await reader.read() if is_answer else b""


async def chunks(reader):
    body = b""
    while True:
        line = await reader.readuntil(b"\r\n")
        size = int(line.split(b";")[0], 16)
        body += line
        if size == 0:
            while line != b"\r\n":
                line = await reader.readuntil(b"\r\n")
                body += line
            return body
        body += await reader.readexactly(size + 2)


def what_is_asked(head, body):
    """(service, action): SQS speaks JSON and names the action in a header, SNS a form with an Action."""
    target = fields_of(head).get("x-amz-target", "")
    if target.startswith("AmazonSQS."):
        return "sqs", target.partition(".")[2]
    if b"Action=" in body[:8192]:
        return "sns", urllib.parse.parse_qs(body[:8192].decode(errors="replace")).get("Action", ["?"])[0]
    return "s3", head.split(b" ", 1)[0].decode()


def fields_of(head):
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}


def error_of(service, error):
    status, json_code, sns_code, s3_code = error
    text = "on purpose"
    if service == "sqs":
        body, kind = json.dumps({"__type": json_code, "message": text}), "application/x-amz-json-1.0"
    elif service == "sns":
        body, kind = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{sns_code}</Code><Message>{text}</Message></Error>"
            "<RequestId>r-1</RequestId></ErrorResponse>"
        ), "text/xml"
    else:
        body, kind = f"<Error><Code>{s3_code}</Code><Message>{text}</Message><RequestId>r-1</RequestId></Error>", "application/xml"
    head = f"HTTP/1.1 {status} On Purpose\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


def reset(writer):
    """RST instead of an orderly end."""
    with contextlib.suppress(OSError):
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
