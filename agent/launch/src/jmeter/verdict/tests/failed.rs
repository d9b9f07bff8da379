//! Scripts, functions and extractors that fail beside the samples.

use super::*;

/// What fails a run of so many samples, and what is a doubt of it.
fn both(samples: u64, log: &str) -> (Option<String>, Vec<String>) {
    let facts = RunFacts { samples, ..FINE };
    let asked = Asked { planned: &ANY, sent: &|_| Some(4), absent: &[] };
    let scan = scan(log);
    let reason = match super::super::judge(&facts, &scan, &asked) {
        Verdict::Failed { reason } => Some(reason),
        _ => None,
    };
    (reason, doubts(&facts, &scan, &asked))
}

macro_rules! log {
    ($file:literal) => {
        include_str!(concat!("../../../../tests/data/jmeter-logs/", $file, ".log"))
    };
}

#[test]
fn scripts_of_beanshell_that_throw_are_found_though_jmeter_only_warns() {
    for (log, what) in [
        (log!("beanshell-pre-processor"), "a pre-processor failed, 4 times"),
        (log!("beanshell-post-processor"), "a post-processor failed, 4 times"),
        (log!("beanshell-timer"), "a timer failed, 4 times"),
    ] {
        let (reason, doubts) = both(4, log);
        let reason = reason.unwrap_or_default();
        let words = format!("{what} (first error in JMeter's log: Problem in BeanShell script");
        assert!(reason.starts_with(&words) && reason.contains("undefined variable"), "{reason}");
        assert_eq!(doubts, Vec::<String>::new());
    }
    let (reason, doubts) = both(4, log!("beanshell-listener"));
    assert!(reason.is_none() && doubts[0].starts_with("a listener failed, 4 times"), "{reason:?} {doubts:?}");
    assert!(both(41, log!("beanshell-post-processor")).0.is_none(), "a few of many are a doubt");
    let bsf = "2026-11-29 11:52:48,164 WARN o.a.j.m.BSFPreProcessor: Problem in BSF script. org.apache.bsf.BSFException";
    assert!(both(4, bsf).0.is_some_and(|reason| reason.starts_with("a pre-processor failed, once")));
    for own in [
        "2026-11-29 11:52:48,164 WARN o.a.j.m.BeanShellPreProcessor: Problem in our shop",
        "2026-11-29 11:52:48,164 WARN shop.BeanShellPreProcessor: Problem in BeanShell script. x",
        "2026-11-29 11:52:48,164 INFO o.a.j.m.BeanShellPreProcessor: Problem in BeanShell script. x",
    ] {
        assert_eq!(both(4, own), (None, Vec::new()), "{own}");
    }
}

#[test]
fn functions_that_fail_are_a_doubt_with_the_first_error() {
    let (reason, doubts) = both(16, log!("functions"));
    assert_eq!(reason, None);
    assert_eq!(
        doubts,
        [
            "`__CSVRead` failed, 4 times; `__FileToString` failed, 4 times; `__StringFromFile` failed, once; `__groovy` \
             failed, 4 times (first error in JMeter's log: java.nio.file.NoSuchFileException: /plans/absent.csv), so what \
             uses them went on without their value: correct the plan"
        ]
    );
    let doubts = both(6, log!("condition")).1;
    let words = "`__groovy` failed, 6 times (first error in JMeter's log: Error running groovy script: \
                 javax.script.ScriptException: javax.script.ScriptException: groovy.lang.MissingPropertyException: No such \
                 property: foo";
    assert!(doubts.len() == 1 && doubts[0].starts_with(words), "{doubts:?}");
}

#[test]
fn what_a_script_logs_by_its_functions_logger_is_none() {
    for line in [
        "2026-11-29 11:53:21,233 WARN o.a.j.f.Groovy: the cart is empty",
        "2026-11-29 11:53:21,233 ERROR o.a.j.f.LogFunction: users 1-1 Error running groovy script",
        "2026-11-29 11:53:21,233 WARN o.a.j.f.XPathWrapper: users 1-1: Opening a.xml",
        "2026-11-29 11:53:21,233 INFO o.a.j.f.FileRowColContainer: java.lang.Exception",
    ] {
        assert_eq!(both(4, line), (None, Vec::new()), "{line}");
    }
    // Another line's text is not its cause.
    let two = "2026-11-29 11:53:21,233 WARN o.a.j.f.FileToString: Could not read open: a.txt\n\
               2026-11-29 11:53:21,234 INFO shop.Cart: hello\nmore\n";
    assert!(both(4, two).1[0].contains("(first error in JMeter's log: Could not read open: a.txt), so"));
}

#[test]
fn an_extractor_whose_pattern_is_wrong_is_a_doubt() {
    let (reason, doubts) = both(8, log!("bad-pattern"));
    assert_eq!(reason, None);
    let words = "a Regular Expression Extractor failed, 4 times (first error in JMeter's log: Error in pattern: '<title>(')";
    assert!(doubts.len() == 1 && doubts[0].starts_with(words), "{doubts:?}");
}
