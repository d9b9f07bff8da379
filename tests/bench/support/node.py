"""A grid node: from a message to the tool's process, from a stop to an empty tree, and what it costs when idle.

`node/measure.py` does it, in the Python environment of the end-to-end tests; here its figures are made into rows.
"""

import json
import os
import pathlib
import statistics
import subprocess

from support.figures import Figure, number
from support.jmeter import NotInstalled, installed

HERE = pathlib.Path(__file__).resolve().parents[1]
PLAIN = "a script with boto3 that polls, downloads, starts JMeter"


def node(bench):
    home, _ = installed(bench)
    starts, stops, idle_s = bench.effort(full=(40, 10, 300), quick=(20, 5, 60), smoke=(1, 1, 1))
    directory = bench.directory / "node"
    directory.mkdir()
    tools_dir = home.parents[2]
    command = [_python(), HERE / "node/measure.py", bench.gridnode, tools_dir, directory, starts, stops, idle_s]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=3600)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-4000:])
    got = json.loads(done.stdout)
    own = [turn["ours"]["own_ms"] for turn in got["start"]]
    print(f"the agent's own part of a start: median {number(statistics.median(own))} ms, p95 {number(_p95(own))} ms of {starts}")
    return [
        _figure(got["start"], "whole_ms", "message published → tool started, files cached", PLAIN),
        _figure(got["start"], "own_ms", "message received → tool started", f"{PLAIN}; p95: {_p95s(got['start'], 'own_ms')} ms"),
        _figure(got["stop"], "told_ms", "stop published → tool told", "the same script, SIGTERM"),
        _figure(got["stop"], "empty_ms", "stop published → no process left", "SIGTERM cuts samples under way; ours lets them finish"),
        *_idle(got["idle"], idle_s),
    ]


def _figure(turns, key, what, note):
    ours, plain = ([turn[who][key] for turn in turns] for who in ("ours", "plain"))
    return Figure(what, "ms", ours, plain, note)


def _idle(got, seconds):
    ours, plain = got["ours"], got["plain"]
    of = f"over {seconds} s"
    return [
        Figure(f"idle: CPU of one core, {of}", "%", [ours["cpu_percent"]], [plain["cpu_percent"]], "the same script, which only polls"),
        Figure(f"idle: resident memory after {of[5:]}", "MiB", [ours["rss_mib"]], [plain["rss_mib"]], "the same script"),
    ]


def _p95s(turns, key):
    ours, plain = (_p95([turn[who][key] for turn in turns]) for who in ("ours", "plain"))
    return f"{number(ours)} and {number(plain)}"


def _p95(values):
    """Nearest rank."""
    return sorted(values)[(len(values) * 95 + 99) // 100 - 1]


def _python():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    python = pathlib.Path(os.environ.get("GRIDNODE_E2E_PYTHON") or cache / "gridnode/venv/bin/python")
    if not python.exists() or subprocess.run([str(python), "-c", "import boto3, jsonschema, ministack"]).returncode:
        raise NotInstalled(f"{python} has not what the end-to-end tests need: `tests/run e2e` installs it")
    return python
