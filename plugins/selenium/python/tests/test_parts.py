"""The parts of the runner that need no browser."""

import json
import signal
import socket
import sys
import threading
from types import SimpleNamespace

import pytest
from selenium.common.exceptions import NoAlertPresentException, WebDriverException

from gridnode_selenium.data import DataError, Rows
from gridnode_selenium.lines import Lines, label_text, quotable
from gridnode_selenium.plan import Plan, PlanError
from gridnode_selenium.report import Report
from gridnode_selenium.screenshots import Screenshots, safe
from gridnode_selenium.stop import Stop
from gridnode_selenium.sump import DATAGRAM_BYTES_MAX, Sump
from gridnode_selenium.timings import Look, Pages, read


def test_labels_are_encoded_and_cut_as_the_receiver_would():
    assert label_text("GET /cart") == "GET+%2Fcart"
    assert label_text("") == "__empty__"
    long = label_text("ä" * 300)
    assert long.count("%C3%A4") == 247 and "%E2%80%A6" in long and len(long.rpartition("%A6")[2]) == 12


def test_texts_in_quotes_stay_on_their_line_and_within_their_bytes():
    assert quotable('a"b\\c\nd', 100) == 'a\\"b\\\\c d'
    assert quotable("ää", 3) == "ä"
    assert quotable('x"', 2) == "x"
    assert quotable("\ud800", 10) == "?"


def test_a_sample_is_one_line_of_the_dialect():
    line = Lines("7", "s").sample("a b", 12.3456, False, 5, code="503", lat_ms=1.5, error="no", transaction=True)
    assert line == b'sample,flood=7,label=a+b rt=12.346,ok=f,code="503",lat=1.500,kind="transaction",error="no" 5\n'


def test_every_datagram_ends_with_the_account(tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        environment = {
            "FLOOD_SUMP_HOST": "127.0.0.1",
            "FLOOD_SUMP_PORT": str(receiver.getsockname()[1]),
            "FLOOD_SEQUENCE_ID": "7",
            "GRIDNODE_TRACE_DIR": str(tmp_path),
        }
        sump = Sump(environment, Report(None))
        threads = [threading.Thread(target=lambda: [sump.sample("x" * 100, 1.0, True, 1) for _ in range(40)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        sump.sample("y", 1.0, False, 1, error="e" * 5_000, code="c" * 9_000)
        sump.close()
        sump.sample("too late", 1.0, True, 1)
        seen, seqs, last = 0, set(), b""
        while b"final=t" not in last:
            datagram = receiver.recv(65_536)
            assert len(datagram) <= DATAGRAM_BYTES_MAX
            lines = datagram.splitlines()
            seen += sum(line.startswith(b"sample,") for line in lines)
            last = lines[-1]
            assert last.startswith(b"ledger,")
            fields = dict(field.split(b"=") for field in last.split(b" ")[1].split(b","))
            assert int(fields[b"samples"][:-1]) == seen
            assert fields[b"seq"] not in seqs
            seqs.add(fields[b"seq"])
    assert seen == 161
    assert [path.read_bytes().strip() for path in tmp_path.glob("*.final")] == [last]


def test_rows_go_round_and_are_copies(tmp_path):
    (tmp_path / "rows.csv").write_text("name,age\nann,1\nbob,2\n")
    rows = Rows.of("rows.csv", tmp_path)
    first = rows.take()
    first["name"] = "changed"
    assert [rows.take()["name"], rows.take()["name"]] == ["bob", "ann"]
    assert Rows.of(None, tmp_path).take() == {}
    for bad in ("none.csv", [1]):
        with pytest.raises(DataError):
            Rows.of(bad, tmp_path)


def test_a_stop_file_is_seen_and_grows_stronger(tmp_path):
    stop = Stop(str(tmp_path / "stop"))
    stop.look()
    (tmp_path / "stop").write_text("")
    stop.look()
    assert not stop.is_finishing and not stop.asked
    (tmp_path / "stop").write_text("finish\n")
    stop.look()
    assert stop.is_finishing and not stop.is_now and stop.wait(60)
    (tmp_path / "stop").write_text("now\n")
    stop.look()
    assert stop.is_now and stop.asked


def test_the_first_fatal_remark_counts(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr("gridnode_selenium.report.say", said.append)
    report = Report(str(tmp_path / "report"))
    report.warning("w" * 2_000)
    report.fatal("a\nb")
    report.fatal("c")
    lines = [json.loads(line) for line in (tmp_path / "report").read_text().splitlines()]
    assert [line["level"] for line in lines] == ["warning", "fatal", "fatal"] and len(lines[0]["text"]) == 1_000
    assert report.fatal_text == "a\nb" and "gridnode: fatal: a\nb\n" in said


def test_pages_are_not_trusted_with_numbers():
    good = {"origin": 1_000.0, "status": 200, "first_byte": 5, "load": 0, "lcp": 7.5}
    timing = read(good, 1_000.0)
    assert (timing.status, timing.first_byte_ms, timing.load_ms, timing.lcp_ms) == (200, 5.0, None, 7.5)
    assert read(good, 2_000.0) is None, "an older page"
    for bad in (None, "x", {}, {"origin": "x"}, {"origin": True}):
        assert read(bad, 0) is None
    assert read(good, 1_004.0) and read(good, 1_010.0) is None, "as far as two looks at one clock may differ, and no farther"
    odd = read({"origin": 1.0, "status": "200", "first_byte": -3, "load": 1e300, "lcp": float("nan")}, 0)
    assert (odd.status, odd.first_byte_ms, odd.load_ms, odd.lcp_ms) == (0, None, None, None)


class Answers:
    """A driver without a dialog, whose page answers so."""

    def __init__(self, answer):
        self.answer = answer

    @property
    def switch_to(self):
        raise NoAlertPresentException

    def execute_script(self, _script):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_a_page_that_did_not_load_is_named_each_time():
    for answer, words in (({"unloaded": "ERR_UNSAFE_PORT"}, "net::ERR_UNSAFE_PORT"), ({"unloaded": ""}, "net::ERR_FAILED")):
        pages = Pages()
        for _ in range(2):
            assert pages.look(Answers(answer), 0) == Look(unloaded=f"the page did not load: {words}")
        assert pages.failed_load(Answers(answer)) == words
        assert pages.asking_ns > 0
    crashed = Answers(WebDriverException("tab crashed\n  (Session info: x)"))
    assert Pages().look(crashed, 0) == Look(unloaded="the page crashed: tab crashed")
    for answer in (None, {"page": 7}, {"unloaded": 7}, WebDriverException("javascript error"), WebDriverException("no such window")):
        assert Pages().look(Answers(answer), 0) == Look()
        assert Pages().failed_load(Answers(answer)) is None


def test_screenshots_are_few_and_stay_where_they_belong(tmp_path):
    class Driver:
        def get_screenshot_as_png(self):
            return b"png"

    shots = Screenshots(str(tmp_path / "shots"), 2)
    for iteration in range(4):
        shots.take(Driver(), "../../etc/a b", 1, iteration)
    assert sorted(path.name for path in (tmp_path / "shots").iterdir()) == [
        "etc-a-b-user1-iteration0-1.png",
        "etc-a-b-user1-iteration1-2.png",
    ]
    assert shots.suppressed == 2 and safe("///") == "label"


def test_while_a_dialog_is_open_the_page_is_not_asked_anything(tmp_path):
    class Driver:
        """With a dialog, which the first question but that for its text would close."""

        closed = False

        @property
        def switch_to(self):
            return SimpleNamespace(alert="sure?")

        def execute_script(self, _script):
            self.closed = True

        execute_async_script = execute_script

        def get_screenshot_as_png(self):
            self.closed = True
            return b"png"

    driver, shots = Driver(), Screenshots(str(tmp_path), 2)
    assert Pages().look(driver, 0) == Look()
    assert Pages().failed_load(driver) is None
    shots.take(driver, "a", 0, 1)
    assert not driver.closed and not list(tmp_path.iterdir()) and not shots.suppressed


def test_a_signal_needs_no_lock():
    """It may come while the thread that handles it sets the same event, and has its lock."""
    stop = Stop(None)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        stop.handle_signals()
        handler = signal.getsignal(signal.SIGTERM)
    finally:
        for number, old in before.items():
            signal.signal(number, old)
    handling = threading.Thread(target=handler, args=(signal.SIGTERM, None), daemon=True)
    with stop._finish._cond:
        handling.start()
        handling.join(5)
        assert not handling.is_alive()
    assert stop.asked and stop.is_now and stop.is_finishing
    waiting = threading.Thread(target=stop.wait, args=(60,), daemon=True)
    waiting.start()
    stop.look()
    waiting.join(5)
    assert not waiting.is_alive()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("from . import h\ndef iteration(driver, transaction, user): ...", "write `import h`\n"),
        ("from .h import a, b\ndef iteration(driver, transaction, user): ...", "write `from h import a, b`\n"),
        ("from helper import h\ndef iteration(driver, transaction, user): ...", "write `import g`\n"),
        ("raise OSError('no chromedriver')", "no function `iteration`: write `def iteration(driver, transaction, user):`"),
    ],
)
def test_a_plan_that_cannot_be_loaded_says_what_to_write(tmp_path, monkeypatch, text, words):
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "helper.py").write_text("from . import g\n")
    (tmp_path / "plan.py").write_text(text)
    with pytest.raises(PlanError) as raised:
        Plan.load(str(tmp_path / "plan.py"))
    sys.modules.pop("helper", None)
    assert words in str(raised.value) and "Error: " in str(raised.value)


def test_a_plan_with_an_iteration_that_cannot_be_loaded_says_no_more(tmp_path):
    (tmp_path / "plan.py").write_text("from nothing import h\ndef iteration(driver, transaction, user): ...")
    with pytest.raises(PlanError) as raised:
        Plan.load(str(tmp_path / "plan.py"))
    assert "write" not in str(raised.value)


PLAIN = "def iteration(driver, transaction, user):\n    pass\n"
UNITTEST = "import unittest\nclass Login(unittest.TestCase):\n    def test_a(self):\n        pass\n"
PYTEST = "import nopytest\ndef test_login(driver):\n    pass\n"


def refused(tmp_path, text):
    (tmp_path / "plan.py").write_text(text)
    with pytest.raises(PlanError) as raised:
        Plan.load(str(tmp_path / "plan.py"))
    return str(raised.value)


@pytest.mark.parametrize(("text", "runner"), [(UNITTEST, "unittest"), (PYTEST, "pytest"), ("def test_a(browser): ...", "pytest"), ("a = 1", None)])
def test_a_file_of_a_test_runner_says_what_to_write(tmp_path, monkeypatch, text, runner):
    monkeypatch.setattr(sys, "path", list(sys.path))
    said = refused(tmp_path, text)
    assert "has no function `iteration`: write `def iteration(driver, transaction, user):` with what a user does in it; the browser" in said
    assert (f"nobody looks for the tests of `{runner}` here" in said) if runner else "nobody looks" not in said


def test_a_package_that_is_not_there_is_to_be_named(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    said = refused(tmp_path, f"import nosuch_manager.chrome\n{PLAIN}")
    assert "there is no package `nosuch_manager`: name it, as pip calls it, in a file `requirements.txt` beside the plan, or put" in said
    assert "ModuleNotFoundError" in said
    (tmp_path / "requirements.txt").write_text("other\n")
    assert "the `requirements.txt` beside the plan does not bring it" in refused(tmp_path, f"import nosuch_manager\n{PLAIN}")
    # It is there, and has no such part.
    (tmp_path / "pages").mkdir()
    for name in ("pages.login", "json.nosuch"):
        assert "there is no package" not in refused(tmp_path, f"import {name}\n{PLAIN}"), name
    # Whoever gets it still has no plan.
    monkeypatch.setitem(sys.modules, "pytest", None)
    assert "there is no package" not in refused(tmp_path, "import pytest\ndef test_a(): ...")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PLAIN.replace(", transaction, user", ""), "line 1: `iteration(driver)` is called with `driver, transaction, user`, which it does not take"),
        (PLAIN.replace("user", "user, url"), "write `def iteration(driver, transaction, user):`"),
        (PLAIN.replace("user", "user, *, url"), "`iteration(driver, transaction, user, url)`"),
        (PLAIN + "def setup():\n    pass\n", "line 3: `setup()` is called with `user`, which it does not take: write `def setup(user):`"),
        (PLAIN + "def teardown(driver, user):\n    pass\n", "write `def teardown(user):`"),
    ],
)
def test_a_function_that_does_not_take_what_it_is_given_is_refused(tmp_path, text, words):
    assert words in refused(tmp_path, text)


DECORATED = """
import functools

def alone(function):
    @functools.wraps(function)
    def inner(driver, transaction, user):
        return function(driver)
    return inner

@alone
def iteration(driver):
    pass
"""


@pytest.mark.parametrize(
    "text",
    [
        DECORATED,
        PLAIN.replace("user", "user, url=None"),
        PLAIN.replace("driver, transaction, user", "*all"),
        PLAIN.replace("driver, transaction, user", "d, *rest, **more"),
        "import functools\ndef go(url, driver, transaction, user): ...\niteration = functools.partial(go, 'u')",
        "class Go:\n    def __call__(self, driver, transaction, user): ...\niteration = Go()",
        "class Go:\n    def go(self, driver, transaction, user): ...\niteration = Go().go\nsetup = print",
        "from unittest.mock import Mock\niteration = Mock()",
    ],
)
def test_whatever_takes_it_is_fine(tmp_path, text):
    (tmp_path / "plan.py").write_text(text)
    Plan.load(str(tmp_path / "plan.py"))
