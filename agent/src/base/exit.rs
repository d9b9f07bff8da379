//! What the process says when it ends: the exit codes, for scripts to branch on and for `--help` to list.

use std::process::ExitCode;
use thiserror::Error;

/// A signal ended a command before it had anything to show: an error that has an exit code of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("stopped by {}", if *signal == libc::SIGTERM { "SIGTERM" } else { "Ctrl-C" })]
pub struct Interrupted {
    /// SIGINT or SIGTERM.
    pub signal: i32,
}

/// How a command ended. The numbers are part of the command line's interface and never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Exit {
    /// It did what it was asked, and the numbers can be trusted.
    Fine,
    /// It could not start, or not be judged: a missing plan, a port in use, a tool that sent nothing.
    CouldNotRun,
    /// The command line makes no sense.
    Usage,
    /// What was looked at is there, and something about it needs a person.
    NeedsAttention,
    /// It ran, but samples were lost, rejected or not delivered.
    NotTrustworthy,
    /// The load-generation tool failed after it had sent samples; with `send --wait`, a node did not do as asked.
    ToolFailed,
    /// The plan ran to its end, and its own assertions about the results, or thresholds, do not hold.
    AssertionsFailed,
    /// A node that is not to come back: `node.stop`, or its instance goes away.
    ForGood,
    /// Ctrl-C (SIGINT).
    Interrupted,
    /// SIGTERM, or SIGHUP when the terminal was closed.
    Terminated,
}

impl Exit {
    /// All of them, by code.
    pub const ALL: [Self; 10] = [
        Self::Fine,
        Self::CouldNotRun,
        Self::Usage,
        Self::NeedsAttention,
        Self::NotTrustworthy,
        Self::ToolFailed,
        Self::AssertionsFailed,
        Self::ForGood,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// The number that the shell sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::CouldNotRun => 1,
            Self::Usage => 2,
            Self::NeedsAttention => 3,
            Self::NotTrustworthy => 4,
            Self::ToolFailed => 5,
            Self::AssertionsFailed => 6,
            Self::ForGood => 7,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// A line for `--help`.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Fine => "it did what it was asked to do; of a run: every sample is accounted for",
            Self::CouldNotRun => "could not run: the message says why and what to do",
            Self::Usage => "the command line is wrong",
            Self::NeedsAttention => "status: the agent answers, but something needs a person",
            Self::NotTrustworthy => {
                "it ran, but the numbers are not trustworthy: samples lost, rejected or undelivered, or there is no verdict on thresholds (or, compare --fail-on-regression, on two runs)"
            }
            Self::ToolFailed => {
                "the tool failed midway, or a node did not do as asked (send --wait); what was measured is delivered"
            }
            Self::AssertionsFailed => {
                "the plan ran to its end, and its own assertions about the results, or thresholds (--fail-if), do not hold (send --wait: nothing worse on any node); compare --fail-on-regression: something is worse beyond noise"
            }
            Self::ForGood => {
                "agent: the node was told to end for good (node.stop, or its instance goes away): do not start it again"
            }
            Self::Interrupted => {
                "stopped by Ctrl-C before it was done; what a run has measured until then is delivered"
            }
            Self::Terminated => {
                "stopped by SIGTERM before it was done; what a run has measured until then is delivered"
            }
        }
    }

    /// The exit of a command that failed with `error`.
    pub fn of(error: &anyhow::Error) -> Self {
        error.downcast_ref().map_or(Self::CouldNotRun, |Interrupted { signal }| Self::by_signal(*signal))
    }

    /// The exit for a signal that asked for the end: Ctrl-C is an interruption, all others count as SIGTERM.
    pub const fn by_signal(signal: i32) -> Self {
        if signal == libc::SIGINT { Self::Interrupted } else { Self::Terminated }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Those for whom a signal is the way to end.
const SERVICES: &str = "agent, collect and drain run until a signal comes (the agent also until node.stop or the end of its instance, then 7): then 0, or 4 when something is left undelivered or in doubt";

/// The section on exit codes at the end of `--help`.
#[must_use]
pub fn help() -> String {
    let lines = Exit::ALL.map(|exit| format!("  {:>3}  {}", exit.code(), exit.meaning()));
    format!("Exit codes:\n{}\n{SERVICES}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_lists_every_code() {
        insta::assert_snapshot!(help(), @r"
        Exit codes:
            0  it did what it was asked to do; of a run: every sample is accounted for
            1  could not run: the message says why and what to do
            2  the command line is wrong
            3  status: the agent answers, but something needs a person
            4  it ran, but the numbers are not trustworthy: samples lost, rejected or undelivered, or there is no verdict on thresholds (or, compare --fail-on-regression, on two runs)
            5  the tool failed midway, or a node did not do as asked (send --wait); what was measured is delivered
            6  the plan ran to its end, and its own assertions about the results, or thresholds (--fail-if), do not hold (send --wait: nothing worse on any node); compare --fail-on-regression: something is worse beyond noise
            7  agent: the node was told to end for good (node.stop, or its instance goes away): do not start it again
          130  stopped by Ctrl-C before it was done; what a run has measured until then is delivered
          143  stopped by SIGTERM before it was done; what a run has measured until then is delivered
        agent, collect and drain run until a signal comes (the agent also until node.stop or the end of its instance, then 7): then 0, or 4 when something is left undelivered or in doubt
        ");
    }

    #[test]
    fn a_signal_is_no_failure_however_it_is_wrapped() {
        let stopped = anyhow::Error::from(Interrupted { signal: libc::SIGTERM }).context("while installing");
        assert_eq!(
            (Exit::of(&stopped), Exit::of(&anyhow::anyhow!("no plan"))),
            (Exit::Terminated, Exit::CouldNotRun)
        );
    }

    #[test]
    fn signals_have_the_shells_codes() {
        assert_eq!(Exit::by_signal(libc::SIGINT).code(), 128 + 2);
        assert_eq!(Exit::by_signal(libc::SIGTERM).code(), 128 + 15);
        assert_eq!(Exit::by_signal(libc::SIGHUP), Exit::Terminated);
    }
}
