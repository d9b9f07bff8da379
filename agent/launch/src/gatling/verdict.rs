//! What the end of a Gatling run means. Our plug-in says itself what was wrong with it, so its report is asked first; then
//! Gatling's exit code, with its own words for it; then what arrived at the sump.

mod beside;
mod said;
mod shortfall;
mod thrown;

use crate::report::{Level, Report};
use crate::verdict;
use gridnode_core::run::verdict::{Exit, RunFacts, Verdict};
use shortfall::{Shortfall, shortfalls};
use thrown::{Hook, cause, hook};

pub use beside::assertions_beside;
pub use said::Said;
pub use shortfall::Asked;

/// Gatling's exit codes besides 0.
mod code {
    pub(super) const FAILED: i32 = 1;
    pub(super) const ASSERTIONS: i32 = 2;
}

/// Assertions that a reason names.
const NAMED_MAX: usize = 10;
/// How a line of one goes on that does not hold.
const NOT_HELD: [&str; 2] = [" : false (actual : ", " : false (Could not find stats matching assertion path"];
/// What Gatling throws where it is to judge assertions by a file of results that it was told not to write.
const NO_RESULTS: (&str, &str) =
    ("java.lang.IllegalArgumentException: requirement failed: simulation directory '", "' doesn't exist");
/// Characters of a line that are quoted.
const LINE_CHARS_MAX: usize = 300;

/// What a run has left behind.
pub struct Traces<'a> {
    /// What our plug-in has said.
    pub report: &'a Report,
    /// The end of what Gatling said.
    pub output: &'a str,
    /// All that it said, looked through.
    pub said: &'a Said,
}

/// Judges a finished run.
pub fn judge(facts: &RunFacts, traces: &Traces<'_>, asked: &Asked<'_>) -> Verdict {
    match of_end(facts, traces.report, traces.output) {
        verdict @ (Verdict::Completed | Verdict::AssertionsFailed { .. }) => {
            failing_shortfall(facts, traces, asked).map_or(verdict, |reason| Verdict::Failed { reason })
        }
        // A load that the plan has crashed itself: Gatling says why, and not how far it had come.
        Verdict::Failed { reason } if !facts.stop_asked => {
            let end = shortfall::ended_itself(traces.report, traces.said, asked.planned);
            Verdict::Failed {
                reason: end.map_or(reason.clone(), |end| format!("{reason}; {}", end.sentence)),
            }
        }
        verdict => verdict,
    }
}

/// What does not fail a run and has to be said of it, a sentence each.
#[must_use]
pub fn doubts(facts: &RunFacts, traces: &Traces<'_>, asked: &Asked<'_>) -> Vec<String> {
    if facts.stop_asked {
        return Vec::new();
    }
    let found = shortfalls(traces.report, traces.said, facts.samples, asked).into_iter();
    let found = found.filter(|shortfall| !shortfall.is_failure).map(|shortfall| shortfall.sentence);
    let exited = exited_after(facts, traces.report).filter(|exited| !exited.is_failure);
    found.chain(exited.map(|exited| exited.sentence)).collect()
}

fn of_end(facts: &RunFacts, report: &Report, output: &str) -> Verdict {
    let quiet = report.fatal().is_none() && !facts.stop_asked;
    let cut_short = report.cut_short().filter(|_| quiet);
    // Whatever code the plan has chosen for that, it is not what Gatling would say.
    if let Some(exited) = exited_after(facts, report).filter(|exited| quiet && exited.is_failure) {
        return Verdict::Failed { reason: exited.sentence };
    }
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
        (Exit::Code(code), _) if quiet && has_not_begun(facts, report, code, output) => {
            Verdict::Failed { reason: ended_before_its_load(code) }
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

/// What is missing of the load and fails the run: the first thing, and what failed besides.
fn failing_shortfall(facts: &RunFacts, traces: &Traces<'_>, asked: &Asked<'_>) -> Option<String> {
    let found = shortfalls(traces.report, traces.said, facts.samples, asked);
    let mut failing = found.into_iter().filter(|shortfall| shortfall.is_failure);
    let first = failing.next()?.sentence;
    // What else went wrong is a cause of its own, shortly.
    let others: Vec<String> = failing.filter_map(|shortfall| shortfall.short).collect();
    Some(std::iter::once(first).chain(others).collect::<Vec<_>>().join("; besides, "))
}

/// Whether it was the plan that ended the JVM before its load: Gatling itself ends with 1 then, and says why.
fn has_not_begun(facts: &RunFacts, report: &Report, code: i32, output: &str) -> bool {
    let is_gatlings = code == code::FAILED && cause(output).is_some();
    !facts.heard && !is_gatlings && !matches!(code, 129..=143) && report.of(Level::NotBegun).next().is_some()
}

/// `System.exit` in `after`, say: all of the load is there, and what comes after it is not.
fn exited_after(facts: &RunFacts, report: &Report) -> Option<Shortfall> {
    let exited = report.of(Level::ExitedAfter).next().filter(|_| facts.samples > 0)?;
    let code = match facts.exit {
        Exit::Code(0) => "",
        // A signal's, and who sent that is the better answer.
        Exit::Code(129..=143) | Exit::Signal(_) | Exit::Unsupervised => return None,
        Exit::Code(_) | Exit::Unknown => ", with an exit code of its own",
    };
    let (is_failure, lost) = match (exited.count, code) {
        (0, "") => (false, "nothing of its load is missing, and it has no assertions"),
        (0, _) => (true, "nothing of its load is missing, and it has no assertions"),
        _ => (true, "its assertions were not judged"),
    };
    Some(Shortfall {
        sentence: format!(
            "the plan ended the JVM itself when its load was over{code} ({}): {lost}; leave that call out, for Gatling comes to its \
             end by itself",
            exited.text
        ),
        short: None,
        is_failure,
        mistakes: 0,
    })
}

fn ended_before_its_load(code: i32) -> String {
    format!(
        "the plan ended the JVM itself, with exit code {code}, before any user started: something in it calls System.exit, for \
         instance in `before`; see Gatling's standard output"
    )
}

/// Gatling prints `…: … : false (actual : 5.0)` for each that does not hold, and why it could not look where the path has no stats.
fn failed_assertions(output: &str) -> String {
    let failed: Vec<String> = output
        .lines()
        .map(str::trim)
        .filter(|line| line.ends_with(" : false") || NOT_HELD.iter().any(|words| line.contains(words)))
        .map(clipped)
        .collect();
    match failed.len() {
        0 => "those that Gatling names at the end of its standard output".to_owned(),
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
        (Some(cause), _) if hook(output) == Some(Hook::After) => {
            format!("the simulation came to its end, and its `after` failed then: {cause}")
        }
        (Some(cause), _) if hook(output) == Some(Hook::Before) => {
            format!("the simulation could not be run, because its `before` failed: {cause}")
        }
        (Some(cause), _) if has_begun && cause.starts_with(NO_RESULTS.0) && cause.ends_with(NO_RESULTS.1) => {
            "the simulation came to its end, but its assertions could not be judged: Gatling judges them by its own results file, \
             which the plan's gatling.conf leaves out; add `file` to its `data.writers`"
                .to_owned()
        }
        (Some(cause), _) if is_out_of_records(&cause) => format!(
            "the simulation ended itself because a feeder had no more records: {cause}; give its data more rows, or write \
             `.circular()` behind the feeder, which begins again at the first"
        ),
        (Some(cause), _) if has_begun => format!("the simulation ended midway: {cause}"),
        (Some(cause), _) => format!("the simulation could not be run: {cause}"),
        (None, Some(reason)) => reason.to_owned(),
        (None, None) => {
            "Gatling failed with exit code 1: see its standard output and its standard error".to_owned()
        }
    }
}

/// `Feeder csv(u.csv) crashed: feeder is now empty`, up to 3.11 `Feeder is now empty, stopping engine`.
fn is_out_of_records(cause: &str) -> bool {
    let cause = cause.to_lowercase();
    cause.contains("feeder") && cause.contains("is now empty")
}

fn clipped(line: &str) -> String {
    line.chars().take(LINE_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests;
