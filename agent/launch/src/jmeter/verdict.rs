//! What the end of a JMeter run means. JMeter's exit code 0 proves nothing: it is also the code of a run whose CSV file
//! was missing or whose listener never loaded. So the listener's own account is asked first, then the log, then the
//! exit.
//!
//! Limits: a [`LogScan`] keeps at most [`scan::FINDINGS_MAX`] distinct findings and 400 characters of each.

mod course;
mod finding;
mod functions;
mod jumps;
mod leaving;
mod log_line;
mod loopless;
mod plugins;
pub mod scan;
mod started;
mod unresolved;
mod unsent;

use crate::load::Planned;
use crate::verdict::{killed, unsupervised};
use gridnode_core::run::verdict::{Exit, RunFacts, Verdict};

pub use finding::Finding;
pub use plugins::{absent, not_sent};
pub use scan::LogScan;

/// What is known of a run beside its facts and its logs.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// What it was to be.
    pub planned: &'a Planned,
    /// How many samples of a label there are, where that is known.
    pub sent: &'a dyn Fn(&str) -> Option<u64>,
    /// Classes of the plan that no jar has: JMeter says only the first one.
    pub absent: &'a [String],
}

/// Judges a finished run.
pub fn judge(facts: &RunFacts, scan: &LogScan, asked: &Asked<'_>) -> Verdict {
    match failure(facts, scan, asked).or_else(|| shortfall(facts, scan, asked)) {
        Some(reason) => Verdict::Failed { reason },
        None if facts.stop_asked => Verdict::Stopped,
        None => Verdict::Completed,
    }
}

/// What does not fail a run and has to be said of it, a sentence each.
#[must_use]
pub fn doubts(facts: &RunFacts, scan: &LogScan, asked: &Asked<'_>) -> Vec<String> {
    if facts.stop_asked {
        return Vec::new();
    }
    let unsent = scan.unsent(asked.sent, facts.samples).filter(|unsent| !unsent.is_shortfall);
    let early = scan.early(asked.planned).filter(|early| !early.is_failure);
    let (unsent, early) = (unsent.map(|unsent| unsent.sentence), early.map(|early| early.sentence));
    let cut = scan.cut().filter(|_| facts.samples > 0);
    // Where nothing was sent at all, that is the failure.
    let late = if facts.samples > 0 { scan.too_late(asked.sent) } else { Vec::new() };
    let parts = [unsent, early, cut, scan.jumped_over(asked.sent), scan.unresolved(asked.planned)];
    parts.into_iter().flatten().chain(late).chain(scan.failed_functions()).collect()
}

fn failure(facts: &RunFacts, scan: &LogScan, asked: &Asked<'_>) -> Option<String> {
    // The causes first: they explain the symptoms below them.
    if let Some(finding) = scan.worst().or_else(|| of_jvm(facts, scan)) {
        if let Finding::MissingClass { class } = finding {
            let others = asked.absent.iter().filter(|absent| *absent != class);
            let all: Vec<&str> = std::iter::once(class).chain(others).map(String::as_str).collect();
            return Some(plugins::missing(&all));
        }
        return Some(finding.to_string());
    }
    if facts.stop_asked {
        // However it went down, it did so on demand.
        return None;
    }
    let hint = scan.hint();
    match facts.exit {
        Exit::Signal(signal) => return Some(killed("JMeter", signal)),
        Exit::Unsupervised => return Some(unsupervised("JMeter")),
        // What the JVM makes of a signal that it handles.
        Exit::Code(code @ (129 | 130 | 143)) => return Some(killed("JMeter", code - 128)),
        Exit::Code(137) => return Some(killed("JMeter", 9)),
        Exit::Code(0) | Exit::Unknown => {}
        Exit::Code(code) if !facts.heard => {
            return Some(format!(
                "JMeter ended with exit code {code} before the plan ran{hint}: see its log and its standard error"
            ));
        }
        Exit::Code(code) => return Some(format!("JMeter failed with exit code {code}{hint}: see its log")),
    }
    if !facts.heard {
        return Some(format!(
            "JMeter ended, but its listener was never heard, so the plan did not start or nothing could reach the \
             sump{hint}: see JMeter's log"
        ));
    }
    if facts.samples == 0 && scan.has_paused() {
        let length = asked.planned.length_s.map_or_else(String::new, |s| format!(" of {s} s"));
        return Some(format!(
            "the plan ran and sent nothing{hint}: the first pause is longer than the duration{length}, and JMeter ends a user in \
             place of a pause that would go past its end: make the duration longer, or the plan's timers shorter"
        ));
    }
    if facts.samples == 0 && scan.has_cut() {
        return Some(format!(
            "the plan ran and sent nothing{hint}: the schedule of its Open Model Thread Group was over before the first pause of any \
             user was, and JMeter then ends them: end the schedule with a pause as long as a user takes, as in `pause(1 min)`"
        ));
    }
    if facts.samples == 0 {
        return Some(format!(
            "the plan ran and sent nothing{hint}: check that its thread groups have threads and loops, and that their \
             controllers let a sampler run"
        ));
    }
    if !facts.closed {
        return Some(format!(
            "JMeter ended without its listener's closing account, so samples of the last moments may be missing{hint}: \
             something ended the JVM early, such as System.exit in a script"
        ));
    }
    if scan.broke_off() {
        return Some(format!(
            "JMeter ended in the middle of the plan{hint}, or a full disk has cut its log: else something ended the JVM early, such as \
             System.exit in a script; what was measured until then is kept"
        ));
    }
    None
}

/// What the JVM itself has said, where it fits how it ended: a script can print the same words, and may end the JVM by an exit
/// code of its own.
fn of_jvm<'s>(facts: &RunFacts, scan: &'s LogScan) -> Option<&'s Finding> {
    let fits = |finding: &&Finding| match finding {
        // The code of `ExitOnOutOfMemoryError`; one that hangs without memory is killed.
        Finding::OutOfMemory { .. } => matches!(facts.exit, Exit::Code(3) | Exit::Signal(_) | Exit::Unknown),
        _ => !facts.heard,
    };
    scan.of_jvm().iter().find(fits)
}

/// What is missing of the load although JMeter has come to its end.
fn shortfall(facts: &RunFacts, scan: &LogScan, asked: &Asked<'_>) -> Option<String> {
    if facts.stop_asked {
        return None;
    }
    let early = || Some(scan.early(asked.planned).filter(|early| early.is_failure)?.sentence);
    let mistakes = || asked.planned.mistakes.first().cloned();
    let set_up = || {
        scan.ended_in_its_set_up().then(|| {
            "the plan ended itself in its set-up: a set-up group was told to stop the test on an error, and no other group has \
             run"
                .to_owned()
        })
    };
    let unsent = scan.unsent(asked.sent, facts.samples).filter(|unsent| unsent.is_shortfall);
    let unsent = unsent.map(|unsent| unsent.sentence);
    unsent
        .or_else(set_up)
        .or_else(early)
        .or_else(|| scan.not_started(&asked.planned.late))
        .or_else(mistakes)
        .or_else(|| scan.loopless())
}

#[cfg(test)]
mod tests;
