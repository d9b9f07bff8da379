use super::*;
use proptest::prelude::*;

mod early;
mod failed;

const FINE: RunFacts =
    RunFacts { exit: Exit::Code(0), stop_asked: false, heard: true, closed: true, samples: 10 };
const SILENT: RunFacts =
    RunFacts { exit: Exit::Code(1), stop_asked: false, heard: false, closed: false, samples: 0 };

fn scan(text: &str) -> LogScan {
    let mut scan = LogScan::default();
    text.lines().for_each(|line| scan.line(line.as_bytes()));
    scan
}

fn said(text: &str) -> LogScan {
    let mut scan = LogScan::default();
    text.lines().for_each(|line| scan.said(line.as_bytes()));
    scan
}

/// A plan of which nothing is known.
const ANY: Planned = Planned {
    length_s: None,
    is_asked: false,
    is_endless: false,
    mistakes: Vec::new(),
    doubts: Vec::new(),
    late: Vec::new(),
};

fn judge(facts: &RunFacts, scan: &LogScan) -> Verdict {
    super::judge(facts, scan, &Asked { planned: &ANY, sent: &|_| Some(0), absent: &[] })
}

/// Judges a run whose output is the named file of real JMeter's.
macro_rules! judged {
    ($facts:expr, $file:literal) => {
        match judge(
            &$facts,
            &(if $file.ends_with(".log") { scan } else { said })(include_str!(concat!(
                "../../../tests/data/jmeter-logs/",
                $file
            ))),
        ) {
            Verdict::Failed { reason } => format!("{}: {reason}", $file),
            other => format!("{}: {other:?}", $file),
        }
    };
}

#[test]
fn all_classes_that_are_missing_are_named_and_none_of_a_run_that_had_them() {
    let absent = ["kg.apc.jmeter.threads.UltimateThreadGroup", "eu.luminis.jmeter.wssampler.PingPongSampler"];
    let absent = absent.map(str::to_owned);
    let reason = |facts, scan: &LogScan| {
        super::judge(facts, scan, &Asked { planned: &ANY, sent: &|_| Some(0), absent: &absent })
    };
    let log = include_str!("../../../tests/data/jmeter-logs/missing-class.log");
    let Verdict::Failed { reason: said } = reason(&SILENT, &scan(log)) else { panic!() };
    assert!(
        said.contains("--plugin kg.apc:jmeter-plugins-casutg --plugin net.luminis.jmeter:jmeter-websocket"),
        "{said}"
    );
    assert_eq!(said.matches("UltimateThreadGroup").count(), 1, "{said}");
    assert_eq!(reason(&FINE, &LogScan::default()), Verdict::Completed);
}

#[test]
fn output_of_real_runs_is_understood() {
    let empty = RunFacts { samples: 0, ..FINE };
    let oom = RunFacts { exit: Exit::Code(3), closed: false, ..FINE };
    insta::assert_snapshot!(
        [
            judged!(FINE, "ok.log"),
            judged!(FINE, "ok.stdout"),
            judged!(empty, "missing-csv.log"),
            judged!(FINE, "missing-csv.log"),
            judged!(FINE, "missing-header.log"),
            judged!(SILENT, "missing-class.log"),
            judged!(FINE, "backend-class.log"),
            judged!(FINE, "sampler-class.log"),
            judged!(FINE, "missing-include.log"),
            judged!(FINE, "disabled-include.log"),
            judged!(FINE, "computed-include.log"),
            judged!(FINE, "broken-include.log"),
            judged!(FINE, "include-class.log"),
            judged!(FINE, "user-dies.log"),
            judged!(FINE, "timer.log"),
            judged!(FINE, "post-processor.log"),
            judged!(SILENT, "entity.log"),
            judged!(SILENT, "function-in-int.log"),
            judged!(SILENT, "no-plan.log"),
            judged!(empty, "no-group.log"),
            judged!(oom, "out-of-memory.stdout"),
            judged!(SILENT, "heap-too-small.out"),
            judged!(SILENT, "heap-too-large.out"),
            judged!(SILENT, "bad-option.out"),
            judged!(SILENT, "no-jar.out"),
            judged!(FINE, "port-taken.stdout"),
        ]
        .join("\n"),
        @r#"
    ok.log: Completed
    ok.stdout: Completed
    missing-csv.log: the plan reads the file `nope.csv`, which cannot be read: put it beside the plan, or correct its name in the plan
    missing-csv.log: the plan reads the file `nope.csv`, which cannot be read: put it beside the plan, or correct its name in the plan
    missing-header.log: a CSV Data Set of the plan takes the names of its variables from the first line of the file `nope.csv`, which cannot be read or is empty: put it beside the plan, or correct its name in the plan
    missing-class.log: the plan needs the class kg.apc.jmeter.threads.UltimateThreadGroup (in kg.apc:jmeter-plugins-casutg), which this JMeter does not have: install what has it with `gridnode tools install jmeter --plugin kg.apc:jmeter-plugins-casutg`, or put its jar and the one of kg.apc:jmeter-plugins-cmn-jmeter beside the plan, or remove the element from the plan
    backend-class.log: the plan needs the class com.example.Gone, which this JMeter does not have: put the jar that has it beside the plan, or remove the element from the plan
    sampler-class.log: the plan needs the class com.example.GoneSampler, which this JMeter does not have: put the jar that has it beside the plan, or remove the element from the plan
    missing-include.log: the plan reads the file `gone.jmx`, which cannot be read: put it beside the plan, or correct its name in the plan
    disabled-include.log: Completed
    computed-include.log: an Include Controller of the plan includes `${__P(inc,frag2.jmx)}`, and JMeter computes neither variables nor functions in that name, so nothing of it has run: write the file's own name there
    broken-include.log: an Include Controller of the plan cannot load `bad.jmx` (EOFException: no more data available - expected end tags </hashTree></jmeterTestPlan> to close start tag <hashTree> from line 1 and start tag <jmeterTestPlan> from line 1, parser stopped on START_TAG seen ...<jmeterTestPlan version="1.2"><hashTree>... @1:62), so nothing of it has run: open that file in JMeter, correct it and save it again
    include-class.log: the plan needs the class com.acme.Foo, which this JMeter does not have: put the jar that has it beside the plan, or remove the element from the plan
    user-dies.log: a thread of the plan died (java.lang.StackOverflowError: null), so part of the load is missing: see JMeter's log
    timer.log: a timer failed, 3 times; a listener failed, 3 times (first error in JMeter's log: Problem in JSR223 script, tim: javax.script.ScriptException: java.lang.RuntimeException: tim): correct the plan
    post-processor.log: a post-processor failed, 3 times (first error in JMeter's log: Problem in JSR223 script, post: javax.script.ScriptException: java.lang.RuntimeException: post): correct the plan
    entity.log: JMeter cannot load the plan (XmlPullParserException: could not resolve entity named 'd' (position: START_TAG seen ...uiclass="JavaTestSamplerGui" testclass="JavaSampler" testname="&d;... @9:105)): open it in JMeter, correct it and save it again
    function-in-int.log: JMeter cannot load the plan (NumberFormatException: For input string: "${__P(users,3)}"): open it in JMeter, correct it and save it again
    no-plan.log: JMeter ended with exit code 1 before the plan ran (first error in its log: o.a.j.JMeter: An error occurred: org.apache.jmeter.report.config.ConfigurationException: The file /runs/7/missing.jmx doesn't exist or can't be opened): see its log and its standard error
    no-group.log: the plan ran and sent nothing: check that its thread groups have threads and loops, and that their controllers let a sampler run
    out-of-memory.stdout: JMeter ran out of memory (Java heap space), so its numbers cannot be trusted: give it a larger heap with --heap-mib, or fewer users, and remove listeners that keep results
    heap-too-small.out: the JVM did not start (Too small maximum heap): correct the heap size, the JVM options or the JMeter home
    heap-too-large.out: the JVM did not start (Could not reserve enough space for 102400000000000KB object heap): correct the heap size, the JVM options or the JMeter home
    bad-option.out: the JVM did not start (Unrecognized VM option 'Nope'): correct the heap size, the JVM options or the JMeter home
    no-jar.out: the JVM did not start (Error: Unable to access jarfile /tools/jmeter/bin/ApacheJMeter.jar): correct the heap size, the JVM options or the JMeter home
    port-taken.stdout: Completed
    "#
    );
}

#[test]
fn facts_decide_where_the_output_is_silent() {
    let outcome = |change: fn(&mut RunFacts)| {
        let mut facts = FINE;
        change(&mut facts);
        judge(&facts, &LogScan::default())
    };
    let reason = |change| match outcome(change) {
        Verdict::Failed { reason } => reason,
        other => panic!("not failed: {other:?}"),
    };
    assert_eq!(outcome(|_| {}), Verdict::Completed);
    assert_eq!(outcome(|f| f.stop_asked = true), Verdict::Stopped);
    assert_eq!(
        outcome(|f| (f.stop_asked, f.exit, f.closed) = (true, Exit::Signal(9), false)),
        Verdict::Stopped
    );
    assert_eq!(outcome(|f| (f.stop_asked, f.samples) = (true, 0)), Verdict::Stopped);
    assert!(reason(|f| f.samples = 0).starts_with("the plan ran and sent nothing: "));
    assert!(reason(|f| f.heard = false).starts_with("JMeter ended, but its listener was never heard"));
    assert!(reason(|f| f.closed = false).contains("without its listener's closing account"));
    assert!(
        reason(|f| f.exit = Exit::Signal(9))
            .starts_with("JMeter was killed by signal 9 (SIGKILL); the kernel")
    );
    assert!(
        reason(|f| f.exit = Exit::Code(137))
            .starts_with("JMeter was killed by signal 9 (SIGKILL); the kernel")
    );
    assert!(
        reason(|f| f.exit = Exit::Code(143))
            .starts_with("JMeter was killed by signal 15 (SIGTERM); somebody")
    );
    assert!(reason(|f| f.exit = Exit::Signal(11)).contains("hs_err_pid"));
    assert!(reason(|f| f.exit = Exit::Code(1)).starts_with("JMeter failed with exit code 1: "));
    assert!(reason(|f| (f.exit, f.heard) = (Exit::Code(1), false)).contains("before the plan ran"));
    assert!(
        reason(|f| (f.exit, f.samples) = (Exit::Unknown, 0)).starts_with("the plan ran and sent nothing")
    );
}

#[test]
fn errors_of_samples_do_not_fail_a_run() {
    let scan = scan(
        "2026-11-23 18:21:31,863 ERROR o.a.j.p.j.s.JSR223Sampler: Problem in JSR223 script s, message: boom\n\
         javax.script.ScriptException: groovy.lang.MissingPropertyException: No such property: x\n\
         \tat org.codehaus.groovy.jsr223.GroovyScriptEngineImpl.eval(GroovyScriptEngineImpl.java:320)\n\
         Caused by: java.lang.ClassNotFoundException: deep.Inside\n\
         2026-11-23 18:21:31,864 WARN o.a.j.x.Y: skipped\n\
         java.lang.ClassNotFoundException: optional.Thing\n\
         2026-11-23 18:21:31,864 ERROR o.a.j.x.Y: no exception below\n\
         2026-11-23 18:21:31,864 INFO o.a.j.x.Y: prints\n\
         java.lang.ClassNotFoundException: printed.Text\n\
         2026-11-23 18:21:31,865 INFO o.a.j.x.Y: answered java.lang.OutOfMemoryError: theirs\n",
    );
    assert_eq!((scan.findings(), scan.errors()), (&[][..], 2));
    assert_eq!(judge(&FINE, &scan), Verdict::Completed);
    let reason = judge(&RunFacts { samples: 0, ..FINE }, &scan);
    assert!(
        matches!(reason, Verdict::Failed { reason } if reason.contains("(first error in its log: o.a.j.p.j.s.JSR223Sampler"))
    );
}

#[test]
fn a_plan_that_breaks_off_is_no_completed_run() {
    const BEGAN: &str = "2026-11-23 18:21:31,863 INFO o.a.j.e.StandardJMeterEngine: Running the test!\n";
    const ENDED: &str = "2026-11-23 18:21:39,863 INFO o.a.j.e.StandardJMeterEngine: Notifying test listeners of end of test\n";
    let judged = |text: &str| judge(&FINE, &scan(text));
    let reason = judged(BEGAN);
    assert!(
        matches!(&reason, Verdict::Failed { reason } if reason.contains("in the middle of the plan")),
        "{reason:?}"
    );
    // Quoted by somebody else, it is not the engine's word.
    assert_ne!(
        judged(&format!("{BEGAN}2026-11-23 18:21:32,863 INFO a.B: ... end of run\n")),
        Verdict::Completed
    );
    assert_eq!(judged(&format!("{BEGAN}{ENDED}")), Verdict::Completed);
    // JMeter's launcher says the end, too, where the log is lost.
    let mut both = scan(BEGAN);
    both.said(b"... end of run");
    assert_eq!(judge(&FINE, &both), Verdict::Completed);
    assert_eq!(judged("printed by a script\n"), Verdict::Completed);
    assert_eq!(judge(&RunFacts { stop_asked: true, ..FINE }, &scan(BEGAN)), Verdict::Stopped);
}

#[test]
fn a_dying_thread_and_a_hung_jvm_are_found() {
    let died = scan(
        "2026-11-23 18:21:23,878 ERROR o.a.j.t.JMeterThread: Test failed!\njava.lang.NullPointerException: oops\n\tat a.b(C.java:1)\n",
    );
    assert_eq!(
        died.findings(),
        [Finding::ThreadDied { cause: "java.lang.NullPointerException: oops".to_owned() }]
    );
    let hung = said(
        "Exception: java.lang.OutOfMemoryError thrown from the UncaughtExceptionHandler in thread \"g 1-317\"\n",
    );
    let killed = RunFacts { exit: Exit::Code(3), ..FINE };
    assert!(matches!(judge(&killed, &hung), Verdict::Failed { reason } if reason.contains("out of memory")));
    assert_eq!(judge(&FINE, &hung), Verdict::Completed, "a JVM without memory does not end well");
    let defined = scan(
        "2026-11-23 18:21:23,878 ERROR o.a.j.t.JMeterThread: Test failed!\njava.lang.NoClassDefFoundError: kg/apc/Thing\n",
    );
    assert_eq!(defined.findings(), [Finding::MissingClass { class: "kg.apc.Thing".to_owned() }]);
}

#[test]
fn what_a_target_or_a_script_writes_is_no_finding() {
    const TEXTS: &str = "\
        2026-11-28 19:12:50,073 INFO o.a.j.p.j.s.J.call: target said 500:\n\
        <pre>java.lang.OutOfMemoryError: Java heap space\n\
        2026-11-28 19:12:50,074 ERROR o.a.j.p.j.s.J.call: java.lang.OutOfMemoryError: theirs\n\
        java.lang.ClassNotFoundException: theirs.Shop\n\
        2026-11-28 19:12:50,075 ERROR o.a.j.p.j.s.JSR223Sampler: Problem in JSR223 script own socket, message: bind\n\
        java.net.BindException: Address already in use\n\
        2026-11-28 19:12:50,076 ERROR o.a.j.JMeter: Uncaught exception in thread Thread[theirs,5,main]\n\
        java.lang.IllegalStateException: File a must exist and be readable\n";
    let after_start =
        format!("2026-11-28 19:12:49,000 INFO o.a.j.t.JMeterThread: Thread started: g 1-1\n{TEXTS}");
    let mut scan = scan(&after_start);
    assert_eq!(scan.findings(), []);
    scan.said(b"java.lang.OutOfMemoryError: Metaspace");
    scan.said(b"Unrecognized option: theirs");
    assert_eq!(judge(&FINE, &scan), Verdict::Completed);
    // Whoever prints the JVM's words ends it by another code than the JVM.
    scan.said(b"Terminating due to java.lang.OutOfMemoryError: theirs");
    let exit = judge(&RunFacts { exit: Exit::Code(1), ..FINE }, &scan);
    assert!(
        matches!(&exit, Verdict::Failed { reason } if reason.starts_with("JMeter failed with exit code 1")),
        "{exit:?}"
    );
    let own =
        after_start.replace("java.lang.IllegalStateException: File", "java.lang.OutOfMemoryError: Direct");
    assert!(super::tests::scan(&own).findings()[0].to_string().contains("out of memory"));
}

#[test]
fn samplers_that_were_never_sent_are_counted() {
    let one = "2026-11-28 19:12:45,520 ERROR o.a.j.t.JMeterThread: Error while processing sampler: 'cart'.\n\
               java.lang.NumberFormatException: For input string: \"${id}\"\n\tat java.base/java.lang.Integer\n";
    let pre =
        "2026-11-28 19:12:45,520 ERROR o.a.j.m.JSR223PreProcessor: Problem in JSR223 script, sign\nboom\n";
    let judged = |text: &str| match judge(&FINE, &scan(text)) {
        Verdict::Failed { reason } => reason,
        other => format!("{other:?}"),
    };
    assert_eq!(
        judged(&one.repeat(50)),
        "`cart` was never sent, 50 times (first error in JMeter's log: java.lang.NumberFormatException: For input \
         string: \"${id}\"): correct the plan"
    );
    assert!(judged(pre).starts_with("a pre-processor failed, once (first error in JMeter's log: Problem in"));
    let many: String = (0..40).map(|i| one.replace("cart", &format!("cart {i}"))).collect();
    assert!(judged(&many).contains("`cart 2` was never sent, once; other samplers were not, 37 times"));
    let stopped = RunFacts { stop_asked: true, ..FINE };
    assert_eq!(judge(&stopped, &scan(one)), Verdict::Stopped);
}

#[test]
fn a_few_of_many_that_were_not_sent_are_a_doubt() {
    let one = "2026-11-28 19:12:45,520 ERROR o.a.j.t.JMeterThread: Error while processing sampler: 'cart'.\n\
               java.lang.NumberFormatException: For input string: \"\"\n";
    let both = |times: usize, sent: Option<u64>| {
        let (scan, sent) = (scan(&one.repeat(times)), |label: &str| sent.filter(|_| label == "cart"));
        let asked = Asked { planned: &ANY, sent: &sent, absent: &[] };
        let reason = match super::judge(&FINE, &scan, &asked) {
            Verdict::Failed { reason } => Some(reason),
            _ => None,
        };
        (reason, doubts(&FINE, &scan, &asked).pop())
    };
    let first = "(first error in JMeter's log: java.lang.NumberFormatException: For input string: \"\"): correct the plan";
    assert_eq!(both(1, Some(49)), (None, Some(format!("`cart` was not sent, once of 50 {first}"))));
    assert_eq!(both(5, Some(5)), (None, Some(format!("`cart` was not sent, 5 times of 10 {first}"))));
    assert_eq!(both(3, None), (None, Some(format!("`cart` was not sent, 3 times {first}"))));
    assert_eq!(both(6, Some(5)), (Some(format!("`cart` was not sent, 6 times of 11 {first}")), None));
    assert_eq!(both(1, Some(0)), (Some(format!("`cart` was never sent, once {first}")), None));
    assert_eq!(both(0, Some(0)), (None, None));
}

#[test]
fn a_set_up_that_ends_the_test_is_no_run() {
    let log = |thread: &str| {
        scan(&format!(
            "2026-11-29 00:00:00,000 INFO o.a.j.e.StandardJMeterEngine: Running the test!\n\
             2026-11-29 00:00:02,000 INFO o.a.j.t.JMeterThread: {thread}: setup 1-1\n\
             2026-11-29 00:00:02,100 INFO o.a.j.e.StandardJMeterEngine: No enabled thread groups found\n\
             2026-11-29 00:00:02,500 INFO o.a.j.e.StandardJMeterEngine: Notifying test listeners of end of test\n"
        ))
    };
    let judged =
        |scan: &LogScan| super::judge(&FINE, scan, &Asked { planned: &ANY, sent: &|_| None, absent: &[] });
    let stopped = judged(&log("Stop Test detected by thread"));
    assert!(matches!(stopped, Verdict::Failed { reason } if reason.contains("in its set-up")));
    assert_eq!(judged(&log("Thread finished")), Verdict::Completed, "a plan may have nothing else");
}

#[test]
fn memory_is_bounded() {
    let mut scan = LogScan::default();
    for i in 0..1_000 {
        scan.line(b"2026-11-23 18:21:23,878 ERROR o.a.j.t.JMeterThread: Test failed!");
        scan.line(
            format!("java.lang.IllegalArgumentException: File {i}{} must exist", "x".repeat(5_000))
                .as_bytes(),
        );
    }
    assert_eq!(scan.findings().len(), scan::FINDINGS_MAX);
    assert!(scan.findings().iter().all(|finding| finding.to_string().len() < 700));
}

proptest! {
    #[test]
    fn any_line_is_survived(lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..20)) {
        let mut scan = LogScan::default();
        scan.line(b"2026-11-23 18:21:23,878 ERROR x: y");
        for line in lines {
            scan.line(&line);
        }
        let _ = judge(&FINE, &scan);
    }
}

#[test]
fn a_module_whose_target_is_gone_is_the_reason() {
    let log = "2026-11-29 06:46:16,317 ERROR o.a.j.JMeter: Error in NonGUIDriver\n\
               org.apache.jorphan.util.JMeterStopTestException: ModuleController:mod has no selected Controller (did you \
               rename some element in the path to target controller?), test was shutdown as a consequence";
    let Verdict::Failed { reason } = judge(&SILENT, &scan(log)) else { panic!() };
    let said =
        "JMeter cannot begin with the plan: ModuleController:mod has no selected Controller (did you rename";
    assert!(reason.starts_with(said) && !reason.contains("shutdown"), "{reason}");
}
