//! Pauses between attempts: doubling from half a second to a minute, half of it jitter from a seed.

use crate::base::random::SplitMix64;
use crate::base::time::{NS_PER_MS, NS_PER_S};

const BASE_NS: u64 = 500 * NS_PER_MS;
const CAP_NS: u64 = 60 * NS_PER_S;

#[derive(Debug)]
pub(super) struct Backoff {
    random: SplitMix64,
    failures: u32,
}

impl Backoff {
    pub(super) fn new(seed: u64) -> Self {
        Self { random: SplitMix64::new(seed), failures: 0 }
    }

    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// The pause after one more failure, ns.
    pub(super) fn next_ns(&mut self) -> u64 {
        let whole_ns = BASE_NS.saturating_mul(1 << self.failures.min(20)).min(CAP_NS);
        self.failures += 1;
        whole_ns / 2 + self.random.next_u64() % (whole_ns / 2)
    }
}
