//! How long to wait: full jitter, slow retries, `Retry-After`, and the phase of a node.

use super::Settings;
use crate::base::random::SplitMix64;
use crate::base::time::NS_PER_S;

/// A node's constant delay of its flushes, ns, below `spread_ns`: 900 nodes close their windows at the same instant and
/// must not write at the same instant. The same for the same `node`, even over the grid.
#[must_use]
pub fn phase_ns(node: &str, spread_ns: u64) -> u64 {
    let digest = ring::digest::digest(&ring::digest::SHA256, node.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&digest.as_ref()[..8]);
    u64::from_be_bytes(first).checked_rem(spread_ns).unwrap_or(0)
}

/// Delays with jitter from a generator of its own, so that a seed reproduces a run.
#[derive(Debug)]
pub(super) struct Backoff {
    random: SplitMix64,
    base_ns: u64,
    cap_ns: u64,
    flush_cap_ns: u64,
    slow_ns: u64,
    retry_after_ns_max: u64,
}

impl Backoff {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            random: SplitMix64::new(settings.seed),
            base_ns: settings.retry_base_ns,
            cap_ns: settings.retry_cap_ns,
            flush_cap_ns: settings.flush_retry_cap_ns,
            slow_ns: settings.slow_ns,
            retry_after_ns_max: settings.retry_after_ns_max,
        }
    }

    /// Full jitter: anything from 0 to `base · 2^(failures − 1)`, capped. With `Retry-After`: that long at least, plus
    /// up to a quarter of it (1 s at least), because the other nodes were told the same.
    pub(super) fn soon_ns(&mut self, failures: u32, retry_after_s: Option<u64>, quick: bool) -> u64 {
        let cap_ns = if quick { self.flush_cap_ns } else { self.cap_ns };
        let doubled = 1_u64.checked_shl(failures.saturating_sub(1)).unwrap_or(u64::MAX);
        let jitter_ns = self.random.up_to(self.base_ns.saturating_mul(doubled).min(cap_ns));
        let Some(told_s) = retry_after_s else { return jitter_ns };
        let told_ns = told_s.saturating_mul(NS_PER_S).min(self.retry_after_ns_max);
        let spread_ns = self.random.up_to((told_ns / 4).max(NS_PER_S));
        jitter_ns.max(told_ns.saturating_add(spread_ns))
    }

    /// From half of the slow interval to all of it.
    pub(super) fn slow_ns(&mut self) -> u64 {
        let half_ns = self.slow_ns / 2;
        half_ns + self.random.up_to(half_ns)
    }
}
