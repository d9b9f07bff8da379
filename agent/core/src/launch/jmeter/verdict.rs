//! What the end of a JMeter run means. JMeter's exit code 0 proves nothing: it is also the code of a run whose CSV file
//! was missing or whose listener never loaded. So the listener's own account is asked first, then the log, then the
//! exit.
//!
//! Limits: a [`LogScan`] keeps at most [`scan::FINDINGS_MAX`] distinct findings and 400 characters of each.

pub mod scan;

use crate::ingest::ClosedRun;

pub use scan::{Finding, LogScan};

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// With this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// Nobody could tell.
    Unknown,
}

/// What is known about a run when its process tree is gone and its socket is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunFacts {
    /// How JMeter ended.
    pub exit: Exit,
    /// Whether a stop was asked for: by a command, a person or the run's own time limit.
    pub stop_asked: bool,
    /// Whether any datagram of our listener arrived.
    pub heard: bool,
    /// Whether our listener's closing account arrived, by datagram or by file.
    pub closed: bool,
    /// Samples received.
    pub samples: u64,
}

impl RunFacts {
    /// From a run's account and what was seen of its tool; `heard`: a datagram of the listener had come before the close.
    #[must_use]
    pub fn new(run: &ClosedRun, exit: Exit, stop_asked: bool, heard: bool) -> Self {
        let known = !run.sources.is_empty();
        Self {
            exit,
            stop_asked,
            heard: heard || known,
            closed: known && run.sources.iter().all(|source| source.closed),
            samples: run.account.aggregated,
        }
    }
}

/// The judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// The plan ran to its end.
    Completed,
    /// It was stopped as asked.
    Stopped,
    /// It did not do what the plan says.
    Failed {
        /// One sentence: what went wrong and what to do.
        reason: String,
    },
}

/// Judges a finished run.
pub fn judge(facts: &RunFacts, scan: &LogScan) -> Outcome {
    match failure(facts, scan) {
        Some(reason) => Outcome::Failed { reason },
        None if facts.stop_asked => Outcome::Stopped,
        None => Outcome::Completed,
    }
}

/// The UDP port for JMeter's shutdown messages, from a line of its standard output. `None` for other lines; JMeter
/// says `Failed to create UDP port` when its range is taken and runs on without one.
#[must_use]
pub fn nongui_port_from_stdout(line: &str) -> Option<u16> {
    let (head, port) = line.trim_end().rsplit_once(" message on port ")?;
    if head.starts_with("Waiting for possible") { port.parse().ok().filter(|port| *port != 0) } else { None }
}

fn failure(facts: &RunFacts, scan: &LogScan) -> Option<String> {
    // The causes first: they explain the symptoms below them.
    if let Some(finding) = scan.worst() {
        return Some(finding.to_string());
    }
    if facts.stop_asked {
        // However it went down, it did so on demand.
        return None;
    }
    let hint = scan.hint();
    match facts.exit {
        Exit::Signal(signal) => return Some(killed(signal)),
        // What the JVM makes of a signal that it handles.
        Exit::Code(code @ (129 | 130 | 143)) => return Some(killed(code - 128)),
        Exit::Code(137) => return Some(killed(9)),
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
            "JMeter ended in the middle of the plan{hint}: something ended the JVM early, such as System.exit in a \
             script; what was measured until then is kept"
        ));
    }
    None
}

fn killed(signal: i32) -> String {
    let name = match signal {
        1 => " (SIGHUP)",
        2 => " (SIGINT)",
        6 => " (SIGABRT)",
        9 => " (SIGKILL)",
        11 => " (SIGSEGV)",
        15 => " (SIGTERM)",
        _ => "",
    };
    let remedy = match signal {
        9 => {
            "the kernel does that when memory runs out: look for `Out of memory` in the kernel's log and lower the heap \
             or the number of users"
        }
        6 | 11 => "the JVM itself crashed: look for hs_err_pid*.log in its working directory",
        _ => "somebody else did that, it was not asked for here",
    };
    format!("JMeter was killed by signal {signal}{name}; {remedy}")
}

#[cfg(test)]
mod tests;
