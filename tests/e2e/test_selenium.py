"""Browser tests with real Chromium: what the plan saw is what is counted, and nothing stays behind."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import time

import pytest

from support.browsers import counted, main_processes_of, markers_of, nothing_is_left, processes_of, url_of
from support.grid import balance
from support.running import Run, write_plan
from support.wait import until

# One process a run of the program, in a session of its own and without an environment.
LEAVES = """
import io.flood.selenium.FloodSump;
class Leaves {
    public static void main(String[] args) throws Exception {
        FloodSump flood = new FloodSump();
        flood.passed_transaction(null, "a", 200, 1.0);
        new ProcessBuilder("setsid", "-f", "env", "-i", "sleep", "%s").start().waitFor();
        Thread.sleep(500);
    }
}
"""
PNG = b"\x89PNG\r\n\x1a\n"


def shop(with_selenium, site, plans, *args, **options):
    log = with_selenium.directory / "plan.log"
    params = ("--param", f"url={url_of(site)}", "--param", f"log={log}")
    run = Run(with_selenium, plans / "selenium" / "shop.py", *params, *args, **options)
    return run, log


def processes_with(argument):
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found += [path] if argument.encode() in path.read_bytes().split(b"\0") else []
    return found


def test_the_numbers_are_what_the_plan_saw(with_selenium, site, plans):
    run, log = shop(with_selenium, site, plans, "--users", 3, "--ramp-up", "3s", "--duration", "60s", seconds=180)
    assert run.code == 0, run
    seen = counted(log)
    assert seen[("front", "ok")] >= 9, seen
    for name, outcome in (("idle", "ok"), ("front", "ok"), ("slow", "ok"), ("status", "failed"), ("missing", "failed")):
        label = "checkout / status" if name == "status" else name
        numbers = run.labels[(label, "request")]
        assert numbers["count"] == seen[(name, outcome)], (name, seen, numbers)
        assert numbers["failed"] == (numbers["count"] if outcome == "failed" else 0), numbers
    outer = run.labels[("checkout", "transaction")]
    assert outer["count"] == outer["failed"] == seen[("status", "failed")], outer
    assert run.labels[("slow", "request")]["response_time"]["min_ms"] >= 300
    assert run.labels[("slow", "request")]["latency"]["min_ms"] >= 300
    assert run.labels[("front: load", "transaction")]["count"] > 0
    assert not [label for label, _ in run.labels if label.startswith("idle:")], run.labels
    assert run.labels[("checkout / status", "request")]["codes"] == {"503": seen[("status", "failed")]}
    # Rows go round, and state is kept from iteration to iteration.
    rows = (seen[("row", "ann")], seen[("row", "bob")])
    assert abs(rows[0] - rows[1]) <= 1, seen
    visits = sum(int(words[1]) * times for words, times in seen.items() if words[0] == "visits")
    assert visits == sum(rows), seen
    pictures = list((run.out / "failures").glob("*.png"))
    assert {picture.name.partition("-503-")[0].partition("-NoSuchElement")[0] for picture in pictures} == {"checkout-status", "missing"}
    assert len(pictures) == 10 and all(picture.read_bytes().startswith(PNG) for picture in pictures)
    assert run.ledger["lost"] == 0 and run.receipt["sent_exact"] is True
    assert run.receipt["users_max"] == 3
    nothing_is_left(run.out)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stop_in_the_middle(with_selenium, site, plans, number, code):
    run, log = shop(with_selenium, site, plans, "--users", 2, "--duration", "5m", start=True)
    until("an iteration is over", lambda: log.exists() and counted(log)[("missing", "failed")] > 1, 60)
    # Between its fork and its exec a browser's helper looks like the browser.
    until("browsers are found where they run", lambda: len(main_processes_of(run.out)) in (1, 2), 20)
    markers = markers_of(processes_of(run.out))
    assert len(markers) == 1, markers
    run.process.signal(number)
    run.process.wait(60)
    assert run.code == code, run
    assert run.receipt["outcome"] == "stopped" and balance(run.receipt) > 0
    assert run.labels[("front", "request")]["count"] == counted(log)[("front", "ok")]
    nothing_is_left(run.out, markers)


def test_results_may_lie_up_from_here_and_a_mistake_of_the_script_is_named(with_selenium):
    """Chromium hangs with a profile below a path with `..`."""
    text = (
        "def iteration(driver, transaction, user):\n    with transaction('a'):\n        driver.get('data:text/html,x')\n"
        "    with transaction('b'):\n        user.row['wrod']\n    with transaction('c'):\n        pass\n"
    )
    plan = write_plan(with_selenium, text, "plan.py")
    out = plan.parent / ".." / "bundle" / ".." / "results"
    run = Run(with_selenium, plan, "--iterations", 2, out=out, seconds=60)
    assert run.labels[("a", "request")]["passed"] == 2, run
    reasons = {(one["label"], one["error"], one["count"]) for one in run.receipt["failures"]}
    assert reasons == {("b", "KeyError: 'wrod'", 2)}, run
    assert run.code == 5 and "2 of 2 iterations ended by an error of the script itself" in run.process.err, run
    assert "plan.py, line 5" in run.process.err and ".." not in run.process.err, run
    nothing_is_left(out.resolve())


def test_a_second_interrupt_does_not_wait_for_a_page(with_selenium, site):
    text = "def iteration(driver, transaction, user):\n    with transaction('a'):\n        driver.get(user.param('url'))\n"
    plan = write_plan(with_selenium, text, "plan.py")
    run = Run(with_selenium, plan, "--users", 2, "--param", f"url={url_of(site)}/slow/300000", "--iterations", "1", start=True)
    until("the page is asked for", lambda: site.requests.get("/slow/300000") == 2, 60)
    markers = markers_of(processes_of(run.out))
    run.process.interrupt()
    run.process.says("stopping")
    run.process.interrupt()
    run.process.wait(40)
    assert run.code == 130 and run.receipt["outcome"] == "stopped", run
    nothing_is_left(run.out, markers)


HANGS = {
    "import": "open(%r, 'w').close()\ntime.sleep(10_000)\ndef iteration(driver, transaction, user):\n    pass\n",
    "teardown": "def iteration(driver, transaction, user):\n    with transaction('a'):\n        driver.get('data:text/html,x')\n"
    "def teardown(user):\n    open(%r, 'w').close()\n    time.sleep(10_000)\n",
}


@pytest.mark.parametrize("where", HANGS)
def test_a_plan_that_hangs_is_stopped_in_order(with_selenium, where):
    """By the runner itself, with the last word of its account: nobody has to kill it."""
    here = with_selenium.directory / "here"
    plan = write_plan(with_selenium, "import time\n" + HANGS[where] % str(here), "plan.py")
    run = Run(with_selenium, plan, "--iterations", 1, start=True)
    until("it hangs", here.exists, 60)
    markers = markers_of(processes_of(run.out))
    run.process.interrupt()
    run.process.wait(40)
    assert run.code == 130 and run.receipt["outcome"] == "stopped", run
    assert balance(run.receipt) >= (1 if where == "teardown" else 0), run
    nothing_is_left(run.out, markers)


def test_a_dead_browser_is_replaced(with_selenium, site, plans):
    run, log = shop(with_selenium, site, plans, "--users", 2, "--duration", "5m", "--keep-profile", start=True)
    until("both browsers have been used", lambda: log.exists() and counted(log)[("missing", "failed")] > 3, 60)
    both = main_processes_of(run.out)
    assert len(both) == 2, both
    os.kill(both[0], signal.SIGKILL)
    run.process.says("is replaced", 30)
    until("there are two again", lambda: len(set(main_processes_of(run.out)) - {both[0]}) == 2, 30)
    before = counted(log)[("front", "ok")]
    until("both go on", lambda: counted(log)[("front", "ok")] > before + 5, 30)
    run.process.interrupt()
    run.process.wait(60)
    assert run.code == 130 and re.search(r"\b1 browsers? died", run.process.err), run
    assert balance(run.receipt) > 0
    # What the browser was doing has failed, and nothing else.
    fronts = run.labels[("front", "request")]
    assert fronts["passed"] == counted(log)[("front", "ok")] and fronts["failed"] <= 1
    nothing_is_left(run.out)


def test_a_program_of_the_published_kind(with_selenium, site, plans):
    plan = plans / "selenium" / "PublishedShop.java"
    run = Run(with_selenium, plan, "--users", 2, "--param", f"url={url_of(site)}", seconds=120)
    assert run.code == 0, run
    front, missing = run.labels[("front", "request")], run.labels[("missing", "request")]
    assert (front["count"], front["failed"]) == (6, 0), run
    assert (missing["count"], missing["failed"]) == (6, 6), run
    assert run.ledger["sent"] == run.ledger["received"] == 12 and run.receipt["sent_exact"] is True
    assert list((run.out / "failures").glob("*.png"))
    nothing_is_left(run.out)


def test_dialogs_and_frames_are_left_to_the_plan(with_selenium, site, plans):
    run = Run(with_selenium, plans / "selenium" / "dialogs.py", "--param", f"url={url_of(site)}", seconds=60)
    assert run.code == 0, run
    counts = {label: (numbers["count"], numbers["failed"]) for (label, kind), numbers in run.labels.items() if kind == "request"}
    assert counts == {"page": (1, 0), "delete": (1, 0), "accepted": (2, 0), "broken": (1, 1), "frame": (1, 0)}, run
    assert site.requests["/status/404"] == 1 and not run.labels[("frame", "request")]["codes"], run.labels
    assert not list(run.out.rglob("*.png"))
    nothing_is_left(run.out)


def test_dialogs_and_frames_are_left_to_the_program(with_selenium, site, plans):
    run = Run(with_selenium, plans / "selenium" / "Dialogs.java", "--param", f"url={url_of(site)}", seconds=60)
    assert run.code == 0, run
    counts = {label: (numbers["count"], numbers["failed"]) for (label, _), numbers in run.labels.items()}
    assert counts == {"delete": (1, 1), "accepted": (1, 0), "frame": (1, 0)}, run
    assert site.requests["/status/404"] == 1 and not run.labels[("frame", "request")]["codes"], run.labels
    assert not list(run.out.rglob("*.png"))
    nothing_is_left(run.out)


def test_what_a_program_leaves_ends_with_it(with_selenium):
    """One more process a loop, without anything on it that says whose it is: there is never more than one."""
    leaves = f"7000.{os.getpid()}"
    plan = write_plan(with_selenium, LEAVES % leaves, "Leaves.java")
    run = Run(with_selenium, plan, "--duration", "20s", start=True)
    most = 0
    while run.code is None:
        most = max(most, len(processes_with(leaves)))
        time.sleep(0.2)
    assert run.code == 0 and run.labels[("a", "request")]["count"] >= 2, run
    assert most == 1 and not processes_with(leaves), most
    nothing_is_left(run.out)


def test_an_installation_at_a_long_path(with_selenium, site, plans):
    """Chromium makes sockets, whose paths may have 107 bytes: neither installing nor running may depend on that."""
    tools = with_selenium.directory / ("a-long-name-" * 8) / "tools"
    # Without the runner, so that installing it has only that to do, and to start a browser.
    without = shutil.ignore_patterns("plugin-*")
    shutil.copytree(with_selenium.tools_dir / "selenium", tools / "selenium", symlinks=True, ignore=without)
    at = {"GRIDNODE_TOOLS_DIR": str(tools)}
    installed = with_selenium.run("tools", "install", "selenium", env=at, seconds=120)
    assert installed.code == 0, installed
    run, log = shop(with_selenium, site, plans, "--iterations", 1, env=at, out=tools.parent / "out", seconds=90)
    assert run.code == 0 and counted(log)[("front", "ok")] == 1, run
    nothing_is_left(run.out)
