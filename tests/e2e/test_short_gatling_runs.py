"""Gatling runs that come to their end and are less than their plans say: Gatling itself ends all of them with 0."""

import pytest

from support.browsers import url_of
from support.running import Run, write_plan

LATEST = "3.15.1"
OLDER = ["3.9.5", "3.11.5", LATEST]
QUICK = "--jvm-arg=-XX:TieredStopAtLevel=1"
PLAN = """import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;
import io.gatling.javaapi.core.*;
import java.util.concurrent.atomic.AtomicInteger;

public class Plan extends Simulation {
    static final AtomicInteger N = new AtomicInteger();
    { setUp(scenario("s").exec(http("home").get("/fast"))%s.injectOpen(%s)).protocols(http.baseUrl(System.getProperty("url"))); }
}
"""
LAST = '.exec(http("last").get("/fast"))'


def short_run(with_gatling, site, steps, users="atOnceUsers(3)", version=LATEST, *args):
    gridnode = with_gatling(version)
    plan = write_plan(gridnode, PLAN % (steps, users), "Plan.java")
    return Run(gridnode, plan, "--param", f"url={url_of(site)}", QUICK, *args, seconds=120)


def is_doubted(run, *words):
    """Said in all places, and no tick over it."""
    said = run.process.out + run.process.err
    assert "✔" not in said, run
    for word in words:
        assert word in said, run
    told = str(run.receipt["outcome"]) + str(run.receipt.get("warnings"))
    for word in words:
        assert word in told, run.receipt


@pytest.mark.parametrize("version", OLDER)
@pytest.mark.parametrize("request_of", ['.get("/#{missing}")', '.post("/fast").body(StringBody("#{missing}"))'])
def test_a_request_that_cannot_be_built(with_gatling, site, version, request_of):
    run = short_run(with_gatling, site, f'.exec(http("bad"){request_of})', version=version)
    assert run.code == 5 and run.labels[("home", "request")]["count"] == 3, run
    is_doubted(run, "`bad` was never sent, 3 times", "'missing' is defined")
