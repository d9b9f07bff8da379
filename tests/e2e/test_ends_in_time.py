"""A call that blocks a thread for ever (a lookup, a file) is left behind at the end: nobody waits for it longer than was said."""

import os
import socket
import time

import pytest

from support import commands, jmx, plans
from support.collecting import collecting
from support.deaf_dns import URL, DeafDns
from support.hanging_fs import HangingFs
from support.running import Run, write_plan
from support.wait import pause, until

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a file system, and be a name server"),
]

# The least that leaves a tool its own time.
AGENT_S = 16
# What `collect` and `run` say that they give the Drain.
FLUSH_S = 20
# For threads to end, and for a busy machine.
MORE_S = 12


@pytest.fixture
def dns(gridnode):
    with DeafDns(gridnode.directory) as deaf:
        yield deaf


@pytest.fixture
def hung(gridnode):
    with HangingFs(gridnode.directory / "hung") as mounted:
        yield mounted


def ends(process, seconds, *codes):
    """After SIGTERM, in time, and it says why not everything was waited for."""
    process.terminate(seconds + MORE_S)
    assert process.code in codes, process
    assert "left behind" in process.err, process


def send(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(f'sample,flood=7,label=a rt=1,ok=t,code="200" {time.time_ns()}'.encode(), ("127.0.0.1", port))


def test_collect_while_the_drains_name_is_looked_up(gridnode, dns):
    with collecting(gridnode, URL, prefix=dns.prefix) as collect:
        send(collect.port)
        until("the name is looked up", dns.is_asked, 20)
        ends(collect.process, FLUSH_S, 4)
        assert collect.receipts()["7"]["delivery"]["spooled"] == 1


def test_collect_on_a_file_system_that_hangs(gridnode, hung, drain):
    with collecting(gridnode, drain.url, state_dir=hung.path / "state") as collect:
        send(collect.port)
        until("a window is delivered", lambda: drain.bodies, 20)
        hung.hang()
        send(collect.port)
        pause(3)
        # The Drain takes what the disk does not; the next start will not know that, and that is said.
        ends(collect.process, FLUSH_S, 4)
        assert "the accounts in the state directory could not be written" in collect.process.err, collect.process
        assert collect.receipts()["7"]["delivery"]["delivered"] == 2


def test_a_run_while_the_drains_name_is_looked_up(with_jmeter, dns):
    plan = write_plan(with_jmeter, plans.counted(20))
    run = Run(with_jmeter, plan, "--drain", URL, prefix=dns.prefix, start=True)
    run.process.says("waiting for the Drain", 120)
    run.process.wait(FLUSH_S + MORE_S)
    assert run.code == 4 and "left behind" in run.process.err, run
    assert run.receipt["delivery"]["spooled"] == run.ledger["aggregated"] > 0


def test_a_run_with_results_on_a_file_system_that_hangs(with_jmeter, hung):
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.java("endless", sleep_ms=5), users=2, loops=-1)))
    run = Run(with_jmeter, plan, out=hung.path / "out", start=True)
    run.process.says("2 users", 90)
    hung.hang()
    # Once to stop, once to stop at once, once to wait for nothing any more.
    for _ in range(2):
        run.process.signal(15)
        pause(5)
    run.process.terminate(FLUSH_S + MORE_S)
    assert run.code == 143, run


@pytest.fixture
def node(grid):
    return grid.agent("node-a", shutdown_ms=AGENT_S * 1_000, files__file_uris=True)


def test_an_agent_while_the_drains_name_is_looked_up(node, dns):
    node.configure(drain__url=URL)
    node.start(prefix=dns.prefix)
    until("the name is looked up", dns.is_asked, 20)
    ends(node.process, AGENT_S, 0, 4)


def test_an_agent_while_a_file_is_fetched_that_hangs(grid, node, hung):
    described = grid.cloud.upload("plan.jmx", plans.counted(3))
    (hung.path / "plan.jmx").write_text(plans.counted(3))
    node.start()
    hung.hang()
    grid.publish(commands.start([described | {"uri": f"file://{hung.path}/plan.jmx"}]))
    node.process.says("flood accepted")
    pause(1)
    ends(node.process, AGENT_S, 0)
    # What it could say, it has said.
    assert node.finished()["outcome"] == "stopped"


def test_an_agent_whose_state_directory_hangs(node, hung):
    node.state_dir = hung.path / "node-a"
    node.configure(state_dir=str(node.state_dir))
    node.start()
    hung.hang()
    ends(node.process, AGENT_S, 4)
