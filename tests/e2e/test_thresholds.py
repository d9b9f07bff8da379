"""`--fail-if`: what a run must not do, judged by its merged numbers."""

import json

from support import jmx
from support.running import Run, write_plan


def test_thresholds_judge_the_numbers_of_a_run(with_jmeter):
    slow, broken = jmx.java("slow", sleep_ms=40), jmx.java("broken", status="NOK")
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(slow, broken, users=2, loops=5)))
    holds = Run(with_jmeter, plan, "--fail-if", "p95(slow) < 40ms", "--fail-if", "failures(slow) > 0")
    assert holds.code == 0 and "2 thresholds hold" in holds.process.err, holds
    document = json.loads((holds.out / "summary.json").read_text())
    assert [judged["holds"] for judged in document["thresholds"]] == [True, True]
    assert document["thresholds"][0]["value"] >= 40 and "thresholds_refused" not in document
    fails = Run(with_jmeter, plan, "--fail-if", "failures > 49%", "--fail-if", "count(none) < 1", "--fail-if", "max(*) > 1h")
    assert fails.code == 2 and "column 10" in fails.process.err, fails
    fails = Run(with_jmeter, plan, "--fail-if", "failures > 49%", "--fail-if", "count(none) < 1", "--fail-if", "max(s*) > 600s")
    assert fails.code == 6 and "failures > 49%: it is 50 %" in fails.process.err, fails
    assert "no label of this run is none" in fails.process.err and "max(s*)" not in fails.process.err, fails
