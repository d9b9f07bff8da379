"""JMeter obeys whoever says `StopTestNow` to its UDP port: nobody but the agent may stop a run, and no port tells it how."""

import contextlib
import pathlib
import re
import socket

import pytest

from support import jmx
from support.process import descendants
from support.running import Run, write_plan
from support.wait import pause, until

# JMeter's own, and those that it may try when others have taken it.
PORTS = range(4_445, 4_556)
FORGED = 'println "Waiting for possible Shutdown/StopTestNow/HeapDump/ThreadDump message on port {port}"'


def start(gridnode, *elements, loops=-1, **options):
    return Run(gridnode, write_plan(gridnode, jmx.plan(jmx.threads(*elements, loops=loops))), start=True, **options)


def works(run):
    until("a sample is counted", lambda: re.search(r" ok [1-9]", run.process.text), 90)


def udp_ports_of(pid):
    """Bound ones; a socket that only sends has an ephemeral one."""
    inodes = set()
    for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            inodes.add(str(fd.readlink()).removeprefix("socket:[").rstrip("]"))
    found = set()
    for table in ("udp", "udp6"):
        with open(f"/proc/{pid}/net/{table}", encoding="ascii") as lines:
            rows = [line.split() for line in list(lines)[1:]]
        found |= {int(row[1].rpartition(":")[2], 16) for row in rows if row[9] in inodes}
    return found


@pytest.mark.timeout(180)
@pytest.mark.parametrize("word", ["StopTestNow", "Shutdown"])
def test_a_stranger_does_not_stop_it(with_jmeter, word):
    run = start(with_jmeter, jmx.java("work", sleep_ms=20), loops=400)
    works(run)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        while run.code is None:
            for port in PORTS:
                with contextlib.suppress(OSError):
                    stranger.sendto(word.encode(), ("127.0.0.1", port))
            pause(0.2)
    run.process.wait(60)
    assert run.code == 0 and run.receipt["outcome"] == "completed", run
    assert run.labels[("work", "request")]["count"] == 400, run.labels


def test_a_stranger_who_stops_it_is_not_taken_for_its_end(with_jmeter):
    """Whether or not he can: what was cut short has not completed."""
    run = start(with_jmeter, jmx.java("work", sleep_ms=20), loops=1_000)
    works(run)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for port in PORTS:
            with contextlib.suppress(OSError):
                stranger.sendto(b"StopTestNow", ("127.0.0.1", port))
    run.process.wait(90)
    count = run.labels[("work", "request")]["count"]
    assert count == 1_000 or run.receipt["outcome"] == "failed", (count, run.receipt["outcome"])


def test_no_port_is_open_for_it(with_jmeter):
    run = start(with_jmeter, jmx.java("work", sleep_ms=20))
    works(run)
    (java,) = descendants(run.process.pid, "java")
    assert not udp_ports_of(java) & set(PORTS)
    run.process.interrupt()
    run.process.wait(60)
    assert run.code == 130 and run.receipt["outcome"] == "stopped", run


def finished_in_order(run):
    """The sample that was under way is there, as good as the ones before."""
    assert run.code == 130 and run.receipt["outcome"] == "stopped", run
    assert run.receipt["tool"]["code"] == 0 and run.receipt["sent_exact"] is True and run.ledger["lost"] == 0, run
    slow = run.labels[("slow", "request")]
    assert slow["count"] == slow["passed"] >= 2, slow


def test_samples_under_way_finish(with_jmeter):
    run = start(with_jmeter, jmx.java("slow", sleep_ms=2_500))
    works(run)
    pause(0.5)
    run.process.interrupt()
    run.process.wait(60)
    finished_in_order(run)


def test_a_forged_port_is_told_nothing(with_jmeter):
    """All real ones are taken, so that JMeter has none to name."""
    with contextlib.ExitStack() as stack:
        taken = []
        for port in PORTS:
            one = stack.enter_context(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
            with contextlib.suppress(OSError):
                one.bind(("::", port))
                one.setblocking(False)
                taken.append(one)
        forged = FORGED.format(port=taken[0].getsockname()[1])
        run = start(with_jmeter, jmx.once(jmx.groovy("forge", forged)), jmx.java("slow", sleep_ms=2_500))
        works(run)
        until("it is said", lambda: "Waiting for possible" in (run.out / "stdout.log").read_text(), 30)
        pause(3)
        run.process.interrupt()
        run.process.wait(60)
        heard = []
        for one in taken:
            with contextlib.suppress(BlockingIOError):
                heard.append(one.recv(100))
    assert not heard, heard
    finished_in_order(run)
