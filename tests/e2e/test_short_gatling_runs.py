"""Gatling runs that come to their end and are less than their plans say: Gatling itself ends all of them with 0."""

import pytest

from support.browsers import url_of
from support.running import QUICK, Run, write_plan

LATEST = "3.15.1"
OLDER = ["3.9.5", "3.11.5", LATEST]
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
    told = str(run.receipt.get("reason")) + str(run.receipt.get("warnings"))
    for word in words:
        assert word in told, run.receipt
        assert any(word in doubt for doubt in run.summary["doubts"]), run.summary["doubts"]


@pytest.mark.parametrize("version", OLDER)
@pytest.mark.parametrize("request_of", ['.get("/#{missing}")', '.post("/fast").body(StringBody("#{missing}"))'])
def test_a_request_that_cannot_be_built(with_gatling, site, version, request_of):
    run = short_run(with_gatling, site, f'.exec(http("bad"){request_of})', version=version)
    assert run.code == 5 and run.labels[("home", "request")]["count"] == 3, run
    is_doubted(run, "`bad` was never sent, 3 times", "'missing' is defined")


def test_an_assertion_that_does_not_hold_is_said_of_a_run_that_failed_otherwise(with_gatling, site):
    asserted = ").assertions(global().successfulRequests().count().is(0L)); }"
    plan = (PLAN % ('.exec(http("bad").get("/#{missing}"))', "atOnceUsers(3)")).replace("); }", asserted)
    gridnode = with_gatling(LATEST)
    plan = write_plan(gridnode, plan, "Plan.java")
    run = Run(gridnode, plan, "--param", f"url={url_of(site)}", QUICK, seconds=120)
    assert run.code == 5 and run.receipt["tool"]["code"] == 2, run
    is_doubted(run, "`bad` was never sent, 3 times", "assertions of the plan do not hold, either: Global: count of successful events")


def test_a_function_that_throws(with_gatling, site):
    run = short_run(with_gatling, site, '.exec(s -> { if (true) throw new IllegalStateException("no cart"); return s; })' + LAST)
    assert run.code == 5 and run.labels[("last", "request")]["count"] == 3, run
    is_doubted(run, "`hook-", "IllegalStateException: no cart")


def test_a_function_that_throws_once_in_a_while(with_gatling, site):
    throws = '.exec(s -> { if (N.incrementAndGet() == 9) throw new IllegalStateException("no cart"); return s; })'
    run = short_run(with_gatling, site, throws + LAST, users="atOnceUsers(20)")
    assert run.code == 0, run
    is_doubted(run, "IllegalStateException: no cart")


PASSED_OVER = [
    ('.repeat("#{missing}").on(exec(http("in").get("/fast")))', "a loop"),
    ('.foreach("#{missing}", "i").on(exec(http("in").get("/fast")))', "a loop"),
    ('.asLongAs(s -> s.getInt("missing") < 3).on(exec(http("in").get("/fast")))', "a loop"),
    ('.doIf("#{missing}").then(exec(http("in").get("/fast")))', "`if-"),
    ('.pause("#{missing}")', "`pause-"),
]


@pytest.mark.parametrize("steps, what", PASSED_OVER)
def test_a_block_that_is_passed_over(with_gatling, site, steps, what):
    run = short_run(with_gatling, site, steps + LAST)
    assert run.code == 5 and run.labels[("last", "request")]["count"] == 3, run
    is_doubted(run, f"of the simulation ({what}", "could not be computed, 3 times with others", "missing")


@pytest.mark.parametrize("version", OLDER)
def test_all_gatlings_say_what_is_passed_over(with_gatling, site, version):
    steps = "".join(steps for steps, _ in PASSED_OVER)
    is_doubted(short_run(with_gatling, site, steps + LAST, version=version), "could not be computed, 15 times with others")


@pytest.mark.parametrize("version", OLDER)
def test_a_plan_that_stops_its_load(with_gatling, site, version):
    run = short_run(with_gatling, site, '.stopLoadGenerator("broken")', "atOnceUsers(1), nothingFor(5), atOnceUsers(20)", version)
    assert run.code == 5, run
    is_doubted(run, "the plan stopped its load itself after 1 of 21 users")


def test_a_plan_that_stops_its_load_when_all_have_come_is_doubted_only(with_gatling, site):
    run = short_run(with_gatling, site, '.pause(2).stopLoadGenerator("enough")')
    assert run.code == 0, run
    is_doubted(run, "the plan stopped its load itself after 3 users", "enough")


def test_a_plan_that_stops_its_load_before_its_duration(with_gatling, site):
    run = short_run(with_gatling, site, '.pause(2).stopLoadGenerator("enough")', "atOnceUsers(3)", LATEST, "--duration", "30s")
    assert run.code == 5, run
    is_doubted(run, "after 3 users and 2 of 30 s")


@pytest.mark.parametrize("version", OLDER)
def test_users_that_the_end_of_the_duration_cuts_are_said(with_gatling, site, version):
    run = short_run(with_gatling, site, ".pause(3)" + LAST, "rampUsers(8).during(8)", version, "--duration", "8s")
    assert run.code == 0 and run.labels[("last", "request")]["count"] < 8, run
    is_doubted(run, "users were still under way when the duration was over")


def test_users_that_loop_until_the_end_of_the_duration_are_meant_to(with_gatling, site):
    loops = '.forever().on(pause(1).exec(http("again").get("/fast")))'
    run = short_run(with_gatling, site, loops, "rampUsers(4).during(2)", LATEST, "--duration", "6s")
    assert run.code == 0 and run.is_ticked, run


def test_a_plan_that_crashes_its_load(with_gatling, site):
    run = short_run(with_gatling, site, '.crashLoadGenerator("broken")', "atOnceUsers(1), nothingFor(5), atOnceUsers(20)")
    assert run.code == 5, run
    is_doubted(run, "crashed", "1 of 21 users", "broken")


@pytest.mark.parametrize("step", ['.crashLoadGeneratorIf("broken", s -> true)', '.crashLoadGenerator("broken")'])
def test_a_plan_that_crashes_its_load_is_told_so_by_that_name(with_gatling, site, step):
    run = short_run(with_gatling, site, step, "atOnceUsers(1), nothingFor(5), atOnceUsers(20)")
    assert run.code == 5 and "stopLoadGenerator" not in run.process.err, run
    is_doubted(run, "crashLoadGenerator", "broken")


@pytest.mark.parametrize("version", OLDER)
def test_a_request_whose_name_cannot_be_built(with_gatling, site, version):
    run = short_run(with_gatling, site, '.exec(http("page #{missing}").get("/fast"))' + LAST, version=version)
    assert run.code == 5 and run.labels[("home", "request")]["count"] == 3, run
    is_doubted(run, "was never sent, 3 times", "'missing' is defined")


def test_a_group_that_fails_says_which_request_of_it_did(with_gatling, site):
    steps = '.group("cart").on(exec(http("add").get("/fast")), exec(http("pay").get("/status/500")), exec(http("ship").get("/status/404")))'
    run = short_run(with_gatling, site, steps)
    assert run.code == 0, run
    (reason,) = [one for one in run.receipt["failures"] if one["kind"] == "transaction"]
    assert (reason["label"], reason["error"], reason["count"]) == ("cart", "a request in it failed, such as pay", 3), run


@pytest.mark.parametrize("version", OLDER)
def test_users_that_all_leave_early(with_gatling, site, version):
    run = short_run(with_gatling, site, ".exitHere()" + LAST, version=version)
    assert run.code == 0, run
    is_doubted(run, "all 3 users left the scenario before its end")


def test_a_user_that_leaves_early_is_the_plans_logic(with_gatling, site):
    run = short_run(with_gatling, site, ".exitHereIf(s -> N.incrementAndGet() == 1)" + LAST)
    assert run.code == 0 and run.is_ticked, run


def test_a_plan_that_ends_the_jvm_before_anybody_starts(with_gatling, site):
    gridnode = with_gatling(LATEST)
    plan = (PLAN % ("", "atOnceUsers(1)")).replace("    {", "    public void before() { System.exit(4); }\n    {")
    run = Run(gridnode, write_plan(gridnode, plan, "Plan.java"), "--param", f"url={url_of(site)}", QUICK, seconds=120)
    assert run.code == 1, run
    is_doubted(run, "the plan ended the JVM itself, with exit code 4, before any user started")


@pytest.mark.parametrize("version", OLDER)
def test_an_after_that_throws_is_no_load_that_ended_midway(with_gatling, site, version):
    hook = "public void after() { throw new IllegalStateException(\"not cleaned\"); } { setUp("
    gridnode = with_gatling(version)
    plan = write_plan(gridnode, PLAN.replace("{ setUp(", hook) % ("", "atOnceUsers(3)"), "Plan.java")
    run = Run(gridnode, plan, "--param", f"url={url_of(site)}", QUICK, seconds=120)
    assert run.code == 5 and run.labels[("home", "request")]["count"] == 3, run
    assert "the simulation came to its end, and its `after` failed then: java.lang.IllegalStateException: not cl" in run.process.text, run


def test_a_before_that_throws(with_gatling, site):
    hook = "public void before() { throw new IllegalStateException(\"no data\"); } { setUp("
    gridnode = with_gatling(LATEST)
    plan = write_plan(gridnode, PLAN.replace("{ setUp(", hook) % ("", "atOnceUsers(3)"), "Plan.java")
    run = Run(gridnode, plan, "--param", f"url={url_of(site)}", QUICK, seconds=120)
    assert run.code == 1 and "because its `before` failed: java.lang.IllegalStateException: no data" in run.process.text, run
