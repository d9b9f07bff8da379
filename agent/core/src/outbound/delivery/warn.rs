//! What an operator must hear, at most so often.

use super::answer::Advice;
use crate::base::time::{Mono, NS_PER_S};
use std::collections::BTreeMap;

/// When each kind of warning was last said; bounded by the number of kinds.
#[derive(Debug)]
pub(super) struct Warnings {
    every_ns: u64,
    said: BTreeMap<Advice, Said>,
}

#[derive(Debug)]
struct Said {
    at: Mono,
    suppressed: u64,
}

impl Warnings {
    pub(super) fn new(every_ns: u64) -> Self {
        Self { every_ns, said: BTreeMap::new() }
    }

    /// All is well, which is said, too: what comes next is news.
    pub(super) fn recovered(&mut self) {
        self.said.clear();
    }

    /// The sentence, unless the same kind was said a short while ago; then it is counted for the next one.
    pub(super) fn say(
        &mut self,
        now: Mono,
        kind: Advice,
        sentence: impl FnOnce() -> String,
    ) -> Option<String> {
        let Some(said) = self.said.get_mut(&kind) else {
            self.said.insert(kind, Said { at: now, suppressed: 0 });
            return Some(sentence());
        };
        if now.since_ns(said.at) < self.every_ns {
            said.suppressed += 1;
            return None;
        }
        let more = std::mem::take(&mut said.suppressed);
        said.at = now;
        let sentence = sentence();
        Some(if more == 0 {
            sentence
        } else {
            format!("{sentence} ({more} more of these since it was last said)")
        })
    }
}

/// The Drain answers again.
pub(super) fn back_again(away_ns: u64) -> String {
    format!(
        "the Drain takes writes again after {} s; what was spooled is being delivered",
        away_ns / NS_PER_S
    )
}
