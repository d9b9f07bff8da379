//! Exact sums of one quantity of one label: integers, so that adding in any order gives the same result.

/// Count, sum, extremes and sum of squares of durations in µs.
///
/// A window of 60 s at a million samples a second of 24 h each stays below `u64` in `sum_us` by a factor of 3;
/// totals of whole runs are wider (`merge`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// Values added.
    pub count: u64,
    /// Their sum, µs.
    pub sum_us: u64,
    /// The smallest, µs; `u64::MAX` while empty.
    pub min_us: u64,
    /// The largest, µs.
    pub max_us: u64,
}

impl Default for Stat {
    fn default() -> Self {
        Self { count: 0, sum_us: 0, min_us: u64::MAX, max_us: 0 }
    }
}

impl Stat {
    /// Adds one value.
    #[inline]
    pub fn add(&mut self, us: u64) {
        self.count += 1;
        self.sum_us = self.sum_us.saturating_add(us);
        self.min_us = self.min_us.min(us);
        self.max_us = self.max_us.max(us);
    }

    /// Adds all of another.
    pub fn absorb(&mut self, other: &Self) {
        self.count += other.count;
        self.sum_us = self.sum_us.saturating_add(other.sum_us);
        self.min_us = self.min_us.min(other.min_us);
        self.max_us = self.max_us.max(other.max_us);
    }

    /// Arithmetic mean in ms; 0 while empty.
    #[must_use]
    pub fn mean_ms(&self) -> f64 {
        if self.count == 0 { 0.0 } else { ms(self.sum_us) / self.count as f64 }
    }
}

/// Population standard deviation in ms, from exact integer sums.
#[must_use]
pub fn stddev_ms(count: u64, sum_us: u64, squares_us2: u128) -> f64 {
    if count == 0 {
        return 0.0;
    }
    let sum = u128::from(sum_us);
    // n·Σx² − (Σx)² is exact in integers; with floats it would lose everything for long, steady times.
    let spread = u128::from(count).saturating_mul(squares_us2).saturating_sub(sum.saturating_mul(sum));
    (spread as f64).sqrt() / count as f64 / 1_000.0
}

/// µs as ms.
#[must_use]
pub fn ms(us: u64) -> f64 {
    us as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_deviation() {
        let mut stat = Stat::default();
        let mut squares = 0_u128;
        for us in [2_000_u64, 4_000, 4_000, 4_000, 5_000, 5_000, 7_000, 9_000] {
            stat.add(us);
            squares += u128::from(us) * u128::from(us);
        }
        assert_eq!((stat.mean_ms(), stat.min_us, stat.max_us), (5.0, 2_000, 9_000));
        assert_eq!(stddev_ms(stat.count, stat.sum_us, squares), 2.0);
    }
}
