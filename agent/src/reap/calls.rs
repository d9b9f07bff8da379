//! One call after the other, at a pace that leaves the account's quota to the nodes.

use crate::aws::{AwsError, AwsErrorKind};
use crate::queue::backoff::Backoff;
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// Attempts at one call; throttled ones wait up to a minute in between.
const ATTEMPTS_MAX: u32 = 8;

/// Paces and retries calls.
#[derive(Debug)]
pub struct Calls {
    pace: Interval,
    seed: u64,
}

impl Calls {
    /// At most `per_s` (at least 1) calls a second.
    #[must_use]
    pub fn new(per_s: u32, seed: u64) -> Self {
        let mut pace = interval(Duration::from_secs(1) / per_s.max(1));
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { pace, seed }
    }

    /// Makes a call; again when it was throttled or not answered.
    ///
    /// # Errors
    /// The last failure.
    pub async fn make<T>(&mut self, call: impl AsyncFn() -> Result<T, AwsError>) -> Result<T, AwsError> {
        self.seed = self.seed.wrapping_add(1);
        let mut backoff = Backoff::new(self.seed);
        loop {
            self.pace.tick().await;
            let error = match call().await {
                Err(error) if matches!(error.kind, AwsErrorKind::Throttled | AwsErrorKind::Away) => error,
                other => return other,
            };
            let pause_ms = backoff.next_ms(&error);
            if backoff.failures() >= ATTEMPTS_MAX {
                return Err(error);
            }
            tracing::debug!(pause_ms, "{error}");
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        }
    }
}
