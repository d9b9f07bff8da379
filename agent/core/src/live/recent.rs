//! The last windows of one label, in order: where the rate and the small curve come from.

/// Windows that are remembered; as many as a curve has columns.
pub const SLOTS: usize = 30;
/// Windows that a rate is taken over: long enough not to jump, short enough to be of now.
const RATE_SLOTS: usize = 5;

/// A ring in plain order: the last place is the window `at`.
#[derive(Debug, Clone, Copy)]
pub struct Recent {
    at: i64,
    counts: [u64; SLOTS],
    p95_us: [u64; SLOTS],
}

impl Recent {
    /// Nothing yet, up to window number `slot`.
    #[must_use]
    pub fn new(slot: i64) -> Self {
        Self { at: slot, counts: [0; SLOTS], p95_us: [0; SLOTS] }
    }

    /// Number of the latest window with something in it.
    #[must_use]
    pub fn at(&self) -> i64 {
        self.at
    }

    /// Counts what a window had. A late part adds to its own window; one from before all of these is of no interest.
    pub fn add(&mut self, slot: i64, count: u64, p95_us: u64) {
        self.move_to(slot);
        let back = usize::try_from(self.at.saturating_sub(slot)).unwrap_or(usize::MAX);
        if let Some(place) = SLOTS.checked_sub(1).and_then(|last| last.checked_sub(back)) {
            self.counts[place] = self.counts[place].saturating_add(count);
            self.p95_us[place] = self.p95_us[place].max(p95_us);
        }
    }

    /// How many a second, over the last windows up to `latest`, but not before `first`, when nobody counted yet.
    #[must_use]
    pub fn rate_per_s(&self, first: i64, latest: i64, period_ns: u64) -> f64 {
        let now = self.moved_to(latest);
        let lived = usize::try_from(latest.saturating_sub(first).saturating_add(1)).unwrap_or(usize::MAX);
        let slots = lived.clamp(1, RATE_SLOTS);
        let sum: u64 = now.counts[SLOTS - slots..].iter().fold(0, |sum, n| sum.saturating_add(*n));
        sum as f64 * 1e9 / (slots as f64 * period_ns.max(1) as f64)
    }

    /// The 95th percentile of each of the last windows up to `latest`, µs; 0 where there was nothing.
    #[must_use]
    pub fn curve_us(&self, latest: i64) -> [u64; SLOTS] {
        self.moved_to(latest).p95_us
    }

    fn moved_to(&self, slot: i64) -> Self {
        let mut moved = *self;
        moved.move_to(slot);
        moved
    }

    fn move_to(&mut self, slot: i64) {
        if slot <= self.at {
            return;
        }
        let by = usize::try_from(slot.saturating_sub(self.at)).unwrap_or(usize::MAX).min(SLOTS);
        for values in [&mut self.counts, &mut self.p95_us] {
            values.rotate_left(by);
            values[SLOTS - by..].fill(0);
        }
        self.at = slot;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;

    #[test]
    fn windows_stay_in_their_places() {
        let mut recent = Recent::new(10);
        recent.add(10, 4, 7);
        recent.add(12, 6, 9);
        recent.add(11, 2, 8);
        recent.add(12, 1, 3);
        assert_eq!(recent.curve_us(13)[SLOTS - 4..], [7, 8, 9, 0]);
        assert_eq!(recent.at(), 12);
        assert_eq!(recent.rate_per_s(10, 13, S), 13.0 / 4.0);
        assert_eq!(recent.rate_per_s(0, 15, S), 9.0 / 5.0, "the last five");
        assert_eq!(recent.rate_per_s(10, 10_000, S), 0.0);
    }

    #[test]
    fn no_window_number_is_too_far_away() {
        let mut recent = Recent::new(0);
        for slot in [i64::MIN, i64::MAX, 0, -1, i64::MIN] {
            recent.add(slot, u64::MAX, 1);
        }
        assert_eq!(recent.at(), i64::MAX);
        assert!(recent.rate_per_s(i64::MIN, i64::MAX, 0).is_finite());
        assert_eq!(recent.curve_us(i64::MAX)[SLOTS - 1], 1);
    }
}
