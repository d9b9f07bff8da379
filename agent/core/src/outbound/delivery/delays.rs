//! How long to wait: full jitter, slow retries, `Retry-After`, and the phase of a node.

use super::Settings;
use crate::base::backoff::{Backoff, Jitter, Pauses};
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
pub(super) struct Delays {
    backoff: Backoff,
    usual: Pauses,
    probe_cap_ns: u64,
    flush_cap_ns: u64,
    slow: Pauses,
    retry_after_ns_max: u64,
}

impl Delays {
    pub(super) fn new(settings: &Settings) -> Self {
        let (base, cap, slow_ns) = (settings.retry_base_ns, settings.retry_cap_ns, settings.slow_ns);
        Self {
            backoff: Backoff::new(settings.seed),
            usual: Pauses { base, cap, jitter: Jitter::Full },
            probe_cap_ns: settings.probe_cap_ns.min(cap),
            flush_cap_ns: settings.flush_retry_cap_ns,
            slow: Pauses { base: slow_ns, cap: slow_ns, jitter: Jitter::Half },
            retry_after_ns_max: settings.retry_after_ns_max,
        }
    }

    /// Of a batch. Full jitter. With `Retry-After`: that long at least, plus up to a quarter of it (1 s at least), because the
    /// other nodes were told the same.
    pub(super) fn soon_ns(&mut self, failures: u32, retry_after_s: Option<u64>, quick: bool) -> u64 {
        let cap_ns = if quick { self.flush_cap_ns } else { self.usual.cap };
        self.jittered_ns(cap_ns, failures, retry_after_s)
    }

    /// Of the next probe, in the same way.
    pub(super) fn probe_ns(&mut self, failures: u32, retry_after_s: Option<u64>, quick: bool) -> u64 {
        let cap_ns = if quick { self.flush_cap_ns } else { self.probe_cap_ns };
        self.jittered_ns(cap_ns, failures, retry_after_s)
    }

    fn jittered_ns(&mut self, cap_ns: u64, failures: u32, retry_after_s: Option<u64>) -> u64 {
        let jitter_ns = self.backoff.pause(&Pauses { cap: cap_ns, ..self.usual }, failures);
        let Some(told_s) = retry_after_s else { return jitter_ns };
        let told_ns = told_s.saturating_mul(NS_PER_S).min(self.retry_after_ns_max);
        let spread_ns = self.backoff.up_to((told_ns / 4).max(NS_PER_S));
        jitter_ns.max(told_ns.saturating_add(spread_ns))
    }

    /// From half of the slow interval to all of it.
    pub(super) fn slow_ns(&mut self) -> u64 {
        self.backoff.pause(&self.slow, 1)
    }
}
