"""The booted system as a test sees it: the agent is a service, a target is on loopback, hostile plans report by HTTP."""

import contextlib
import http.server
import json
import os
import pathlib
import subprocess
import threading

import pytest


from support import commands
from support.aws import Cloud
from support.events import Events
from support.wait import until

AWS = "http://127.0.0.1:5000"
# Ports that the rules let runs reach: see `targets` in gridnode.nft.
TARGET_PORT, REPORT_PORT = 8080, 8081


def pytest_configure(config):
    config.addinivalue_line("markers", "limits: takes limits of memory and processes that are real")


def pytest_collection_modifyitems(config, items):
    """In a container, limits of memory and processes are only written down."""
    if os.environ["LIMITS"] != "real":
        chosen = [item for item in items if not item.get_closest_marker("limits")]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen


def why(finished):
    """Of a run that did not end as it should; the rest of a receipt is long."""
    return {"reason": finished.get("reason"), **{key: finished["receipt"].get(key) for key in ("log_tail", "warnings", "tool", "ledger")}}


class Node:
    def __init__(self):
        until("the services around the node are there", lambda: pathlib.Path("/run/lookalikes/topics.json").exists(), 120)
        self.cloud = Cloud(AWS)
        self._runs = iter(range(1, 10_000))

    def start(self, plan, flood="7", files=(), **fields):
        """Publishes a start; gives its run."""
        return self.send([self.cloud.upload("plan.jmx", plan), *files], flood, **fields)

    def send(self, files, flood, **fields):
        """The same of files that were uploaded, the plan first. A field that is None is none."""
        run = next(self._runs)
        command = commands.start(files, flood=flood, run=run, route=commands.grid("booted"), **fields)
        command["flood"] = {key: value for key, value in command["flood"].items() if value is not None}
        self.cloud.publish(command)
        return run

    def stop(self, run, flood="7", **fields):
        self.cloud.publish(commands.stop(flood=flood, run=run, route=commands.grid("booted"), **fields))

    def status(self):
        # Exit code 3 says that something needs a person: a machine that is busy with tests often does.
        shown = subprocess.run(["gridnode", "status", "--json"], capture_output=True, text=True)
        return json.loads(shown.stdout)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self._answer()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.reports.append((self.path.strip("/"), body.decode(errors="replace")))
        self._answer()

    def _answer(self):
        self.server.requests += 1
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def web(port):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.requests, server.reports = 0, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


@pytest.fixture(scope="session")
def node():
    return Node()


@pytest.fixture(scope="session")
def events(node):
    with Events(node.cloud) as found:
        yield found
        found.check()


@pytest.fixture(scope="session", autouse=True)
def targets():
    own = pathlib.Path("/etc/gridnode/nft.d/targets.nft")
    own.parent.mkdir(exist_ok=True)
    own.write_text("add element inet gridnode targets { %d, %d }\n" % (TARGET_PORT, REPORT_PORT))
    command("systemctl", "reload", "gridnode-nft")


@pytest.fixture(scope="session")
def target():
    with web(TARGET_PORT) as server:
        yield server


@pytest.fixture(scope="session")
def reports():
    """What plans say of what they got at: `said(word)` is the text that they sent under a word."""
    with web(REPORT_PORT) as server:
        server.said = lambda word, seconds=90: until(
            f"a report of {word}", lambda: next((text for name, text in server.reports if name == word), None), seconds
        )
        yield server


def command(*args, **more):
    return subprocess.run(args, check=True, capture_output=True, text=True, **more)


def output(*args):
    return command(*args).stdout


def slots_are_empty():
    return not list(pathlib.Path("/var/lib/gridnode/slots").glob("*/*"))
