//! Why samples failed, of all nodes: reasons that are the same but for numbers, ids and hosts are one, as on a node.

use crate::base::fingerprint::{fingerprint, telling};
use crate::base::limits::{FAILURE_REASONS_MAX, FAILURES_STATED_MAX};
use crate::measure::failures::Failure;
use crate::wire::sump::Kind;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Distinct reasons that are kept: those of a thousand nodes with nothing in common. What comes after them is one number.
const REASONS_MAX: usize = 20_000;

/// What was added so far.
#[derive(Debug, Default)]
pub(super) struct Reasons {
    kept: BTreeMap<Key, Failure>,
    others: u64,
    /// Of one node.
    kinds_max: u64,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    label: String,
    kind: Kind,
    code: String,
    print: String,
}

impl Reasons {
    /// Adds those of a node. `others`: its failed samples of reasons that it does not state; `kinds`: its distinct reasons.
    pub(super) fn add(&mut self, failures: Vec<Failure>, others: u64, kinds: u64) {
        self.others = self.others.saturating_add(others);
        self.kinds_max = self.kinds_max.max(kinds);
        for (at, failure) in failures.into_iter().enumerate() {
            let mut print = String::new();
            fingerprint(telling(&failure.error), &mut print);
            let key =
                Key { label: failure.label.clone(), kind: failure.kind, code: failure.code.clone(), print };
            // No honest receipt has more.
            let has_room = at < FAILURES_STATED_MAX && self.kept.len() < REASONS_MAX;
            match self.kept.get_mut(&key) {
                Some(kept) => join(kept, failure),
                None if has_room => drop(self.kept.insert(key, failure)),
                None => self.others = self.others.saturating_add(failure.count),
            }
        }
    }

    /// The most frequent first, the failed samples of all others, and how many distinct reasons there are at least.
    pub(super) fn into_parts(self) -> (Vec<Failure>, u64, u64) {
        let kinds = self.kinds_max.max(self.kept.len() as u64);
        let mut failures: Vec<Failure> = self.kept.into_values().collect();
        failures.sort_by(|a, b| {
            let order = |it: &Failure| (Reverse(it.count), it.label.clone(), it.kind, it.code.clone());
            order(a).cmp(&order(b)).then_with(|| a.error.cmp(&b.error))
        });
        let beyond = failures.split_off(failures.len().min(FAILURE_REASONS_MAX));
        let others = beyond.iter().fold(self.others, |sum, failure| sum.saturating_add(failure.count));
        (failures, others, kinds)
    }
}

/// Of several texts and traces the first in their order, whichever came first.
fn join(kept: &mut Failure, other: Failure) {
    kept.count = kept.count.saturating_add(other.count);
    kept.varies |= other.varies || telling(&kept.error) != telling(&other.error);
    if other.error < kept.error {
        kept.error = other.error;
    }
    kept.trace = match (kept.trace.take(), other.trace) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
}
