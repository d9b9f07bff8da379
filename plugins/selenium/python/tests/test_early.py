"""Users that come to an end before the run does: counted, named, and with a reason that says something."""

import json
import threading

import pytest

from gridnode_selenium import drive as driving
from gridnode_selenium import exits, python_run
from gridnode_selenium.early import Early, early_text, is_early
from gridnode_selenium.python_run import judge
from gridnode_selenium.texts import text_of
from gridnode_selenium.user import User
from test_hostile import PASSES, options, shared_of

EXITS = "import sys\ndef iteration(driver, transaction, user):\n    with transaction('front'):\n        pass\n    sys.exit(0)\n"
HAS_NO_SETUP = PASSES + "def setup(user):\n    raise ValueError('no account')\n"


class Browser:
    driver = pages = None

    def quit(self):
        pass

    kill = quit

    def is_dead(self, _error):
        return False

    def ended_by(self):
        return None


def ran(tmp_path, text, users=1, **more):
    shared = shared_of(tmp_path, text)
    shared.options = options(tmp_path, users=users, **more)
    shared.new_browser = Browser
    User(0, shared).run()
    return shared


def told(tmp_path, level):
    lines = (tmp_path / "report").read_text().splitlines()
    return [remark["text"] for remark in map(json.loads, lines) if remark["level"] == level]


@pytest.mark.parametrize("asked", [{"duration_s": 12}, {"iterations": 2}])
def test_the_only_user_that_ends_itself_ends_the_plan(tmp_path, asked):
    shared = ran(tmp_path, EXITS, **asked)
    assert judge(shared, False) == exits.FINE
    (text,) = told(tmp_path, "cut_short")
    of = " of 12" if "duration_s" in asked else ""
    assert text == f"the plan ended itself after 0{of} s: user 0 after 0 s: the script called sys.exit(0)"


def test_one_of_several_that_ends_itself_is_named(tmp_path):
    shared = ran(tmp_path, EXITS, users=3, duration_s=12)
    judge(shared, False)
    (text,) = told(tmp_path, "cut_short")
    assert text == "1 of 3 users ended before their time: user 0 after 0 s: the script called sys.exit(0)"


def test_a_user_whose_setup_failed_is_named(tmp_path):
    shared = ran(tmp_path, HAS_NO_SETUP, users=2, duration_s=12)
    shared.count(iterations=1, ended_iterations=1)
    judge(shared, False)
    assert told(tmp_path, "cut_short") == ["1 of 2 users ended before their time: user 0 after 0 s: its `setup` failed: no account"]


MISTAKE = """
def iteration(driver, transaction, user):
    with transaction("search"):
        if user.iteration > %d:
            user.row["wrod"]
    with transaction("pay"):
        pass
"""


def test_an_iteration_that_the_script_ends_by_its_own_mistake_is_said(tmp_path):
    shared = ran(tmp_path, MISTAKE % 11, iterations=12)
    assert judge(shared, False) == exits.FINE and not told(tmp_path, "cut_short")
    (text,) = told(tmp_path, "doubt")
    assert text.startswith("1 of 12 iterations ended by an error of the script itself, so what stands behind it was not done")
    assert text.endswith("the first: KeyError: 'wrod' (plan.py, line 5)")
    failed = [fields["error"] for label, ok, fields in shared.sump.samples if label == "search" and not ok]
    assert failed == ["KeyError: 'wrod'"]


@pytest.mark.parametrize(("good", "which"), [(0, "10 of 10"), (9, "1 of 10")])
def test_a_script_that_often_ends_by_its_own_mistake_has_failed(tmp_path, good, which):
    judge(ran(tmp_path, MISTAKE % good, iterations=10), False)
    (text,) = told(tmp_path, "cut_short")
    assert text.startswith(f"{which} iterations ended by an error of the script itself") and not told(tmp_path, "doubt")


NEVER_RUNS = """
import asyncio

def bare(function):
    def inner(*all):
        return function(*all)
    return inner

def flow(transaction):
    with transaction("buy"):
        pass
    yield

def begun(transaction):
    made = flow(transaction)
    %s(made)
    return made

async def waits(*all):
    pass

def waited():
    made = waits()
    asyncio.run(made)
    return made

async def both(*all):
    yield

def iteration(driver, transaction, user):
    with transaction("search"):
        pass
    return %s
"""


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        ("flow(transaction)", "line 30: `iteration` returned a generator, of which nothing runs by itself: "),
        ("begun(transaction)", "line 30: `iteration` returned a generator, "),
        ("waits()", "line 30: `iteration` returned what an `async` function gives, of which nothing runs by itself: "),
        ("both()", "line 30: `iteration` returned what an `async` function gives, "),
        ("None\niteration = bare(waits)", "line 5: `iteration` returned what an `async` function gives, "),
    ],
)
@pytest.mark.filterwarnings("error")
def test_an_iteration_that_returns_what_has_not_run_has_failed(tmp_path, returned, words):
    shared = ran(tmp_path, NEVER_RUNS % ("next", returned), iterations=2)
    judge(shared, False)
    (text,) = told(tmp_path, "cut_short")
    assert text.startswith("2 of 2 iterations ended by an error of the script itself") and f"plan.py, {words}" in text, text
    assert [ok for label, ok, _ in shared.sump.samples if label == "iteration"] == [False, False]


@pytest.mark.parametrize("returned", ["5", "[1]", "iter(())", "begun(transaction)", "waited()"])
def test_what_else_an_iteration_returns_is_no_matter(tmp_path, returned):
    """A generator or coroutine that has come to its end is done."""
    shared = ran(tmp_path, NEVER_RUNS % ("list", returned), iterations=2)
    assert judge(shared, False) == exits.FINE and not shared.mistakes


def test_a_setup_that_returns_what_has_not_run_has_failed(tmp_path):
    text = NEVER_RUNS % ("list", "5") + "def setup(user):\n    return waits()\n"
    judge(ran(tmp_path, text, iterations=1), False)
    assert any("`setup` returned what an `async` function gives" in said for said in told(tmp_path, "cut_short"))


CUT = """
def iteration(driver, transaction, user):
    if user.iteration > %d:
        user._shared.stop.finish()
        user.think(9)
    with transaction("search"):
        user.row["wrod"]
"""


def test_the_iteration_that_the_end_of_the_run_cuts_does_not_count(tmp_path):
    judge(ran(tmp_path, CUT % 2, duration_s=60), False)
    (text,) = told(tmp_path, "cut_short")
    assert text.startswith("2 of 2 iterations ended by an error of the script itself") and not told(tmp_path, "doubt")


def test_only_an_iteration_that_was_cut_has_not_failed(tmp_path):
    assert judge(ran(tmp_path, CUT % 0, duration_s=60), False) == exits.FINE


def test_what_fails_before_its_first_transaction_is_said_though_the_last_iteration_is_cut(tmp_path):
    text = CUT.replace('    with transaction("search"):\n', "    if True:\n") % 2
    assert judge(ran(tmp_path, text, duration_s=60), False) == exits.NO_TRANSACTION


def test_what_a_site_or_a_check_says_is_a_result(tmp_path):
    checks = "def iteration(driver, transaction, user):\n    with transaction('a'):\n        raise %s\n"
    for error in ("AssertionError('no cart here')", "TimeoutError('slow')", "ValueError('total is 3')"):
        (tmp_path / "report").unlink(missing_ok=True)
        shared = ran(tmp_path, checks % error, iterations=2)
        shared.report.info("")
        assert judge(shared, False) == exits.FINE
        assert not told(tmp_path, "cut_short") + told(tmp_path, "doubt"), error


def test_a_run_whose_browsers_never_came_does_not_blame_the_plan(tmp_path, monkeypatch):
    """As it is when Chromium hangs: the user is still waiting when its time is over."""
    monkeypatch.setattr(driving, "GRACE_S", 0.2)
    monkeypatch.setattr(driving, "LAST_PAGE_EXTRA_S", -99.0)
    opened = threading.Event()
    monkeypatch.setattr(User, "_start_browser", lambda user: hang(user, opened))
    shared = shared_of(tmp_path, PASSES)
    chosen = options(tmp_path, duration_s=1)
    ended = python_run.run(chosen, shared.plan, shared.sump, shared.report, shared.stop, {}, None)
    opened.set()
    assert ended != exits.FINE
    assert shared.report.fatal_text.startswith("no browser session ever started"), shared.report.fatal_text


def hang(user, opened):
    user._shared.count(browsers_asked=1)
    opened.wait(30)
    raise OSError("too late")


def test_a_user_that_was_at_its_end_anyway_is_not_early(tmp_path):
    shared = ran(tmp_path, EXITS, iterations=1)
    judge(shared, False)
    assert told(tmp_path, "cut_short") == []
    duration = options(tmp_path, duration_s=10)
    assert is_early(duration, 8.9, 1) and not is_early(duration, 9.1, 1)


def test_more_users_than_anybody_reads_are_counted(tmp_path):
    early = [Early(user, 9 - user, "x") for user in range(9)]
    text = early_text(early, options(tmp_path, users=20, duration_s=60))
    assert text.startswith("9 of 20 users ended before their time: user 8 after 1 s: x; ") and text.endswith("; …")


def test_an_exit_code_alone_is_no_reason():
    class Mute:
        def __repr__(self):
            raise ValueError

    codes = [SystemExit(0), SystemExit(), SystemExit("no shop\nat all"), SystemExit(Mute())]
    words = ["sys.exit(0)", "sys.exit()", "sys.exit('no shop\\nat all')", "sys.exit"]
    assert [text_of(one) for one in codes] == [f"the script called {word}" for word in words]


TEARDOWN = """
def iteration(driver, transaction, user):
    with transaction("search"):
        pass

def teardown(user):
    raise RuntimeError("still there")
"""


def test_a_teardown_that_fails_is_a_doubt(tmp_path):
    assert judge(ran(tmp_path, TEARDOWN, iterations=1), False) == exits.FINE
    assert told(tmp_path, "doubt") == ["teardown of user 0 failed: still there"]


DIES = """
def iteration(driver, transaction, user):
    with transaction("front"):
        pass
    if user.iteration in user.state["dies"]:
        raise OSError("gone")
"""


class Mortal(Browser):
    def is_dead(self, error):
        return error is not None


@pytest.mark.parametrize("dies, iterations, level", [({2}, 4, "doubt"), ({1, 3}, 4, "doubt"), ({1, 2}, 2, "cut_short")])
def test_browsers_that_died_are_a_doubt_with_their_count_and_a_failure_where_no_iteration_was_done(tmp_path, dies, iterations, level):
    shared = shared_of(tmp_path, DIES)
    # Of two users, that none of them gives up; one is enough here.
    shared.options = options(tmp_path, users=2, iterations=iterations)
    shared.new_browser = Mortal
    user = User(0, shared)
    user.state["dies"] = dies
    user.run()
    judge(shared, False)
    (text,) = told(tmp_path, level)
    count = "1 browser died and was" if len(dies) == 1 else "2 browsers died and were"
    assert text.startswith(f"{count} replaced, so the rest of {len(dies)} iteration"), text
    assert f"of {iterations} was not done" in text and text.endswith(": gone"), text


class Ended(Browser):
    def ended_by(self):
        return "driver.quit()"


@pytest.mark.parametrize("profile", ["kept", "fresh"])
def test_a_script_that_ends_its_browser_is_named_and_the_browser_is_not_blamed(tmp_path, profile):
    shared = shared_of(tmp_path, f"PROFILE = '{profile}'\n" + PASSES)
    shared.options = options(tmp_path, users=1, iterations=3)
    shared.new_browser = Ended
    User(0, shared).run()
    assert judge(shared, False) == exits.FINE and (shared.browsers, shared.died) == (3, 0)
    if profile == "fresh":
        assert not (tmp_path / "report").exists()
        return
    (text,) = told(tmp_path, "doubt")
    assert text.startswith("the script itself ended its browser (driver.quit()) in 3 iterations"), text
