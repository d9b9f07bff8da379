"""A node: `gridnode agent` with a configuration and a state directory of its own."""

import json
import os
import pathlib
import signal
import socket

from support.aws import CREDENTIALS
from support.wait import until


class Agent:
    """One node of a grid; may be started, ended and started again on the same state."""

    def __init__(self, gridnode, events, node, settings, environment):
        self.gridnode, self.events, self.node = gridnode, events, node
        # Short: a unix socket's path has room for 107 bytes.
        self.state_dir = gridnode.directory / node
        self.config_file = gridnode.directory / f"{node}.toml"
        self.environment = environment
        self.process = None
        self.settings = settings | {"state_dir": str(self.state_dir), "node.id": node}
        self.configure()

    def configure(self, **changes):
        """Writes the file; counts from the next start."""
        self.settings.update({key.replace("__", "."): value for key, value in changes.items()})
        self.config_file.write_text(toml(self.settings), encoding="utf-8")

    @property
    def queue(self):
        return f"gridnode-{self.node}"

    def start(self, ready=True, seconds=60, **options):
        """Starts it and, unless told otherwise, waits for its `node.ready`."""
        before = len(self.events.of("node.ready", node=self.node))
        self.process = self.gridnode.start("agent", "--config", self.config_file, env=self.environment, **options)
        if ready:
            self.until_ready(before + 1, seconds)
        return self

    def until_ready(self, times=1, seconds=60):
        def is_ready():
            assert self.process.code is None, f"it ended\n{self.process}"
            return len(self.events.of("node.ready", node=self.node)) >= times

        try:
            until(f"{self.node} is ready", is_ready, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.process}") from None

    def said(self, kind=None, **fields):
        return self.events.of(kind, node=self.node, **fields)

    def one(self, kind, seconds=60, **fields):
        """The one event of this kind from this node; what the agent said is shown when it does not come."""
        try:
            return self.events.one(kind, seconds, node=self.node, **fields)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.process}") from None

    def finished(self, seconds=90, **fields):
        return self.one("flood.finished", seconds, **fields)

    def status(self):
        """The document from its socket, or None when nobody answers."""
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(10)
            try:
                asking.connect(str(self.state_dir / "status.sock"))
                return json.loads(b"".join(iter(lambda: asking.recv(65_536), b"")))
            except OSError:
                return None

    def terminate(self, seconds=60):
        return self.process.terminate(seconds)

    def shoot(self):
        """SIGKILL: it can tidy up nothing."""
        self.process.signal(signal.SIGKILL)
        return self.process.wait(10)

    # Looking at its processes -------------------------------------------------------------------------------------

    def tool_pids(self, comm="java"):
        """Processes of this node's tools, whoever their parent is."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit() and _read(entry / "comm").strip() == comm.encode() and self._is_here(entry):
                found.append(int(entry.name))
        return found

    def fds(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def rss_kib(self):
        return self.process.rss_kib()

    def _is_here(self, entry):
        directory = str(self.state_dir)
        try:
            return directory.encode() in _read(entry / "cmdline") or os.readlink(entry / "cwd").startswith(directory)
        except OSError:
            return False


def settings_of(cloud, url, drain_url, tools_dir, grid="9", region="us-east-1"):
    """What tests want: no waiting for the sake of others, windows that close soon, small heaps."""
    return {
        "shutdown_ms": 30_000,
        "node.grid": grid,
        "node.region": region,
        "control.command_topics": [cloud.commands_topic],
        "control.event_topic": cloud.events_topic,
        "control.boot_jitter_ms": 0,
        "drain.url": drain_url,
        "aws.region": "us-east-1",
        "aws.endpoint_url": url,
        "windows.grace_ms": 500,
        "tools.dir": str(tools_dir),
        "tools.heap_mib": 128,
        "tools.jvm_args": ["-XX:TieredStopAtLevel=1"],
        "health.period_s": 5,
        "metadata.enabled": "false",
    }


def environment_of(**changes):
    # Of whoever runs the tests, nothing about AWS may get in.
    nobody = {name: None for name in os.environ if name.startswith("AWS_")}
    return nobody | CREDENTIALS | {"GRIDNODE_TOOLS_DIR": None, "JMETER_HOME": None} | changes


def toml(settings):
    """Dotted keys to sections; a value of None is left out."""
    sections = {}
    for key, value in settings.items():
        section, _, name = key.rpartition(".")
        if value is not None:
            # JSON's texts, numbers, booleans and lists are TOML's, too.
            sections.setdefault(section, []).append(f"{name} = {json.dumps(value)}")
    return "\n".join("\n".join([f"[{name}]"] * bool(name) + lines) for name, lines in sorted(sections.items())) + "\n"


def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""
