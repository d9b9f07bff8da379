"""A small fast web site for JMeter, in one thread of the test: asyncio without a framework.

    /fast               200, 300 bytes            /status/503        that status
    /page               200, HTML with an image, a style sheet and a script of this site
    /asset/N            200, N bytes              /broken-page       200, HTML with an image that is not there
    /framed-page        200, HTML with a frame whose document is not there
    /redirect/N         302, N times, then /fast  /slow/MS           200 after MS ms
"""

import asyncio
import threading

PAGE = (
    b'<html><head><link rel="stylesheet" href="/asset/120"><script src="/asset/2048"></script></head>'
    b'<body><img src="/asset/777"></body></html>'
)
BROKEN_PAGE = b'<html><body><img src="/status/404"></body></html>'
FRAMED_PAGE = b'<html><body><iframe src="/status/404"></iframe></body></html>'


class Site:
    """Serves within the `with` block; `requests` counts by path."""

    def __init__(self):
        self.requests = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        serving = asyncio.start_server(self._connection, "127.0.0.1", 0, backlog=1024)
        self._server = asyncio.run_coroutine_threadsafe(serving, self._loop).result(10)
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def port(self):
        return self._server.sockets[0].getsockname()[1]

    async def _stop(self):
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connection(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
                if length:
                    await reader.readexactly(length)
                path = head.split(b" ", 2)[1].partition(b"?")[0].decode()
                self.requests[path] = self.requests.get(path, 0) + 1
                writer.write(await self._answer(path))
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, path):
        match path.strip("/").split("/"):
            case ["page"]:
                return _response("200 OK", PAGE, "text/html")
            case ["broken-page"]:
                return _response("200 OK", BROKEN_PAGE, "text/html")
            case ["framed-page"]:
                return _response("200 OK", FRAMED_PAGE, "text/html")
            case ["asset", size]:
                return _response("200 OK", b"x" * int(size), "text/css")
            case ["redirect", left]:
                left = int(left)
                target = f"/redirect/{left - 1}" if left > 1 else "/fast"
                return _response("302 Found", b"", extra=f"Location: {target}\r\n".encode())
            case ["status", status]:
                return _response(f"{status} Asked For", b"as you wish\n")
            case ["empty", status]:
                return _response(f"{status} Asked For", b"")
            case ["slow", ms]:
                await asyncio.sleep(int(ms) / 1000)
                return _response("200 OK", b"at last\n")
            case _:
                return _response("200 OK", b"fast" * 75)


def _response(status, body, kind="text/plain", extra=b""):
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: keep-alive\r\n"
    return head.encode() + extra + b"\r\n" + body
