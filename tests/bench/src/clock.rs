//! The senders' clocks. The agent's own are read in one place of its own, which these are no part of.

use std::time::{Instant, SystemTime};

/// For pacing.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a sender paces itself; nothing is measured for a rollup here")]
pub fn now() -> Instant {
    Instant::now()
}

/// Wall clock, ns since the epoch: what a sample is stamped with.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "plug-ins stamp with the wall clock; so does what stands in for them"
)]
pub fn wall_ns() -> u128 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos())
}
