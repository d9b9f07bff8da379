"""Threads that a script starts: whose a page is, and what is said of one that ends by an error."""

import threading
import time

import pytest

from gridnode_selenium import exits
from gridnode_selenium.python_run import judge, watch_threads
from gridnode_selenium.timings import Pages
from gridnode_selenium.user import User
from test_early import Browser, told
from test_hostile import PASSES, Collected, options, shared_of, transactions


class Shown:
    """A browser in which a thread may navigate."""

    def __init__(self):
        self.pages, self.now = Pages(), None

    def get(self, name):
        with self.pages.driving.doing(is_navigation=True):
            self.now = (time.time_ns() / 1e6, name)

    def execute_script(self, _script):
        return {"page": f"{self.now[0]} {self.now[1]}"} if self.now else None

    def execute_async_script(self, _script):
        return {"origin": self.now[0], "status": 200, "first_byte": 1, "load": 2, "lcp": 3}


def in_thread(body):
    thread = threading.Thread(target=body)
    thread.start()
    thread.join()


def shown_to(sump):
    transaction, browser = transactions(sump), Shown()
    transaction.user.driver, transaction.user.pages = browser, browser.pages
    browser.pages.driving.whose = transaction.whose
    return transaction, browser


def loaded(sump):
    return [label for label, _, _ in sump.samples if label.endswith(": load")]


def test_a_page_counts_in_the_thread_that_brought_it_about():
    sump = Collected()
    transaction, browser = shown_to(sump)

    def beside():
        with transaction("bg"):
            pass

    with transaction("fg"):
        browser.get("a")
        in_thread(beside)
    assert loaded(sump) == ["fg: load"]

    def both():
        with transaction("bg"):
            browser.get("b")

    with transaction("fg"):
        browser.get("a")
        in_thread(both)
    assert loaded(sump)[1:] == ["bg: load"], "the page that is shown is the other's"

    def before():
        with transaction("bg"):
            browser.get("c")
            browser.get_of_fg()

    def get_of_fg():
        browser.pages.driving.whose = lambda: transaction._home
        browser.get("d")

    browser.get_of_fg = get_of_fg
    with transaction("fg"):
        in_thread(before)
    assert loaded(sump)[2:] == ["fg: load"], "one that has driven before must leave it"


def test_a_helper_without_a_transaction_navigates_for_its_user():
    sump = Collected()
    transaction, browser = shown_to(sump)
    with transaction("fg"):
        in_thread(lambda: browser.get("a"))
    assert loaded(sump) == ["fg: load"]


def test_a_page_is_of_the_navigation_under_way_and_not_of_what_asks_in_between():
    driving = Pages().driving
    driving.whose = lambda: 1
    with driving.doing(is_navigation=True):
        driving.whose = lambda: 2
        with driving.doing(is_navigation=False):
            now_ms = time.time_ns() / 1e6
        assert (driving.is_of(1, now_ms, 5), driving.is_of(2, now_ms, 5)) == (True, False)
    later_ms = time.time_ns() / 1e6 + 1_000
    assert (driving.is_of(1, later_ms, 5), driving.is_of(2, later_ms, 5)) == (False, True), "a click may load later"
    assert (driving.has_driven(3), driving.is_last(2), driving.is_last(1)) == (False, True, False)
    with driving.ourselves(), driving.doing(is_navigation=True):
        pass
    assert driving.is_last(2), "our own questions are nobody's doing"


THREAD = """
import threading

def iteration(driver, transaction, user):
    def work():
        with transaction("bg"):
            pass
        if user.iteration > %d:
            raise %s
    thread = threading.Thread(target=work)
    thread.start()
    with transaction("fg"):
        pass
    thread.join()
"""


@pytest.fixture(name="hooked")
def _hooked(monkeypatch):
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)


def thread_ran(tmp_path, good, error, iterations):
    shared = shared_of(tmp_path, THREAD % (good, error))
    shared.options = options(tmp_path, users=1, iterations=iterations)
    shared.new_browser = Browser
    watch_threads(shared)
    User(0, shared).run()
    assert judge(shared, False) == exits.FINE


@pytest.mark.parametrize(("good", "iterations", "level", "count"), [(0, 2, "cut_short", "2 threads"), (11, 12, "doubt", "1 thread")])
def test_a_thread_that_ends_by_a_mistake_of_the_script_counts_as_an_iteration_that_does(tmp_path, hooked, good, iterations, level, count):
    thread_ran(tmp_path, good, "KeyError('lost')", iterations)
    (text,) = told(tmp_path, level)
    assert text.startswith(f"{count} of the script ended by an error of the script itself, in {iterations} iterations"), text
    assert text.endswith("the first: KeyError: 'lost' (plan.py, line 9)"), text


def test_a_thread_that_ends_by_another_error_is_a_doubt_unless_a_sample_shows_it(tmp_path, hooked):
    thread_ran(tmp_path, 0, "OSError('no such host')", 2)
    (text,) = told(tmp_path, "doubt")
    assert text.startswith("2 threads of the script ended by an error outside of any transaction") and not told(tmp_path, "cut_short")
    shared = shared_of(tmp_path, PASSES)
    user, error = User(0, shared), OSError("refused")
    user._transactions.mark_sent(error)
    shared.thread_ended(error)
    shared.thread_ended(OSError("another"))
    assert (shared.thread_errors, shared.first_thread_error) == (1, "OSError: another")


@pytest.mark.parametrize("error", ["SystemExit(3)", "__import__('gridnode_selenium.stop').stop.Stopped()"])
def test_a_thread_that_is_ended_is_no_mistake(tmp_path, hooked, error):
    thread_ran(tmp_path, 0, error, 1)
    assert not (tmp_path / "report").exists()
