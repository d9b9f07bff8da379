"""Chromium by its driver's own protocol, for looking at a page: a session, a script, what the console said."""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import urllib.request

from support import ports
from support.wait import until

SECONDS = 60


class Page:
    """A browser with a page in it."""

    def __init__(self, port, session):
        self.base = f"http://127.0.0.1:{port}/session/{session}"

    def open(self, path):
        call(f"{self.base}/url", {"url": f"file://{path}"})

    def run(self, script, *args):
        """What the body of a function returns."""
        return call(f"{self.base}/execute/sync", {"script": script, "args": list(args)})

    def console(self):
        """What its console has said since the last look: errors of scripts, and what a policy or the network refused."""
        return [entry["message"] for entry in call(f"{self.base}/se/log", {"type": "browser"})]

    def resize(self, width, height):
        call(f"{self.base}/window/rect", {"width": width, "height": height})


def call(url, body=None, method="POST"):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        return json.load(answer)["value"]


def answers(port):
    try:
        return call(f"http://127.0.0.1:{port}/status", method="GET")["ready"]
    except OSError:
        return False


@contextlib.contextmanager
def browsing():
    """A headless Chromium with a profile of its own, which goes with it."""
    port = ports.free_tcp()
    with tempfile.TemporaryDirectory() as profile:
        driver = subprocess.Popen([shutil.which("chromedriver"), f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until("chromedriver answers", lambda: answers(port), 30)
            args = ["--headless=new", f"--user-data-dir={profile}", "--window-size=1200,900", "--disable-dev-shm-usage"]
            if os.getuid() == 0:
                args.append("--no-sandbox")
            options = {"goog:chromeOptions": {"args": args, "binary": shutil.which("chromium")}, "goog:loggingPrefs": {"browser": "ALL"}}
            session = call(f"http://127.0.0.1:{port}/session", {"capabilities": {"alwaysMatch": {"browserName": "chrome", **options}}})
            try:
                yield Page(port, session["sessionId"])
            finally:
                call(f"http://127.0.0.1:{port}/session/{session['sessionId']}", method="DELETE")
        finally:
            driver.terminate()
            driver.wait(30)
