"""Users that come to an end before the run does: counted, named, and with a reason that says something."""

import json

import pytest

from gridnode_selenium import exits
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
    shared.count(iterations=1)
    judge(shared, False)
    assert told(tmp_path, "cut_short") == ["1 of 2 users ended before their time: user 0 after 0 s: its `setup` failed: no account"]


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
