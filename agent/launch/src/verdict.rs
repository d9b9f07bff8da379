//! What the end of a tool means, in the words that all tools have in common. A tool's exit code alone proves nothing:
//! what its plug-in has said is asked first, then what was received, then the exit.

use super::report::Report;
use gridnode_core::run::verdict::{Exit, RunFacts, Verdict};

/// The judgement where a tool has no signs of its own: its report, then the exit, then what arrived. `tool` begins a
/// sentence.
pub fn judge(tool: &str, facts: &RunFacts, report: &Report) -> Verdict {
    match failure(tool, facts, report) {
        Some(reason) => Verdict::Failed { reason },
        None if facts.stop_asked => Verdict::Stopped,
        None => Verdict::Completed,
    }
}

fn failure(tool: &str, facts: &RunFacts, report: &Report) -> Option<String> {
    if let Some(fatal) = report.fatal() {
        return Some(fatal.to_owned());
    }
    if facts.stop_asked {
        // However it went down, it did so on demand.
        return None;
    }
    match facts.exit {
        Exit::Signal(signal) => return Some(killed(tool, signal)),
        Exit::Unsupervised => return Some(unsupervised(tool)),
        // What programs make of a signal that they handle.
        Exit::Code(code @ (129 | 130 | 137 | 143)) => return Some(killed(tool, code - 128)),
        Exit::Code(0) | Exit::Unknown => {}
        Exit::Code(code) => {
            return Some(format!("{tool} failed with exit code {code}: see its log and its standard error"));
        }
    }
    if !facts.heard {
        return Some(format!(
            "{tool} ended, but the plug-in in it was never heard, so the plan did not start or nothing could reach the \
             sump: see its log"
        ));
    }
    if facts.samples == 0 && facts.closed {
        return Some(format!("{tool} ran the plan and sent nothing: check that the plan makes requests"));
    }
    if let Some(reason) = report.cut_short() {
        return Some(reason.to_owned());
    }
    (!facts.closed).then(|| {
        format!(
            "{tool} ended without the closing account of its plug-in, so samples of the last moments may be missing: \
             something ended it early, such as a script that halts the JVM"
        )
    })
}

/// How often, in words.
pub(crate) fn times(n: u64) -> String {
    if n == 1 { "once".to_owned() } else { format!("{n} times") }
}

/// A request that was not sent so often, and `sent` times it was, where that is known.
pub(crate) fn not_sent(name: &str, n: u64, sent: Option<u64>) -> String {
    match sent {
        Some(0) => format!("`{name}` was never sent, {}", times(n)),
        Some(sent) => format!("`{name}` was not sent, {} of {}", times(n), n.saturating_add(sent)),
        None => format!("`{name}` was not sent, {}", times(n)),
    }
}

/// Who went down with its supervisor.
#[must_use]
pub fn unsupervised(tool: &str) -> String {
    format!(
        "{tool} was ended because its supervisor (`gridnode supervise`) was killed; somebody else did that, it was not \
         asked for here"
    )
}

/// Who was killed, by what, and what to do about it.
#[must_use]
pub fn killed(tool: &str, signal: i32) -> String {
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
        6 | 11 => "it crashed by itself: look for hs_err_pid*.log or a core file in its working directory",
        _ => "somebody else did that, it was not asked for here",
    };
    format!("{tool} was killed by signal {signal}{name}; {remedy}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(exit: Exit) -> RunFacts {
        RunFacts { exit, stop_asked: false, heard: true, closed: true, samples: 5 }
    }

    fn reason(facts: &RunFacts, report: &str) -> Option<String> {
        match judge("Gatling", facts, &Report::read(report.as_bytes())) {
            Verdict::Failed { reason } => Some(reason),
            _ => None,
        }
    }

    #[test]
    fn what_the_plug_in_says_comes_before_everything_else() {
        let fatal = r#"{"level":"fatal","text":"no hook"}"#;
        let stopped = RunFacts { stop_asked: true, ..facts(Exit::Code(143)) };
        assert_eq!(reason(&facts(Exit::Code(0)), fatal).as_deref(), Some("no hook"));
        assert_eq!(reason(&stopped, fatal).as_deref(), Some("no hook"));
        assert_eq!(judge("Gatling", &stopped, &Report::default()), Verdict::Stopped);
    }

    #[test]
    fn a_plan_that_was_cut_short_has_failed_unless_that_was_asked_for() {
        let early = r#"{"level":"cut_short","text":"System.exit"}"#;
        let fine = facts(Exit::Code(0));
        assert_eq!(reason(&fine, early).as_deref(), Some("System.exit"));
        assert_eq!(reason(&RunFacts { stop_asked: true, ..fine }, early), None);
        // Who did it is the better answer where it is known.
        assert!(reason(&facts(Exit::Code(143)), early).is_some_and(|text| text.contains("SIGTERM")));
    }

    #[test]
    fn an_exit_code_of_0_needs_samples_and_a_closing_account() {
        let fine = facts(Exit::Code(0));
        assert_eq!(judge("Gatling", &fine, &Report::default()), Verdict::Completed);
        for (facts, word) in [
            (RunFacts { samples: 0, ..fine }, "sent nothing"),
            (RunFacts { heard: false, samples: 0, closed: false, ..fine }, "never heard"),
            (RunFacts { closed: false, ..fine }, "closing account"),
            (RunFacts { samples: 0, closed: false, ..fine }, "halts the JVM"),
            (facts(Exit::Unsupervised), "supervisor"),
            (facts(Exit::Code(1)), "exit code 1"),
            (facts(Exit::Code(137)), "SIGKILL"),
            (facts(Exit::Signal(11)), "SIGSEGV"),
        ] {
            let reason = reason(&facts, "").unwrap_or_default();
            assert!(reason.contains(word), "{reason}");
        }
    }
}
