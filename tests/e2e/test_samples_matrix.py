"""What JMeter's own result file has is what gridnode counts, label by label: generated plans of controllers in controllers,
with failures, sub-results, and what cuts them short."""

import collections
import csv
import itertools
import shutil
import subprocess

import pytest

from support import jmx, shapes
from support.running import Run, write_plan


def test_every_shape_with_every_failure_and_every_flow(with_jmeter):
    groups = [
        jmx.threads(*shapes.shape(name, kinds, failure, flow), loops=3, name=name, on_error=on_error)
        for name, kinds, failure, on_error, flow in shapes.matrix()
    ]
    rows = compared(with_jmeter, jmx.plan(*groups))
    assert len({row["label"].split()[0] for row in rows if not row["label"].startswith("T")}) == len(groups)


def test_fragments_of_this_plan_and_of_another_file(with_jmeter):
    included = write_plan(with_jmeter, jmx.file_of(jmx.fragment("away", *shapes.shape("away", ("hidden", "shown"), "child"))), "away.jmx")
    fragment = jmx.fragment("here", *shapes.shape("here", ("shown", "hidden"), "assertion"))
    both = [jmx.module("here"), jmx.include(included.name)]
    groups = [
        jmx.threads(shapes.wrap(kind, kind, *both), jmx.java(f"{kind} z"), loops=2, name=kind, on_error=on_error)
        for kind in ["simple", "hidden", "shown", "loop"]
        for on_error in shapes.ON_ERROR
    ]
    rows = compared(with_jmeter, jmx.plan(fragment, *groups))
    assert {"here fails", "away fails one"} <= {row["label"] for row in rows}


CHANGES = """def r = sampleEvent.result
if (r.sampleLabel.endsWith(" z")) { r.successful = false; r.responseMessage = "the listener says no" }
else if (!r.sampleLabel.startsWith("T ") && !r.successful) { r.successful = true }
if (r.sampleLabel.startsWith("T ")) { r.responseMessage = "changed" }
if (r.sampleLabel.endsWith(" a")) { r.sampleLabel += " renamed" }"""


@pytest.mark.parametrize("is_first", [True, False])
def test_listeners_of_the_plan_that_change_samples(with_jmeter, is_first):
    """They fail, un-fail and rename what JMeter announces; its file comes after all of them."""
    chains = [("loop",), ("hidden",), ("shown",), *itertools.product(["loop", "hidden", "shown"], repeat=2)]
    groups = []
    for number, kinds in enumerate(chains):
        for failure in shapes.FAILURES:
            for flow in [None, "next_of_this_loop", "stop_thread"]:
                name = f"g{number}{failure}{flow}"
                groups.append(jmx.threads(*shapes.shape(name, kinds, failure, flow), loops=2, name=name))
    listener = jmx.groovy_listener("changes", CHANGES)
    plan = jmx.plan(listener, *groups) if is_first else jmx.plan(*groups, listener)
    rows = compared(with_jmeter, plan)
    assert any(row["label"].endswith(" a renamed") for row in rows)
    assert any(row["responseMessage"] == "the listener says no" for row in rows)


@pytest.mark.parametrize("end", ["duration", "stop_test", "stop_test_now"])
def test_shapes_that_end_in_the_middle(with_jmeter, end):
    """Endless groups, which something ends while they are anywhere."""
    groups, loops = [], -1
    for number, kinds in enumerate(itertools.product(["loop", "hidden", "shown"], repeat=3)):
        # What ends before its first sample, or in the pause before it, is somewhere in there, too.
        steps = shapes.shape(f"g{number}", kinds, sleep_ms=7 + number)
        groups.append(jmx.threads(*steps, jmx.pause(5), loops=loops, users=3, name=f"g{number}"))
    options = ["--duration", "3s"]
    if end != "duration":
        options = []
        action = {"stop_test": "stoptest", "stop_test_now": "stoptestnow"}[end]
        steps = [jmx.java("waits", sleep_ms=2500), jmx.java("ends", status="NOT OK")]
        groups.append(jmx.threads(*steps, name="ends", on_error=action))
    compared(with_jmeter, jmx.plan(*groups), *options, cut=True)


@pytest.mark.parametrize("end", [None, "--duration"])
def test_parallel_controllers(with_jmeter, end):
    """Under a parent sample and without, in transactions, in loops. What kills the plug-in's own threads is left out: one in another, and a
    transaction without a parent sample in one."""
    jars = parallel_controller(with_jmeter.directory / "jars")
    parallel = ["parallel", "parallel_parent"]
    chains = [(one,) for one in parallel]
    chains += [pair for pair in itertools.product([*parallel, "loop", "hidden", "shown"], repeat=2) if sum(kind in parallel for kind in pair) == 1 and (pair[0] not in parallel or pair[1] != "shown")]
    groups = []
    for number, kinds in enumerate(chains):
        for failure in shapes.FAILURES:
            for on_error in ["continue"] if failure == "none" or end else shapes.ON_ERROR:
                name = f"g{number}{failure}{on_error}"
                steps = shapes.shape(name, kinds, failure, sleep_ms=9 if end else 1)
                groups.append(jmx.threads(*steps, loops=-1 if end else 2, name=name, on_error=on_error))
    compared(with_jmeter, jmx.plan(*groups), *([end, "4s"] if end else []), jars=jars, cut=bool(end))


def parallel_controller(into):
    """Its jar and what it needs beside JMeter, by Maven as all of JMeter."""
    goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
    for artifact in ["com.blazemeter:jmeter-parallel:0.12", "kg.apc:jmeter-plugins-cmn-jmeter:0.7"]:
        command = ["mvn", "-q", "-B", "-ntp", goal, f"-Dartifact={artifact}", f"-DoutputDirectory={into}"]
        into.mkdir(exist_ok=True)
        copied = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=into)
        assert copied.returncode == 0, copied.stdout + copied.stderr
    return sorted(into.glob("*.jar"))


def compared(gridnode, text, *options, cut=False, jars=()):
    plan = write_plan(gridnode, text)
    for jar in jars:
        shutil.copy(jar, plan.parent)
    results = gridnode.directory / "results.csv"
    run = Run(gridnode, plan, *options, "--jtl", results)
    if not cut and run.code == 5:
        assert "stopthread" in text and "users stopped before their time" in run.receipt["reason"], run
    else:
        assert run.code in ((0, 5) if cut else (0,)), run
    with results.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    wanted = collections.defaultdict(lambda: [0, 0])
    for row in rows:
        label = row["label"]
        of_label = wanted[(label, "transaction" if label.startswith("T ") else "request")]
        of_label[0] += 1
        of_label[1] += row["success"] != "true"
    got = {key: [label["count"], label["failed"]] for key, label in run.labels.items()}
    keys = {*got, *wanted}
    wrong = sorted(f"{key}: {wanted.get(key)} in JMeter's file, {got.get(key)} counted" for key in keys if got.get(key) != wanted.get(key))
    assert not wrong, f"{len(wrong)} of {len(keys)}:\n" + "\n".join(wrong[:60])
    requests = sum(count for (_, kind), (count, _) in wanted.items() if kind == "request")
    assert run.receipt["requests"] == requests
    return rows
