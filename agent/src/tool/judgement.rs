//! What a run's end means, with what has to be said of it.

use gridnode_core::run::verdict::Verdict;

/// What a run's end means.
#[derive(Debug)]
pub struct Judgement {
    /// How it ended.
    pub verdict: Verdict,
    /// What does not fail it and has to be said of it, a sentence each.
    pub doubts: Vec<String>,
}

impl Judgement {
    /// One without a doubt.
    pub fn of(verdict: Verdict) -> Self {
        Self { verdict, doubts: Vec::new() }
    }
}
