"""What surrounds a run is broken: output directory, disk, port, JVM, Drain."""

import contextlib
import os
import shutil
import socket
import subprocess
import time

import pytest

from support import jmx, ports, sump
from support.collecting import collecting
from support.drains import Recorder, always
from support.running import Run, write_plan
from support.wait import until

IS_ROOT = os.geteuid() == 0


@pytest.fixture
def plan(gridnode):
    return write_plan(gridnode, jmx.plan(jmx.threads(jmx.java("sample", sleep_ms=1), users=2, loops=200)))


def could_not_run(run, *words, code=1):
    assert run.code == code, run
    for word in words:
        assert word in run.process.err, (word, str(run))
    assert "panicked" not in run.process.text, run


def test_an_output_directory_that_cannot_be_made(with_jmeter, plan):
    blocked = with_jmeter.directory / "a-file"
    blocked.write_text("in the way")
    could_not_run(Run(with_jmeter, plan, out=blocked / "out"), "output directory", str(blocked))


def test_results_are_not_overwritten(with_jmeter, plan):
    first = Run(with_jmeter, plan)
    assert first.code == 0, first
    before = (first.out / "summary.json").read_bytes()
    could_not_run(Run(with_jmeter, plan, out=first.out), str(first.out), "choose another --out")
    assert (first.out / "summary.json").read_bytes() == before


def test_a_port_in_use(gridnode):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        ended = gridnode.run("collect", "--listen", f"127.0.0.1:{port}", "--drain", "http://127.0.0.1:9", seconds=30)
    assert ended.code == 1 and f"{port}" in ended.err and "in use" in ended.err, ended
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = gridnode.run("drain", "--listen", f"127.0.0.1:{taken.getsockname()[1]}", seconds=30)
    assert ended.code == 1 and "failed to listen" in ended.err, ended


def test_a_run_takes_the_next_free_port(with_jmeter, plan):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        run = Run(with_jmeter, plan, "--run", "1", out=with_jmeter.directory / "out", seconds=120)
        assert run.code == 0, run


def test_two_collectors_do_not_share_a_spool(gridnode):
    with Recorder() as drain, collecting(gridnode, drain.url, name="shared") as collect:
        second = gridnode.run(
            "collect", "--listen", f"127.0.0.1:{ports.free_udp()}", "--drain", drain.url,
            "--state-dir", collect.state_dir, seconds=30,
        )  # fmt: skip
        assert second.code == 1 and str(collect.state_dir) in second.err, second
        collect.stop()


@pytest.mark.skipif(not IS_ROOT, reason="a small file system can be mounted by root only")
def test_no_room_on_the_disk(with_jmeter, plan):
    small = with_jmeter.directory / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(small)]
    mounted = subprocess.run(mount, capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount: {mounted.stderr.strip()}")
    try:
        text = jmx.plan(jmx.threads(jmx.java("sample", sleep_ms=5), users=2, loops=1_000))
        run = Run(with_jmeter, write_plan(with_jmeter, text), out=small / "out", start=True)
        rollups = run.out / "rollups.lp"
        until("a window has closed", lambda: rollups.exists() and rollups.stat().st_size > 0, 60)
        fill(small / "filler")
        run.process.wait(120)
        assert run.code in (1, 4, 5), run
        assert "No space left on device" in run.process.text, run
        assert "panicked" not in run.process.text, run
        # The disk cannot hold the results: then at least the screen must.
        assert "sent 2,000 = received 2,000" in run.process.out, run
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def fill(path):
    with open(path, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)


def test_a_jmeter_home_that_is_none(with_jmeter, plan):
    nowhere = with_jmeter.directory / "nowhere"
    could_not_run(Run(with_jmeter, plan, "--jmeter-home", nowhere), str(nowhere))
    nowhere.mkdir()
    could_not_run(Run(with_jmeter, plan, "--jmeter-home", nowhere), str(nowhere))


def test_a_jmeter_home_of_the_users_own_is_left_unchanged(with_jmeter, plan):
    installed = with_jmeter.run("tools", "install", "jmeter").out.strip()
    own = with_jmeter.directory / "own-jmeter"
    shutil.copytree(installed, own)
    before = sorted((path.relative_to(own), path.stat().st_size) for path in own.rglob("*"))
    run = Run(with_jmeter, plan, "--jmeter-home", own)
    assert run.code == 0 and run.ledger["aggregated"] == 400, run
    assert sorted((path.relative_to(own), path.stat().st_size) for path in own.rglob("*")) == before


@pytest.mark.parametrize("option", ["-Xmx1k", "-XX:NoSuchOption", "-version"])
def test_a_jvm_that_ends_at_once(with_jmeter, plan, option):
    could_not_run(Run(with_jmeter, plan, f"--jvm-arg={option}"), "JMeter")


def test_no_java(with_jmeter, plan):
    run = Run(with_jmeter, plan, env={"PATH": str(with_jmeter.directory), "JAVA_HOME": None})
    could_not_run(run, "java")


@pytest.mark.parametrize(
    "answer", [pytest.param(None, id="away"), pytest.param(always(200, b"<html>"), id="a web page")]
)
def test_a_run_with_a_broken_drain_keeps_its_numbers(with_jmeter, plan, answer):
    if answer is None:
        run = Run(with_jmeter, plan, "--drain", f"http://127.0.0.1:{ports.free_tcp()}")
    else:
        with Recorder(answer) as drain:
            run = Run(with_jmeter, plan, "--drain", drain.url)
    could_not_run(run, "results: ", code=4)
    assert run.receipt["delivery"]["delivered"] == 0 and run.receipt["delivery"]["spooled"] == 400
    assert run.labels[("sample", "request")]["count"] == 400
    assert any((run.out / "state").rglob("*")), "what was not delivered is still there"


def test_a_run_into_influxdb(with_jmeter, plan, influx):
    run = Run(with_jmeter, plan, "--drain", influx.url)
    assert run.code == 0, run
    assert influx.one("SELECT sum(count) AS n FROM transaction_rate_mean")["n"] == 400


def test_a_system_without_ca_certificates_has_a_drain_all_the_same(gridnode):
    """As minimal images are; only a Drain that speaks TLS needs them."""
    without = {"SSL_CERT_FILE": str(gridnode.directory / "nothing"), "SSL_CERT_DIR": str(gridnode.directory)}
    with Recorder() as drain, collecting(gridnode, drain.url, env=without) as collect:
        with sump.Sender(collect.port) as sender:
            for _ in range(3):
                sender.send(f"sample,flood=7,label=a rt=1,ok=t {time.time_ns()}\n".encode())
        assert collect.stop()["7"]["delivery"]["delivered"] == 3
    port = str(ports.free_udp())
    refused = gridnode.run("collect", "--listen", f"127.0.0.1:{port}", "--drain", "https://127.0.0.1:9", env=without, seconds=30)
    assert refused.code == 1 and "install the package ca-certificates" in refused.err, refused
