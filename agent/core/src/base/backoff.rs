//! How long to wait after failures: ever longer up to a cap, with jitter from a seed, so that a grid of nodes does not
//! come back in step and a run can be reproduced.
//!
//! Times are in whatever unit their [`Pauses`] are in; callers name it.

use super::random::SplitMix64;

/// How the pauses of one kind of failure grow: `base · 2^(failures − 1)`, at most `cap`, of which jitter takes a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pauses {
    /// Bound of the first pause.
    pub base: u64,
    /// Bound of all pauses.
    pub cap: u64,
    /// What becomes of the bound.
    pub jitter: Jitter,
}

/// How much of a pause is left to chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jitter {
    /// All of it: anything from 0 to the bound. Spreads best.
    Full,
    /// Anything from half of the bound to all of it: where no pause at all would be none too good.
    Half,
}

impl Pauses {
    /// The longest pause after `failures` failures.
    fn bound(&self, failures: u32) -> u64 {
        let doubled = 1_u64.checked_shl(failures.saturating_sub(1)).unwrap_or(u64::MAX);
        self.base.saturating_mul(doubled).min(self.cap)
    }
}

/// Failures of one thing, and the pauses after them.
#[derive(Debug)]
pub struct Backoff {
    random: SplitMix64,
    failures: u32,
}

impl Backoff {
    /// No failure yet.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { random: SplitMix64::new(seed), failures: 0 }
    }

    /// It worked; answers how often it had failed before.
    pub fn reset(&mut self) -> u32 {
        std::mem::take(&mut self.failures)
    }

    /// Failures since it last worked.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// The pause after one more failure.
    pub fn fail(&mut self, pauses: &Pauses) -> u64 {
        self.failures = self.failures.saturating_add(1);
        self.pause(pauses, self.failures)
    }

    /// The pause after `failures` failures that the caller counts.
    pub fn pause(&mut self, pauses: &Pauses, failures: u32) -> u64 {
        let bound = pauses.bound(failures);
        match pauses.jitter {
            Jitter::Full => self.random.up_to(bound),
            Jitter::Half => bound / 2 + self.random.up_to(bound / 2),
        }
    }

    /// Anything from 0 to `max`, for what is particular to a caller.
    pub fn up_to(&mut self, max: u64) -> u64 {
        self.random.up_to(max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pauses_double_to_their_cap() {
        let pauses = Pauses { base: 500, cap: 3_000, jitter: Jitter::Full };
        let bounds: Vec<u64> = [0, 1, 2, 3, 4, 64, u32::MAX].map(|failures| pauses.bound(failures)).into();
        assert_eq!(bounds, [500, 500, 1_000, 2_000, 3_000, 3_000, 3_000]);
    }

    #[test]
    fn what_worked_starts_again() {
        let pauses = Pauses { base: 500, cap: 60_000, jitter: Jitter::Half };
        let mut backoff = Backoff::new(1);
        assert!((0..20).map(|_| backoff.fail(&pauses)).last().is_some_and(|pause| pause >= 30_000));
        assert_eq!((backoff.failures(), backoff.reset(), backoff.failures()), (20, 20, 0));
        assert!((250..=500).contains(&backoff.fail(&pauses)));
    }

    proptest! {
        #[test]
        fn no_pause_is_out_of_bounds(seed: u64, base: u64, cap: u64, failures: u32) {
            let pause = |jitter| Backoff::new(seed).pause(&Pauses { base, cap, jitter }, failures);
            prop_assert!(pause(Jitter::Full) <= cap);
            prop_assert!((base.min(cap) / 2..=cap).contains(&pause(Jitter::Half)));
        }
    }
}
