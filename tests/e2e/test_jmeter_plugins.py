"""Plug-ins of JMeter that gridnode fetches: they run, they are what they were, and what cannot be had is said."""

import pathlib
import re
import shutil

import pytest

from support import jmx, plans
from support.running import Run, write_plan

CASUTG = "kg.apc:jmeter-plugins-casutg"
COMMAND = f"gridnode tools install jmeter --plugin {CASUTG}"
GROUP = jmx.plan(jmx.concurrency(jmx.java("work", sleep_ms=50), users=2, hold_s=3))


@pytest.fixture
def own_tools(with_jmeter):
    """The same JMeter in a tools directory of this test's own."""
    shared, own = with_jmeter.tools_dir, with_jmeter.directory / "tools"
    (own / "jmeter").mkdir(parents=True)
    for version in (shared / "jmeter").iterdir():
        if version.name != "plugins":
            (own / "jmeter" / version.name).symlink_to(version)
    with_jmeter.tools_dir = own
    yield with_jmeter
    with_jmeter.tools_dir = shared


def install(gridnode, *what, **options):
    return gridnode.run("tools", "install", "jmeter", *what, seconds=300, **options)


def said(process):
    return " ".join(process.text.split())


def jar_of(gridnode):
    (jar,) = gridnode.tools_dir.glob("jmeter/plugins/kg.apc+jmeter-plugins-casutg/*.jar")
    return jar


def test_a_plug_in_that_is_installed_is_there_for_every_plan(own_tools):
    plan = write_plan(own_tools, GROUP)
    without = Run(own_tools, plan)
    assert without.code == 1 and COMMAND in said(without.process), without
    assert not (without.out / "summary.json").exists(), "it is said before anything is started"
    done = install(own_tools, "--plugin", CASUTG)
    assert done.code == 0 and "as pinned" in done.text, done
    listed = own_tools.run("tools", "list")
    assert f"{CASUTG}:2.10" in listed.out and "kg.apc:jmeter-plugins-cmn-jmeter:0.7" in listed.out, listed
    jtl = own_tools.directory / "out.jtl"
    run = Run(own_tools, plan, "--jtl", jtl)
    rows = jtl.read_text().splitlines()[1:]
    assert (run.code, run.receipt["outcome"]) == (0, "completed"), run
    row = run.labels["work", "request"]
    assert len(rows) == row["count"] > 20 and row["failed"] == 0, run
    again = install(own_tools, "--plugin", f"{CASUTG}:2.10", "--offline")
    assert again.code == 0 and "fetch" not in again.text, "there is nothing to do"


def test_a_ramp_up_that_comes_on_top_of_the_duration_is_said(own_tools):
    assert install(own_tools, "--plugin", CASUTG).code == 0
    group = jmx.concurrency(jmx.java("work", sleep_ms=50), users="${__P(users,2)}", ramp_s=2, hold_s="${__P(duration,9)}")
    plan = write_plan(own_tools, jmx.plan(group))
    run = Run(own_tools, plan, "--users", "2", "--duration", "3s")
    doubt = "the ConcurrencyThreadGroup `users` takes up to 5 s and not the 3 s that are asked for"
    times = run.receipt["times"]
    assert run.code == 0 and (times["last_sample_ns"] - times["first_sample_ns"]) / 1e9 > 3.5, run
    assert f"warning: {doubt}" in said(run.process) and f"as before the run: {doubt}" in said(run.process), run
    assert any(doubt in one for one in run.summary["doubts"]), run.summary["doubts"]
    # As it says: what is held is the duration less the ramp-up.
    mended = write_plan(own_tools, jmx.plan(group).replace("${__P(duration,9)}", "${__intSum(${__P(duration,60)},-2)}"))
    run = Run(own_tools, mended, "--users", "2", "--duration", "4s")
    times = run.receipt["times"]
    is_whole(run)
    assert 2.5 < (times["last_sample_ns"] - times["first_sample_ns"]) / 1e9 < 4.5, times
    refused = Run(own_tools, plan, "--ramp-up", "1s")
    assert refused.code != 0 and "--ramp-up cannot change the load of `users`" in said(refused.process), refused


WORK = jmx.java("work", sleep_ms=50)
AFTER = jmx.java("after", sleep_ms=50)
# Not Groovy, which takes seconds to begin on a busy machine: more than these plans have.
SECOND_USER = "${__jexl3(${__threadNum} == 2)}"
FAILED = jmx.java("fails", status="NOK", code="500")
FAILS = (WORK, jmx.condition(SECOND_USER, FAILED), AFTER)
STOPS = (WORK, jmx.condition(SECOND_USER, jmx.groovy("stops", "ctx.getThread().stop()")), AFTER)
FLOWS = (WORK, jmx.condition(SECOND_USER, jmx.flow_action(0)), AFTER)
# One user fewer each quarter of a second at the end.
ROWS = [(4, 0, 1, 3, 1)]


def run_of(gridnode, group, *args, samples=10):
    run = Run(gridnode, write_plan(gridnode, jmx.plan(group)), *args)
    assert run.labels[("work", "request")]["count"] >= samples, run
    return run


def has_doubt(run, *words):
    assert (run.code, run.receipt["outcome"]) == (0, "completed") and "✔" not in run.process.text, run
    for word in words:
        assert any(word in doubt for doubt in run.summary["doubts"]), run.summary["doubts"]


def has_failed(run, *words):
    assert run.code == 5 and "✔" not in run.process.text, run
    for word in words:
        assert word in run.receipt["reason"], run.receipt


def is_whole(run):
    # A machine that others use may be saturated, which is said, too.
    assert run.code == 0 and all("saturated" in doubt for doubt in run.summary["doubts"]), run
    assert "before" not in said(run.process), run


def test_users_with_a_time_of_their_own_who_do_not_come_to_its_end(own_tools):
    assert install(own_tools, "--plugin", CASUTG).code == 0
    by_error = "1 of 4 users stopped before their time: a failed sample stopped it"
    has_failed(run_of(own_tools, jmx.ultimate(*FAILS, rows=ROWS, on_error="stopthread")), by_error)
    has_failed(run_of(own_tools, jmx.stepping(*FAILS, users=4, flight_s=2, on_error="stopthread")), by_error)
    by_flow = "1 of 4 users stopped before their time: the Flow Control Action `flow`"
    has_doubt(run_of(own_tools, jmx.ultimate(*FLOWS, rows=ROWS)), by_flow)
    has_doubt(run_of(own_tools, jmx.ultimate(*STOPS, rows=[(4, 0, 1, 8, 1)])), "1 of 4 users stopped before their time: a Flow Control Action, a Result Status")
    # Asked for, it is less than that.
    asked = jmx.ultimate(*FLOWS, rows=[(4, 0, 0, "${__P(duration,60)}", 0)])
    has_failed(run_of(own_tools, asked, "--duration", "4s"), by_flow)


def test_users_in_whose_place_others_come(own_tools):
    """The load is what it is to be; that somebody did not come to an end is said."""
    assert install(own_tools, "--plugin", CASUTG).code == 0
    words = "1 user stopped before its time, in a thread group that goes on starting others: "
    group = {"users": 4, "ramp_s": 1, "hold_s": 3}
    has_doubt(run_of(own_tools, jmx.concurrency(*FAILS, **group, on_error="stopthread")), words + "a failed sample stopped it")
    has_doubt(run_of(own_tools, jmx.concurrency(*FLOWS, **group)), words + "the Flow Control Action `flow`")
    has_doubt(run_of(own_tools, jmx.concurrency(*STOPS, **{**group, "hold_s": 8})), words + "a Flow Control Action, a Result Status")
    has_doubt(run_of(own_tools, jmx.arrivals(*FAILS, per_s=10, hold_s=4, on_error="stopthread")), words + "a failed sample stopped it")
    # Nobody comes to the end of the way.
    run = run_of(own_tools, jmx.concurrency(WORK, FAILED, AFTER, **group, on_error="stopthread"))
    has_failed(run, " users stopped before their time, in a thread group that goes on starting others: a failed sample")
    assert ("after", "request") not in run.labels, run
    # What ends the test ends it for all.
    ends = run_of(own_tools, jmx.concurrency(*FAILS, **group, on_error="stoptest"), samples=1)
    has_failed(ends, "the plan ended itself after ", "a failed sample stopped it")


def test_users_whom_their_group_ends_have_come_to_their_end(own_tools):
    assert install(own_tools, "--plugin", CASUTG).code == 0
    pause = jmx.pause(300)
    # The last ones of the first row end before the last ones of the second one begin.
    rows = [(4, 0, 1, 1, 1), (2, 3, 1, 2, 1)]
    for elements in [(WORK, AFTER), (pause, WORK, AFTER)]:
        is_whole(run_of(own_tools, jmx.ultimate(*elements, rows=rows, on_error="stopthread")))
        is_whole(run_of(own_tools, jmx.stepping(*elements, users=3, flight_s=2, on_error="stopthread")))
        is_whole(run_of(own_tools, jmx.concurrency(*elements, users=4, ramp_s=1, hold_s=2, on_error="stopthread")))
        is_whole(run_of(own_tools, jmx.arrivals(*elements, per_s=10, hold_s=3, on_error="stopthread")))
    # With others in place of those that have done theirs.
    is_whole(run_of(own_tools, jmx.concurrency(WORK, users=2, hold_s=3, iterations=5)))
    asked = jmx.ultimate(WORK, pause, AFTER, rows=[(4, 0, 0, "${__P(duration,60)}", 0)], on_error="stopthread")
    is_whole(run_of(own_tools, asked, "--duration", "3s"))
    asked = jmx.concurrency(WORK, pause, AFTER, users=4, hold_s="${__P(duration,60)}", on_error="stopthread")
    is_whole(run_of(own_tools, asked, "--duration", "3s"))


def missing(gridnode, *elements):
    """What is said of a plan that cannot be loaded, and the plug-ins in the command that mends it."""
    plan = write_plan(gridnode, jmx.plan(*elements))
    refused = Run(gridnode, plan)
    assert refused.code != 0, refused
    text = said(refused.process)
    return plan, text, re.search(r"`gridnode tools install jmeter ([^`]*)`", text).group(1).split()


def test_all_that_is_missing_is_named_in_one_go_with_one_command(own_tools):
    both = jmx.parallel("both", jmx.java("work", sleep_ms=50), parent=False)
    plan, text, command = missing(own_tools, jmx.concurrency(both, users=2, hold_s=3))
    assert command == ["--plugin", CASUTG, "--plugin", "com.blazemeter:jmeter-parallel"], text
    done = install(own_tools, *command)
    assert done.code == 0, done
    run = Run(own_tools, plan)
    assert (run.code, run.receipt["outcome"]) == (0, "completed"), run
    _, text, command = missing(own_tools, jmx.concurrency(both), jmx.auto_stop("never"), jmx.unknown_element())
    assert "kg.apc.jmeter.reporters.AutoStop (in kg.apc:jmeter-plugins-autostop:" in text, text
    assert "com.example.NoSuchElement, which" in text and len(command) == 2, text


def test_a_jar_that_has_changed_is_not_run_and_can_be_had_again(own_tools):
    assert install(own_tools, "--plugin", CASUTG).code == 0
    jar = jar_of(own_tools)
    jar.write_bytes(jar.read_bytes() + b"\0")
    run = Run(own_tools, write_plan(own_tools, GROUP))
    assert run.code == 1 and COMMAND in said(run.process) and jar.name in said(run.process), run
    assert install(own_tools, "--plugin", CASUTG).code == 0
    assert Run(own_tools, write_plan(own_tools, GROUP)).code == 0


def test_a_repository_that_delivers_something_else_is_refused(own_tools):
    assert install(own_tools, "--plugin", CASUTG).code == 0
    repository, theirs = own_tools.directory / "m2", pathlib.Path.home() / ".m2" / "repository"
    (repository / "kg").mkdir(parents=True)
    for entry in theirs.iterdir():
        if entry.name != "kg":
            (repository / entry.name).symlink_to(entry)
    shutil.copytree(theirs / "kg" / "apc", repository / "kg" / "apc")
    (jar,) = repository.glob("kg/apc/jmeter-plugins-casutg/2.10/*.jar")
    jar.write_bytes(jar.read_bytes() + b"\0")
    before = jar_of(own_tools).read_bytes()
    options = {"env": {"MAVEN_OPTS": f"-Dmaven.repo.local={repository}"}}
    refused = install(own_tools, "--plugin", CASUTG, "--offline", "--force", **options)
    assert refused.code == 1 and "jmeter-plugins-casutg-2.10.jar has the SHA-256" in said(refused), refused
    assert jar_of(own_tools).read_bytes() == before, "what was there stays"


def test_what_cannot_be_had_is_said(own_tools):
    for coordinate, words in [
        ("kg.apc:jmeter-plugins-nosuch", "name one, `kg.apc:jmeter-plugins-nosuch:VERSION`"),
        ("kg.apc:jmeter-plugins-nosuch:1.0", "no repository that Maven uses has it"),
        ("casutg", "write GROUP:ARTIFACT or GROUP:ARTIFACT:VERSION"),
    ]:
        refused = install(own_tools, "--plugin", coordinate)
        assert refused.code != 0 and words in said(refused), refused
    wrong = own_tools.run("tools", "install", "gatling", "--plugin", CASUTG)
    assert wrong.code != 0 and "--plugin is for JMeter" in wrong.text, wrong
    assert not list(own_tools.tools_dir.glob("jmeter/plugins/*nosuch*"))


def test_a_node_says_which_of_its_plug_ins_is_not_there(grid):
    node = grid.agent("node-a", tools__jmeter_plugins=["kg.apc:jmeter-plugins-casutg:9.9"]).start()
    grid.start(plans.counted(1), flood="7")
    event = node.finished()
    assert event["outcome"] == "failed" and f"--plugin {CASUTG}:9.9" in event["reason"], event
