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
    let jdbc = "2026-11-30 10:31:58,818 WARN o.a.j.p.j.p.AbstractJDBCProcessor: SQL Problem in jpre: java.sql.SQLException: No pool \
                found named: 'nopool'\n";
    let reason = both(10, &jdbc.repeat(10)).0.unwrap_or_default();
    let words =
        "a JDBC pre- or post-processor failed, 10 times (first error in JMeter's log: SQL Problem in jpre: ";
    assert!(reason.starts_with(words), "{reason}");
    let (reason, doubts) = both(11, jdbc);
    assert!(reason.is_none() && doubts[0].starts_with("a JDBC pre- or"), "{reason:?} {doubts:?}");
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
        "2026-11-29 11:53:21,233 WARN o.a.j.p.h.c.HC4CookieHandler: Dropping expired Cookie: a",
        "2026-11-29 11:53:21,233 WARN o.a.j.p.h.c.CacheManager: Unable to parse Expires header",
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

#[test]
fn elements_of_other_sorts_that_fail_are_a_doubt_with_what_that_means() {
    const VALUE: &str = "so what uses them went on without their value";
    const WRITTEN: &str = "so what they were to write or to send on is not all there";
    const SETTING: &str = "so the plan went on without that";
    for (line, what, meaning) in [
        ("ERROR o.a.j.c.CSVDataSet: java.io.UnsupportedEncodingException: UTF8-BOM", "a CSV Data Set", VALUE),
        (
            "ERROR o.a.j.e.j.j.JMESPathExtractor: Error processing JSON content in jm, message: Unable to compile expression",
            "a JSON JMESPath Extractor",
            VALUE,
        ),
        (
            "WARN o.a.j.e.XPath2Extractor: Exception while processing '//b[', message:net.sf.saxon.s9api.SaxonApiException",
            "an XPath2 Extractor",
            VALUE,
        ),
        (
            "WARN o.a.j.e.HtmlExtractor: he: Error while generating result. org.jsoup.x",
            "a CSS Selector Extractor",
            VALUE,
        ),
        ("ERROR o.a.j.t.ListenerNotifier: Detected problem in Listener.", "a listener", WRITTEN),
        (
            "ERROR o.a.j.v.b.i.HttpMetricsSender: failed to send data to influxDB server.",
            "a Backend Listener",
            WRITTEN,
        ),
        (
            "ERROR o.a.j.p.h.c.CookieManager: Unable to load or invoke class: org.apache.jmeter.HC4CookieHandler",
            "a Cookie Manager",
            SETTING,
        ),
        (
            "ERROR o.a.j.t.p.AbstractProperty: Tried to parse a non-number string to an integer",
            "an element with a text for a number",
            SETTING,
        ),
        (
            "WARN o.a.j.s.TestAction: Could not parse number: 'abc'",
            "the pause of a Flow Control Action",
            SETTING,
        ),
        ("WARN o.a.j.t.JSR223Timer: Script did not return a value", "a timer", SETTING),
    ] {
        let log = format!("2026-11-30 10:20:03,129 {line}\njava.lang.Exception: why\n").repeat(2);
        let (reason, doubts) = both(20, &log);
        assert_eq!((reason, doubts.len()), (None, 1), "{line}: {doubts:?}");
        let is_said =
            doubts[0].starts_with(&format!("{what} failed, 2 times (first error in JMeter's log: "));
        assert!(is_said && doubts[0].contains(": why), ") && doubts[0].contains(meaning), "{doubts:?}");
    }
}

#[test]
fn failures_of_several_meanings_have_a_sentence_each() {
    let log = "2026-11-30 10:20:03,129 ERROR o.a.j.c.CSVDataSet: java.io.UnsupportedEncodingException: UTF-99\n\
               2026-11-30 10:20:03,130 ERROR o.a.j.t.ListenerNotifier: Detected problem in Listener.\n\
               org.apache.jorphan.util.JMeterStopTestNowException: Cannot create path hierarchy for folder /proc/nope\n";
    let doubts = both(4, log).1;
    assert!(doubts.len() == 2 && doubts[1].contains("Cannot create path hierarchy"), "{doubts:?}");
}

#[test]
fn what_does_not_let_the_test_begin_is_named_with_its_cause() {
    let reason = |log: &str| {
        let asked = Asked { planned: &ANY, sent: &|_| None, absent: &[] };
        let silent = RunFacts { exit: Exit::Code(0), ..SILENT };
        match super::super::judge(&silent, &scan(log), &asked) {
            Verdict::Failed { reason } => reason,
            other => panic!("{other:?}"),
        }
    };
    let engine = "2026-11-30 10:29:37,006 ERROR o.a.j.e.StandardJMeterEngine: ";
    let function = format!(
        "{engine}Error occurred compiling the tree:\njava.lang.RuntimeException: \
         org.apache.jmeter.functions.InvalidVariableException: __P called with wrong number of parameters. Actual: 0. Expected: >= 1 \
         and <= 2\n\tat x.Y(Z.java:1)\n"
    );
    assert_eq!(
        reason(&function),
        "JMeter cannot begin with the plan: a function or a variable in it cannot be computed: __P called with wrong number of \
         parameters. Actual: 0. Expected: >= 1 and <= 2; correct it in JMeter"
    );
    let element = format!(
        "{engine}Unable to execute testStarted(null) for test element org.apache.jmeter.protocol.jdbc.config.DataSourceElement@e01756\n"
    );
    let said = reason(&format!("{element}java.lang.NumberFormatException: For input string: \"\"\n"));
    assert!(
        said.contains(
            "plan: a JDBC Connection Configuration fails before the first user, as one with an empty"
        ),
        "{said}"
    );
    assert!(said.ends_with("NumberFormatException: For input string: \"\"; correct it in JMeter"), "{said}");
    let said = reason(&format!("{element}java.lang.NoClassDefFoundError: org/acme/Pool\n"));
    assert!(said.contains("the class org.acme.Pool"), "{said}");
    let said = reason(&element.replace(engine, "2026-11-30 10:29:37,006 ERROR shop.Engine: "));
    assert!(said.contains("its listener was never heard"), "{said}");
}
