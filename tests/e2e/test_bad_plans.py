"""Plans that cannot run or prove nothing: a sentence that says what is wrong, and a failing exit code."""

import pytest

from support import jmx, ports
from support.running import Run, write_plan

SAMPLER = jmx.java("sample", sleep_ms=1)


def refused(run, *words, code=1):
    assert run.code == code, run
    error = " ".join(run.process.err.split())
    for word in words:
        assert word in error, (word, str(run))
    assert "panicked" not in run.process.text, run


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("this is not a plan", ["plan.jmx"], id="not XML"),
        pytest.param("", ["empty"], id="empty"),
        pytest.param(jmx.plan(jmx.threads(SAMPLER))[:-40], ["plan.jmx"], id="torn"),
        pytest.param("<html><body>hello</body></html>", ["plan.jmx"], id="other XML"),
        pytest.param("\0\0\0\0", ["plan.jmx"], id="NUL bytes"),
    ],
)
def test_what_is_no_plan_is_refused_before_anything_starts(gridnode, text, words):
    run = Run(gridnode, write_plan(gridnode, text), seconds=30)
    refused(run, *words)
    assert not run.out.exists(), "nothing is made for a plan that cannot run"


def test_a_plan_that_is_not_there(gridnode):
    refused(Run(gridnode, gridnode.directory / "nowhere.jmx", seconds=30), "nowhere.jmx")


def test_a_directory_is_no_plan(gridnode):
    refused(Run(gridnode, gridnode.directory, seconds=30), str(gridnode.directory))


def test_a_missing_csv_is_named(with_jmeter):
    text = jmx.plan(jmx.threads(jmx.csv("data/missing.csv", "a"), SAMPLER))
    refused(Run(with_jmeter, write_plan(with_jmeter, text)), "data/missing.csv")


def test_a_missing_plug_in_is_named(with_jmeter):
    text = jmx.plan(jmx.threads(jmx.unknown_element(), SAMPLER))
    run = Run(with_jmeter, write_plan(with_jmeter, text))
    refused(run, "com.example.NoSuchElement")
    # JMeter makes all elements before it runs any: it is not even started.
    said = " ".join(run.process.text.split())
    assert "put the jar that has it beside the plan, or remove the element" in said and "JMeter is starting" not in said, run


def test_threads_that_are_no_number_are_named_with_their_place(with_jmeter):
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(SAMPLER, users="abc")))
    refused(Run(with_jmeter, plan), "`users` (line ", "has `abc` as its number of threads, which is no number")
    assert Run(with_jmeter, plan, "--users", "1").code == 0


def test_a_variable_that_nothing_defines_is_named_with_its_place(with_jmeter, site):
    """JMeter sends it as it stands, and the target may well answer."""
    sampler = jmx.http("Search", "/fast?q=${wrod}&n=${n}", port=str(site.port))
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.counter("n"), sampler)))
    run = Run(with_jmeter, plan)
    assert run.code == 0, run
    assert "warning: `Search` (line " in run.process.err and "uses `${wrod}`, a variable that nothing in the plan" in run.process.err, run
    assert "${n}" not in run.process.err and run.process.err.count("${wrod}") == 2, run
    # Once more beside the numbers: the start is far above them.
    after = run.process.err[run.process.err.index("running ") :]
    assert "warning, as before the run: `Search` (line " in after and "✔" not in run.process.out, run
    for said in (run.summary["doubts"], run.summary["receipt"]["warnings"]):
        assert any("`${wrod}`" in one for one in said), said


def test_results_of_the_plans_own_that_cannot_be_written_are_said(with_jmeter):
    text = jmx.plan(jmx.threads(SAMPLER), jmx.results_xml("/proc/nowhere/a.xml"))
    run = Run(with_jmeter, write_plan(with_jmeter, text))
    assert run.code == 0 and "✔" not in run.process.out, run
    assert any("could not make the directory `/proc/nowhere`" in doubt for doubt in run.summary["doubts"]), run.summary["doubts"]


def test_a_module_whose_target_is_gone_is_the_reason(with_jmeter):
    text = jmx.plan(jmx.threads(jmx.module("gone", name="mod"), SAMPLER))
    refused(Run(with_jmeter, write_plan(with_jmeter, text)), "ModuleController:mod has no selected Controller")


def test_results_of_an_earlier_run_are_not_added_to(with_jmeter):
    plan, jtl = write_plan(with_jmeter, jmx.plan(jmx.threads(SAMPLER))), with_jmeter.directory / "a.jtl"
    assert Run(with_jmeter, plan, "--jtl", jtl).code == 0
    before = jtl.read_bytes()
    refused(Run(with_jmeter, plan, "--jtl", jtl, seconds=30), "--jtl", "a.jtl has results already")
    assert jtl.read_bytes() == before


def test_no_enabled_group(with_jmeter):
    text = jmx.plan(jmx.threads(SAMPLER, enabled=False))
    refused(Run(with_jmeter, write_plan(with_jmeter, text)), "enabled")


def test_a_plan_that_sends_nothing(with_jmeter):
    text = jmx.plan(jmx.threads(jmx.condition("false", SAMPLER)))
    refused(Run(with_jmeter, write_plan(with_jmeter, text)), "sample")


def test_only_failing_samples_are_a_good_run(with_jmeter):
    """The site under test is down: that is a result, not a fault of the run."""
    text = jmx.plan(jmx.threads(jmx.http("down", "/", port=str(ports.free_tcp())), loops=5))
    run = Run(with_jmeter, write_plan(with_jmeter, text))
    assert run.code == 0, run
    label = run.labels[("down", "request")]
    assert (label["count"], label["failed"], label["codes"]) == (5, 5, {"other": 5})


def test_strange_labels_of_a_plan(with_jmeter):
    names = [" ", "__other__", "ü" * 300, "a%00b", "${undefined}", "tab\there"]
    text = jmx.plan(jmx.threads(*(jmx.java(name) for name in names), loops=3))
    run = Run(with_jmeter, write_plan(with_jmeter, text))
    assert run.code == 0, run
    assert run.ledger["aggregated"] == 3 * len(names)
    assert all(label["count"] == 3 for label in run.labels.values()) and len(run.labels) == len(names), run.labels.keys()


def test_overrides_are_carried_out_and_said(with_jmeter):
    groups = [jmx.threads(jmx.java("big", sleep_ms=1), users=6, name="big"), jmx.threads(jmx.java("small"), users=2, name="small")]
    plan = write_plan(with_jmeter, jmx.plan(*groups))
    before = plan.read_bytes()
    run = Run(with_jmeter, plan, "--users", "4", "--iterations", "5", "--ramp-up", "1s")
    assert run.code == 0, run
    counts = {label: numbers["count"] for (label, _), numbers in run.labels.items()}
    assert counts == {"big": 15, "small": 5}, "users are spread in proportion"
    assert "big" in run.process.err and "small" in run.process.err, run
    assert plan.read_bytes() == before
