"""A browser shows something in any case. Where it is Chromium's own words on why there is no page, the transaction has failed."""

from support.browsers import nothing_is_left, url_of
from support.ports import free_tcp
from support.running import Run, write_plan

# Chromium blocks port 1, and its driver says nothing of it.
BLOCKED = "http://127.0.0.1:1/home"

PYTHON = """
import os, signal, subprocess

def iteration(driver, transaction, user):
    url, closed = user.param("url"), user.param("closed")
    def click(target):
        driver.get("data:text/html,<a href='" + target + "'>go</a>")
        driver.find_element("tag name", "a").click()
    with transaction("good"):
        driver.get(url + "/fast")
    with transaction("pay"):
        click(closed)
    with transaction("still there"):
        pass
    with transaction("blocked"):
        click("BLOCKED")
    for name in ("empty", "outer"):
        with transaction(name):
            if name == "empty":
                driver.get(url + "/empty/404")
            else:
                with transaction("inner"):
                    click(closed)
                driver.get(url + "/fast")
    try:
        with transaction("get"):
            driver.get("BLOCKED")
            driver.get(url + "/fast")
    except Exception:
        pass
    with transaction("after all"):
        driver.get(url + "/fast")
    with transaction("crash"):
        driver.get(url + "/fast")
        try:
            driver.execute_cdp_cmd("Page.crash", {})
        except Exception:
            pass
""".replace("BLOCKED", BLOCKED)

JAVA = """
import io.flood.selenium.FloodSump;
import java.net.URL;
import org.openqa.selenium.By;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.remote.DesiredCapabilities;
import org.openqa.selenium.remote.RemoteWebDriver;

class Plan {
    static WebDriver driver;
    static FloodSump flood = new FloodSump();

    static void click(String label, String target) {
        driver.get("data:text/html,<a href='" + target + "'>go</a>");
        flood.start_transaction(label);
        driver.findElement(By.tagName("a")).click();
    }

    public static void main(String[] args) throws Exception {
        String hub = "http://" + System.getenv("WEBDRIVER_HOST") + ":" + System.getenv("WEBDRIVER_PORT") + "/wd/hub";
        String url = System.getProperty("url"), closed = System.getProperty("closed");
        driver = new RemoteWebDriver(new URL(hub), DesiredCapabilities.chrome());
        driver.get(url + "/fast");
        flood.passed_transaction(driver, "good");
        click("pay", closed);
        flood.passed_transaction(driver, "pay");
        click("pay, with a code", closed);
        flood.passed_transaction(driver, "pay, with a code", 200);
        click("blocked", "BLOCKED");
        flood.passed_transaction(driver, "blocked");
        driver.get(url + "/empty/404");
        flood.failed_transaction(driver, "empty");
        driver.get(url + "/status/404");
        flood.failed_transaction(driver, "missing");
        driver.get("data:text/html,x");
        flood.passed_transaction(driver, "no answer");
        flood.start_transaction("get");
        try {
            driver.get("BLOCKED");
            flood.passed_transaction(driver, "get");
        } catch (WebDriverException e) {
            flood.webdriver_exception(driver, e);
        }
        flood.start_transaction("crash");
        try {
            driver.get("chrome://crash");
        } catch (WebDriverException e) {
            // What the plan says of it must not count.
        }
        flood.passed_transaction(driver, "crash");
        flood.finished();
        driver.quit();
    }
}
""".replace("BLOCKED", BLOCKED)


def outcome(run):
    """label → passed, failed, codes of its requests."""
    return {label: (n["passed"], n["failed"], n["codes"]) for (label, kind), n in run.labels.items() if kind == "request"}


def reasons(run):
    """(label, error) of why samples failed, a list: a failure twice is one too many."""
    return sorted((one["label"], one["error"] or "") for one in run.receipt["failures"])


def run_plan(with_selenium, site, text, name):
    plan = write_plan(with_selenium, text, name)
    closed = f"http://127.0.0.1:{free_tcp()}/pay"
    return Run(with_selenium, plan, "--param", f"url={url_of(site)}", "--param", f"closed={closed}", seconds=90)


REFUSED = "the page did not load: net::ERR_CONNECTION_REFUSED"
UNSAFE = "the page did not load: net::ERR_UNSAFE_PORT"


def test_in_python(with_selenium, site):
    run = run_plan(with_selenium, site, PYTHON, "plan.py")
    # The one iteration there was has lost its browser.
    assert run.code == 5 and run.receipt["reason"].startswith("1 browser died and was replaced"), run
    assert outcome(run) == {
        "good": (1, 0, {"200": 1}),
        "pay": (0, 1, {}),
        "still there": (0, 1, {}),
        "blocked": (0, 1, {}),
        "empty": (0, 1, {"404": 1}),
        "outer / inner": (0, 1, {}),
        "get": (0, 1, {"other": 1}),
        "after all": (1, 0, {"200": 1}),
        "crash": (0, 1, {}),
    }, run
    timed = {label.partition(":")[0] for label, kind in run.labels if kind == "transaction" and ": " in label}
    assert timed <= {"good", "after all"}, "a page that failed has no page timings"
    assert reasons(run) == [
        ("blocked", UNSAFE),
        ("crash", "the page crashed: tab crashed"),
        ("empty", "the page answered 404"),
        ("get", "unknown error: net::ERR_UNSAFE_PORT"),
        ("outer", "outer / inner failed"),
        ("outer / inner", REFUSED),
        ("pay", REFUSED),
        ("still there", REFUSED),
    ], run
    nothing_is_left(run.out)


def test_in_java(with_selenium, site):
    run = run_plan(with_selenium, site, JAVA, "Plan.java")
    assert run.code == 0, run
    assert outcome(run) == {
        "good": (1, 0, {"200": 1}),
        "pay": (0, 1, {}),
        "pay, with a code": (0, 1, {}),
        "blocked": (0, 1, {}),
        "empty": (0, 1, {"404": 1}),
        "missing": (0, 1, {"404": 1}),
        "no answer": (1, 0, {}),
        "get": (0, 1, {}),
        "crash": (0, 1, {}),
    }, run
    found = dict(reasons(run))
    assert (found["pay"], found["pay, with a code"], found["blocked"]) == (REFUSED, REFUSED, UNSAFE), run
    assert "net::ERR_UNSAFE_PORT" in found["get"] and "tab crashed" in found["crash"], run
    nothing_is_left(run.out)
