"""Looking at the browsers of a run: which processes there are, how they were started, what they leave on the disk."""

import collections
import os
import pathlib

from support.process import descendants
from support.wait import until

# Of every process of a run, whatever it is and whoever its parent has become.
MARKER = "GRIDNODE_TREE"
PROC = pathlib.Path("/proc")


def url_of(site):
    return f"http://127.0.0.1:{site.port}"


def counted(log):
    """What the plan `shop.py` wrote down: (name, outcome) → times."""
    return collections.Counter(tuple(line.split()) for line in log.read_text().splitlines())


def processes_of(directory):
    """pid → name of what runs for this directory: its tools have paths of it in their environment or command line."""
    found = {}
    for pid in _pids():
        here = str(directory).encode()
        if here in _read(pid, "environ") or here in _read(pid, "cmdline"):
            found[pid] = _read(pid, "comm").decode(errors="replace").strip()
    return {pid: name for pid, name in found.items() if name.startswith(("chrom", "python", "java")) and _runs(pid)}


def main_processes_of(directory):
    """Main processes of browsers, which are nobody's children of their own kind."""
    return [
        pid
        for pid, name in processes_of(directory).items()
        if name.startswith("chromium") and b"--user-data-dir=" in _read(pid, "cmdline") and b"--type=" not in _read(pid, "cmdline")
    ]


def command_lines_of(directory):
    return [_read(pid, "cmdline").replace(b"\0", b" ").decode(errors="replace") for pid in processes_of(directory)]


def sandboxes_below(pid):
    """Renderers below a process that are in Chromium's sandbox: a process namespace of its own and a filter of system calls.
    Not what `ns/user` leads to: such a process is nobody else's to look into."""
    found = []
    for below in descendants(pid):
        status = dict(line.split(":\t", 1) for line in _read(below, "status").decode(errors="replace").splitlines() if ":\t" in line)
        is_boxed = len(status.get("NSpid", "").split()) > 1 and status.get("Seccomp") == "2"
        if is_boxed and b"--type=renderer" in _read(below, "cmdline"):
            found.append(below)
    return found


def markers_of(pids):
    """Values of the marker in these processes' environments."""
    found = set()
    for pid in pids:
        variables = dict(entry.partition(b"=")[::2] for entry in _read(pid, "environ").split(b"\0"))
        found.add(variables.get(MARKER.encode(), b"").decode())
    return found - {""}


def marked(markers):
    """Every process that still has one of these markers."""
    wanted = [f"{MARKER}={marker}".encode() for marker in markers]
    return [pid for pid in _pids() if _runs(pid) and any(text in _read(pid, "environ").split(b"\0") for text in wanted)]


def nothing_is_left(directory, markers=()):
    """No browser, driver or interpreter; no profile, and no file in the places where Chromium puts them."""
    until("no browser is left", lambda: not processes_of(directory) and not marked(markers), 10)
    made = ("profile-", ".org.chromium", "org.chromium", "scoped_dir")
    # Unlike a glob, a walk passes over what is just being removed.
    temporary = [(where, names) for where, *names in os.walk(directory) if os.path.basename(where) == "tmp"]
    left = [os.path.join(where, name) for where, names in temporary for name in sum(names, []) if name.startswith(made)]
    assert not left, left
    links = [path for path in pathlib.Path("/tmp").glob("gn-*") if path.is_symlink()]
    assert not [link for link in links if os.readlink(link).startswith(str(directory))]


def _pids():
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]


def _runs(pid):
    state = _read(pid, "stat").rpartition(b")")[2].split()[:1]
    return state not in ([], [b"Z"])


def _read(pid, name):
    try:
        return (PROC / str(pid) / name).read_bytes()
    except OSError:
        return b""
