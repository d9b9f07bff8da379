"""The agent's own safety from the plans that it runs: its memory is nobody's to read, the kernel ends tools before it, and
where no process or thread can be made any more, it goes on."""

import contextlib
import pathlib
import re
import subprocess

import pytest

from support import commands, plans
from support.grid import Grid
from support.process import descendants
from support.running import Run, write_plan
from support.somebody import BECOME, Somebody, may
from support.wait import pause, until


@pytest.fixture
def somebody(with_jmeter, public_dir):
    return Somebody(with_jmeter, public_dir, "jmeter")


@pytest.fixture
def run(somebody):
    run = Run(somebody, write_plan(somebody, plans.endless()), start=True, env={"GRIDNODE_DRAIN_PASSWORD": "secret"})
    until("a sample is counted", lambda: re.search(r" ok [1-9]", run.process.text), 90)
    yield run
    run.process.interrupt()
    run.process.wait(60)
    assert run.code == 130, run


def supervisors(pid):
    return until("a supervisor", lambda: descendants(pid, "gridnode-superv"), 10)


@pytest.mark.parametrize("file", ["environ", "mem", "maps", "auxv"])
def test_a_plan_cannot_read_the_agents_memory(run, file):
    (java,) = descendants(run.process.pid, "java")
    own = f"exec 3</proc/{java}/{file}; "
    assert may("sh", "-c", own), "the user's own processes can be read, so that this proves something"
    for pid in (run.process.pid, *supervisors(run.process.pid)):
        # Opening is enough for `mem`: its first page is nobody's.
        assert not may("sh", "-c", f"exec 3</proc/{pid}/{file}"), pathlib.Path(f"/proc/{pid}/comm").read_text()


def test_the_kernel_ends_tools_first(run):
    def score(pid):
        return int(pathlib.Path(f"/proc/{pid}/oom_score_adj").read_text())

    ours = score("self")
    assert score(run.process.pid) == ours
    (java,) = descendants(run.process.pid, "java")
    assert score(java) >= 500
    assert all(score(pid) == ours for pid in supervisors(run.process.pid))


@contextlib.contextmanager
def no_more_processes(node):
    """Nor threads. The kernel counts them by user, and this one has some: so 1 is too many."""
    before = nproc(node, "--nproc", "--output=SOFT", "--noheadings", "--raw").strip()
    nproc(node, "--nproc=1:")
    try:
        yield
    finally:
        nproc(node, f"--nproc={before}:")


def nproc(node, *args):
    """By that user itself, who needs no privilege for its own processes."""
    command = [*BECOME, "prlimit", f"--pid={node.process.pid}", *args]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def node(somebody, drain):
    with Grid(somebody, drain.url) as grid:
        made = grid.agent("node-a", environment={"HOME": str(somebody.directory)}).start()
        made.grid = grid
        yield made
        assert made.process.code is None and "panicked" not in made.process.text, made.process


# Threads that have nothing to do are given back after 10 s: before that, there is one for everything.
@pytest.mark.parametrize("idle_s", [0, 15])
def test_a_start_without_processes_fails_and_the_next_one_works(node, idle_s):
    pause(idle_s)
    with no_more_processes(node):
        node.grid.start(plans.counted(3), flood="7", run=1)
        event = node.finished(60, flood="7", run=1)
        assert event["outcome"] == "failed" and event["reason"], event
        assert node.status() is not None
    node.grid.start(plans.counted(3), flood="7", run=2)
    assert node.finished(flood="7", run=2)["outcome"] == "completed"


def test_a_stop_without_processes_is_obeyed(node):
    node.grid.start(plans.endless(), flood="7")
    node.one("flood.running", flood="7")
    pause(12)
    with no_more_processes(node):
        assert node.status() is not None
        node.grid.publish(commands.stop(flood="7", grace_s=5))
        event = node.finished(60, flood="7")
        assert event["outcome"] == "stopped" and event["receipt"]["tool"]["tree_empty"] is True, event
    node.grid.start(plans.counted(3), flood="8")
    assert node.finished(flood="8")["outcome"] == "completed"


# From the first thread of all to the last one of JMeter.
@pytest.mark.parametrize("most", [1, 2, 3, 4, 5, 6, 8, 9, 12])
def test_a_run_without_processes_fails_in_a_sentence(somebody, most):
    plan = write_plan(somebody, plans.counted(3))
    run = Run(somebody, plan, prefix=("prlimit", f"--nproc={most}:"), seconds=30)
    assert run.code == 1 and "panicked" not in run.process.text, run
    assert "error: " in run.process.err, run


@pytest.mark.parametrize("most", [1, 2, 3, 5])
def test_a_node_without_processes_says_so(somebody, drain, most):
    with Grid(somebody, drain.url) as grid:
        node = grid.agent("node-a", environment={"HOME": str(somebody.directory)})
        node.start(ready=False, prefix=("prlimit", f"--nproc={most}:"))
        node.process.wait(30)
        assert node.process.code not in (0, 101) and "panicked" not in node.process.text, node.process
