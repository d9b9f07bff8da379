//! Pauses between attempts: doubling from half a second to a minute, half of it jitter from a seed.

use crate::time::{NS_PER_MS, NS_PER_S};

const BASE_NS: u64 = 500 * NS_PER_MS;
const CAP_NS: u64 = 60 * NS_PER_S;

#[derive(Debug)]
pub(super) struct Backoff {
    state: u64,
    failures: u32,
}

impl Backoff {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed, failures: 0 }
    }

    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// The pause after one more failure, ns.
    pub(super) fn next_ns(&mut self) -> u64 {
        let whole_ns = BASE_NS.saturating_mul(1 << self.failures.min(20)).min(CAP_NS);
        self.failures += 1;
        whole_ns / 2 + self.next() % (whole_ns / 2)
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}
