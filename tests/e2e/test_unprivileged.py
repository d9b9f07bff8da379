"""What root never meets: Chromium's sandbox, a tool without a cgroup of its own, files and directories that may not be used."""

import contextlib
import os

import pytest

from support import jmx, plans, ports
from support.agent import environment_of, settings_of, toml
from support.browsers import command_lines_of, counted, nothing_is_left, sandboxes_below, url_of
from support.grid import balance
from support.process import descendants
from support.running import Run, write_plan
from support.wait import until

pytestmark = pytest.mark.unprivileged


@pytest.fixture
def closed(tmp_path):
    """A directory that is there to be looked at; it opens again, so that it can be removed."""
    directory = tmp_path / "closed"
    directory.mkdir(mode=0o555)
    yield directory
    directory.chmod(0o755)


@pytest.fixture
def plan(gridnode):
    return write_plan(gridnode, jmx.plan(jmx.threads(jmx.java("sample", sleep_ms=1), users=2, loops=200)))


def could_not_run(ended, *words):
    assert ended.code == 1, ended
    for word in words:
        assert str(word) in ended.err, (word, str(ended))
    assert "panicked" not in ended.text, ended


# What runs ------------------------------------------------------------------------------------------------------------


def test_a_plan_of_jmeter(with_jmeter, plan):
    run = Run(with_jmeter, plan)
    assert run.code == 0, run
    assert run.labels[("sample", "request")]["count"] == run.ledger["sent"] == run.ledger["received"] == 400
    assert run.receipt["sent_exact"] is True and run.ledger["lost"] == 0


@pytest.mark.parametrize("script", [plans.FORKING, plans.DAEMONS], ids=["forking", "daemons"])
def test_what_a_plan_starts_ends_with_it_also_without_a_cgroup(with_jmeter, script):
    """Children that are deaf, and such as have left group, session and parent: found one by one and ended."""
    run = Run(with_jmeter, write_plan(with_jmeter, plans.misbehaving(script)), start=True)
    # Who leaves its parent becomes a child of the supervisor.
    sleepers = until("the plan's children run", lambda: at_least(2, descendants(run.process.pid, "sleep")), 90)
    assert not cgroups_below(run.process.pid), "this test is of a machine that lets us make none"
    run.process.interrupt()
    run.process.wait(60)
    assert run.code == 130 and run.receipt["outcome"] == "stopped", run
    until("they have ended", lambda: not [pid for pid in sleepers if command_of(pid).startswith("sleep")], 10)


def at_least(number, found):
    return found if len(found) >= number else None


def cgroups_below(pid):
    found = set()
    for below in descendants(pid):
        with contextlib.suppress(OSError), open(f"/proc/{below}/cgroup") as file:
            found |= {line for line in file if "gridnode." in line}
    return found


def command_of(pid):
    try:
        with open(f"/proc/{pid}/comm") as file:
            return file.read()
    except OSError:
        return ""


def test_chromium_has_its_sandbox(with_selenium, site, plans):
    """With tools that an administrator has installed, where root runs these tests."""
    log = with_selenium.directory / "plan.log"
    run = Run(
        with_selenium, plans / "selenium" / "shop.py", "--param", f"url={url_of(site)}", "--param", f"log={log}",
        "--duration", "5m", start=True,
    )  # fmt: skip

    def works():
        assert run.code is None, str(run)
        return log.exists() and counted(log)[("missing", "failed")] > 0

    until("it works", works, 90)
    until("a renderer has a sandbox", lambda: sandboxes_below(run.process.pid), 30)
    browsers = until("a browser", lambda: [line for line in command_lines_of(run.out) if "--user-data-dir=" in line], 30)
    run.process.interrupt()
    run.process.wait(60)
    assert not [line for line in browsers if "--no-sandbox" in line], browsers
    assert "without their sandbox" not in run.process.err, run
    assert run.code == 130 and run.receipt["outcome"] == "stopped" and balance(run.receipt) > 0, run
    assert run.labels[("front", "request")]["count"] == counted(log)[("front", "ok")]
    nothing_is_left(run.out)


def test_a_program_of_the_published_kind_has_the_sandbox(with_selenium, site, plans):
    run = Run(with_selenium, plans / "selenium" / "PublishedShop.java", "--param", f"url={url_of(site)}", start=True)
    until("a renderer has a sandbox", lambda: sandboxes_below(run.process.pid) or run.code is not None, 90)
    assert run.code is None, run
    run.process.wait(120)
    assert run.code == 0 and run.labels[("front", "request")]["failed"] == 0, run
    assert "without their sandbox" not in run.process.err, run
    nothing_is_left(run.out)


# What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [".", "out"], ids=["itself", "below"])
def test_an_output_directory_that_may_not_be_written(with_jmeter, plan, closed, name):
    out = closed / name
    run = Run(with_jmeter, plan, out=out)
    could_not_run(run.process, "failed to write to the output directory", out, "Permission denied")
    assert not list(closed.iterdir())


def test_a_working_directory_that_may_not_be_written(with_jmeter, plan, closed):
    """Where the output directory would be made when none is named."""
    ended = with_jmeter.run("run", plan, "--listen", f"127.0.0.1:{ports.free_udp()}", cwd=closed, seconds=60)
    could_not_run(ended, "failed to make the output directory", closed, "Permission denied")


def test_a_collectors_state_directory_that_may_not_be_written(gridnode, closed):
    state = closed / "state"
    ended = gridnode.run(
        "collect", "--listen", f"127.0.0.1:{ports.free_udp()}", "--drain", f"http://127.0.0.1:{ports.free_tcp()}",
        "--state-dir", state, seconds=30,
    )  # fmt: skip
    could_not_run(ended, state, "Permission denied", "needs a state directory that it may write")


def test_an_agents_state_directory_that_may_not_be_written(gridnode, closed):
    ended = gridnode.run("agent", "--config", configuration(gridnode, closed / "state"), env=environment_of(), seconds=30)
    could_not_run(ended, closed / "state", "Permission denied", "needs a state directory that it may write")


def test_a_configuration_that_may_not_be_read(gridnode, tmp_path):
    config = configuration(gridnode, tmp_path / "state")
    config.chmod(0)
    ended = gridnode.run("agent", "--config", config, env=environment_of(), seconds=30)
    could_not_run(ended, config, "permission denied")


def configuration(gridnode, state_dir):
    """Of a node that gets nowhere: nothing answers at its addresses."""

    class Cloud:
        commands_topic, events_topic = (f"arn:aws:sns:us-east-1:000000000000:{name}" for name in ("commands", "events"))

    nowhere = f"http://127.0.0.1:{ports.free_tcp()}"
    settings = settings_of(Cloud, nowhere, nowhere, gridnode.tools_dir) | {"state_dir": str(state_dir), "node.id": "node-a"}
    path = gridnode.directory / "node-a.toml"
    path.write_text(toml(settings), encoding="utf-8")
    return path


def test_a_plan_that_may_not_be_read(with_jmeter, plan):
    plan.chmod(0)
    could_not_run(Run(with_jmeter, plan).process, plan, "ermission denied")


def test_a_tools_directory_that_may_not_be_written(gridnode, closed):
    tools = closed / "tools"
    ended = gridnode.run("tools", "install", "jmeter", env={"GRIDNODE_TOOLS_DIR": str(tools)}, seconds=60)
    could_not_run(ended, tools, "gridnode tools install jmeter")
    assert not list(closed.iterdir())


def test_a_state_directory_that_is_somebody_elses(gridnode, tmp_path):
    """As a user sees root's: it may not be entered."""
    state = tmp_path / "state"
    state.mkdir(mode=0)
    try:
        ended = gridnode.run("status", "--state-dir", state, seconds=30)
        could_not_run(ended, state, "this user may not look: permission denied", "as the agent's user")
    finally:
        os.chmod(state, 0o755)
