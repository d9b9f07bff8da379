"""JMeter plans as people of this field bring them: each does what it does in plain JMeter."""

import shutil
import subprocess

import pytest

from support import jmx
from support.running import Run, write_plan


@pytest.fixture
def case(gridnode, plans):
    """A copy of a directory of plans, for plans may write beside themselves."""

    def copied(name):
        return shutil.copytree(plans / "strangers" / "jmeter" / name, gridnode.directory / "case")

    return copied


def counts(run):
    return {label: (row["count"], row["failed"]) for (label, _), row in run.labels.items()}


def completed(run):
    assert (run.code, run.receipt["outcome"]) == (0, "completed"), run
    return counts(run)


def said(run):
    return " ".join(run.process.text.split())


def test_scripts_may_reflect_as_under_jmeters_own_start_script(with_jmeter, case):
    run = Run(with_jmeter, case("add-opens") / "opens.jmx", "--users", "1")
    assert completed(run) == {"reflect": (3, 0), "work": (3, 0)}


def test_iterations_in_place_of_the_plans_duration_are_said_before_the_start(with_jmeter):
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.java("work", sleep_ms=20), duration_s=1, loops=-1)))
    run = Run(with_jmeter, plan, "--iterations", "100")
    assert completed(run) == {"work": (100, 0)}
    before = " ".join(run.process.err[: run.process.err.index("running ")].split())
    assert "its own duration of 1 s ends nobody any more: each user does its 100 iterations" in before, run
    run = Run(with_jmeter, plan, "--iterations", "3", "--duration", "5s")
    assert completed(run) == {"work": (3, 0)}
    assert "each user ends when its 3 iterations are done or after 5 s, whichever comes first" in said(run), run


@pytest.mark.parametrize("plan", ["plan", "groovy"])
def test_the_base_directory_is_that_of_the_users_plan(with_jmeter, case, plan):
    run = Run(with_jmeter, case("base-directory") / f"{plan}.jmx", "--users", "1")
    assert completed(run) == {"device a1": (1, 0), "device b2": (1, 0), "device c3": (1, 0)}


def test_a_script_finds_what_lies_beside_the_plan(with_jmeter, case):
    run = Run(with_jmeter, case("base-directory") / "script.jmx", "--users", "1")
    assert completed(run) == {"reads beside the plan": (3, 0), "work": (3, 0)}


@pytest.mark.parametrize("plan", ["checkout", "up"])
def test_paths_start_in_the_working_directory_and_then_beside_the_plan(with_jmeter, case, plan):
    run = Run(with_jmeter, f"plans/{plan}.jmx", "--users", "1", cwd=case("paths-from-the-root") / "repo")
    assert all(failed == 0 for _, failed in completed(run).values()), run.labels


def test_an_earlier_group_may_make_the_data(with_jmeter, case):
    directory = case("csv-made-by-the-plan")
    run = Run(with_jmeter, directory / "plan.jmx", "--users", "1", cwd=directory)
    assert completed(run) == {"make users": (1, 0), "order ann": (2, 0), "order bob": (2, 0)}


def test_what_only_a_sampler_misses_is_a_failed_sample(with_jmeter):
    script = jmx.groovy("script", "").replace(
        "<stringProp name=\"script\"></stringProp>", "<stringProp name=\"filename\">gone.groovy</stringProp>"
    )
    run = Run(with_jmeter, write_plan(with_jmeter, jmx.plan(jmx.threads(script, jmx.java("work")))))
    assert completed(run) == {"script": (1, 1), "work": (1, 0)}


def test_properties_and_jars_beside_the_plan_are_jmeters(with_jmeter):
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.java("${__P(shop,none)}"))))
    (plan.parent / "user.properties").write_text("shop=corner\n", encoding="utf-8")
    (plan.parent / "shop.properties").write_text("shop=other\n", encoding="utf-8")
    run = Run(with_jmeter, plan)
    assert completed(run) == {"corner": (1, 0)}
    assert "JMeter gets `user.properties` from beside the plan" in said(run), run
    assert "`shop.properties` beside the plan is not read" in said(run), run


def test_of_two_files_of_properties_the_one_in_the_working_directory_is_read(with_jmeter):
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.java("${__P(shop,none)}"))))
    here = with_jmeter.directory / "here"
    here.mkdir()
    (plan.parent / "user.properties").write_text("shop=plan\n", encoding="utf-8")
    (here / "user.properties").write_text("shop=here\n", encoding="utf-8")
    run = Run(with_jmeter, plan, cwd=here)
    assert completed(run) == {"here": (1, 0)}
    assert "JMeter gets `user.properties` from the working directory" in said(run), run
    assert "`user.properties` beside the plan is not read: the one in the working directory is read instead" in said(run), run


@pytest.mark.parametrize("plan", ["info", "stdout"])
def test_the_targets_text_is_no_finding(with_jmeter, case, plan):
    run = Run(with_jmeter, case("the-targets-text-in-the-log") / f"{plan}.jmx")
    assert completed(run) == {"call": (3, 3), "work": (3, 0)}


FORGERY = r"""
def oom = "\njava.lang.OutOfMemoryError: forged"
def record = "said\n2026-11-28 19:12:45,520 ERROR "
println(record + "o.a.j.JMeter: Uncaught exception in thread x" + oom)
println("Terminating due to java.lang.OutOfMemoryError: forged")
log.info(record + "o.a.j.t.JMeterThread: Test failed!" + oom)
log.info(record + "o.a.j.t.JMeterThread: Error while processing sampler: 'work'." + oom)
log.error("thrown", new Exception(record + "o.a.j.t.JMeterThread: Test failed!" + oom))
log.error("java.lang.OutOfMemoryError: forged" + oom)
"""
FORGED_NAME = "post\n2026-11-28 19:12:45,520 ERROR o.a.j.t.JMeterThread: Test failed!\njava.lang.OutOfMemoryError: forged\n"


def test_a_record_of_the_log_cannot_be_forged(with_jmeter):
    named = jmx.groovy(FORGED_NAME, "log.error('boom')").replace("JSR223Sampler", "JSR223PostProcessor")
    bean_shell = 'log.error("a pre-processor of the script\'s own words")'
    before = '<BeanShellPreProcessor guiclass="TestBeanGUI" testclass="BeanShellPreProcessor" testname="before">'
    before += f'<stringProp name="script">{bean_shell}</stringProp></BeanShellPreProcessor><hashTree/>'
    plan = jmx.plan(jmx.threads(jmx.groovy("call", FORGERY, named, before), jmx.java("work")))
    run = Run(with_jmeter, write_plan(with_jmeter, plan))
    assert completed(run) == {"call": (1, 0), "work": (1, 0)}
    assert "warning" not in said(run), run
    (log,) = run.out.rglob("jmeter.log")
    lines = log.read_text(encoding="utf-8").splitlines()
    assert any("ERROR" in line and line.startswith("    2026-11-28") for line in lines), "a message stays readable"
    assert not [line for line in lines if line.startswith("2026-11-28 19:12")], lines


def test_a_samplers_exception_is_a_failed_sample_whatever_it_is_called(with_jmeter, case):
    run = Run(with_jmeter, case("a-samplers-exception") / "bind.jmx")
    assert all(count == 3 for count, _ in completed(run).values()) and counts(run)["own socket"] == (3, 3), run.labels


def test_a_sampler_that_is_never_sent_is_said(with_jmeter, case):
    run = Run(with_jmeter, case("never-sent") / "plan.jmx", "--users", "1")
    assert run.code == 5 and counts(run) == {"front page": (50, 0)}, run
    assert "`cart` was never sent, 50 times" in said(run) and "NumberFormatException" in said(run), run
    assert "✔" not in run.process.text, run


def test_a_few_that_were_not_sent_of_many_are_said_and_no_failure(with_jmeter):
    sleep = "${__intSum(${__groovy(vars.get('n') == '7' ? 'none' : '1')},1)}"
    cart = jmx.java("cart", sleep_ms=sleep)
    run = Run(with_jmeter, write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.counter("n"), cart, loops=20))))
    assert completed(run) == {"cart": (19, 0)}
    assert "warning: `cart` was not sent, once of 20 (first error in JMeter's log: java.lang.Num" in said(run), run


def test_a_plan_that_ends_itself_is_said(with_jmeter, case):
    run = Run(with_jmeter, case("ends-itself") / "stop-on-error.jmx", "--users", "3", "--duration", "30s")
    assert run.code == 5 and "the plan ended itself after " in said(run) and " of 30 s" in said(run), run
    assert "✔" not in run.process.text, run


TOO_LATE = "the ramp-up of 40 s is longer than the duration of 4 s, which includes it: make the duration longer, or the ramp-up shorter"


def test_a_duration_includes_the_ramp_up_and_who_is_left_out_is_said(with_jmeter, case):
    plan = case("ramp-up-longer-than-the-duration") / "plan.jmx"
    run = Run(with_jmeter, plan, "--users", "50", "--ramp-up", "40s", "--duration", "4s")
    assert "the ramp-up of 40 s is longer than the duration of 4 s, which includes it: only 5 of 50 users start" in said(run), run
    assert run.code == 5 and run.receipt["reason"].endswith(f": 5 of 50 users started: {TOO_LATE}"), run
    assert "✔" not in run.process.text, run
    times = run.receipt["times"]
    assert times["tree_empty_ns"] - times["first_sample_ns"] < 30e9, "nobody is waited for who comes too late"


def test_who_is_left_out_by_the_plans_own_load_is_said_too(with_jmeter, case):
    plan = case("ramp-up-longer-than-the-duration") / "plan.jmx"
    text = plan.read_text(encoding="utf-8")
    for name, value in (("threads,10", "10"), ("rampup,30", "6"), ("duration,60", "3")):
        text = text.replace("${__P(%s)}" % name, value)
    plan.write_text(text, encoding="utf-8")
    run = Run(with_jmeter, plan)
    assert run.code == 5 and run.receipt["reason"].endswith(
        "5 of 10 users started: the ramp-up of 6 s is longer than the duration of 3 s, which includes it: make the duration longer, or "
        "the ramp-up shorter"
    ), run


def test_a_plan_without_end_or_bound_says_so_before(with_jmeter):
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.java("work", sleep_ms=50), loops=-1)))
    run = Run(with_jmeter, plan, "--max-runtime", "3s")
    assert run.receipt["outcome"] == "expired" and "never ends unless an element of the plan ends it" in said(run), run
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.java("work"))))
    run = Run(with_jmeter, plan)
    assert completed(run) == {"work": (1, 0)}
    assert "it has loops and no duration), so it has no time limit: see --max-runtime" in said(run), run


def test_groups_in_series_and_delayed_ones_are_counted_in_full(with_jmeter, case):
    directory = case("serial-and-delayed-groups")
    delays = directory / "delays.jmx"
    text = delays.read_text(encoding="utf-8").replace('delay">60<', 'delay">2<').replace('delay">160<', 'delay">4<')
    delays.write_text(text, encoding="utf-8")
    for plan, users in (("serial", "4"), ("delays", "3")):
        run = Run(with_jmeter, directory / f"{plan}.jmx", "--users", users, "--duration", "1s")
        completed(run)
        assert "--max-runtime" not in run.process.text, run


def test_a_plan_gets_its_load_by_floods_names(with_jmeter):
    name = "${__P(threads)} for ${__P(duration)} in ${__P(rampup)}"
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.java(name, sleep_ms=50))))
    run = Run(with_jmeter, plan, "--users", "2", "--ramp-up", "1s", "--duration", "3s")
    assert list(completed(run)) == ["2 for 3 in 1"], run


NAMES = {
    "counter": ("n ${__counter(FALSE,)}", {"n 1", "n 2", "n 3"}),
    "groovy": ("n ${__groovy(vars.get('user').toUpperCase())}", {"n ANN", "n BOB", "n EVE"}),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_samplers_name_is_computed_by_jmeter_alone(with_jmeter, name):
    text, labels = NAMES[name]
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.csv("u.csv", "user"), jmx.java(text), loops=3)))
    (plan.parent / "u.csv").write_text("user\nann\nbob\neve\n", encoding="utf-8")
    run = Run(with_jmeter, plan)
    assert completed(run) == {label: (1, 0) for label in labels}
    assert run.is_ticked, run


def test_what_a_pause_leaves_out_is_said(with_jmeter):
    buys = jmx.java("buy", jmx.pause(30_000))
    group = jmx.threads(jmx.java("home"), buys, jmx.java("pay"), users=2, duration_s=4)
    run = Run(with_jmeter, write_plan(with_jmeter, jmx.plan(group)))
    assert completed(run) == {"home": (2, 0)} and "✔" not in run.process.text, run
    assert "`buy`, `pay` were never sent: each of their 2 users was still in a pause when its time ended" in said(run), run


def test_search_paths_of_the_plans_own_count(with_jmeter):
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.java("${__P(search_paths)}"))))
    (plan.parent / "user.properties").write_text("search_paths=exts\n", encoding="utf-8")
    (label,) = completed(Run(with_jmeter, plan))
    assert "gridnode-jmeter.jar;" in label and label.endswith(";exts"), label
    (label,) = completed(Run(with_jmeter, plan, "--param", "search_paths=more"))
    assert "gridnode-jmeter.jar;" in label and label.endswith(";more"), label


def test_jars_that_the_plans_properties_name_are_seen_by_jmeters_own_classes(with_jmeter):
    """A plug-in that has renamed a class of its own tells JMeter so in its jar, which JMeter's core reads."""
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.java("work").replace("JavaSampler", "org.example.Gone"), loops=2)))
    home, classes = with_jmeter.run("tools", "install", "jmeter").out.strip().splitlines()[-1], plan.parent / "classes"
    names = classes / "META-INF" / "resources"
    names.mkdir(parents=True)
    (names / "org.apache.jmeter.nameupdater.properties").write_text("org.example.Gone=org.example.Own\n", encoding="utf-8")
    source = classes / "Own.java"
    source.write_text("package org.example; public class Own extends org.apache.jmeter.protocol.java.sampler.JavaSampler {}", encoding="utf-8")
    subprocess.run(["javac", "-nowarn", "-cp", f"{home}/lib/ext/*:{home}/lib/*", "-d", classes, source], check=True, timeout=120)
    (plan.parent / "jars").mkdir()
    subprocess.run(["jar", "--create", "--file", plan.parent / "jars" / "own.jar", "-C", classes, "."], check=True, timeout=60)
    shutil.rmtree(classes)
    (plan.parent / "user.properties").write_text("user.classpath=jars/own.jar\n", encoding="utf-8")
    assert completed(Run(with_jmeter, plan)) == {"work": (2, 0)}


def test_data_that_jmeter_never_opens_is_no_matter(with_jmeter):
    never = jmx.condition("false", jmx.csv("nope.csv", "a"), jmx.java("never"))
    run = Run(with_jmeter, write_plan(with_jmeter, jmx.plan(jmx.threads(never, jmx.java("work"), loops=2))))
    assert completed(run) == {"work": (2, 0)}


def test_elements_that_fail_each_time_are_said(with_jmeter):
    data = jmx.csv("u.csv", "user").replace(">UTF-8<", ">UTF8-BOM<").replace('ignoreFirstLine">true', 'ignoreFirstLine">false')
    policy = '<CookieManager guiclass="CookiePanel" testclass="CookieManager" testname="cookies" enabled="true">'
    policy += '<collectionProp name="CookieManager.cookies"/><stringProp name="CookieManager.policy">nonsense</stringProp>'
    policy += "</CookieManager><hashTree/>"
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(data, policy, jmx.java("work"), loops=2)))
    (plan.parent / "u.csv").write_text("user\nann\n", encoding="utf-8")
    run = Run(with_jmeter, plan)
    assert completed(run) == {"work": (2, 0)} and "✔" not in run.process.text, run
    assert "a CSV Data Set failed, " in said(run) and "UnsupportedEncodingException: UTF8-BOM" in said(run), run
    assert "a Cookie Manager failed, " in said(run), run
