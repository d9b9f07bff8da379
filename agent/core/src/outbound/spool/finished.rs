//! Batches that have left the spool for good, delivered or given up: whoever copies a file of theirs back, out of a backup
//! for example, would have its samples counted twice.
//!
//! What is not said to have left counts as waiting, so that forgetting costs an account at worst, and never a sample. A whole
//! that was halved has left as soon as one of its parts has: until then it may come back and stand for them.

use crate::outbound::delivery::BatchId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Stretches of numbers: batches leave almost in their order, so that a start has few of them.
const STRETCHES_MAX: usize = 1_024;

/// First and last number of each stretch, in their order.
type Stretches = Vec<(u64, u64)>;

/// See the module's head.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Finished {
    /// By the start that gave the numbers: its own number, and what tells it from others of that number.
    batches: BTreeMap<u32, BTreeMap<u32, Stretches>>,
}

impl Finished {
    /// Whether there is nothing to be said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// Whether it has left.
    #[must_use]
    pub fn has(&self, id: BatchId) -> bool {
        let stretches = self.batches.get(&id.incarnation).and_then(|all| all.get(&id.writer));
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
        let all = self.batches.entry(id.incarnation).or_default().entry(id.writer).or_default();
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
        while self.batches.values().flat_map(BTreeMap::values).map(Vec::len).sum::<usize>() > STRETCHES_MAX {
            self.forget_the_oldest();
        }
    }

    fn forget_the_oldest(&mut self) {
        let Some(mut oldest) = self.batches.first_entry() else { return };
        if let Some(mut some) = oldest.get_mut().first_entry() {
            if !some.get().is_empty() {
                some.get_mut().remove(0);
            }
            if some.get().is_empty() {
                some.remove();
            }
        }
        if oldest.get().is_empty() {
            oldest.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn id(incarnation: u32, number: u64) -> BatchId {
        BatchId { incarnation, number, writer: 7 }
    }

    #[test]
    fn a_start_whose_batches_left_in_their_order_is_one_stretch() {
        let mut finished = Finished::default();
        // Two at a time, the second first.
        (2..=9_001).for_each(|n| finished.add(id(3, n ^ 1)));
        assert_eq!(finished.batches[&3][&7], [(2, 9_001)]);
        assert!(!finished.has(id(2, 5)) && !finished.has(BatchId { writer: 8, ..id(3, 5) }));
    }

    #[test]
    fn what_it_says_is_bounded_and_the_oldest_is_forgotten_first() {
        let mut finished = Finished::default();
        (1..=2 * STRETCHES_MAX as u32).for_each(|start| finished.add(id(start, 7)));
        assert!(!finished.has(id(1, 7)) && finished.has(id(2 * STRETCHES_MAX as u32, 7)));
        let text = serde_json::to_string(&finished).unwrap();
        assert!(text.len() < 64_000, "{} bytes", text.len());
        assert_eq!(serde_json::from_str::<Finished>(&text).unwrap(), finished);
    }

    proptest::proptest! {
        #[test]
        fn it_is_a_set(acts in proptest::collection::vec((0..2_u32, 0..2_u32, 0..24_u64), 0..80)) {
            let (mut finished, mut set) = (Finished::default(), BTreeSet::new());
            for (incarnation, writer, number) in acts {
                let id = BatchId { incarnation, number, writer };
                finished.add(id);
                set.insert(id);
            }
            for n in 0..96 {
                let id = BatchId { incarnation: n % 2, writer: n / 2 % 2, number: u64::from(n / 4) };
                proptest::prop_assert_eq!(finished.has(id), set.contains(&id), "{} of {:?}", id, finished);
            }
        }
    }
}
