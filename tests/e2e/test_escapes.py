"""Without a cgroup: a plan lets a process loose that bears no mark, and shoots its own supervisor."""

import os
import pathlib
import secrets
import signal

import pytest

from support import jmx
from support.running import QUICK, Run, write_plan
from support.somebody import Somebody
from support.wait import until

LATEST = "3.15.1"
# Its supervisor is the one above it whose name says so, however many processes of the tool lie in between.
ESCAPE = r"""
p=$$
while [ "$(cat /proc/$p/comm)" != gridnode-superv ]; do p=$(sed -n 's/^PPid:[[:space:]]*//p' /proc/$p/status); done
(setsid env -i /bin/sleep {nap} &)
sleep 0.5
kill -9 $p
"""
GROOVY = """
['sh', '{script}'].execute()
"""
SIMULATION = """
import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;
import io.gatling.javaapi.core.Simulation;

public class Plan extends Simulation {{
    {{
        var escape = exec(session -> {{
            try {{
                new ProcessBuilder("sh", "{script}").start();
            }} catch (java.io.IOException e) {{
                throw new java.io.UncheckedIOException(e);
            }}
            return session;
        }});
        setUp(scenario("a").exec(escape).forever().on(exec(http("home").get("/fast")).pause(1)).injectOpen(atOnceUsers(1)))
                .protocols(http.baseUrl("http://127.0.0.1:" + System.getProperty("port")));
    }}
}}
"""
BROWSER = """
import subprocess, time

def setup(user):
    user.state["visits"] = 0

def iteration(driver, transaction, user):
    user.state["visits"] += 1
    with transaction("a"):
        time.sleep(1)
    if user.state["visits"] == 2:
        subprocess.Popen(["sh", "{script}"])
"""


def jmeter(script):
    once = jmx.once(jmx.groovy("escape", GROOVY.format(script=script)))
    return "plan.jmx", jmx.plan(jmx.threads(once, jmx.java("work", sleep_ms=100), loops=-1)), ()


def gatling(script):
    return "Plan.java", SIMULATION.format(script=script), (QUICK,)


def selenium(script):
    return "plan.py", BROWSER.format(script=script), ("--duration", "2m")


@pytest.fixture
def installed(request):
    """Tools as the system's Python and Java run them: root's own are of no use to others."""

    def install(tool):
        gridnode = request.getfixturevalue("gridnode")
        if tool == "selenium":
            gridnode.tools_dir = gridnode.tools_dir.with_name("sys-tools")
        version = ("--version", LATEST) if tool == "gatling" else ()
        done = gridnode.run("tools", "install", tool, *version, env={"PATH": "/usr/bin:/bin"}, seconds=900)
        assert done.code == 0, done
        return Somebody(gridnode, request.getfixturevalue("public_dir"), tool)

    return install


def naps(nap):
    """Pids of the sleepers, whoever their parent is now."""
    command = f"/bin/sleep\0{nap}\0".encode()
    return [int(entry.name) for entry in pathlib.Path("/proc").glob("[0-9]*") if _cmdline(entry) == command]


def _cmdline(entry):
    try:
        return (entry / "cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize("plan", [jmeter, gatling, selenium])
def test_what_escapes_is_ended_or_said_to_be_left(installed, site, plan):
    nap = f"317.{secrets.randbelow(10**9):09}"
    somebody = installed(plan.__name__)
    script = write_plan(somebody, ESCAPE.format(nap=nap), "escape.sh")
    name, text, args = plan(script)
    try:
        run = Run(
            somebody, write_plan(somebody, text, name), "--tool", plan.__name__, *args,
            *(("--param", f"port={site.port}") if plan is gatling else ()), start=True,
        )  # fmt: skip
        until("it has got away", lambda: naps(nap), 90)
        run.process.wait(60)
        assert run.code == 5 and run.receipt["outcome"] == "failed", run
        left, tool = naps(nap), run.receipt["tool"]
        assert not (left and tool["tree_empty"]), ("said to be empty", left, tool)
        # It was below us when it lost its parent, and so is ours to end.
        assert not left, left
    finally:
        for pid in naps(nap):
            os.kill(pid, signal.SIGKILL)
