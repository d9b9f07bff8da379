"""Where the WebDriver of a Java plan leads: a driver of one user's own.

A program of the published kind connects to `http://$WEBDRIVER_HOST:$WEBDRIVER_PORT/wd/hub` and asks for any browser. The
gateway passes its requests on to a chromedriver, and makes of every new session one that can run on a node: headless, with
a profile of its own, sandboxed where that is possible. What a program leaves open is closed when it ends.
"""

import http.client
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Dict, Optional, Set, Tuple

from selenium.common.exceptions import WebDriverException

from .browser import arguments, end_driver, new_profile, remove_profile, service
from .console import LOG, Console
from .options import Options
from .timings import WHICH, net_error

BODY_BYTES_MAX = 64 << 20
PREFIX = "/wd/hub"
# Longer than any page may take: the program's own time-outs come first.
DRIVER_TIMEOUT_S = 320
# A driver itself waits for its browser for 60 s.
SESSION_TIMEOUT_S = 70
# A driver that is killed closes its sockets a moment before its end can be seen.
END_WAIT_S = 1.0
END_LOOK_S = 0.02
# What a program may ask for besides its browser's options.
KEPT = ("acceptInsecureCerts", "pageLoadStrategy", "timeouts", "unhandledPromptBehavior", "strictFileInteractability")
ARGUMENTS_MAX = 100
# They are ours to decide. The driver knows them without their dashes, too.
OWN_ARGUMENTS = ("user-data-dir", "no-sandbox", "headless", "remote-debugging")
# They lead to a browser that is not ours, or that stays.
REFUSED = ("debuggerAddress", "detach", "androidPackage")
# What a driver answers for a session that it has had, but whose browser has gone.
GONE = ("invalid session id", "disconnected", "chrome not reachable")
# After these a page is there, or Chromium's own words on why it is not.
NAVIGATIONS = ("url", "refresh", "back", "forward")
# `FloodSump` asks for the console by this name.
OUR_LOG = "gridnode-browser"
# For a program to start another browser by itself.
DEAD_GRACE_S = 5.0


def session_request(asked: Any, options: Options, profile: Path) -> Dict[str, Any]:
    """What the driver is asked for in place of `asked`, which may be of today's kind or of the old one."""
    wanted: Dict[str, Any] = {}
    if isinstance(asked, dict):
        capabilities = asked.get("capabilities")
        if isinstance(capabilities, dict):
            first = capabilities.get("firstMatch")
            if isinstance(first, list) and first and isinstance(first[0], dict):
                wanted.update(first[0])
            always = capabilities.get("alwaysMatch")
            if isinstance(always, dict):
                wanted.update(always)
        elif isinstance(asked.get("desiredCapabilities"), dict):
            wanted.update(asked["desiredCapabilities"])
    chrome = wanted.get("goog:chromeOptions") or wanted.get("chromeOptions")
    chrome = dict(chrome) if isinstance(chrome, dict) else {}
    theirs = chrome.get("args") if isinstance(chrome.get("args"), list) else []
    kept = [str(one) for one in theirs[:ARGUMENTS_MAX] if not str(one).lstrip("-").startswith(OWN_ARGUMENTS)]
    for name in REFUSED:
        chrome.pop(name, None)
    chrome["args"] = [*arguments(options, profile), *kept]
    chrome["binary"] = options.chromium
    always = {name: wanted[name] for name in KEPT if wanted.get(name) is not None}
    always.update({"browserName": "chrome", "goog:chromeOptions": chrome})
    return {"capabilities": {"alwaysMatch": always, "firstMatch": [{}]}}


def session_of(path: str) -> str:
    """The session of a request's path, `/session/ID/…`."""
    return "".join(path.split("/")[2:3])


def is_end(path: str) -> bool:
    """Whether a DELETE of this path ends a session, or may."""
    return path.count("/") == 2 or path.endswith("/window")


def is_navigation(path: str) -> bool:
    """Whether a POST to this path shows another page, `/session/ID/url`."""
    parts = path.split("/")
    return len(parts) == 4 and parts[3] in NAVIGATIONS


def _value_of(answer: bytes) -> Any:
    """What a driver's answer has in it; None where it is none."""
    try:
        document = json.loads(answer)
    except ValueError:
        return None
    return document.get("value") if isinstance(document, dict) else None


def _error_answer(status: int, error: str, message: str) -> Tuple[int, str, bytes]:
    """What a driver answers where something went wrong."""
    value = {"error": error, "message": message, "stacktrace": ""}
    return status, "application/json; charset=utf-8", json.dumps({"value": value}).encode()


class Gateway:
    """One user's. `start` it, give `port` to the program, `close` it."""

    def __init__(self, options: Options):
        self._options = options
        self._service = service(options)
        self._lock = threading.Lock()
        # Held for a start, which may take half a minute: nobody who only asks waits for that.
        self._revival = threading.Lock()
        # With the profile of each.
        self._sessions: Dict[str, Path] = {}
        self._profiles: Set[Path] = set()
        self._consoles: Dict[Path, Console] = {}
        self.restarts = 0
        # Why a browser is not there any more that the program has not ended itself, and since when.
        self._death: Optional[Tuple[str, float]] = None
        owner = self

        class Handler(_Handler):
            gateway = owner

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._listens = False
        self.port = self._server.server_address[1]

    def start(self) -> None:
        """Starts the driver and listens."""
        self._service.start()
        self._listens = True
        threading.Thread(target=self._server.serve_forever, name="gateway", daemon=True).start()

    def is_given_up(self) -> bool:
        """Whether a browser has died, and the program goes on without one."""
        death = self._death
        return death is not None and time.monotonic() - death[1] >= DEAD_GRACE_S

    def take_death(self) -> Optional[str]:
        """Why the program has no browser any more, where that was not its own doing; told once."""
        with self._lock:
            if self._death is None and self._sessions and not self._driver_runs():
                return "its driver ended"
            death, self._death = self._death, None
        return death[0] if death else None

    def close_sessions(self) -> None:
        """Ends what the program has left open."""
        with self._lock:
            left, self._sessions = list(self._sessions), {}
        for session in left:
            try:
                self._ask("DELETE", f"/session/{session}", None, 20)
            except (OSError, http.client.HTTPException):
                # Its browser is ended by its profile.
                pass
        self._remove_profiles()

    def close(self) -> None:
        """Ends everything by force."""
        end_driver(self._service)
        if self._listens:
            # Without a listener this would wait for ever.
            self._server.shutdown()
        self._server.server_close()
        self._remove_profiles()

    def _remove_profiles(self) -> None:
        with self._lock:
            left, self._profiles = self._profiles, set()
            self._consoles.clear()
        for profile in left:
            remove_profile(profile, look=True)

    def handle(self, method: str, path: str, body: Optional[bytes]):
        """Status, content type and body of the answer."""
        path = path[len(PREFIX):] if path.startswith(PREFIX) else path
        if method == "POST" and path.rstrip("/") == "/session":
            return self._new_session(path, json.loads(body or b"{}"))
        if method == "POST" and path.endswith("/se/log"):
            return self._log(path, body)
        # Another thread of the program may ask while its session is just ending: that is no death.
        ending = self._forget(path) if method == "DELETE" and is_end(path) else None
        try:
            status, kind, answer = self._ask(method, path, body, DRIVER_TIMEOUT_S)
        except (OSError, http.client.HTTPException):
            if not self._driver_ends():
                raise
            return self._gone(path, "its driver ended")
        if ending:
            self._ended(path, ending, status, answer)
        elif status != 200:
            self._look_for_death(path, answer)
        elif method == "POST" and is_navigation(path):
            return self._check_loaded(path) or (status, kind, answer)
        return status, kind, answer

    def _log(self, path: str, body: Optional[bytes]):
        """The console, for the program and, by a name of ours, for `FloodSump`: it must not take anything from the program."""
        asked = json.loads(body or b"{}")
        kind = asked.get("type") if isinstance(asked, dict) else None
        if kind not in (LOG, OUR_LOG):
            return self._ask("POST", path, body, DRIVER_TIMEOUT_S)
        status, mime, answer = self._ask("POST", path, json.dumps({"type": LOG}).encode(), DRIVER_TIMEOUT_S)
        entries = _value_of(answer)
        with self._lock:
            profile = self._sessions.get(session_of(path))
            if status != 200 or not isinstance(entries, list) or profile is None:
                return status, mime, answer
            console = self._consoles.setdefault(profile, Console())
            found = console.look(entries) if kind == OUR_LOG else console.take(entries)
        return status, mime, json.dumps({"value": found}).encode()

    def _new_session(self, path: str, asked: Any):
        """Asks for one, and a second time where that finds its driver dead or hanging."""
        for is_last in (False, True):
            self._revive()
            profile = new_profile(self._options)
            with self._lock:
                self._profiles.add(profile)
            body = json.dumps(session_request(asked, self._options, profile)).encode()
            try:
                status, kind, answer = self._ask("POST", path, body, SESSION_TIMEOUT_S)
                break
            except (OSError, http.client.HTTPException) as error:
                if is_last or not self._is_lost(error):
                    raise
        value = _value_of(answer) if status == 200 else None
        session = value.get("sessionId") if isinstance(value, dict) else None
        if isinstance(session, str):
            with self._lock:
                self._sessions[session] = profile
                self._death = None
        return status, kind, answer

    def _is_lost(self, error: BaseException) -> bool:
        """Whether another driver is needed: one that does not answer is ended, unless other sessions live in it."""
        if self._driver_ends():
            return True
        with self._lock:
            is_used = bool(self._sessions)
        if is_used or not isinstance(error, socket.timeout):
            return False
        end_driver(self._service)
        return True

    def _check_loaded(self, path: str):
        """The answer that a driver gives for most pages that cannot be reached, but not for all: a port that Chromium blocks, say."""
        session = f"/session/{session_of(path)}"
        question = json.dumps({"script": WHICH, "args": []}).encode()
        try:
            # A page must not be asked anything while a dialog waits for its answer.
            if self._ask("GET", f"{session}/alert/text", None, DRIVER_TIMEOUT_S)[0] == 200:
                return None
            status, _, found = self._ask("POST", f"{session}/execute/sync", question, DRIVER_TIMEOUT_S)
        except (OSError, http.client.HTTPException):
            # What has happened to the driver the program's next request shows.
            return None
        error = net_error(_value_of(found)) if status == 200 else None
        return _error_answer(500, "unknown error", f"unknown error: {error}") if error else None

    def _forget(self, path: str) -> Optional[Path]:
        with self._lock:
            return self._sessions.pop(session_of(path), None)

    def _ended(self, path: str, profile: Path, status: int, answer: bytes) -> None:
        """A session, or a window of it: with its last window a session is over."""
        is_window = path.endswith("/window")
        with self._lock:
            if is_window:
                if status == 200 and _value_of(answer) != []:
                    self._sessions[session_of(path)] = profile
                return
            self._profiles.discard(profile)
            self._consoles.pop(profile, None)
        remove_profile(profile, look=True)

    def _look_for_death(self, path: str, answer: bytes) -> None:
        value = _value_of(answer)
        error = value.get("error") if isinstance(value, dict) else None
        if error in GONE:
            message = str(value.get("message") or error)
            self._died(path, message.splitlines()[0][:200])

    def _gone(self, path: str, why: str) -> Tuple[int, str, bytes]:
        """The answer of a driver that is not there any more: what clients take for the end of a session."""
        self._died(path, why)
        return _error_answer(404, GONE[0], f"the browser has died: {why}")

    def _died(self, path: str, why: str) -> None:
        with self._lock:
            if session_of(path) in self._sessions and self._death is None:
                self._death = (why, time.monotonic())

    def _driver_runs(self) -> bool:
        process = self._service.process
        return process is not None and process.poll() is None

    def _driver_ends(self) -> bool:
        """Whether the driver has gone, or goes right now."""
        until = time.monotonic() + END_WAIT_S
        while self._driver_runs():
            if time.monotonic() >= until:
                return False
            time.sleep(END_LOOK_S)
        return True

    def _revive(self) -> None:
        """A driver that has died is started again for the next session."""
        with self._revival:
            if self._driver_runs():
                return
            self.restarts += 1
            with self._lock:
                self._sessions.clear()
            end_driver(self._service)
            # Browsers that nobody drives any more would compete with the new one.
            self._remove_profiles()
            self._service = service(self._options)
            try:
                self._service.start()
            except WebDriverException:
                # One that runs and does not listen is not to be taken for a driver.
                end_driver(self._service)
                raise

    def _ask(self, method: str, path: str, body: Optional[bytes], timeout_s: float):
        connection = http.client.HTTPConnection("127.0.0.1", self._service.port, timeout=timeout_s)
        try:
            headers = {"Content-Type": "application/json; charset=utf-8"} if body is not None else {}
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            return response.status, response.getheader("Content-Type") or "application/json", response.read()
        finally:
            connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are two writes: the second would wait for what the client delays, 40 ms each time.
    disable_nagle_algorithm = True
    gateway: Gateway

    def _pass_on(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= BODY_BYTES_MAX:
            self.send_error(413)
            return
        body = self.rfile.read(length) if length else None
        try:
            status, kind, answer = self.gateway.handle(self.command, self.path, body)
        except (OSError, ValueError, AttributeError, http.client.HTTPException, WebDriverException) as error:
            status, kind, answer = _error_answer(500, "unknown error", f"the driver does not answer: {error}")
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
        except OSError:
            # The program has gone.
            self.close_connection = True

    do_GET = do_POST = do_DELETE = _pass_on

    def log_message(self, *_args) -> None:
        """Every request would be a line."""
