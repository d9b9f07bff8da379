"""The live view on a real terminal: it comes, it goes, and nothing that was said is lost."""

import json

import pytest

from support import jmx, ports
from support.running import QUICK, Run, write_plan
from support.terminal import ENTER, LEAVE, Terminal


@pytest.fixture
def terminal(with_jmeter):
    """Runs a plan on a terminal; `loops` of -1 never ends by itself."""
    opened = []

    def run(*args, loops=-1, **options):
        text = jmx.plan(jmx.threads(jmx.java("endless", sleep_ms=20), users=4, loops=loops))
        plan, out = write_plan(with_jmeter, text), with_jmeter.directory / "out"
        listen = f"127.0.0.1:{ports.free_udp()}"
        words = ("run", plan, "--out", out, "--listen", listen, QUICK, *args)
        opened.append(Terminal(with_jmeter, *words, **options))
        return opened[-1]

    yield run
    for one in opened:
        one.close()


def is_counting(screen):
    return "4 users" in screen and "endless" in screen


def receipt(with_jmeter):
    return json.loads((with_jmeter.directory / "out" / "summary.json").read_text())["receipt"]


def test_a_run_to_its_end_leaves_the_table_on_the_normal_screen(terminal):
    shown = terminal(loops=100)
    shown.shows(lambda screen: "users" in screen)
    assert shown.wait(120) == 0, shown
    assert shown.text.count(ENTER) == shown.text.count(LEAVE) == 1, shown
    assert "endless" in shown.normal and "every sample" in shown.normal and "results: " in shown.normal, shown
    assert shown.is_as_before()


@pytest.mark.parametrize("key", ["\x03", "q"])
def test_it_is_stopped_as_ever(terminal, with_jmeter, key):
    shown = terminal()
    shown.shows(is_counting)
    shown.press(key)
    assert shown.wait(60) == 130, shown
    assert "stopping: samples under way may finish" in shown.normal, "what was said meanwhile is printed"
    assert "stopped before its end" in shown.normal and shown.is_as_before(), shown
    assert receipt(with_jmeter)["outcome"] == "stopped"


def test_a_second_ctrl_c_stops_at_once(terminal):
    shown = terminal()
    shown.shows(is_counting)
    shown.press("\x03")
    shown.shows(lambda screen: "stopping" in screen)
    shown.press("\x03")
    assert shown.wait(30) == 130 and shown.is_as_before(), shown


def test_keys_and_sizes(terminal):
    shown = terminal()
    shown.shows(is_counting)
    shown.press("?")
    shown.shows(lambda screen: "sort by name" in screen)
    shown.press("?s/nothing-like-it\r")
    shown.shows(lambda screen: "0 of 1" in screen)
    for columns, rows in [(20, 5), (1, 1), (300, 100), (40, 12), (80, 24)]:
        shown.resize(columns, rows)
        shown.read(0.6)
    shown.press("\x1b[6~\x1b[A\x1b")
    # An Esc and what comes at once behind it are one key.
    shown.read(0.6)
    shown.press("q")
    assert shown.wait(60) == 130, shown


def test_a_terminal_that_goes_away_stops_the_run_in_order(terminal, with_jmeter):
    shown = terminal()
    shown.shows(is_counting)
    shown.hang_up()
    # What is printed at the end goes nowhere; what was measured is whole.
    assert shown.child.wait(60) in (1, 143), shown
    assert receipt(with_jmeter)["outcome"] == "stopped"


@pytest.mark.parametrize(("args", "env"), [(["--plain"], {}), ([], {"TERM": "dumb"})])
def test_without_the_view_it_is_a_line_a_second(terminal, args, env):
    shown = terminal(*args, loops=100, env=env)
    assert shown.wait(120) == 0 and ENTER not in shown.text, shown
    assert "  4 users  " in shown.text, shown


def test_json_is_an_object_a_line(with_jmeter):
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.java("short", sleep_ms=20), users=2, loops=100)))
    run = Run(with_jmeter, plan, "--json")
    objects = [json.loads(line) for line in run.process.out.splitlines()]
    assert run.code == 0 and [one["type"] for one in objects].count("end") == 1, run.process
    assert objects[-1] == {"type": "end", "exit": 0, "is_whole": True, "summary": str(run.out / "summary.json")}
    assert objects[-2]["passed"] > 0 and "short" in run.process.err, run.process


def test_quiet_is_the_verdict_alone(with_jmeter):
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.java("short", sleep_ms=5), loops=20)))
    run = Run(with_jmeter, plan, "--quiet")
    assert run.code == 0 and run.process.err == "", run.process
    assert len(run.process.out.splitlines()) == 1 and "every sample" in run.process.out, run.process
    bad = with_jmeter.run("run", with_jmeter.directory / "absent.jmx", "-q")
    assert bad.code == 1 and "absent.jmx" in bad.err, bad


def test_a_dry_run_starts_nothing(gridnode):
    plan = write_plan(gridnode, jmx.plan(jmx.threads(jmx.java("short"), loops=20)))
    said = gridnode.run("run", plan, "--users", "100000", "--dry-run", cwd=gridnode.directory)
    assert said.code == 0, said
    assert "100000 users" in said.out and "warning   100000 users are 100000 threads" in said.out, said
    assert "nothing was installed, written or started" in said.out and not (gridnode.directory / "gridnode-out").exists()
    assert gridnode.run("run", gridnode.directory / "absent.jmx", "--dry-run").code == 1
