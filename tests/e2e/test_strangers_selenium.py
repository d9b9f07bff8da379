"""Programs as people have written them for Flood: their loops end by what its helper throws, and their browsers die."""

import os
import re
import signal
import time

import pytest

from support.browsers import main_processes_of, nothing_is_left, processes_of, url_of
from support.running import Run, write_plan
from support.wait import until

HEAD = """
import io.flood.selenium.FloodSump;
import java.net.URL;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.remote.DesiredCapabilities;
import org.openqa.selenium.remote.RemoteWebDriver;

class Plan {
    static WebDriver browser() throws Exception {
        String hub = "http://" + System.getenv("WEBDRIVER_HOST") + ":" + System.getenv("WEBDRIVER_PORT") + "/wd/hub";
        return new RemoteWebDriver(new URL(hub), DesiredCapabilities.chrome());
    }
"""
AFTER_QUIT = """
    public static void main(String[] args) throws Exception {
        WebDriver driver = browser();
        FloodSump flood = new FloodSump();
        driver.get(System.getProperty("url") + "/fast");
        flood.passed_transaction(driver, "page");
        driver.quit();
        for (int i = 0; i < 3; i++) {
            try {
                flood.failed_transaction(driver, "after the end", 400);
            } catch (WebDriverException e) {
                System.err.println("thrown " + i);
            }
        }
        // Its own doing: no browser has died.
        driver = browser();
        driver.get(System.getProperty("url") + "/fast");
        flood.passed_transaction(driver, "page");
        driver.close();
        try {
            driver.getTitle();
        } catch (WebDriverException e) {
            System.err.println("closed");
        }
    }
}
"""
ANOTHER = """
    public static void main(String[] args) throws Exception {
        FloodSump flood = new FloodSump();
        WebDriver driver = browser();
        for (int pages = 0; pages < 12;) {
            try {
                driver.get(System.getProperty("url") + "/fast");
                flood.passed_transaction(driver, "page");
                pages++;
                Thread.sleep(500);
            } catch (WebDriverException e) {
                driver = browser();
            }
        }
        driver.quit();
    }
}
"""


def started(with_selenium, plan, site, *args):
    return Run(with_selenium, plan, "--param", f"url={url_of(site)}/fast", *args, start=True)


def killed(run, what):
    """Ends the driver, or the browser, of a run once it has one."""
    drivers = lambda: [pid for pid, name in processes_of(run.out).items() if name.startswith("chromedriver")]  # noqa: E731
    found = drivers if what == "driver" else lambda: main_processes_of(run.out)
    # A browser that is being started is another matter: its program may try again.
    until("a browser works", lambda: re.search(r" ok [1-9]", run.process.text) and found(), 60)
    os.kill(found()[0], signal.SIGKILL)


@pytest.mark.parametrize("again", [(), ("--duration", "20s")])
def test_a_loop_that_ends_by_what_the_helper_throws(with_selenium, site, plans, again):
    run = started(with_selenium, plans / "selenium" / "NeverQuits.java", site, "--users", 1, "--param", "seconds=8", *again)
    # Without a duration nobody but the program ends it, and a browser that a busy machine holds up may take its page's five minutes.
    run.process.wait(400)
    assert run.code == 0, run
    # One transaction may be under way when the browser quits. A busy machine has few of them.
    assert run.labels[("page", "request")]["count"] >= 1, run.labels
    failed = run.labels.get(("Transaction Failed", "request"), {"count": 0})
    assert failed["count"] <= 3, failed
    nothing_is_left(run.out)


@pytest.mark.parametrize("what", ["driver", "browser"])
def test_a_dead_browser_is_named(with_selenium, site, plans, what):
    run = started(with_selenium, plans / "selenium" / "Slowpage.java", site, "--duration", "25s")
    killed(run, what)
    run.process.wait(120)
    assert run.code == 5 and run.receipt["outcome"] == "failed", run
    assert "the browser of" in run.process.err and "died" in run.process.err, run
    assert run.labels[(next(iter(run.labels))[0], "request")]["failed"] == 0, run
    nothing_is_left(run.out)


def test_a_dead_browser_without_a_duration_ends_its_program(with_selenium, site, plans):
    run = started(with_selenium, plans / "selenium" / "Slowpage.java", site)
    killed(run, "driver")
    began = time.monotonic()
    run.process.wait(60)
    assert run.code == 5 and time.monotonic() - began < 30, run
    assert "the browser of" in run.process.err, run
    nothing_is_left(run.out)


def test_a_browser_that_a_program_replaces_itself(with_selenium, site):
    plan = write_plan(with_selenium, HEAD + ANOTHER, "Plan.java")
    run = Run(with_selenium, plan, "--param", f"url={url_of(site)}", start=True)
    killed(run, "driver")
    run.process.wait(90)
    assert run.code == 0 and run.labels[("page", "request")]["count"] == 12, run
    assert "died once and was replaced" in run.process.err, run
    nothing_is_left(run.out)


def test_nothing_is_counted_of_a_browser_that_has_quit(with_selenium, site):
    plan = write_plan(with_selenium, HEAD + AFTER_QUIT, "Plan.java")
    run = Run(with_selenium, plan, "--param", f"url={url_of(site)}", seconds=90)
    assert run.code == 0 and set(run.labels) == {("page", "request")}, run
    assert run.labels[("page", "request")]["count"] == 2
    said = (run.out / "stderr.log").read_text() if (run.out / "stderr.log").exists() else run.process.text
    assert "thrown 2" in said and "closed" in said, run
    nothing_is_left(run.out)


CRASHES = """
def iteration(driver, transaction, user):
    with transaction("a"):
        driver.get(user.param("url") + "/fast")
    if user.iteration in %s:
        try:
            driver.execute_cdp_cmd("Browser.crash", {})
        except Exception:
            pass
    with transaction("b"):
        driver.get(user.param("url") + "/fast")
"""
QUITS = """
PROFILE = "kept"
def iteration(driver, transaction, user):
    with transaction("a"):
        driver.get(user.param("url") + "/fast")
    driver.quit()
"""


def test_a_browser_of_a_script_that_died_and_was_replaced_is_a_doubt(with_selenium, site):
    plan = write_plan(with_selenium, CRASHES % "[2]", "shop.py")
    run = Run(with_selenium, plan, "--iterations", 3, "--param", f"url={url_of(site)}", seconds=120)
    assert run.code == 0 and "✔" not in run.process.text, run
    (doubt,) = [text for text in run.receipt["warnings"] if "died" in text]
    assert doubt.startswith("1 browser died and was replaced, so the rest of 1 iteration of 3 was not done"), run
    assert run.labels[("b", "request")]["failed"] == 1, run


def test_browsers_that_died_under_every_iteration_of_a_script_fail_the_run(with_selenium, site):
    plan = write_plan(with_selenium, CRASHES % "[1, 2]", "shop.py")
    run = Run(with_selenium, plan, "--iterations", 2, "--param", f"url={url_of(site)}", seconds=120)
    assert run.code == 5 and "2 browsers died and were replaced" in run.receipt["reason"], run


def test_a_script_that_quits_the_browser_that_it_keeps_is_named(with_selenium, site):
    plan = write_plan(with_selenium, QUITS, "shop.py")
    run = Run(with_selenium, plan, "--iterations", 3, "--param", f"url={url_of(site)}", seconds=120)
    assert run.code == 0 and run.labels[("a", "request")]["failed"] == 0, run
    assert "died" not in run.process.err and "ended its browser (driver.quit()) in 3 iterations" in " ".join(run.receipt["warnings"]), run


THREAD = """
import threading
import urllib.request

def iteration(driver, transaction, user):
    def work():
        with transaction("bg"):
            urllib.request.urlopen(user.param("url") + "/fast").read()
        raise KeyError("lost in thread")
    thread = threading.Thread(target=work)
    thread.start()
    with transaction("a"):
        driver.get(user.param("url") + "/fast")
    thread.join()
"""


def test_a_thread_of_a_script_has_no_part_in_the_page_and_its_mistake_is_said(with_selenium, site):
    plan = write_plan(with_selenium, THREAD, "shop.py")
    run = Run(with_selenium, plan, "--iterations", 2, "--param", f"url={url_of(site)}", seconds=120)
    assert run.code == 5 and "2 threads of the script ended by an error of the script itself" in run.receipt["reason"], run
    assert "KeyError: 'lost in thread' (shop.py, line 9)" in run.receipt["reason"], run
    assert {label for label, _ in run.labels if label.endswith(": load")} == {"a: load"}, run


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("from selenium import webdriver\nd = webdriver.Chrome(service='none')\n", "write `def iteration(driver, transaction, user):`"),
        ("from . import h\ndef iteration(driver, transaction, user): ...\n", "write `import h`"),
        ("import unittest\nclass A(unittest.TestCase):\n    def test_a(self): ...\n", "nobody looks for the tests of `unittest` here"),
        ("import nosuch_manager\ndef iteration(driver, transaction, user): ...\n", "in a file `requirements.txt` beside the plan"),
        ("def iteration(driver): ...\n", "line 1: `iteration(driver)` is called with `driver, transaction, user`, which it does not take"),
    ],
)
def test_a_script_that_cannot_be_loaded_says_what_to_write(with_selenium, text, words):
    run = Run(with_selenium, write_plan(with_selenium, text, "shop.py"), seconds=60)
    assert run.code == 1 and words in run.process.err, run
