"""JMeter runs that are not what their plans say end with a word of it, however well their samples were counted."""

import pytest

from support import jmx
from support.running import Run, write_plan

BROKEN = jmx.groovy("broken", "throw new RuntimeException('boom')")
WORK = jmx.java("work", sleep_ms=20)


def said(run):
    return " ".join(run.process.text.split())


def before(run):
    return " ".join(run.process.err[: run.process.err.index("running ")].split())


def failed(run, *words):
    assert run.code == 5 and run.receipt["outcome"] == "failed", run
    assert "✔" not in run.process.text, run
    for word in words:
        assert word in run.receipt["reason"], run.receipt["reason"]


def run_of(gridnode, *groups, args=(), files=()):
    plan = write_plan(gridnode, jmx.plan(*groups))
    for name, text in files:
        (plan.parent / name).write_text(text, encoding="utf-8")
    return Run(gridnode, plan, *args)


def test_users_that_a_failed_sample_stops(with_jmeter):
    run = run_of(
        with_jmeter,
        jmx.threads(WORK, loops=30, name="fine"),
        jmx.threads(BROKEN, users=4, loops=9, name="brittle", on_error="stopthread"),
    )
    failed(run, "4 of 5 users stopped before their time: a failed sample stopped it")
    assert run.labels[("work", "request")]["count"] == 30, run.labels


def test_a_user_that_dies(with_jmeter):
    dies = jmx.groovy("dies", "if (ctx.threadNum == 0) throw new StackOverflowError()")
    run = run_of(with_jmeter, jmx.threads(dies, WORK, users=2, loops=20))
    failed(run, "a thread of the plan died (java.lang.StackOverflowError")


@pytest.mark.parametrize("args", [(), ("--iterations", "50")])
def test_loops_that_the_plan_cuts_short(with_jmeter, args):
    run = run_of(with_jmeter, jmx.threads(WORK, jmx.flow_action(0), loops=20), args=args)
    words = "before its loops were done: the Flow Control Action"
    if args:
        failed(run, words)
        return
    assert (run.code, run.receipt["outcome"]) == (0, "completed"), run
    assert words in said(run) and "✔" not in run.process.text, run
    assert any(words in warning for warning in run.receipt["warnings"]), run.receipt


@pytest.mark.parametrize("stops", ["ctx.getThread().stop()", "throw new RuntimeException('boom')"])
def test_who_is_stopped_by_its_last_sample_was_not_early(with_jmeter, stops):
    """JMeter says the same of it as of one with work left."""
    last = jmx.groovy("last", f"if (vars.getIteration() == 3) {stops}")
    whole = run_of(with_jmeter, jmx.threads(WORK, last, users=2, loops=3, on_error="stopthread"))
    assert (whole.code, whole.receipt["outcome"]) == (0, "completed"), whole
    assert "before" not in said(whole) and whole.labels[("last", "request")]["count"] == 6, whole
    behind = jmx.condition("${__groovy(false)}", jmx.java("never"))
    inner = jmx.loop(2, last, jmx.once(jmx.java("first")))
    # What stands behind it and sends nothing changes nothing, nor what stands around it.
    for elements in [(last, behind), (jmx.transaction("both", last, parent=True), jmx.flow_action(1))]:
        run = run_of(with_jmeter, jmx.threads(WORK, *elements, users=2, loops=3, on_error="stopthread"))
        assert run.code == 0 and run.is_ticked, run
    for cut in [
        jmx.threads(last, WORK, users=2, loops=3, on_error="stopthread"),
        jmx.threads(WORK, last, users=2, loops=4, on_error="stopthread"),
        jmx.threads(WORK, inner, users=2, loops=3, on_error="stopthread"),
    ]:
        run = run_of(with_jmeter, cut)
        assert "before its loops were done" in said(run) and "✔" not in run.process.text, run


@pytest.mark.parametrize("how", ["group", "handler"])
def test_a_failed_sample_may_end_what_others_had_still_to_do(with_jmeter, how):
    fails = jmx.java("fails", sleep_ms=300, status="NOK", code="500")
    if how == "group":
        first = jmx.threads(fails, on_error="stoptest")
    else:
        first = jmx.threads(fails, jmx.result_action(2), WORK)
    run = run_of(with_jmeter, first, jmx.threads(WORK, jmx.pause(400), name="others", loops=5))
    failed(run, "the plan ended itself", "a failed sample stopped it, as the plan says")


def test_a_loop_that_the_plan_breaks_off(with_jmeter):
    inner = jmx.loop(5, WORK, jmx.flow_action(5))
    whole = run_of(with_jmeter, jmx.threads(inner, jmx.java("after"), users=2, loops=3))
    assert (whole.code, whole.labels[("after", "request")]["count"]) == (0, 6) and whole.is_ticked, whole
    cut = run_of(with_jmeter, jmx.threads(WORK, jmx.flow_action(5), users=2, loops=3))
    assert "before its loops were done: the Flow Control Action" in said(cut) and "✔" not in cut.process.text, cut
    asked = run_of(with_jmeter, jmx.threads(WORK, jmx.flow_action(5), users=2), args=("--duration", "10"))
    failed(asked, "the plan ended itself after", "of 10 s: the Flow Control Action")


def test_a_fragment_whose_name_is_computed(with_jmeter):
    """JMeter tries the name as it is written, and runs without it."""
    fragment = [("login.jmx", jmx.plan(jmx.threads(WORK)))]
    include = jmx.include("${__P(fragment,login.jmx)}")
    failed(run_of(with_jmeter, jmx.threads(include, WORK), files=fragment), "computes neither variables nor functions")
    disabled = include.replace('enabled="true"', 'enabled="false"', 1)
    run = run_of(with_jmeter, jmx.threads(disabled, WORK), files=fragment)
    assert run.code == 0 and run.is_ticked, run


def test_a_group_whose_number_of_users_nobody_defines(with_jmeter):
    run = run_of(with_jmeter, jmx.threads(WORK, users="${users}", name="buyers"), jmx.threads(WORK, name="pulse"))
    failed(run, "Thread Group `buyers` (line ", "has `${users}` as its number of threads", "so it starts none")
    given = run_of(with_jmeter, jmx.threads(WORK, users="${__P(users)}", name="buyers"), args=("--param", "users=3"))
    assert given.code == 0 and given.labels[("work", "request")]["count"] == 3, given


@pytest.mark.parametrize("text, words", [("<jmeterTestPlan><hashTree>", "cannot load `login.jmx` ("), (None, None)])
def test_a_fragment_that_cannot_be_read(with_jmeter, text, words):
    """And one that is disabled, which JMeter tries to read all the same."""
    include = jmx.include("login.jmx")
    if text is None:
        run = run_of(with_jmeter, jmx.threads(include.replace('enabled="true"', 'enabled="false"', 1), WORK))
        assert (run.code, run.receipt["outcome"]) == (0, "completed") and run.is_ticked, run
        return
    failed(run_of(with_jmeter, jmx.threads(include, WORK), files=[("login.jmx", text)]), words)


def beside(kind):
    return jmx.groovy("beside", "throw new RuntimeException('boom')").replace("JSR223Sampler", kind)


@pytest.mark.parametrize("kind, what", [("JSR223PostProcessor", "a post-processor"), ("JSR223Timer", "a timer")])
def test_scripts_beside_a_sampler_that_throw(with_jmeter, kind, what):
    run = run_of(with_jmeter, jmx.threads(jmx.java("work", beside(kind)), loops=3))
    failed(run, f"{what} failed, 3 times (first error in JMeter's log: Problem in JSR223 script")


def test_jdbc_beside_a_sampler_that_fails(with_jmeter):
    fields = "".join(f'<stringProp name="{name}">{text}</stringProp>' for name, text in {"dataSource": "nopool", "query": "select 1"}.items())
    kind = "JDBCPreProcessor"
    before = f'<{kind} guiclass="TestBeanGUI" testclass="{kind}" testname="before" enabled="true">{fields}</{kind}><hashTree/>'
    run = run_of(with_jmeter, jmx.threads(jmx.java("work", before), loops=10))
    failed(run, "a JDBC pre- or post-processor failed, 10 times (first error in JMeter's log: SQL Problem in before: ")


def test_a_function_without_its_arguments(with_jmeter):
    run = run_of(with_jmeter, jmx.threads(jmx.java("${__P()}")))
    assert run.code == 1 and "JMeter cannot begin with the plan" in said(run), run
    assert "__P called with wrong number of parameters" in said(run), run


def test_a_listener_that_throws_is_a_warning(with_jmeter):
    run = run_of(with_jmeter, jmx.threads(jmx.java("work", beside("JSR223Listener")), loops=3))
    assert run.code == 0 and "warning: a listener failed, 3 times" in said(run), run


def beanshell(kind):
    script = 'vars.put("a", nothere.foo());'
    properties = f'<stringProp name="script">{script}</stringProp><stringProp name="filename"></stringProp>'
    return f'<{kind} guiclass="TestBeanGUI" testclass="{kind}" testname="bsh" enabled="true">{properties}</{kind}><hashTree/>'


@pytest.mark.parametrize("kind, what", [("BeanShellPreProcessor", "a pre-processor"), ("BeanShellPostProcessor", "a post-processor")])
def test_beanshell_scripts_beside_a_sampler_that_throw(with_jmeter, kind, what):
    run = run_of(with_jmeter, jmx.threads(jmx.java("work", beanshell(kind)), loops=3))
    failed(run, f"{what} failed, 3 times (first error in JMeter's log: Problem in BeanShell script")


def is_doubted(run, *words):
    assert run.code == 0 and "✔" not in run.process.text, run
    for word in words:
        assert word in said(run) and any(word in warning for warning in run.receipt["warnings"]), run.receipt


def test_a_condition_that_throws(with_jmeter):
    run = run_of(with_jmeter, jmx.threads(WORK, jmx.condition("${__groovy(foo.bar)}", jmx.java("never")), loops=3))
    is_doubted(run, "`__groovy` failed, 3 times (first error in JMeter's log: Error running groovy script: javax.script")


def test_functions_without_their_file(with_jmeter):
    calls = ["${__FileToString(absent.txt)}", "${__StringFromFile(absent.txt)}"]
    run = run_of(with_jmeter, jmx.threads(*(jmx.java(f"work {call}") for call in calls)))
    is_doubted(run, "`__FileToString` failed", "`__StringFromFile` failed", "Could not read open: absent.txt")


@pytest.mark.parametrize("count", ["${n_loops}", "abc"])
def test_an_inner_loop_whose_number_is_none(with_jmeter, count):
    inner = jmx.loop(count, jmx.java("never"))
    run = run_of(with_jmeter, jmx.threads(WORK, inner, loops=2))
    failed(run, "the Loop Controller `loop` (line ", f"has `{count}` as its number of loops")
    assert run.labels[("work", "request")]["count"] == 2 and ("never", "request") not in run.labels, run.labels


def test_an_inner_loop_whose_number_comes_while_it_runs(with_jmeter):
    """A script names it in pieces."""
    counts = jmx.groovy("counts", "vars.put('n_' + 'loops', '2')")
    run = run_of(with_jmeter, jmx.threads(counts, jmx.loop("${n_loops}", jmx.java("inner"))))
    assert run.code == 0 and run.is_ticked and run.labels[("inner", "request")]["count"] == 2, run


@pytest.mark.parametrize("count", ["two", "10 ", "${__P(count,ten)}", "${__groovy('t' + 'en')}"])
def test_a_group_whose_number_of_loops_is_none(with_jmeter, count):
    """A function's is known after the run alone."""
    run = run_of(with_jmeter, jmx.threads(WORK), jmx.threads(jmx.java("never"), loops=count, name="buyers"))
    failed(run, "Thread Group `buyers`", "number of loops", "nothing")
    assert "__groovy" in count or "as its number of loops" in before(run), run
    assert run.labels[("work", "request")]["count"] == 1 and ("never", "request") not in run.labels, run.labels
    given = run_of(with_jmeter, jmx.threads(WORK, loops="${__P(count,ten)}"), args=("--param", "count=2"))
    assert given.code == 0 and given.is_ticked and given.labels[("work", "request")]["count"] == 2, given


def test_times_of_a_group_that_are_no_number_are_said(with_jmeter):
    run = run_of(with_jmeter, jmx.threads(WORK, users=3, ramp_s="4s"))
    words = "has `4s` as its ramp-up, which is no number, so all its users start at once"
    assert words in before(run), run
    is_doubted(run, words)
    run = run_of(with_jmeter, jmx.threads(WORK), jmx.threads(jmx.java("never"), name="buyers", duration_s="5 "))
    assert "has `5 ` as its duration, which is no number, so JMeter starts none of its users" in before(run), run
    assert run.code == 5 and "✔" not in run.process.text, run


def test_an_element_that_jmeter_has_removed_is_said_before_and_after(with_jmeter):
    soap = jmx.java("order").replace("JavaSampler", "SoapSampler")
    run = run_of(with_jmeter, jmx.threads(WORK, soap))
    words = "is a SoapSampler, which JMeter has removed, so it is never sent: make it an HTTP Request"
    assert words in before(run), run
    is_doubted(run, words)


@pytest.mark.parametrize(
    "condition, words",
    [
        ('"${env}" == "qa"', "can never give the word `true`, so nothing in it is sent"),
        ('${__jexl3("${envv}" == "qa",)}', "decides by `${envv}`, a variable that nothing in the plan defines"),
    ],
)
def test_a_condition_that_can_never_hold_is_said_before_and_after(with_jmeter, condition, words):
    run = run_of(with_jmeter, jmx.threads(WORK, jmx.condition(condition, jmx.java("never")), loops=2))
    assert words in before(run), run
    is_doubted(run, words)


def test_a_condition_by_what_a_script_or_a_file_gives_is_no_doubt(with_jmeter):
    sets = jmx.groovy("sets", "vars.put('en' + 'v', 'qa')")
    seldom = jmx.condition('${__jexl3("${env}" == "qa",)}', jmx.java("sent"))
    run = run_of(with_jmeter, jmx.threads(sets, seldom))
    assert run.code == 0 and run.is_ticked and run.labels[("sent", "request")]["count"] == 1, run
    data = run_of(with_jmeter, jmx.threads(jmx.csv("u.csv", "env"), seldom), files=[("u.csv", "env\nqa\n")])
    assert data.code == 0 and data.is_ticked and data.labels[("sent", "request")]["count"] == 1, data


def test_a_script_that_does_not_compile_is_one_reason(with_jmeter):
    run = run_of(with_jmeter, jmx.threads(jmx.groovy("typo", "def x = ("), loops=12))
    assert [(reason["count"], reason["varies"]) for reason in run.receipt["failures"]] == [(12, True)], run.receipt


def test_what_an_extractor_did_not_find_and_a_request_sent_as_written(with_jmeter, site):
    """The target answers it as any other."""

    def run(regex):
        port = str(site.port)
        login = jmx.http("login", "/fast", jmx.regex_extractor("token", regex), port=port)
        orders = jmx.http("orders", "/fast?token=${token}", port=port, headers={"Authorization": "Bearer ${token}"})
        return run_of(with_jmeter, jmx.threads(login, orders, loops=3))

    fine = run("(.)")
    assert fine.code == 0 and "✔" in fine.process.text, fine
    found_nothing = run("no such (thing)")
    assert found_nothing.code == 0 and "✔" not in found_nothing.process.text, found_nothing
    doubt = "JMeter sent a variable as written, in the URL, the headers, the cookies or the body: `${token}` in 3 requests (`orders` first)"
    assert any(doubt in one for one in found_nothing.summary["doubts"]), found_nothing.summary["doubts"]


def test_a_function_that_jmeter_does_not_have_is_said_before_and_after(with_jmeter, site):
    run = run_of(with_jmeter, jmx.threads(jmx.http("a", "/fast?x=${__uuid()}", port=str(site.port))))
    said = "no function `__uuid` (it is written `__UUID`)"
    assert run.code == 0 and said in run.process.text and "✔" not in run.process.text, run
    assert sum(said in one for one in run.summary["doubts"]) == 1, run.summary["doubts"]


def test_a_cookie_that_was_sent_as_written_is_a_doubt(with_jmeter, site):
    port = str(site.port)
    login = jmx.http("login", "/fast", jmx.regex_extractor("token", "no such (thing)"), port=port)
    run = run_of(with_jmeter, jmx.threads(jmx.cookie("sid", "${token}"), login, jmx.http("orders", "/fast", port=port), loops=3))
    assert run.code == 0 and "✔" not in run.process.text, run
    assert any("`${token}` in 6 requests (`login` first)" in one for one in run.summary["doubts"]), run.summary["doubts"]


def test_a_text_of_the_plans_data_with_a_variable_that_has_a_value_is_meant_so(with_jmeter, site, tmp_path):
    """The plan wrote `${tpl}`; what looks like a variable is in the file."""
    port = str(site.port)
    (tmp_path / "c.csv").write_text("tpl\nhello-${name}\n", "utf-8")
    login = jmx.http("login", "/fast", jmx.regex_extractor("name", "(.)"), port=port)
    orders = jmx.http("orders", "/fast?n=${name}", port=port, headers={"X-Text": "${tpl}"})
    run = run_of(with_jmeter, jmx.threads(jmx.csv(str(tmp_path / "c.csv"), "tpl"), login, orders, loops=3))
    assert run.code == 0 and not run.summary.get("doubts"), run.summary


def test_a_host_without_an_address_is_one_reason(with_jmeter):
    """Java says why there is none once, and the name alone for a few seconds after that."""
    request = jmx.http("home", "/", port="80").replace("127.0.0.1", "shop.invalid")
    run = run_of(with_jmeter, jmx.threads(request, users=2, loops=3))
    (reason,) = run.receipt["failures"]
    assert reason["count"] == 6 and "UnknownHostException: shop.invalid" in reason["error"], run.receipt
    assert "varies" not in reason, reason
