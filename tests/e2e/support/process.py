"""Starting gridnode, and knowing whether it has left anything behind."""

import os
import pathlib
import signal
import subprocess

from support.wait import until

MARKER = "GRIDNODE_E2E_MARKER"


class Gridnode:
    """The binary under test, bound to one test's directory and marker."""

    def __init__(self, binary, directory, marker, tools_dir):
        self.binary, self.directory, self.marker = pathlib.Path(binary), pathlib.Path(directory), marker
        self.tools_dir = tools_dir
        self.children = []

    def environment(self, **changes):
        """Ours, without anybody's gridnode settings. A value of None removes a variable."""
        env = {key: value for key, value in os.environ.items() if not key.startswith("GRIDNODE_")}
        env.update({MARKER: self.marker, "GRIDNODE_TOOLS_DIR": str(self.tools_dir), "NO_COLOR": "1"})
        env.update(changes)
        return {key: value for key, value in env.items() if value is not None}

    def start(self, *args, cwd=None, env=None, prefix=()):
        """Starts it; its output goes to files, so that no pipe can fill up."""
        number = len(self.children)
        stdout, stderr = (self.directory / f"gridnode-{number}.{name}" for name in ("out", "err"))
        with open(stdout, "wb") as out, open(stderr, "wb") as err:
            child = subprocess.Popen(
                [*prefix, str(self.binary), *map(str, args)],
                cwd=cwd or self.directory,
                env=self.environment(**(env or {})),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        running = Running(child, stdout, stderr)
        self.children.append(running)
        return running

    def run(self, *args, seconds=180, **options):
        """Starts it and waits for its end."""
        return self.start(*args, **options).wait(seconds)

    def stop_all(self):
        for child in self.children:
            child.kill_if_running()

    def left_behind(self):
        """Command lines of processes that belong to this test and still run, whoever their parent is now."""
        found = {}
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid() and self._is_ours(entry):
                found[int(entry.name)] = _read(entry / "cmdline").replace(b"\0", b" ").decode(errors="replace")
        return found

    def _is_ours(self, entry):
        try:
            # That it is not reaped is its parent's affair.
            if is_zombie(entry.name):
                return False
            cwd = os.readlink(entry / "cwd")
        except OSError:
            return False
        directory = str(self.directory).encode()
        # A tool's environment is made by gridnode, so the marker need not be in it: the directory must be then.
        return (
            self.marker.encode() in _read(entry / "environ")
            or directory in _read(entry / "cmdline")
            or directory in _read(entry / "environ")
            or cwd.startswith(str(self.directory))
        )


class Running:
    """A started gridnode; after `wait`, what it said and how it ended."""

    def __init__(self, child, stdout, stderr):
        self.child, self._stdout, self._stderr = child, stdout, stderr

    @property
    def pid(self):
        return self.child.pid

    @property
    def code(self):
        return self.child.poll()

    @property
    def out(self):
        return self._stdout.read_text(errors="replace")

    @property
    def err(self):
        return self._stderr.read_text(errors="replace")

    @property
    def text(self):
        return self.out + self.err

    def wait(self, seconds=180):
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise AssertionError(f"did not end within {seconds} s\n{self}") from None
        return self

    def says(self, text, seconds=60):
        """Waits until it has said `text`."""

        def said():
            assert self.code is None or text in self.text, f"ended without saying {text!r}\n{self}"
            return text in self.text

        until(f"gridnode says {text!r}", said, seconds)
        return self

    def signal(self, number):
        self.child.send_signal(number)

    def interrupt(self):
        self.signal(signal.SIGINT)

    def terminate(self, seconds=60):
        self.signal(signal.SIGTERM)
        return self.wait(seconds)

    def kill_if_running(self):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()

    def rss_kib(self, peak=False):
        name = "VmHWM:" if peak else "VmRSS:"
        lines = pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name))

    def __str__(self):
        return f"exit code {self.code}\n--- stdout\n{self.out[-6000:]}\n--- stderr\n{self.err[-6000:]}"


def descendants(pid, name=None):
    """Pids below `pid`, optionally only those whose command is `name`, nearest first."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            stat = _read(entry / "stat")
            fields = stat.rpartition(b")")[2].split()
            if len(fields) > 1:
                comm = stat.partition(b"(")[2].rpartition(b")")[0].decode(errors="replace")
                parents.setdefault(int(fields[1]), []).append((int(entry.name), comm))
    found, todo = [], [pid]
    while todo:
        for child, comm in parents.get(todo.pop(0), []):
            todo.append(child)
            if name is None or comm == name:
                found.append(child)
    return found


def is_zombie(pid):
    """It runs no more, or is gone."""
    return _read(pathlib.Path("/proc", str(pid), "stat")).rpartition(b")")[2].split()[:1] in ([b"Z"], [])


def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""
