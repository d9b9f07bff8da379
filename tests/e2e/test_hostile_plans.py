"""Plans that mean harm: every stop is obeyed all the same, the end comes in time, and nobody else's samples are counted."""

import re
import signal
import socket
import time

from support import commands, ports
from support.process import descendants
from support.running import QUICK, Run
from support.wait import until

LATEST = "3.15.1"


def start(gridnode, plans, site, name, *args, **options):
    plan = plans / "gatling" / f"{name}.java"
    return Run(gridnode, plan, QUICK, "--param", f"port={site.port}", *args, start=True, **options)


def test_pipes_where_files_should_be_hold_up_no_stop(with_gatling, plans, site):
    run = start(with_gatling(LATEST), plans, site, "HostileSimulation")
    until("a response is counted", lambda: re.search(r" ok [1-9]", run.process.text), 60)
    run.process.signal(signal.SIGTERM)
    run.process.wait(40)
    assert run.code == 143, run
    assert run.ledger["aggregated"] >= 1 and run.receipt["outcome"] == "stopped", run
    assert not descendants(run.process.pid), "nothing goes on"


def test_a_plan_that_does_not_end_is_ended_and_said_to_have_failed(with_gatling, plans, site):
    run = start(with_gatling(LATEST), plans, site, "HostileSimulation", "--duration", "1s", "--max-runtime", "8s")
    run.process.wait(90)
    assert run.code == 5 and run.receipt["outcome"] == "expired", run
    assert "--max-runtime" in run.process.err, run
    assert not descendants(run.process.pid), "nothing goes on"


def test_a_node_obeys_its_stop_and_goes_on(with_gatling, grid, plans, site):
    with_gatling(LATEST)
    (node,) = grid.nodes("node-a")
    file = grid.cloud.upload("HostileSimulation.java", (plans / "gatling" / "HostileSimulation.java").read_text())
    for run in (1, 2):
        before = site.requests.get("/fast", 0)
        grid.publish(commands.start([file], run=run, tool="gatling", tool_version=LATEST, parameters={"port": str(site.port)}))
        until("requests come", lambda: site.requests.get("/fast", 0) > before, 90)
        grid.stop(run=run)
        event = node.finished(run=run)
        assert event["outcome"] == "stopped", event
        assert event["receipt"]["tool"]["tree_empty"] is True and not node.tool_pids(), event


def test_samples_of_another_flood_are_nobody_elses(with_gatling, plans, site):
    """Such as those of a plug-in that outlived an earlier run on the same port."""
    port = ports.free_udp()
    gridnode = with_gatling(LATEST)
    out = gridnode.directory / "out"
    run = start(gridnode, plans, site, "EndlessSimulation", "--flood", "mine", "--listen", f"127.0.0.1:{port}", out=out)
    until("requests come", lambda: sum(site.requests.values()) > 5, 60)
    foreign = f'sample,flood=theirs,label=foreign rt=9999,ok=f,code="500" {time.time_ns()}'
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(3):
            sender.sendto(foreign.encode(), ("127.0.0.1", port))
    run.process.interrupt()
    run.process.wait(60)
    assert run.code == 130, run
    assert not [label for label, _ in run.labels if label == "foreign"], run.labels
    assert run.ledger["rejected"]["unknown_flood"] == sum(run.ledger["rejected"].values()) == 3, run.ledger
    assert run.ledger["received"] == run.ledger["aggregated"] + 3
