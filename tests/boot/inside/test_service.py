"""The service: it comes up by itself, runs a flood, ends one, and says why when it cannot start."""

import json
import pathlib
import re
import subprocess
import time

from conftest import TARGET_PORT, command, output, slots_are_empty
from support import jmx
from support.grid import balance
from support.wait import until


def plan(requests, pause_ms=20, users=2):
    pages = jmx.threads(jmx.http("page", "/", jmx.pause(pause_ms), port=str(TARGET_PORT)), users=users, loops=requests // users)
    return jmx.plan(pages)


def test_it_comes_up_by_itself(node, events):
    events.subscribe()
    until("the agent is ready", lambda: state_of("gridnode").strip() == "active", 60)
    shown = output("systemctl", "show", "-p", "ActiveState,SubState,User,NRestarts", "gridnode")
    assert "ActiveState=active" in shown and "User=gridnode" in shown and "NRestarts=0" in shown, shown
    assert node.status()["node"].startswith("i-"), node.status()


def test_its_own_part_of_the_boot_is_short():
    """From its process to the first command it could obey: what systemd says of both."""
    shown = output("systemctl", "show", "gridnode", "-p", "ExecMainStartTimestampMonotonic,ActiveEnterTimestampMonotonic")
    values = dict(line.split("=") for line in shown.split())
    took_s = (int(values["ActiveEnterTimestampMonotonic"]) - int(values["ExecMainStartTimestampMonotonic"])) / 1e6
    print(f"MEASURED from process to ready: {took_s:.2f} s")
    # SNS takes 100 subscriptions a second, so a boot waits for a random part of control.boot_jitter_ms: none here.
    assert took_s < 30, took_s


def test_checks_are_fine():
    checked = subprocess.run(["runuser", "-u", "gridnode", "--", "env", *environment(), "gridnode", "check"], capture_output=True, text=True)
    cage = [line for line in checked.stdout.splitlines() if "cage" in line]
    assert cage and "reaches neither" in cage[0], checked.stdout + checked.stderr


def environment():
    lines = pathlib.Path("/etc/gridnode/environment").read_text().split()
    unit = output("systemctl", "show", "gridnode", "-p", "Environment", "--value").split()
    return lines + unit


def test_a_flood_runs_in_its_slot_and_every_sample_arrives(node, events, target):
    run = node.start(plan(200, pause_ms=200), flood="whole")
    events.wait("flood.running", flood="whole", seconds=120)
    processes = output("ps", "-wweo", "user:20,cgroup:120,args")
    java = [line for line in processes.splitlines() if "ApacheJMeter" in line and "java" in line]
    assert java and all(re.match(r"gridnode-run-(\d) .*gridnode-run@\1\.service", line) for line in java), processes
    finished = events.one("flood.finished", flood="whole", seconds=120)
    assert finished["outcome"] == "completed", finished
    assert balance(finished["receipt"]) == 200 == target.requests, (finished, target.requests)
    assert finished["receipt"]["tool_end"]["tree_empty"] is True if "tool_end" in finished["receipt"] else True
    until("nothing of it is left", slots_are_empty, 20)
    del run


def state_of(unit):
    return subprocess.run(["systemctl", "is-active", unit], capture_output=True, text=True).stdout


def test_a_stop_is_obeyed(node, events, target):
    before = target.requests
    run = node.start(plan(1_000_000), flood="stopped")
    events.wait("flood.running", flood="stopped", seconds=120)
    # An emulated JVM takes its time.
    until("it sends", lambda: target.requests > before + 10, 120)
    node.stop(run, flood="stopped", grace_s=10)
    finished = events.one("flood.finished", flood="stopped", seconds=60)
    assert finished["outcome"] == "stopped", finished
    balance(finished["receipt"])


def test_a_killed_agent_takes_its_run_along_and_says_so(node, events):
    node.start(plan(1_000_000), flood="orphaned")
    events.wait("flood.running", flood="orphaned", seconds=120)
    time.sleep(3)
    pid = output("systemctl", "show", "-p", "MainPID", "--value", "gridnode").strip()
    command("kill", "-9", pid)
    finished = events.one("flood.finished", flood="orphaned", seconds=90)
    assert finished["outcome"] == "failed", finished
    assert not [line for line in output("ps", "-eo", "user:20,comm").splitlines() if line.startswith("gridnode-run-")]
    ledger, delivery = finished["receipt"]["ledger"], finished["receipt"]["delivery"]
    print("RECEIPT after a kill:", json.dumps({"ledger": ledger, "delivery": delivery})[:600])
    until("nothing of it is left", slots_are_empty, 30)


def test_units_are_as_safe_as_they_say():
    units = [str(path) for path in pathlib.Path("/etc/systemd/system").glob("gridnode*.service")]
    units += [str(path) for path in pathlib.Path("/lib/systemd/system").glob("gridnode*.service")]
    named = [unit.replace("@.", "@1.") for unit in units]
    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", *(name.rpartition("/")[2] for name in named)], capture_output=True, text=True)
    assert verified.stdout + verified.stderr == "", verified
    for unit, most in (("gridnode.service", 2.5), ("gridnode-run@1.service", 3.5)):
        said = subprocess.run(["systemd-analyze", "security", unit], capture_output=True, text=True).stdout
        level = float(re.search(r"exposure level for \S+: ([0-9.]+)", said).group(1))
        print(f"MEASURED exposure of {unit}: {level}")
        assert level <= most, said[-2000:]


def test_a_configuration_that_is_wrong_is_said_in_one_line_and_comes_up_when_mended(node):
    config = pathlib.Path("/etc/gridnode/config.toml")
    good = config.read_text()
    since = output("date", "+%Y-%m-%d %H:%M:%S").strip()
    try:
        config.write_text(good + "\nthis is not toml\n")
        subprocess.run(["systemctl", "restart", "gridnode"], capture_output=True)
        said = until(
            "it says why",
            lambda: [
                line
                for line in output("journalctl", "-u", "gridnode", "-o", "cat", "--since", since).splitlines()
                if "config.toml" in line
            ],
            30,
        )
        assert any("config.toml" in line for line in said), said
    finally:
        config.write_text(good)
    until("it is up again", lambda: "active" == state_of("gridnode").strip(), 60)
