"""Gatling with its compilers, and a browser, in the cage: what JVM, Scala, Python and Chromium need is not forbidden there."""

import re

from conftest import TARGET_PORT, output
from support.grid import balance

SIMULATION = """
import io.gatling.core.Predef._
import io.gatling.http.Predef._

class Small extends Simulation {
  setUp(scenario("work").repeat(10) { exec(http("page").get("/")) }.inject(atOnceUsers(2)))
    .protocols(http.baseUrl("http://127.0.0.1:%d"))
}
"""

PAGES = """
def iteration(driver, transaction, user):
    with transaction("page"):
        driver.get("http://127.0.0.1:%d/")
        assert "ok" in driver.page_source
"""


def run(node, events, flood, tool, name, content, **fields):
    sent = [node.cloud.upload(name, content % TARGET_PORT)]
    node.send(sent, flood=flood, tool=tool, **fields)
    events.wait("flood.running", flood=flood, seconds=300)
    return output("ps", "-wweo", "user:20,args"), events.one("flood.finished", flood=flood, seconds=300)


def test_a_scala_simulation_is_compiled_and_run_by_the_slots_user(node, events, target):
    before = target.requests
    processes, finished = run(node, events, "scala", "gatling", "Small.scala", SIMULATION, users=None)
    assert re.search(r"^gridnode-run-\d .*java @\S+/java\.args$", processes, re.M), processes
    assert finished["outcome"] == "completed", finished
    assert balance(finished["receipt"]) == 20 == target.requests - before, finished


def test_a_browser_shows_pages_to_the_slots_user(node, events, target):
    processes, finished = run(node, events, "browser", "selenium", "pages.py", PAGES, users=1, iterations=3)
    assert re.search(r"^gridnode-run-\d .*gridnode_selenium", processes, re.M), processes
    assert finished["outcome"] == "completed", finished
    # Three transactions, and what the browser says of each page.
    assert balance(finished["receipt"]) >= 3 and not finished["receipt"].get("failures"), finished
