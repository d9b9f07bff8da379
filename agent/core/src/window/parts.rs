//! Which part numbers of which windows were used: never one twice.

use crate::timestamp::ALTERNATE_PART;
use std::collections::BTreeMap;

/// Windows whose next part number is remembered one by one (more than two hours of one-second windows).
const TRACKED_MAX: usize = 8_192;

/// Next free part number a window. What is forgotten for want of room leaves a range behind within which every window
/// starts above all part numbers that were forgotten.
#[derive(Debug, Default)]
pub(super) struct Parts {
    next: BTreeMap<i64, u32>,
    forgotten: Option<Forgotten>,
}

#[derive(Debug, Clone, Copy)]
struct Forgotten {
    first: i64,
    last: i64,
    next: u32,
}

impl Parts {
    /// Takes the next part number of a window.
    pub(super) fn take(&mut self, index: i64) -> u32 {
        let n = self.peek(index);
        self.next.insert(index, n + 1);
        if self.next.len() > TRACKED_MAX {
            self.forget_oldest();
        }
        n
    }

    /// Whether the window has a part number left; the upper half belongs to alternate series.
    pub(super) fn room_for(&self, index: i64) -> bool {
        u64::from(self.peek(index)) < ALTERNATE_PART - 1
    }

    fn peek(&self, index: i64) -> u32 {
        if let Some(&next) = self.next.get(&index) {
            return next;
        }
        match self.forgotten {
            Some(range) if (range.first..=range.last).contains(&index) => range.next,
            _ => 0,
        }
    }

    fn forget_oldest(&mut self) {
        let Some((index, next)) = self.next.pop_first() else { return };
        self.forgotten = Some(match self.forgotten {
            None => Forgotten { first: index, last: index, next },
            Some(old) => {
                Forgotten { first: old.first.min(index), last: old.last.max(index), next: old.next.max(next) }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_comes_twice_even_after_forgetting() {
        let mut parts = Parts::default();
        let mut seen = std::collections::HashSet::new();
        for round in 0..3 {
            for index in 0..(TRACKED_MAX as i64 + 100) {
                assert!(seen.insert((index, parts.take(index))), "round {round}, window {index}");
            }
        }
    }
}
