"""What goes wrong in the middle: outputs that vanish or are full, scripts that end the JVM, logs with escape sequences."""

import pathlib
import shutil

import pytest

from support import jmx, ports, sump
from support.collecting import collecting
from support.drains import Recorder
from support.running import Run, write_plan

ESCAPE = "\x1b"


def test_a_script_that_ends_the_jvm_in_the_middle(with_jmeter):
    text = jmx.plan(jmx.threads(jmx.java("before"), jmx.groovy("exit", "System.exit(0)"), loops=-1))
    run = Run(with_jmeter, write_plan(with_jmeter, text))
    assert run.code == 5, run
    assert "in the middle of the plan" in run.process.err, run
    assert run.labels[("before", "request")]["count"] == run.ledger["aggregated"] == 1


def test_what_the_tool_logs_does_not_drive_the_terminal(with_jmeter):
    script = 'System.err.println("\\u001b[2Jgone\\u0007"); System.err.flush(); Runtime.getRuntime().halt(3)'
    run = Run(with_jmeter, write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.java("before"), jmx.groovy("halt", script)))))
    assert run.code in (1, 5), run
    assert "[2Jgone" in run.process.err and ESCAPE not in run.process.text, run
    assert "✔" not in run.process.out, run


def test_an_output_directory_that_vanishes(with_jmeter):
    text = jmx.plan(jmx.threads(jmx.java("steady", sleep_ms=20), loops=200))
    run = Run(with_jmeter, write_plan(with_jmeter, text), start=True)
    run.process.says("1 user", 90)
    shutil.rmtree(run.out)
    run.process.wait(90)
    assert run.code == 4, run
    assert "rollups.lp" in run.process.err, run
    # The in-process Drain has the numbers; they are shown all the same.
    assert "sent 200 = received 200 + lost 0" in run.process.out, run
    assert "panicked" not in run.process.text, run


@pytest.mark.parametrize("stream", ["out", "err"])
@pytest.mark.skipif(not pathlib.Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_output_that_is_full_does_not_stop_a_collector(gridnode, stream):
    redirect = {"out": "exec \"$@\" >/dev/full", "err": "exec \"$@\" 2>/dev/full"}[stream]
    port = ports.free_udp()
    with Recorder() as drain:
        process = gridnode.start(
            "collect", "--listen", f"127.0.0.1:{port}", "--drain", drain.url, "--window", "1s",
            "--state-dir", gridnode.directory / "state", prefix=("sh", "-c", redirect, "sh"),
        )  # fmt: skip
        ports.until_udp_is_taken(port)
        with sump.Sender(port) as sender:
            source = sump.Source(sender)
            source.send(source.sample("a", 1))
            sender.send("junk")
            source.close()
        process.terminate()
        assert process.code == 4, process
        assert drain.rollups().samples == 1


@pytest.mark.parametrize("attempt", range(5))
def test_a_collector_that_heard_nothing_ends(gridnode, attempt):
    with Recorder() as drain, collecting(gridnode, drain.url, name=f"idle-{attempt}") as collect:
        assert collect.stop(0, 30) == {}
