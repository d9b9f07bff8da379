"""`--fail-if`: what a run must not do, judged by its merged numbers."""

import json
import xml.etree.ElementTree

from support import jmx
from support.running import Run, write_plan


def judged(run, code):
    """What came of each threshold; a machine that is too busy to measure refuses the verdict."""
    document = json.loads((run.out / "summary.json").read_text())
    refused = document.get("thresholds_refused")
    assert run.code == (4 if refused else code), run
    assert ("not judged" in run.process.err) == bool(refused), run
    return {one["threshold"]: one for one in document["thresholds"]}, refused


def test_thresholds_judge_the_numbers_of_a_run(with_jmeter):
    slow, broken = jmx.java("slow", sleep_ms=40), jmx.java("broken", status="NOK")
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(slow, broken, users=2, loops=5)))
    holds = Run(with_jmeter, plan, "--fail-if", "p95(slow) < 40ms", "--fail-if", "failures(slow) > 0")
    found, refused = judged(holds, 0)
    assert refused or "2 thresholds hold" in holds.process.err, holds
    assert [one["holds"] for one in found.values()] == [True, True] and found["p95(slow) < 40ms"]["value"] >= 40, found
    fails = Run(with_jmeter, plan, "--fail-if", "failures > 49%", "--fail-if", "count(none) < 1", "--fail-if", "max(s*) > 600s")
    found, refused = judged(fails, 6)
    assert [one["holds"] for one in found.values()] == [False, False, True], found
    assert found["failures > 49%"]["value"] == 50 and "no label of this run is none" in found["count(none) < 1"]["why"], found
    assert refused or "failures > 49%: it is 50 %" in fails.process.err, fails


def test_a_text_that_is_no_threshold_is_refused_before_the_run(with_jmeter):
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.java("a"))))
    wrong = Run(with_jmeter, plan, "--fail-if", "max(*) > 1h")
    assert wrong.code == 2 and "column 11" in wrong.process.err and "ms or s is due" in wrong.process.err, wrong


def test_no_stretch_of_a_run_may_break_a_threshold_with_over(with_jmeter):
    """Failures come in one second: a few of the whole run, many of that stretch."""
    calm, broken = jmx.java("calm", sleep_ms=200), jmx.java("broken", status="NOK")
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(calm, users=2, loops=30), jmx.threads(broken, users=1, loops=10)))
    file = with_jmeter.directory / "thresholds.toml"
    file.write_text('fail_if = [\n  "failures > 20%",\n  "failures > 20% over 1s",\n  "max(*) > 600s over 1h",\n]\n')
    run = Run(with_jmeter, plan, "--thresholds", str(file))
    found, refused = judged(run, 6)
    assert [one["holds"] for one in found.values()] == [True, False, True], found
    over = found["failures > 20% over 1s"]
    assert over["to_s"] - over["from_s"] == 1 and over["value"] >= 20, found
    assert refused or "failures > 20% over 1s: it is" in run.process.err, run


def test_a_file_that_has_no_thresholds_is_refused_before_the_run(with_jmeter):
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.java("a"))))
    file = with_jmeter.directory / "thresholds.toml"
    file.write_text('\nfail_iff = ["failures > 1%"]\n')
    wrong = Run(with_jmeter, plan, "--thresholds", str(file))
    assert wrong.code == 2 and "line 2: fail_iff is not a key" in wrong.process.err, wrong


def test_a_run_is_stopped_once_a_stretch_breaks_a_threshold(with_jmeter):
    broken = jmx.java("broken", sleep_ms=100, status="NOK")
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(broken, users=2, loops=1_000)))
    run = Run(with_jmeter, plan, "--stop-on-fail", "--fail-if", "failures > 50% over 2s")
    found, _ = judged(run, 6)
    assert not found["failures > 50% over 2s"]["holds"], found
    receipt = run.receipt
    assert receipt["outcome"] == "stopped" and "failures > 50% over 2s: it is 100 %" in receipt["reason"], receipt
    assert receipt["ledger"]["aggregated"] < 2_000, receipt["ledger"]
    assert "stopping: threshold failures > 50% over 2s" in run.process.err, run


def test_a_run_is_stopped_once_it_has_more_failures_than_it_may(with_jmeter):
    broken = jmx.java("broken", sleep_ms=100, status="NOK")
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(broken, users=2, loops=1_000)))
    run = Run(with_jmeter, plan, "--stop-on-fail", "--fail-if", "failures > 20", "--fail-if", "p95 > 600s")
    found, _ = judged(run, 6)
    assert found["p95 > 600s"]["holds"] and not found["failures > 20"]["holds"], found
    receipt = run.receipt
    assert receipt["outcome"] == "stopped" and "failures > 20: it is " in receipt["reason"], receipt
    assert 20 < receipt["ledger"]["aggregated"] < 2_000, receipt["ledger"]


def test_without_a_time_there_is_nothing_to_stop_a_run_for(with_jmeter):
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.java("a"))))
    wrong = Run(with_jmeter, plan, "--stop-on-fail", "--fail-if", "failures > 50%")
    assert wrong.code == 1 and "needs a threshold with a time" in wrong.process.err, wrong


def test_a_ci_server_is_told(with_jmeter):
    """JUnit as any reader of XML takes it, and Markdown in which a label is no markup."""
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.java("slow", sleep_ms=20), jmx.java("a|b <b>"), users=1, loops=5)))
    junit, summary = with_jmeter.directory / "verdict.xml", with_jmeter.directory / "summary.md"
    summary.write_text("before\n")
    options = ["--junit", junit, "--fail-if", "p95(slow) > 600s", "--fail-if", "count(slow) > 4", "--fail-if", "count(a*) > 4"]
    run = Run(with_jmeter, plan, *options, env={"GITHUB_STEP_SUMMARY": str(summary)})
    _, refused = judged(run, 6)
    cases = {case.get("name"): case for case in xml.etree.ElementTree.parse(junit).getroot().iter("testcase")}
    assert list(cases["it ran as asked"]) == [], cases
    wrong = [case.find("error" if refused else "failure") for name, case in cases.items() if name.startswith("count")]
    assert len(wrong) == 2 and all(one is not None and one.get("message") for one in wrong), junit.read_text()
    assert refused or list(cases["p95(slow) > 600s"]) == []
    said = summary.read_text()
    assert said.startswith("before\n### Load test plan") and "a&#124;b &lt;b>" in said and "<b>" not in said, said
    lost = Run(with_jmeter, plan, "--junit", with_jmeter.directory / "absent" / "verdict.xml", out="other")
    assert lost.code == 1 and "for the JUnit report" in lost.process.err, lost
