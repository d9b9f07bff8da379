//! What the end of a Gatling run means. Our plug-in says itself what was wrong with it, so its report is asked first; then
//! Gatling's exit code, with its own words for it; then what arrived at the sump.

use crate::report::Report;
use crate::verdict;
use gridnode_core::run::verdict::{Exit, RunFacts, Verdict};

/// Gatling's exit codes besides 0.
mod code {
    pub(super) const FAILED: i32 = 1;
    pub(super) const ASSERTIONS: i32 = 2;
}

/// Assertions that a reason names.
const NAMED_MAX: usize = 10;
/// Characters of a line that are quoted.
const LINE_CHARS_MAX: usize = 300;

/// Judges a finished run; `output` is the end of what Gatling said.
pub fn judge(facts: &RunFacts, report: &Report, output: &str) -> Verdict {
    let quiet = report.fatal().is_none() && !facts.stop_asked;
    let cut_short = report.cut_short().filter(|_| quiet);
    match (facts.exit, cut_short) {
        // Gatling judges the assertions when the load is over, and closes our account on its way out: with the account open,
        // a script has halted the JVM with this very code.
        (Exit::Code(code::ASSERTIONS), None) if quiet && facts.heard && !facts.closed => {
            verdict::judge("Gatling", &RunFacts { exit: Exit::Unknown, ..*facts }, report)
        }
        // Without a sample there was nothing to assert about, and that is the more important news.
        (Exit::Code(code::ASSERTIONS), None) if quiet && facts.samples > 0 => {
            Verdict::AssertionsFailed { reason: failed_assertions(output) }
        }
        (Exit::Code(code::FAILED), _) if quiet => {
            Verdict::Failed { reason: failure(output, cut_short, facts.samples > 0) }
        }
        // A script may end with any code. Those from 129 on are signals', and who sent one is the better answer.
        (Exit::Code(code), Some(reason)) if !matches!(code, 0 | 129..=143) => {
            Verdict::Failed { reason: reason.to_owned() }
        }
        _ => verdict::judge("Gatling", facts, report),
    }
}

/// Gatling prints `…: … : false (actual : 5.0)` for each that does not hold.
fn failed_assertions(output: &str) -> String {
    let failed: Vec<String> = output
        .lines()
        .map(str::trim)
        .filter(|line| line.ends_with(" : false") || line.contains(" : false (actual : "))
        .map(clipped)
        .collect();
    match failed.len() {
        0 => "assertions of the simulation do not hold: see the end of Gatling's standard output".to_owned(),
        count => {
            let more = count.saturating_sub(NAMED_MAX);
            let mut reason = failed[..count.min(NAMED_MAX)].join("; ");
            if more > 0 {
                reason.push_str(&format!("; and {more} more"));
            }
            reason
        }
    }
}

fn failure(output: &str, cut_short: Option<&str>, has_begun: bool) -> String {
    match (cause(output), cut_short) {
        (Some(cause), _) if has_begun => format!("the simulation ended midway: {cause}"),
        (Some(cause), _) => format!("the simulation could not be run: {cause}"),
        (None, Some(reason)) => reason.to_owned(),
        (None, None) => {
            "Gatling failed with exit code 1: see its standard output and its standard error".to_owned()
        }
    }
}

/// The innermost cause of the first exception: what a constructor threw is wrapped several times.
fn cause(output: &str) -> Option<String> {
    let mut lines = output.lines().map(str::trim);
    let thrown = |line: &str| {
        let first = line.strip_prefix("Exception in thread ").and_then(|rest| rest.split_once("\" "));
        first.map(|(_, exception)| exception.to_owned())
    };
    let mut cause = lines.by_ref().find_map(thrown)?;
    for line in lines {
        if thrown(line).is_some() {
            break;
        }
        if let Some(inner) = line.strip_prefix("Caused by: ") {
            inner.clone_into(&mut cause);
        }
    }
    Some(clipped(&cause))
}

fn clipped(line: &str) -> String {
    line.chars().take(LINE_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: RunFacts =
        RunFacts { exit: Exit::Code(0), stop_asked: false, heard: true, closed: true, samples: 7 };

    fn judged(facts: RunFacts, report: &str, output: &str) -> Verdict {
        judge(&facts, &Report::read(report.as_bytes()), output)
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
        let output = "Exception in thread \"main\" java.lang.IllegalStateException: Feeder is now empty\n";
        let failed = RunFacts { exit: Exit::Code(1), ..GOOD };
        assert!(reason(failed, output).starts_with("the simulation ended midway: "));
        let never = RunFacts { samples: 0, ..failed };
        assert!(reason(never, output).starts_with("the simulation could not be run: "));
    }

    #[test]
    fn failed_assertions_are_named() {
        let output = "\
lost: count of failed events is 0.0 : false (actual : 5.0)
fast: count of failed events is 0.0 : true
Global: percentage of failed events is less than 1.0 : false (actual : 50.0)
";
        let facts = RunFacts { exit: Exit::Code(2), ..GOOD };
        assert!(matches!(judged(facts, "", output), Verdict::AssertionsFailed { .. }));
        let text = reason(facts, output);
        assert!(text.contains("lost:") && text.contains("Global:") && !text.contains("fast"), "{text}");
        assert!(reason(facts, &output.repeat(9)).ends_with("and 8 more"));
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
}
