"""Browser tests with real Chromium: what the plan saw is what is counted, and nothing stays behind."""

import collections
import os
import pathlib
import signal

import pytest

from support.grid import balance
from support.running import Run, write_plan
from support.wait import until

PNG = b"\x89PNG\r\n\x1a\n"


def url_of(site):
    return f"http://127.0.0.1:{site.port}"


def processes_of(directory):
    """Programs that run for this directory, by name: its tools have paths of it in their environment."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and str(directory).encode() in (entry / "environ").read_bytes():
                found[int(entry.name)] = (entry / "comm").read_text().strip()
        except OSError:
            continue
    return {pid: name for pid, name in found.items() if "chrom" in name or name.startswith("python")}


def browsers_of(directory):
    """Main processes of browsers, which are nobody's children of their own kind."""
    found = []
    for pid, name in processes_of(directory).items():
        command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        if name.startswith("chromium") and b"--user-data-dir=" in command and b"--type=" not in command:
            found.append(pid)
    return found


def nothing_is_left(directory):
    until("no browser is left", lambda: not processes_of(directory), 10)
    assert not list(directory.glob("tmp/profile-*"))
    links = [path for path in pathlib.Path("/tmp").glob("gn-*") if path.is_symlink()]
    assert not [link for link in links if os.readlink(link).startswith(str(directory))]


def shop(with_selenium, site, plans, *args, **options):
    log = with_selenium.directory / "plan.log"
    params = ("--param", f"url={url_of(site)}", "--param", f"log={log}")
    run = Run(with_selenium, plans / "selenium" / "shop.py", *params, *args, **options)
    return run, log


def counted(log):
    """What the plan wrote down: (name, outcome) → times."""
    return collections.Counter(tuple(line.split()) for line in log.read_text().splitlines())


def test_the_numbers_are_what_the_plan_saw(with_selenium, site, plans):
    run, log = shop(with_selenium, site, plans, "--users", 3, "--ramp-up", "3s", "--duration", "60s", seconds=180)
    assert run.code == 0, run
    seen = counted(log)
    assert seen[("front", "ok")] >= 9, seen
    for name, outcome in (("front", "ok"), ("slow", "ok"), ("status", "failed"), ("missing", "failed")):
        label = "checkout / status" if name == "status" else name
        numbers = run.labels[(label, "request")]
        assert numbers["count"] == seen[(name, outcome)], (name, seen, numbers)
        assert numbers["failed"] == (numbers["count"] if outcome == "failed" else 0), numbers
    outer = run.labels[("checkout", "transaction")]
    assert outer["count"] == outer["failed"] == seen[("status", "failed")], outer
    assert run.labels[("slow", "request")]["response_time"]["min_ms"] >= 300
    assert run.labels[("slow", "request")]["latency"]["min_ms"] >= 300
    assert run.labels[("front: load", "transaction")]["count"] > 0
    assert run.labels[("checkout / status", "request")]["codes"] == {"503": seen[("status", "failed")]}
    # Rows go round, and state is kept from iteration to iteration.
    rows = (seen[("row", "ann")], seen[("row", "bob")])
    assert abs(rows[0] - rows[1]) <= 1, seen
    visits = sum(int(words[1]) * times for words, times in seen.items() if words[0] == "visits")
    assert visits == sum(rows), seen
    pictures = list((run.out / "screenshots").glob("*.png"))
    assert {picture.name.partition("-user")[0] for picture in pictures} == {"checkout-status", "missing"}
    assert len(pictures) == 10 and all(picture.read_bytes().startswith(PNG) for picture in pictures)
    assert run.ledger["lost"] == 0 and run.receipt["sent_exact"] is True
    assert run.receipt["users_max"] == 3
    nothing_is_left(run.out)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stop_in_the_middle(with_selenium, site, plans, number, code):
    run, log = shop(with_selenium, site, plans, "--users", 2, "--duration", "5m", start=True)
    until("an iteration is over", lambda: log.exists() and counted(log)[("missing", "failed")] > 1, 60)
    assert len(browsers_of(run.out)) in (1, 2), "browsers are found where they run"
    run.process.signal(number)
    run.process.wait(60)
    assert run.code == code, run
    assert run.receipt["outcome"] == "stopped" and run.ledger["lost"] == 0 and run.receipt["sent_exact"] is True
    assert run.labels[("front", "request")]["count"] == counted(log)[("front", "ok")]
    nothing_is_left(run.out)


def test_a_dead_browser_is_replaced(with_selenium, site, plans):
    run, log = shop(with_selenium, site, plans, "--users", 1, "--duration", "20s", "--keep-profile", start=True)
    until("an iteration is over", lambda: log.exists() and counted(log)[("missing", "failed")] > 0, 60)
    before = counted(log)[("front", "ok")]
    for pid in browsers_of(run.out):
        os.kill(pid, signal.SIGKILL)
    run.process.wait(90)
    assert run.code == 0, run
    assert "died" in run.process.err and "replaced" in run.process.err, run
    assert counted(log)[("front", "ok")] > before, "it went on"
    assert run.ledger["lost"] == 0 and run.receipt["sent_exact"] is True
    nothing_is_left(run.out)


def test_a_program_of_the_published_kind(with_selenium, site, plans):
    plan = plans / "selenium" / "PublishedShop.java"
    run = Run(with_selenium, plan, "--users", 2, "--param", f"url={url_of(site)}", seconds=120)
    assert run.code == 0, run
    front, missing = run.labels[("front", "request")], run.labels[("missing", "request")]
    assert (front["count"], front["failed"]) == (6, 0), run
    assert (missing["count"], missing["failed"]) == (6, 6), run
    assert run.ledger["sent"] == run.ledger["received"] == 12 and run.receipt["sent_exact"] is True
    assert list((run.out / "screenshots").glob("*.png"))
    nothing_is_left(run.out)


BROKEN = "#!/bin/sh\ncase \"$1\" in --version) echo Chromium $(chromium --version | cut -d' ' -f2);; *) exit 1;; esac\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("import os\ndef iteration(driver,\n  pass\n", ["plan.py", "line 3", "SyntaxError"], id="syntax"),
        pytest.param("raise ValueError('boom')\n", ["plan.py", "line 1", "ValueError: boom"], id="raises at import"),
        pytest.param("x = 1\n", ["def iteration(driver, transaction, user)"], id="no iteration"),
        pytest.param("DATA = 'none.csv'\ndef iteration(d, t, u): pass\n", ["none.csv"], id="no data file"),
        pytest.param("def iteration(driver, transaction, user):\n    driver.nothing()\n", ["line 2", "AttributeError"], id="raises"),
        pytest.param("def iteration(driver, transaction, user):\n    pass\n", ["transaction("], id="no transaction"),
    ],
)
def test_bad_scripts(with_selenium, text, words):
    run = Run(with_selenium, write_plan(with_selenium, text, "plan.py"), seconds=60)
    assert run.code == 1 or (run.code == 5 and "AttributeError" in words), run
    error = " ".join(run.process.err.split())
    for word in words:
        assert word in error, (word, str(run))
    nothing_is_left(run.out)


def test_a_missing_driver_and_a_browser_that_dies_at_once(with_selenium, site, plans):
    run, _ = shop(with_selenium, site, plans, "--chromedriver", "/nonexistent/chromedriver", seconds=60)
    assert run.code == 1 and "chromium-driver" in run.process.err, run
    broken = with_selenium.directory / "broken-chromium"
    broken.write_text(BROKEN)
    broken.chmod(0o755)
    run, _ = shop(with_selenium, site, plans, "--duration", "5m", "--chromium", broken, seconds=120)
    assert run.code == 1 and "3 times in a row" in run.process.err, run
    nothing_is_left(run.out)


def test_more_browsers_than_memory_is_refused(with_selenium, site, plans):
    run, _ = shop(with_selenium, site, plans, "--users", 900, seconds=60)
    assert run.code == 1 and "not enough memory" in run.process.err and " fit" in run.process.err, run


def test_two_tools_by_messages_one_after_the_other_and_at_once(with_selenium, grid, site, plans):
    from support import commands, jmx

    (node,) = grid.nodes("node-a", control__runs_max=2)
    directory = plans / "selenium"
    files = [grid.cloud.upload(name, (directory / name).read_text()) for name in ("shop.py", "shoppers.csv")]
    log = with_selenium.directory / "plan.log"

    def browsers(flood, run, duration_s):
        fields = {"tool": "selenium", "users": 1, "duration_s": duration_s, "parameters": {"url": url_of(site), "log": str(log)}}
        grid.publish(commands.start(files, flood=flood, run=run, **fields))

    browsers("7", 1, 5)
    first = node.finished(flood="7", run=1)
    assert first["outcome"] == "completed" and balance(first["receipt"]) > 0, first
    browsers("7", 2, 300)
    grid.start(jmx.plan(jmx.threads(jmx.java("endless", sleep_ms=20), loops=-1)), flood="8")
    node.one("flood.running", flood="7", run=2)
    node.one("flood.running", flood="8")
    until("the browser works", lambda: counted(log)[("front", "ok")] > 3, 60)
    grid.stop(flood="7", run=2)
    grid.stop(flood="8")
    for flood in ("7", "8"):
        event = node.finished(flood=flood, run=2 if flood == "7" else 1)
        assert event["outcome"] == "stopped" and balance(event["receipt"]) > 0, event
        assert event["receipt"]["tool"]["tree_empty"] is True
    bad = [grid.cloud.upload("bad.py", "raise ValueError('boom')\n")]
    grid.publish(commands.start(bad, flood="9", tool="selenium"))
    event = node.finished(flood="9")
    assert event["outcome"] == "failed" and "ValueError: boom" in event["reason"], event
    until("no browser is left", lambda: not processes_of(node.state_dir), 10)
