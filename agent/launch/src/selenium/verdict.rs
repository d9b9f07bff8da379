//! What the end of a browser test means. The runner says itself what was wrong, so its report is asked first, then its exit
//! code, then what arrived at the sump.

use crate::verdict::{killed, unsupervised};
use gridnode_core::run::verdict::{Exit, RunFacts, Verdict};

/// Exit codes of the runner.
mod code {
    pub(super) const PLAN: i32 = 3;
    pub(super) const BROWSER: i32 = 4;
    pub(super) const CRASH_LOOP: i32 = 5;
    pub(super) const NO_TRANSACTION: i32 = 6;
    pub(super) const UNENDED: i32 = 7;
}

/// Judges a finished run; `fatal` is the first fatal text of the runner's report, `cut_short` what it says of less load than
/// was asked for.
pub fn judge(facts: &RunFacts, fatal: Option<&str>, cut_short: Option<&str>) -> Verdict {
    match failure(facts, fatal, cut_short) {
        Some(reason) => Verdict::Failed { reason },
        None if facts.stop_asked => Verdict::Stopped,
        None => Verdict::Completed,
    }
}

fn failure(facts: &RunFacts, fatal: Option<&str>, cut_short: Option<&str>) -> Option<String> {
    if let Some(fatal) = fatal.filter(|text| !text.trim().is_empty()) {
        return Some(fatal.trim().to_owned());
    }
    if facts.stop_asked {
        // However it went down, it did so on demand.
        return None;
    }
    match facts.exit {
        Exit::Signal(signal) => return Some(killed("the runner", signal)),
        Exit::Unsupervised => return Some(unsupervised("the runner")),
        Exit::Code(code @ (129 | 130 | 137 | 143)) => return Some(killed("the runner", code - 128)),
        Exit::Code(0) | Exit::Unknown => {}
        Exit::Code(code) => return Some(of_code(code, facts.heard)),
    }
    if !facts.heard {
        return Some(
            "the runner ended, but nothing of it was heard, so the plan did not start or nothing could reach the sump: see \
             its standard error"
                .to_owned(),
        );
    }
    if facts.samples == 0 && facts.closed {
        return Some(
            "the plan ran and reported no transaction: use `with transaction(\"name\"):` in a Python plan, \
             `passed_transaction` of FloodSump in a Java plan"
                .to_owned(),
        );
    }
    if !facts.closed {
        return Some(
            "the runner, or a user of it, ended without its closing account, so samples of the last moments may be missing: \
             something ended it early, such as os._exit or Runtime.halt in the plan"
                .to_owned(),
        );
    }
    cut_short.map(str::to_owned)
}

fn of_code(code: i32, heard: bool) -> String {
    match code {
        code::PLAN => "the plan cannot be loaded: see its error on standard error".to_owned(),
        code::BROWSER => "no browser could be started: its driver or the browser itself is missing or broken; see standard \
                          error, and try `gridnode tools install selenium --force`"
            .to_owned(),
        code::CRASH_LOOP => "browsers crashed again and again, so the run was given up: most often memory is short; use fewer \
                             users or a larger node"
            .to_owned(),
        code::NO_TRANSACTION => "every iteration failed before its first transaction: run the plan with one user and look at \
                                 its standard error"
            .to_owned(),
        code::UNENDED => "users did not come to an end in time and were ended: look at what the plan waits for".to_owned(),
        _ if heard => format!("the runner failed with exit code {code}: see its standard error"),
        _ => format!("the runner ended with exit code {code} before the plan ran: see its standard error"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: RunFacts =
        RunFacts { exit: Exit::Code(0), stop_asked: false, heard: true, closed: true, samples: 7 };

    fn reason(facts: RunFacts, fatal: Option<&str>) -> String {
        match judge(&facts, fatal, None) {
            Verdict::Failed { reason } => reason,
            other => panic!("{facts:?} is {other:?}"),
        }
    }

    #[test]
    fn a_whole_run_and_a_stopped_one() {
        assert_eq!(judge(&GOOD, None, None), Verdict::Completed);
        let stopped =
            RunFacts { stop_asked: true, exit: Exit::Signal(15), closed: false, samples: 0, ..GOOD };
        assert_eq!(judge(&stopped, None, None), Verdict::Stopped);
    }

    #[test]
    fn what_the_runner_says_comes_first() {
        let fatal = "shop.py raised at import: no module named x";
        for facts in [
            GOOD,
            RunFacts { exit: Exit::Code(3), heard: false, ..GOOD },
            RunFacts { stop_asked: true, ..GOOD },
        ] {
            assert_eq!(reason(facts, Some(fatal)), fatal);
        }
        assert_eq!(judge(&GOOD, Some(" \n"), None), Verdict::Completed);
    }

    #[test]
    fn each_way_to_fail_has_its_sentence() {
        for (exit, words) in [
            (Exit::Code(3), "cannot be loaded"),
            (Exit::Code(4), "no browser"),
            (Exit::Code(5), "crashed again and again"),
            (Exit::Code(6), "before its first transaction"),
            (Exit::Code(7), "did not come to an end"),
            (Exit::Code(1), "exit code 1"),
            (Exit::Signal(9), "Out of memory"),
            (Exit::Code(137), "Out of memory"),
            (Exit::Signal(15), "SIGTERM"),
        ] {
            let text = reason(RunFacts { exit, ..GOOD }, None);
            assert!(text.contains(words), "{exit:?}: {text}");
        }
        assert!(
            reason(RunFacts { exit: Exit::Code(1), heard: false, ..GOOD }, None)
                .contains("before the plan ran")
        );
        assert!(reason(RunFacts { heard: false, ..GOOD }, None).contains("nothing of it was heard"));
        assert!(reason(RunFacts { samples: 0, ..GOOD }, None).contains("no transaction"));
        assert!(reason(RunFacts { closed: false, ..GOOD }, None).contains("closing account"));
    }

    #[test]
    fn less_load_than_asked_for_is_a_failure_unless_the_end_was_asked_for() {
        let short = Some("5 of 10 users started");
        let Verdict::Failed { reason } = judge(&GOOD, None, short) else { panic!("it has not failed") };
        assert_eq!(reason, "5 of 10 users started");
        assert_eq!(judge(&RunFacts { stop_asked: true, ..GOOD }, None, short), Verdict::Stopped);
        // Why it went wrong altogether is the better answer.
        let Verdict::Failed { reason } = judge(&GOOD, Some("no browser"), short) else {
            panic!("it has not failed")
        };
        assert_eq!(reason, "no browser");
    }
}
