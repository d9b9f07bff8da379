"""Command lines that make no sense end with 2 and say what would."""

import pytest


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
