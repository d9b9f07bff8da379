//! Pseudo-random numbers from a seed: the same everywhere for the same seed, so that a run can be reproduced. Not for
//! secrets.

/// What the state grows by.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// SplitMix64: eight bytes of state, and it passes the usual tests of randomness.
#[derive(Debug, Clone)]
pub struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// Any seed is as good as any other.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mixed(self.state)
    }

    /// The `nth` number of `seed`, from 1, without those before it.
    #[must_use]
    pub fn nth(seed: u64, nth: u64) -> u64 {
        mixed(seed.wrapping_add(nth.wrapping_mul(STEP)))
    }

    /// Uniform in `0..=max`, by multiplication: the bias is below 2⁻³² for `max` up to 2³².
    pub fn up_to(&mut self, max: u64) -> u64 {
        let span = u128::from(max) + 1;
        u64::try_from((u128::from(self.next_u64()) * span) >> 64).unwrap_or(max)
    }
}

fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_published_sequence() {
        let mut random = SplitMix64::new(1_234_567);
        let first: [u64; 3] = std::array::from_fn(|_| random.next_u64());
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
        assert_eq!(first, std::array::from_fn(|n| SplitMix64::nth(1_234_567, n as u64 + 1)));
    }

    #[test]
    fn stays_in_bounds_and_reaches_them() {
        let mut random = SplitMix64::new(7);
        let seen: std::collections::BTreeSet<u64> = (0..200).map(|_| random.up_to(3)).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert_eq!(random.up_to(0), 0);
        random.up_to(u64::MAX);
    }
}
