//! What a run's end means, with what has to be said of it; and what a judgement needs of the numbers.

use gridnode_core::measure::failures::FailureCounts;
use gridnode_core::measure::ingest::{ClosedRun, LabelCounts};
use gridnode_core::run::verdict::Verdict;

/// What was measured of a run, as far as a judgement needs it.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// How many samples there are of each label.
    pub labels: LabelCounts,
    /// Why samples failed.
    pub failures: FailureCounts,
}

impl Measured {
    /// Of a run that is closed.
    pub fn of(closed: &ClosedRun) -> Self {
        Self { labels: closed.labels.clone(), failures: closed.failures.clone() }
    }
}

/// What a run's end means.
#[derive(Debug)]
pub struct Judgement {
    /// How it ended.
    pub verdict: Verdict,
    /// What does not fail it and has to be said of it, a sentence each.
    pub doubts: Vec<String>,
}

impl Judgement {
    /// All that has to be said of the run: what was known before it, then its doubts. Why it failed is said anyway.
    pub fn warnings(&self, known: &[String]) -> Vec<String> {
        let why = match &self.verdict {
            Verdict::Failed { reason } => Some(reason),
            _ => None,
        };
        let known = known.iter().filter(|one| Some(*one) != why && !self.doubts.contains(one));
        known.chain(&self.doubts).cloned().collect()
    }

    /// The same of a run that was denied something it needed: that is why, whatever its tool says of it.
    #[must_use]
    pub fn but(mut self, broken: Option<String>) -> Self {
        let Some(why) = broken else { return self };
        let reason = match &self.verdict {
            Verdict::Failed { reason } => format!("{why}; {reason}"),
            _ => why,
        };
        self.verdict = Verdict::Failed { reason };
        self
    }

    /// One without a doubt.
    pub fn of(verdict: Verdict) -> Self {
        Self { verdict, doubts: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_known_before_the_run_is_said_of_it_once() {
        let known = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let failed = Verdict::Failed { reason: "b".to_owned() };
        let judged = Judgement { verdict: failed, doubts: vec!["c".to_owned(), "d".to_owned()] };
        assert_eq!(judged.warnings(&known), ["a", "c", "d"]);
        assert_eq!(Judgement::of(Verdict::Completed).warnings(&known), known);
    }

    #[test]
    fn what_a_run_was_denied_comes_first() {
        let but = |verdict| Judgement::of(verdict).but(Some("no memory".to_owned())).verdict;
        let failed = |reason: &str| Verdict::Failed { reason: reason.to_owned() };
        assert_eq!(but(Verdict::Completed), failed("no memory"));
        assert_eq!(but(failed("code 137")), failed("no memory; code 137"));
        assert_eq!(Judgement::of(Verdict::Stopped).but(None).verdict, Verdict::Stopped);
    }
}
