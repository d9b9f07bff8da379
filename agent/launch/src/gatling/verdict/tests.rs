//! Ends of Gatling, and what is made of them.

mod lacking;

use super::*;
use crate::load::Planned;
use gridnode_core::measure::failures::Failure;

const GOOD: RunFacts =
    RunFacts { exit: Exit::Code(0), stop_asked: false, heard: true, closed: true, samples: 7 };

fn judged(facts: RunFacts, report: &str, output: &str) -> Verdict {
    both(facts, report, output, &Planned::default()).0
}

/// The verdict and the doubts, where `ok` has been sent 7 times and nothing else.
fn both(facts: RunFacts, report: &str, output: &str, planned: &Planned) -> (Verdict, Vec<String>) {
    beside(facts, report, output, planned, &[])
}

/// The same where requests failed.
fn beside(
    facts: RunFacts,
    report: &str,
    output: &str,
    planned: &Planned,
    failed: &[Failure],
) -> (Verdict, Vec<String>) {
    let mut said = Said::default();
    output.lines().for_each(|line| said.line(line.as_bytes()));
    let traces = Traces { report: &Report::read(report.as_bytes()), output, said: &said };
    let sent = |label: &str| Some(if label == "ok" { 7 } else { 0 });
    let asked = Asked { planned, sent: &sent, failed };
    (judge(&facts, &traces, &asked), doubts(&facts, &traces, &asked))
}

fn reason(facts: RunFacts, output: &str) -> String {
    match judged(facts, "", output) {
        Verdict::Failed { reason } | Verdict::AssertionsFailed { reason } => reason,
        other => panic!("{facts:?} is {other:?}"),
    }
}

#[test]
fn a_whole_run_and_a_stopped_one() {
    assert_eq!(judged(GOOD, "", ""), Verdict::Completed);
    for code in [0, 1, 2, 143] {
        let stopped = RunFacts { stop_asked: true, exit: Exit::Code(code), closed: false, ..GOOD };
        assert_eq!(judged(stopped, "", ""), Verdict::Stopped, "{code}");
    }
}

#[test]
fn a_simulation_that_had_begun_ended_midway() {
    let output = "Exception in thread \"main\" java.lang.IllegalStateException: no more\n";
    let failed = RunFacts { exit: Exit::Code(1), ..GOOD };
    assert!(reason(failed, output).starts_with("the simulation ended midway: "));
    let unjudged = "Exception in thread \"main\" java.lang.IllegalArgumentException: requirement failed: simulation directory \
                    '/out/results/c-1' doesn't exist\n";
    assert!(reason(failed, unjudged).contains("add `file` to its `data.writers`"));
    let never = RunFacts { samples: 0, ..failed };
    assert!(reason(never, output).starts_with("the simulation could not be run: "));
    let hook = "\tat io.gatling.javaapi.core.internal.Simulations$.$anonfun$toScalaHookOption$2(S.scala:25)\n\
                \tat io.gatling.app.Runner.run(R.scala:66)\n";
    let after = reason(failed, &format!("{output}{hook}"));
    assert!(
        after.starts_with("the simulation came to its end, and its `after` failed then: java."),
        "{after}"
    );
    let hook = hook.replace("run(", "load(");
    let before = reason(never, &format!("{output}{hook}"));
    assert!(before.starts_with("the simulation could not be run, because its `before` failed: "), "{before}");
}

#[test]
fn failed_assertions_are_named() {
    let output = "\
lost: count of failed events is 0.0 : false (actual : 5.0)
fast: count of failed events is 0.0 : true
none: count of failed events is 0.0 : false (Could not find stats matching assertion path List(none))
Global: percentage of failed events is less than 1.0 : false (actual : 50.0)
";
    let facts = RunFacts { exit: Exit::Code(2), ..GOOD };
    assert!(matches!(judged(facts, "", output), Verdict::AssertionsFailed { .. }));
    let text = reason(facts, output);
    assert!(text.contains("lost:") && text.contains("Global:") && !text.contains("fast"), "{text}");
    assert!(text.contains("none:") && text.contains("path List(none)"), "{text}");
    assert!(reason(facts, &output.repeat(6)).ends_with("and 8 more"));
    assert!(reason(facts, "").contains("standard output"));
    assert!(reason(RunFacts { samples: 0, ..facts }, output).contains("exit code 2"));
}

#[test]
fn what_the_plug_in_says_comes_first() {
    let fatal = r#"{"level":"fatal","text":"no hook"}"#;
    for exit in [Exit::Code(70), Exit::Code(1), Exit::Code(2), Exit::Code(0)] {
        let wanted = Verdict::Failed { reason: "no hook".to_owned() };
        assert_eq!(judged(RunFacts { exit, ..GOOD }, fatal, ""), wanted);
    }
}

#[test]
fn a_script_that_ends_the_jvm_is_no_failed_assertion() {
    const EARLY: &str = r#"{"level":"cut_short","text":"System.exit"}"#;
    let output = "lost: count of failed events is 0.0 : false (actual : 5.0)";
    for code in [0, 1, 2, 3, 200, 255] {
        let facts = RunFacts { exit: Exit::Code(code), ..GOOD };
        let wanted = Verdict::Failed { reason: "System.exit".to_owned() };
        assert_eq!(judged(facts, EARLY, output), wanted, "{code}");
        assert_eq!(judged(RunFacts { stop_asked: true, ..facts }, EARLY, output), Verdict::Stopped);
    }
    let failed = |facts: RunFacts, report: &str, output: &str| match judged(facts, report, output) {
        Verdict::Failed { reason } => reason,
        other => panic!("{facts:?} is {other:?}"),
    };
    let thrown = "Exception in thread \"main\" java.lang.Error: boom";
    assert!(failed(RunFacts { exit: Exit::Code(1), ..GOOD }, EARLY, thrown).contains("boom"));
    assert!(failed(RunFacts { exit: Exit::Code(143), ..GOOD }, EARLY, "").contains("SIGTERM"));
    // Runtime.halt lets nobody say a last word.
    let halted = RunFacts { exit: Exit::Code(2), closed: false, ..GOOD };
    assert!(failed(halted, "", output).contains("closing account"));
}

#[test]
fn an_exception_of_the_simulation_is_quoted_by_its_innermost_cause() {
    let facts = RunFacts { exit: Exit::Code(1), heard: false, closed: false, samples: 0, ..GOOD };
    let output = "\
Exception in thread \"main\" java.lang.RuntimeException: wrapped
\tat io.gatling.app.Gatling$.main(Gatling.scala:1)
Caused by: java.lang.reflect.InvocationTargetException
Caused by: java.lang.IllegalArgumentException: no users
Exception in thread \"other\" java.lang.Error: later
Caused by: java.lang.Error: unrelated
";
    assert!(reason(facts, output).ends_with("java.lang.IllegalArgumentException: no users"));
    assert!(reason(facts, "noise").contains("exit code 1"));
}

fn failed_with(report: &str, output: &str, planned: &Planned) -> String {
    match both(GOOD, report, output, planned) {
        (Verdict::Failed { reason }, _) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_that_was_never_sent_fails_the_run_and_a_few_of_many_are_a_doubt() {
    let unsent = |label: &str, n: u64| {
        format!(
            r#"{{"level":"unsent","label":"{label}","count":{n},"text":"No attribute named 'x' is defined"}}"#
        )
    };
    let none = Planned::default();
    let reason = failed_with(&unsent("bad", 3), "", &none);
    assert_eq!(
        reason,
        "`bad` was never sent, 3 times (first error: No attribute named 'x' is defined): correct the plan"
    );
    assert!(failed_with(&unsent("ok", 8), "", &none).starts_with("`ok` was not sent, 8 times of 15 ("));
    let (verdict, doubts) = both(GOOD, &unsent("ok", 2), "", &none);
    assert_eq!(verdict, Verdict::Completed);
    assert!(doubts[0].starts_with("`ok` was not sent, 2 times of 9 ("), "{doubts:?}");
    // What fails the run is no doubt besides, and is worse than assertions that do not hold.
    let asserted = RunFacts { exit: Exit::Code(2), ..GOOD };
    let (verdict, doubts) = both(asserted, &unsent("bad", 1), "", &none);
    assert!(matches!(verdict, Verdict::Failed { .. }) && doubts.is_empty(), "{verdict:?} {doubts:?}");
    let stopped = RunFacts { stop_asked: true, ..GOOD };
    assert_eq!(both(stopped, &unsent("bad", 3), "", &none), (Verdict::Stopped, Vec::new()));
    let many: Vec<String> = (1..=5).map(|n| unsent(&format!("page {n}"), n)).collect();
    assert!(failed_with(&many.join("\n"), "", &none).contains("; other requests were not, 9 times ("));
}

const HOOK: &str = "06:55:52.192 [ERROR] i.g.c.a.b.SessionHookBuilder$$anon$1 - 'hook-2' failed to execute: \
                    j.l.RuntimeException: no cart\n";

#[test]
fn a_function_that_throws_is_named_with_what_it_throws() {
    let none = Planned::default();
    let reason = failed_with("", HOOK, &none);
    assert!(
        reason.starts_with("a function of the simulation (`hook-2`) failed: j.l.RuntimeException: no cart; "),
        "{reason}"
    );
    assert!(failed_with("", &HOOK.repeat(3), &none).contains("failed, 3 times with others: "));
    let many = RunFacts { samples: 11, ..GOOD };
    let (verdict, doubts) = both(many, "", HOOK, &none);
    assert!(verdict == Verdict::Completed && doubts[0].contains("`hook-2`"), "{verdict:?} {doubts:?}");
    // What a plan or a target says itself is none.
    for foreign in [
        &HOOK.replace("i.g.c.a.", "s.Cart."),
        "'hook-1' failed to execute: x",
        &HOOK.replace("hook-2", "cart"),
    ] {
        assert_eq!(both(GOOD, "", foreign, &none), (Verdict::Completed, Vec::new()), "{foreign}");
    }
}

/// As Gatling 3.15 says it.
const BLOCKS: &str = "\
11:55:03.588 [ERROR] i.g.c.a.Pause - 'pause-6' failed to execute: No attribute named 'think' is defined
11:55:06.774 [ERROR] i.g.c.action.If - 'if-6' failed to execute: No attribute named 'nope' is defined
11:55:09.927 [ERROR] i.g.c.a.Switch - 'switch-4' failed to execute: No attribute named 'k' is defined
11:54:58.800 [ERROR] i.g.c.s.LoopBlock$ - Condition evaluation crashed with message 'No attribute named 'cnt' is defined', exiting loop
";

#[test]
fn blocks_that_are_passed_over_are_counted() {
    let none = Planned::default();
    for line in BLOCKS.lines() {
        let (name, key) = match line {
            line if line.contains("pause-") => ("`pause-6`", "think"),
            line if line.contains("if-") => ("`if-6`", "nope"),
            line if line.contains("switch-") => ("`switch-4`", "k"),
            _ => ("a loop", "cnt"),
        };
        let reason = failed_with("", line, &none);
        let words = format!(
            "of the simulation ({name}) could not be computed: No attribute named '{key}' is defined; "
        );
        assert!(reason.contains(&words), "{reason}");
    }
    assert!(
        failed_with("", BLOCKS, &none).contains("(`pause-6`) could not be computed, 4 times with others: ")
    );
    let threw = "11:55:09.923 [ERROR] i.g.c.action.If - 'if-8' crashed with 'j.l.Error: boom', forwarding to the next one";
    assert!(failed_with("", threw, &none).contains("(`if-8`) could not be computed: j.l.Error: boom; "));
    let (verdict, doubts) = both(RunFacts { samples: 41, ..GOOD }, "", BLOCKS, &none);
    assert!(verdict == Verdict::Completed && doubts[0].contains("4 times with others"), "{doubts:?}");
    let foreign = BLOCKS.replace(" i.g.c.", " shop.");
    assert_eq!(both(GOOD, "", &foreign, &none), (Verdict::Completed, Vec::new()));
}

#[test]
fn a_request_that_has_no_name_is_counted_as_never_sent() {
    const NEWER: &str = "10:31:10.519 [ERROR] i.g.h.a.HttpRequestAction - Failed to build request name: No attribute \
                         named 'x' is defined\n";
    const OLDER: &str = "10:31:10.519 [ERROR] i.g.h.a.HttpRequestAction - 'httpRequest-2' failed to execute: No \
                         attribute named 'x' is defined\n";
    let none = Planned::default();
    let wanted = "a request whose name cannot be built was never sent, 3 times (first error: No attribute named 'x' is \
                  defined): correct the plan";
    for line in [NEWER, OLDER] {
        assert_eq!(failed_with("", &line.repeat(3), &none), wanted);
        let (verdict, doubts) = both(RunFacts { samples: 99, ..GOOD }, "", line, &none);
        assert!(verdict == Verdict::Completed && doubts[0].contains("never sent, once"), "{doubts:?}");
    }
    // Older ones say the same of a request that has a name.
    let named = r#"{"level":"unsent","label":"g / httpRequest-2","count":3,"text":"no"}"#;
    assert!(failed_with(named, OLDER, &none).starts_with("`g / httpRequest-2` was never sent, 3 times"));
    for foreign in [NEWER.replace("i.g.h.a.", "s."), OLDER.replace("httpRequest-2", "home")] {
        assert_eq!(both(GOOD, "", &foreign, &none), (Verdict::Completed, Vec::new()), "{foreign}");
    }
}

const WAITING: &str = "---- Requests ---\n---- a ---\n          waiting:        12 / active:         1  / done:         0\n\
                       ---- Requests ---\n---- a ---\n          waiting:        12 / active:         1  / done:         0\n\
                       ---- b ---\n          waiting: 8      / active: 1      / done: 0     \n";

#[test]
fn a_load_that_the_plan_stops_itself_is_broken_where_something_was_still_to_come() {
    let end = r#"{"level":"ended_itself","count":1,"ran_s":2,"text":"broken"}"#;
    let none = Planned::default();
    assert_eq!(
        failed_with(end, WAITING, &none),
        "the plan stopped its load itself after 1 of 21 users and 2 s (stopLoadGenerator: broken)"
    );
    let crash = end.replace(r#""text""#, r#""label":"crashLoadGenerator","text""#);
    assert!(failed_with(&crash, WAITING, &none).ends_with("and 2 s (crashLoadGenerator: broken)"));
    let asked = Planned { length_s: Some(60), is_asked: true, ..Planned::default() };
    assert!(failed_with(end, "", &asked).contains("after 1 user and 2 of 60 s ("));
    let all_came = WAITING.replace("12 ", "0 ").replace("8 ", "0 ");
    for (output, planned) in
        [("", &none), (all_came.as_str(), &none), ("", &Planned { length_s: Some(2), ..asked })]
    {
        let (verdict, doubts) = both(GOOD, end, output, planned);
        assert!(
            verdict == Verdict::Completed && doubts[0].contains("itself after 1 user and 2 "),
            "{doubts:?}"
        );
    }
    let crashed = RunFacts { exit: Exit::Code(1), ..GOOD };
    let output = format!("Exception in thread \"main\" java.lang.Exception: crashed: broken\n{WAITING}");
    let (Verdict::Failed { reason }, _) = both(crashed, end, &output, &none) else {
        panic!("it has not failed")
    };
    assert!(
        reason.contains("crashed: broken; the plan stopped its load itself after 1 of 21 users"),
        "{reason}"
    );
}

#[test]
fn users_that_the_end_of_the_duration_cuts_off_are_a_doubt_unless_all_loop_until_then() {
    let asked = Planned { length_s: Some(30), is_asked: true, ..Planned::default() };
    let summary = |waiting: u64, active: u64, done: u64| {
        format!("---- Requests ---\n   waiting:  {waiting} / active:  {active}  / done:   {done}   \n")
    };
    let doubts = |output: &str, planned: &Planned| both(GOOD, "", output, planned).1;
    let said = doubts(&summary(0, 3, 17), &asked);
    assert!(
        said[0]
            .starts_with("3 of 20 users were still under way when the duration was over, after 30 s: what"),
        "{said:?}"
    );
    assert!(doubts(&summary(5, 2, 0), &asked)[0].contains("2 of 7 users were still"), "nobody is done");
    assert!(doubts(&summary(5, 2, 0), &asked)[0].contains("30 s, 5 had not started: "));
    for (waiting, active, done) in [(0, 20, 0), (0, 0, 20)] {
        assert_eq!(doubts(&summary(waiting, active, done), &asked), Vec::<String>::new());
    }
    assert_eq!(doubts(&summary(0, 3, 17), &Planned::default()), Vec::<String>::new());
    let stopped = r#"{"level":"ended_itself","count":1,"ran_s":29,"text":"enough"}"#;
    let (_, said) = both(GOOD, stopped, &summary(0, 3, 17), &asked);
    assert!(said.len() == 1 && said[0].contains("stopLoadGenerator"), "{said:?}");
}

#[test]
fn users_that_all_leave_early_are_a_doubt() {
    let left = |count: u64| format!(r#"{{"level":"left_early","count":{count},"of":3,"text":""}}"#);
    let none = Planned::default();
    assert!(both(GOOD, &left(3), "", &none).1[0].starts_with("all 3 users left the scenario before its end"));
    assert_eq!(both(GOOD, &left(2), "", &none), (Verdict::Completed, Vec::new()));
}

#[test]
fn a_plan_that_ends_the_jvm_before_its_load() {
    const NOT_BEGUN: &str = r#"{"level":"not_begun","text":"Gatling ended before its load began"}"#;
    let of = |code, report, output| {
        let facts = RunFacts { exit: Exit::Code(code), heard: false, closed: false, samples: 0, ..GOOD };
        match both(facts, report, output, &Planned::default()).0 {
            Verdict::Failed { reason } => reason,
            other => panic!("{other:?}"),
        }
    };
    for code in [0, 1, 2, 7] {
        let reason = of(code, NOT_BEGUN, "");
        let words = format!("the plan ended the JVM itself, with exit code {code}, before any user started");
        assert!(reason.starts_with(&words), "{reason}");
    }
    let thrown = "Exception in thread \"main\" java.lang.Error: boom";
    assert!(of(1, NOT_BEGUN, thrown).contains("boom"));
    assert!(of(143, NOT_BEGUN, "").contains("SIGTERM"));
    assert!(of(0, "", "").contains("never heard"));
}

#[test]
fn what_failed_beside_a_request_that_was_never_sent_is_named_shortly() {
    let unsent = r#"{"level":"unsent","label":"bad","count":3,"text":"No attribute named 'x' is defined"}"#;
    let block = "06:55:52.192 [ERROR] i.g.c.action.If - 'if-6' failed to execute: No attribute named 'y' is defined\n";
    let reason = failed_with(unsent, &format!("{HOOK}{HOOK}{block}"), &Planned::default());
    assert_eq!(
        reason,
        "`bad` was never sent, 3 times (first error: No attribute named 'x' is defined): correct the plan; besides, functions \
         failed, 2 times (first: `hook-2`, j.l.RuntimeException: no cart); besides, blocks were passed over, once (first: `if-6`, \
         No attribute named 'y' is defined)"
    );
}

#[test]
fn a_feeder_without_records_says_what_to_do() {
    let failed = RunFacts { exit: Exit::Code(1), ..GOOD };
    for words in [
        "io.gatling.core.action.FeedActor$$anon$1: Feeder csv(u.csv) crashed: feeder is now empty (hint: S.<init>(S.java:10))",
        "java.lang.IllegalStateException: Feeder is now empty, stopping engine",
    ] {
        for samples in [0, 7] {
            let output = format!("Exception in thread \"main\" {words}\n");
            let said = reason(RunFacts { samples, ..failed }, &output);
            assert!(said.contains(words) && said.contains("more rows, or write `.circular()`"), "{said}");
        }
    }
}

#[test]
fn what_a_script_prints_is_no_finding() {
    let mut said = Said::default();
    for line in HOOK.lines().chain(BLOCKS.lines()).chain(NAMELESS.lines()) {
        said.printed(line.as_bytes());
    }
    let judged = |said: &Said| {
        let traces = Traces { report: &Report::default(), output: "", said };
        judge(&GOOD, &traces, &Asked { planned: &Planned::default(), sent: &|_| Some(0), failed: &[] })
    };
    assert_eq!(judged(&said), Verdict::Completed);
    for line in [HOOK, NAMELESS] {
        let mut said = said.clone();
        said.logged(line.as_bytes());
        assert!(matches!(judged(&said), Verdict::Failed { .. }), "{line}");
    }
}

const NAMELESS: &str = "06:55:53.192 [ERROR] i.g.h.a.HttpRequestAction - Failed to build request name: No attribute named 'x' \
                        is defined\n";

#[test]
fn a_request_without_a_name_is_said_beside_another_one() {
    let unsent = r#"{"level":"unsent","label":"c","count":3,"text":"No attribute named 'x' is defined"}"#;
    let reason = failed_with(unsent, &NAMELESS.repeat(3), &Planned::default());
    assert_eq!(
        reason,
        "`c` was never sent, 3 times (first error: No attribute named 'x' is defined): correct the plan; besides, a request whose \
         name cannot be built was never sent, 3 times (first error: No attribute named 'x' is defined)"
    );
    let stopped = r#"{"level":"ended_itself","count":1,"ran_s":1,"text":"enough"}"#;
    let early = Planned { length_s: Some(60), ..Planned::default() };
    let reason = failed_with(&format!("{unsent}\n{stopped}"), "", &early);
    assert!(
        reason.contains("besides, the plan stopped its load itself after 1 user and 1 of 60 s"),
        "{reason}"
    );
}

#[test]
fn an_error_that_quotes_an_old_expression_is_translated() {
    let block = "06:55:52.192 [ERROR] i.g.c.s.LoopBlock$ - Condition evaluation crashed with message 'Can't cast '${ids}' of type class \
                 java.lang.String into interface scala.collection.immutable.Seq', exiting loop\n";
    let reason = failed_with("", block, &Planned::default());
    assert!(
        reason.ends_with("correct the plan (`${ids}` is written `#{ids}` since Gatling 3.7)"),
        "{reason}"
    );
}

#[test]
fn a_plan_that_ends_the_jvm_after_its_load() {
    let report = |count: u64| {
        format!(r#"{{"level":"exited_after","count":{count},"text":"System.exit in S.after, S.java:8"}}"#)
    };
    let of = |code, count| {
        both(RunFacts { exit: Exit::Code(code), ..GOOD }, &report(count), "", &Planned::default())
    };
    let (verdict, said) = of(0, 0);
    assert_eq!(verdict, Verdict::Completed);
    assert!(
        said[0].contains(
            "itself when its load was over (System.exit in S.after, S.java:8): nothing of its load"
        )
    );
    for (code, count, words) in
        [(0, 1, "its assertions were not judged"), (2, 0, "exit code of its own"), (1, 2, "not judged")]
    {
        let (verdict, said) = of(code, count);
        let Verdict::Failed { reason } = verdict else { panic!("{code} {count}: {verdict:?}") };
        assert!(reason.contains(words) && said.is_empty(), "{reason}");
    }
    let stopped = RunFacts { stop_asked: true, ..GOOD };
    assert_eq!(both(stopped, &report(1), "", &Planned::default()), (Verdict::Stopped, Vec::new()));
    let killed = RunFacts { exit: Exit::Code(143), ..GOOD };
    let (verdict, _) = both(killed, &report(1), "", &Planned::default());
    assert!(matches!(verdict, Verdict::Failed { reason } if reason.contains("SIGTERM")));
}
