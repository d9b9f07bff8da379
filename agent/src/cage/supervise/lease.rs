//! How long a run may go on without a word of the agent. A connection tells that the agent's process is gone, not that it stands
//! still: then nobody would take samples, and nobody could be told to stop.

use gridnode_core::base::time::{Mono, NS_PER_MS};
use std::time::Duration;

/// A run on a node goes on for so long, ms, after the agent's last word.
pub const LEASE_MS: u64 = 60_000;
/// So many renewals may be late or lost.
const RENEWALS: u32 = 6;

/// The supervisor's side.
pub(super) struct Lease {
    long_ns: u64,
    until: Mono,
}

impl Lease {
    pub(super) fn new(now: Mono, long_ms: u64) -> Self {
        let long_ns = long_ms.saturating_mul(NS_PER_MS);
        Self { long_ns, until: now.plus_ns(long_ns) }
    }

    pub(super) fn renew(&mut self, now: Mono) {
        self.until = now.plus_ns(self.long_ns);
    }

    pub(super) fn is_over(&self, now: Mono) -> bool {
        now >= self.until
    }
}

/// Between two renewals of a lease of `long_ms`.
pub(super) fn renew_every(long_ms: u64) -> Duration {
    Duration::from_millis(long_ms) / RENEWALS
}
