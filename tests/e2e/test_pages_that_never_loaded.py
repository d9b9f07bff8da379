"""A page that never loaded is a failed load, in both languages: Chromium's error document is no page of the site."""

import pytest

from support import ports
from support.browsers import nothing_is_left, url_of
from support.running import Run, write_plan

PYTHON = """
def iteration(driver, transaction, user):
    with transaction("front"):
        driver.get(user.param("url") + "/page")
    with transaction("missing"):
        driver.get(user.param("url") + "/status/404")
    with transaction("blocked"):
        driver.get("http://127.0.0.1:1/home")
    driver.get(user.param("link"))
    with transaction("pay"):
        driver.find_element("id", "pay").click()
    with transaction("idle"):
        pass
    with transaction("crash"):
        driver.get("chrome://crash")
"""
JAVA = """
import io.flood.selenium.FloodSump;
import java.net.URL;
import org.openqa.selenium.*;
import org.openqa.selenium.remote.*;

public class Plan {
    public static void main(String[] args) throws Exception {
        String hub = "http://" + System.getenv("WEBDRIVER_HOST") + ":" + System.getenv("WEBDRIVER_PORT") + "/wd/hub";
        WebDriver driver = new RemoteWebDriver(new URL(hub), DesiredCapabilities.chrome());
        FloodSump flood = new FloodSump();
        String url = System.getProperty("url");
        flood.start_transaction("front");
        driver.get(url + "/page");
        flood.passed_transaction(driver, "front");
        flood.start_transaction("missing");
        driver.get(url + "/status/404");
        flood.failed_transaction(driver, "missing");
        flood.start_transaction("blocked");
        driver.get("http://127.0.0.1:1/home");
        flood.passed_transaction(driver, "blocked");
        driver.get(System.getProperty("link"));
        flood.start_transaction("pay");
        driver.findElement(By.id("pay")).click();
        flood.passed_transaction(driver, "pay", 200);
        Thread.sleep(1000);
        flood.start_transaction("idle");
        flood.passed_transaction(driver, "idle");
        flood.start_transaction("crash");
        try { driver.get("chrome://crash"); } catch (WebDriverException e) { }
        flood.passed_transaction(driver, "crash");
    }
}
"""


@pytest.mark.parametrize(("text", "name"), [(PYTHON, "plan.py"), (JAVA, "Plan.java")], ids=["python", "java"])
def test_a_page_that_never_loaded_has_failed(with_selenium, site, text, name):
    link = f"data:text/html,<a id=pay href='http://127.0.0.1:{ports.free_tcp()}/pay'>pay</a>"
    plan = write_plan(with_selenium, text, name)
    run = Run(with_selenium, plan, "--param", f"url={url_of(site)}", "--param", f"link={link}", seconds=120)
    seen = {label: (numbers["count"], numbers["failed"]) for (label, kind), numbers in run.labels.items() if kind == "request"}
    failed = dict.fromkeys(("missing", "blocked", "pay", "crash"), (1, 1))
    assert seen == {"front": (1, 0), "idle": (1, 0), **failed}, run
    codes = {label: list(numbers["codes"]) for (label, kind), numbers in run.labels.items() if kind == "request"}
    assert (codes["front"], codes["missing"], codes["pay"], codes["blocked"]) == (["200"], ["404"], [], []), codes
    # One reason a failed page: no page timings of a page that failed.
    assert {label for label, kind in run.labels if kind == "transaction"} <= {"front: load", "front: LCP"}, run.labels
    text = run.process.text + (run.out / "summary.json").read_text()
    assert "ERR_CONNECTION_REFUSED" in text and "ERR_UNSAFE_PORT" in text and "tab crashed" in text, run
    nothing_is_left(run.out)
