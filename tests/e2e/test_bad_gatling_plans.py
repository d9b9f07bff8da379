"""Simulations that cannot run: a sentence that says what is wrong, on the terminal and in the event, and nothing left."""

import pytest

from support import commands
from support.process import descendants
from support.running import QUICK, Run, write_plan

LATEST = "3.15.1"
HEAD = """import static io.gatling.javaapi.core.CoreDsl.*;
import io.gatling.javaapi.core.*;
"""
NO_SIMULATION = HEAD + "public class Plan { }\n"
TWO = HEAD + "class First extends Simulation { }\nclass Second extends Simulation { }\n"
SYNTAX = HEAD + 'public class Plan extends Simulation {\n    int users = "many"\n}\n'
UNKNOWN = HEAD + "public class Plan extends Simulation {\n    Pages pages;\n}\n"
NO_SETUP = HEAD + "public class Plan extends Simulation { }\n"
RAISES = HEAD + 'public class Plan extends Simulation {\n    { if (true) throw new IllegalStateException("boom"); }\n}\n'
NO_FEED = HEAD + (
    "public class Plan extends Simulation {\n"
    '    { setUp(scenario("a").feed(csv("missing.csv").circular()).pause(1).injectOpen(atOnceUsers(1))); }\n}\n'
)
NOTHING_SENT = HEAD + (
    'public class Plan extends Simulation {\n    { setUp(scenario("a").pause(1).injectOpen(atOnceUsers(1))); }\n}\n'
)
SCALA_SYNTAX = "import io.gatling.core.Predef._\nclass Plan extends Simulation {\n  val users: Int = \"many\"\n}\n"


def refused(run, *words, codes=(1,)):
    assert run.code in codes, run
    error = " ".join(run.process.err.split())
    for word in words:
        assert word in error, (word, str(run))
    assert "panicked" not in run.process.text, run
    assert not descendants(run.process.pid), "nothing goes on"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(NO_SIMULATION, ["Plan.java", "Simulation"], id="no simulation"),
        pytest.param(TWO, ["First", "Second", "--class"], id="two simulations"),
        pytest.param(SYNTAX, ["Plan.java:4", "';' expected"], id="syntax"),
        pytest.param(UNKNOWN, ["Plan.java:4", "cannot find symbol", "Pages"], id="does not compile"),
        pytest.param("", ["Plan.java"], id="empty"),
        pytest.param("\0\0\0\0", ["Plan.java"], id="NUL bytes"),
    ],
)
def test_what_is_no_simulation_does_not_start(with_gatling, text, words):
    run = Run(with_gatling(LATEST), write_plan(with_gatling(LATEST), text, "Plan.java"), "--tool", "gatling", seconds=90)
    refused(run, *words)
    assert not list(run.out.rglob("simulation.log")), "it never ran"


def test_a_scala_source_that_does_not_compile(with_gatling):
    run = Run(with_gatling(LATEST), write_plan(with_gatling(LATEST), SCALA_SYNTAX, "Plan.scala"), seconds=120)
    refused(run, "Plan.scala:3", "type mismatch")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(NO_SETUP, ["setUp"], id="no setUp"),
        pytest.param(RAISES, ["boom"], id="raises"),
        pytest.param(NO_FEED, ["missing.csv"], id="no data file"),
        pytest.param(NOTHING_SENT, ["request"], id="sends nothing"),
    ],
)
def test_what_starts_and_proves_nothing(with_gatling, text, words):
    run = Run(with_gatling(LATEST), write_plan(with_gatling(LATEST), text, "Plan.java"), QUICK, seconds=90)
    refused(run, *words, codes=(1, 5))


def test_a_simulation_that_ends_the_jvm_midway_has_not_run_to_its_end(with_gatling, plans, site):
    plan = plans / "gatling" / "ExitingSimulation.java"
    run = Run(with_gatling(LATEST), plan, "--param", f"port={site.port}", QUICK, seconds=90)
    refused(run, "cut short", "System.exit", codes=(5,))
    assert run.ledger["aggregated"] == 20, "what was measured is kept"


def test_a_class_that_is_not_there(with_gatling):
    run = Run(with_gatling(LATEST), write_plan(with_gatling(LATEST), TWO, "Plan.java"), "--class", "Third", seconds=90)
    refused(run, "Third", "First", "Second")


def test_a_directory_without_sources(with_gatling):
    empty = with_gatling(LATEST).directory / "empty"
    empty.mkdir()
    refused(Run(with_gatling(LATEST), empty, "--tool", "gatling", seconds=60), "empty", ".java", ".scala")


def test_a_jar_that_is_none(with_gatling):
    plan = write_plan(with_gatling(LATEST), "PK but no more", "plan.jar")
    refused(Run(with_gatling(LATEST), plan, seconds=60), "plan.jar")


def test_a_jvm_that_ends_at_once(with_gatling, plans):
    run = Run(with_gatling(LATEST), plans / "gatling" / "EndlessSimulation.java", "--jvm-arg=-XX:NoSuchOption", seconds=90)
    refused(run, "NoSuchOption")


def test_the_event_of_a_node_says_it_too(with_gatling, grid):
    """One node, one bad plan after the other: each is over at once, and the next one is taken."""
    with_gatling(LATEST)
    (node,) = grid.nodes("node-a")
    cases = [
        (NO_SIMULATION, ["Plan.java", "Simulation"]),
        (TWO, ["First", "Second"]),
        (SYNTAX, ["Plan.java:4", "';' expected"]),
        (RAISES, ["boom"]),
    ]
    for run, (text, words) in enumerate(cases, 1):
        grid.publish(commands.start([grid.cloud.upload("Plan.java", text)], run=run, tool="gatling", tool_version=LATEST))
        event = node.finished(run=run)
        reason = " ".join(event["reason"].split())
        assert event["outcome"] == "failed", event
        for word in words:
            assert word in reason, (word, reason)
        assert not node.tool_pids() and not node.tool_pids("javac"), "nothing goes on"
        assert node.process.code is None
