//! Which part numbers of which windows were used: never one twice.

use std::collections::BTreeMap;

/// Windows whose next part number is remembered one by one (more than two hours of one-second windows).
const TRACKED_MAX: usize = 8_192;

/// Emissions of one window that an incarnation can tell apart.
pub const PARTS_PER_INCARNATION: u64 = 65_536;
/// First part number of series whose label is in use by both kinds (see [`crate::rollup`]).
pub const ALTERNATE_PART: u64 = PARTS_PER_INCARNATION / 2;

/// Next free part number a window. What is forgotten for want of room leaves a range behind within which every window
/// starts above all part numbers that were forgotten.
#[derive(Debug, Default)]
pub(super) struct Parts {
    next: BTreeMap<i64, u32>,
    forgotten: UsedParts,
}

/// A range of windows, and a part number that none of them has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UsedParts(Option<Range>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    first: i64,
    last: i64,
    next: u32,
}

impl Parts {
    /// With some numbers taken.
    pub(super) fn after(used: UsedParts) -> Self {
        Self { next: BTreeMap::new(), forgotten: used }
    }

    /// Takes the next part number of a window.
    pub(super) fn take(&mut self, index: i64) -> u32 {
        let n = self.peek(index);
        self.next.insert(index, n + 1);
        if self.next.len() > TRACKED_MAX {
            self.forget_farthest_from(index);
        }
        n
    }

    /// Whether the window has a part number left; the upper half belongs to alternate series.
    pub(super) fn room_for(&self, index: i64) -> bool {
        u64::from(self.peek(index)) < ALTERNATE_PART - 1
    }

    /// All numbers taken so far.
    pub(super) fn used(&self) -> UsedParts {
        self.next.iter().fold(self.forgotten, |used, (&index, &next)| used.with(index, next))
    }

    fn peek(&self, index: i64) -> u32 {
        self.next.get(&index).copied().unwrap_or_else(|| self.forgotten.next(index))
    }

    /// Farthest, not oldest: after a long step back of the clock the windows of now are the oldest, and forgetting
    /// those would raise the number of each window that follows.
    fn forget_farthest_from(&mut self, index: i64) {
        let (Some((&first, _)), Some((&last, _))) = (self.next.first_key_value(), self.next.last_key_value())
        else {
            return;
        };
        let oldest = index.abs_diff(first) >= index.abs_diff(last);
        let farthest = if oldest { self.next.pop_first() } else { self.next.pop_last() };
        if let Some((index, next)) = farthest {
            self.forgotten = self.forgotten.with(index, next);
        }
    }
}

impl UsedParts {
    /// Both of them.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match other.0 {
            None => self,
            Some(range) => self.with(range.first, range.next).with(range.last, range.next),
        }
    }

    fn with(self, index: i64, next: u32) -> Self {
        Self(Some(match self.0 {
            None => Range { first: index, last: index, next },
            Some(old) => {
                Range { first: old.first.min(index), last: old.last.max(index), next: old.next.max(next) }
            }
        }))
    }

    fn next(self, index: i64) -> u32 {
        self.0.filter(|range| (range.first..=range.last).contains(&index)).map_or(0, |range| range.next)
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

    #[test]
    fn a_long_step_back_uses_up_no_numbers() {
        let mut parts = Parts::default();
        let day = 86_400;
        (day..day + TRACKED_MAX as i64 + 10).for_each(|index| assert_eq!(parts.take(index), 0));
        let after: Vec<u32> = (0..20_000).map(|index| parts.take(index)).collect();
        assert!(after[..TRACKED_MAX].iter().all(|&n| n == 0));
        assert!(after.iter().all(|&n| n <= 2), "one number a table's length at most");
        assert!(parts.take(day) >= 1, "what was emitted before is not emitted again");
    }

    #[test]
    fn what_was_used_is_known_to_the_next() {
        let mut first = Parts::default();
        assert_eq!([first.take(5), first.take(5), first.take(9)], [0, 1, 0]);
        let mut second = Parts::after(UsedParts::default().and(first.used()));
        assert_eq!([second.take(4), second.take(5), second.take(9), second.take(10)], [0, 2, 2, 0]);
    }
}
