//! Batches that have left the spool for good, delivered or given up: whoever copies a file of theirs back, out of a backup
//! for example, would have its samples counted twice.
//!
//! What is not said to have left counts as waiting, so that forgetting costs an account at worst, and never a sample.

use crate::outbound::delivery::BatchId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// Stretches of numbers: batches leave almost in their order, so that a start has few of them.
const STRETCHES_MAX: usize = 1_024;
/// Runs whose accounts are dropped already.
const RUNS_MAX: usize = 256;

/// See the module's head.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finished {
    /// First and last number of each stretch, in their order, by the start that gave them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    batches: BTreeMap<u32, Vec<(u64, u64)>>,
    /// Names of runs whose accounts have been dropped, the oldest first: two nodes may give a batch the same number, but
    /// that of a run that was never here is another node's.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    runs: VecDeque<String>,
}

impl Finished {
    /// Whether there is nothing to be said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty() && self.runs.is_empty()
    }

    /// Whether it has left.
    #[must_use]
    pub fn has(&self, id: BatchId) -> bool {
        let stretches = self.batches.get(&id.incarnation);
        stretches.is_some_and(|all| {
            let after = all.partition_point(|(first, _)| *first <= id.number);
            after.checked_sub(1).and_then(|at| all.get(at)).is_some_and(|(_, last)| id.number <= *last)
        })
    }

    /// It has left.
    pub fn add(&mut self, id: BatchId) {
        if self.has(id) {
            return;
        }
        let all = self.batches.entry(id.incarnation).or_default();
        let at = all.partition_point(|(first, _)| *first <= id.number);
        let follows = at > 0 && all[at - 1].1.checked_add(1) == Some(id.number);
        let precedes = all.get(at).is_some_and(|(first, _)| id.number.checked_add(1) == Some(*first));
        match (follows, precedes) {
            (true, true) => {
                all[at - 1].1 = all[at].1;
                all.remove(at);
            }
            (true, false) => all[at - 1].1 = id.number,
            (false, true) => all[at].0 = id.number,
            (false, false) => all.insert(at, (id.number, id.number)),
        }
        while self.batches.values().map(Vec::len).sum::<usize>() > STRETCHES_MAX {
            self.forget_the_oldest();
        }
    }

    /// It comes back.
    pub fn remove(&mut self, id: BatchId) {
        if !self.has(id) {
            return;
        }
        let Some(all) = self.batches.get_mut(&id.incarnation) else { return };
        let at = all.partition_point(|(first, _)| *first <= id.number).saturating_sub(1);
        let (first, last) = all.remove(at);
        // In this order, so that the second lands before the first.
        if id.number < last {
            all.insert(at, (id.number + 1, last));
        }
        if first < id.number {
            all.insert(at, (first, id.number - 1));
        }
    }

    /// The account of a run is dropped.
    pub fn run_is_over(&mut self, run: &str) {
        self.runs.retain(|known| known != run);
        self.runs.push_back(run.to_owned());
        if self.runs.len() > RUNS_MAX {
            self.runs.pop_front();
        }
    }

    /// Whether it had an account here that was dropped.
    #[must_use]
    pub fn knew_run(&self, run: &str) -> bool {
        self.runs.iter().any(|known| known == run)
    }

    fn forget_the_oldest(&mut self) {
        let Some(mut oldest) = self.batches.first_entry() else { return };
        let all = oldest.get_mut();
        if !all.is_empty() {
            all.remove(0);
        }
        if all.is_empty() {
            oldest.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn id(incarnation: u32, number: u64) -> BatchId {
        BatchId { incarnation, number }
    }

    #[test]
    fn a_start_whose_batches_left_in_their_order_is_one_stretch() {
        let mut finished = Finished::default();
        (1..=9_000).filter(|n| n % 2 == 1).chain((1..=9_000).filter(|n| n % 2 == 0)).for_each(|n| {
            finished.add(id(3, n));
        });
        // What was forgotten meanwhile, of thousands apart, is the beginning.
        assert!(finished.has(id(3, 9_000)) && !finished.has(id(2, 9_000)) && !finished.has(id(3, 9_001)));
        let mut finished = Finished::default();
        // Two at a time, the second first.
        (2..=9_001).for_each(|n| finished.add(id(3, n ^ 1)));
        assert_eq!(finished.batches[&3], [(2, 9_001)]);
    }

    #[test]
    fn what_it_says_is_bounded_and_the_oldest_is_forgotten_first() {
        let mut finished = Finished::default();
        (1..=2 * STRETCHES_MAX as u32).for_each(|start| finished.add(id(start, 7)));
        assert!(!finished.has(id(1, 7)) && finished.has(id(2 * STRETCHES_MAX as u32, 7)));
        (0..=RUNS_MAX).for_each(|n| finished.run_is_over(&format!("{n}.1")));
        assert!(!finished.knew_run("0.1") && finished.knew_run("1.1"));
        let text = serde_json::to_string(&finished).unwrap();
        assert!(text.len() < 64_000, "{} bytes", text.len());
        assert_eq!(serde_json::from_str::<Finished>(&text).unwrap(), finished);
    }

    proptest::proptest! {
        #[test]
        fn it_is_a_set(acts in proptest::collection::vec((0..2_u32, 0..24_u64, proptest::bool::weighted(0.7)), 0..80)) {
            let (mut finished, mut set) = (Finished::default(), BTreeSet::new());
            for (incarnation, number, add) in acts {
                if add {
                    finished.add(id(incarnation, number));
                    set.insert((incarnation, number));
                } else {
                    finished.remove(id(incarnation, number));
                    set.remove(&(incarnation, number));
                }
                for (incarnation, number) in (0..2).flat_map(|i| (0..24).map(move |n| (i, n))) {
                    let (has, expected) = (finished.has(id(incarnation, number)), set.contains(&(incarnation, number)));
                    proptest::prop_assert_eq!(has, expected, "{}-{} of {:?}", incarnation, number, finished);
                }
            }
        }
    }
}
