"""Command lines that make no sense end with 2 and say what would."""

import pathlib
import re

import pytest

from support import jmx
from support.process import descendants
from support.running import Run, write_plan
from support.wait import until


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["no-such-command"],
        ["run"],
        ["run", "plan.jmx", "--users", "0"],
        ["run", "plan.jmx", "--users", "many"],
        ["run", "plan.jmx", "--window", "7s"],
        ["run", "plan.jmx", "--duration", "soon"],
        ["run", "plan.jmx", "--duration", "0"],
        ["reap", "--older-than", "1s", "--dry-run"],
        ["run", "plan.jmx", "--param", "novalue"],
        ["run", "plan.jmx", "--drain", "ftp://127.0.0.1"],
        ["run", "plan.jmx", "--no-such-option"],
        ["run", "plan.jmx", "--flood", "not an identifier"],
        ["collect", "--listen", "nowhere"],
        ["collect", "--window", "3s"],
        ["collect", "--labels-max", "100001"],
        ["collect", "--drain", "not a url"],
        ["collect", "--node", "bad name!"],
        ["merge"],
        ["tools", "install", "no-such-tool"],
    ],
    ids=lambda args: " ".join(args) or "nothing",
)
def test_usage_errors(gridnode, args):
    ended = gridnode.run(*args, seconds=20)
    assert ended.code == 2, ended
    assert "Usage:" in ended.err or "error:" in ended.err, ended
    assert "panicked" not in ended.err


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["run", "--help"], ["collect", "--help"], ["demo", "--help"]])
def test_help(gridnode, args):
    ended = gridnode.run(*args, seconds=20)
    assert ended.code == 0 and ended.out.strip(), ended


def test_help_lists_the_exit_codes(gridnode):
    text = gridnode.run("--help", seconds=20).out + gridnode.run("run", "--help", seconds=20).out
    assert "130" in text and "143" in text, text


def test_a_password_is_never_shown(gridnode):
    url = "ftp://user:s3cret@127.0.0.1/"
    assert "s3cret" not in gridnode.run("collect", "--drain", url, seconds=20).text


def test_a_parameter_reaches_the_plan_and_nobody_else(with_jmeter):
    value = "wörd: #1=!\\t☕"
    text = jmx.plan(jmx.threads(jmx.java("label ${__P(secret)}", sleep_ms=5), loops=-1))
    run = Run(with_jmeter, write_plan(with_jmeter, text), "--param", f"secret={value}", start=True)
    parameters = run.out / "params.properties"
    until("samples are there", lambda: re.search(r" ok [1-9]", run.process.text), 90)
    below = [pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() for pid in descendants(run.process.pid)]
    assert len(below) >= 2 and not [line for line in below if "wörd".encode() in line], below
    assert parameters.stat().st_mode & 0o077 == 0
    run.process.interrupt()
    run.process.wait(60)
    assert run.code == 130, run
    assert run.labels[(f"label {value}", "request")]["count"] > 0
    assert "property `secret` is set" in run.process.err, run
    assert "#1=!" not in (run.out / "jmeter.log").read_text(errors="replace")
    assert not parameters.exists()
