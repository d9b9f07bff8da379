//! How a run ended: one decision from all that is known, for a person's run and for a node's alike.

use super::flood::{Flood, StopReason};
use super::verdict::Verdict;
use serde::Serialize;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome", content = "reason")]
pub enum Outcome {
    /// The tool came to its own end, and everything points to a whole run.
    Completed,
    /// Somebody asked for it.
    Stopped(String),
    /// The tool did not do its work.
    Failed(String),
    /// It ran for as long as it may.
    Expired(String),
    /// The tool came to its own end, and the plan's own assertions about the results do not hold.
    AssertionsFailed(String),
}

/// What is known of a run that is over.
#[derive(Debug)]
pub struct Ending<'a> {
    /// What went wrong around the tool, as a sentence: it could not be started, its files did not come.
    pub fault: Option<String>,
    /// Its life: whether a stop was asked for, what took too long, whether the tree is gone.
    pub flood: &'a Flood,
    /// What was judged of the tool.
    pub verdict: Option<&'a Verdict>,
    /// Whether it came to a start of the tool.
    pub tool_started: bool,
    /// Who asked for the stop, or that nobody said.
    pub stop_why: String,
    /// What it means that the longest time was over.
    pub expired_why: String,
}

impl Outcome {
    /// In this order: what went wrong around the tool; a tree that does not end; a phase that took too long; a stop before the
    /// tool was there; a tool that failed; the end of its time; a stop; its own assertions.
    #[must_use]
    pub fn of(ending: Ending<'_>) -> Self {
        let flood = ending.flood;
        if let Some(fault) = ending.fault {
            return Self::Failed(fault);
        }
        if !flood.tree_gone() {
            let why = "processes of the tool did not end even when they were killed; see the process list";
            return Self::Failed(why.to_owned());
        }
        if let Some(phase) = flood.overdue() {
            return Self::Failed(format!("it took too long: the deadline of {} passed", phase.as_str()));
        }
        match (flood.stop_reason(), ending.verdict) {
            (Some(_), _) if !ending.tool_started => Self::Stopped(ending.stop_why),
            (_, Some(Verdict::Failed { reason })) => Self::Failed(reason.clone()),
            (Some(StopReason::RuntimeMax), _) => Self::Expired(ending.expired_why),
            (Some(StopReason::Asked { .. }), _) => Self::Stopped(ending.stop_why),
            (None, Some(Verdict::AssertionsFailed { reason })) => Self::AssertionsFailed(reason.clone()),
            (None, Some(Verdict::Completed | Verdict::Stopped)) => Self::Completed,
            (None, None) => Self::Failed("nothing is known of how it ended".to_owned()),
        }
    }

    /// What was wrong with it, as a sentence for somebody who sees nothing else of it; a stop is nothing wrong.
    #[must_use]
    pub fn complaint(&self) -> Option<String> {
        match self {
            Self::Failed(why) | Self::Expired(why) => Some(why.clone()),
            Self::AssertionsFailed(which) => Some(format!("assertions of the plan do not hold: {which}")),
            Self::Completed | Self::Stopped(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_wrong_says_that_it_was_an_assertion() {
        let why = || "p95 < 1 : false".to_owned();
        let complaint = |outcome: Outcome| outcome.complaint();
        assert_eq!(complaint(Outcome::Failed(why())), Some(why()));
        assert_eq!(complaint(Outcome::Expired(why())), Some(why()));
        assert_eq!(
            complaint(Outcome::AssertionsFailed(why())).as_deref(),
            Some("assertions of the plan do not hold: p95 < 1 : false")
        );
        assert_eq!((complaint(Outcome::Completed), complaint(Outcome::Stopped(why()))), (None, None));
    }
}
