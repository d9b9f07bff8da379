//! One call after the other, at a pace that leaves the account's quota to the nodes.

use crate::control::aws::{AwsError, AwsErrorKind};
use crate::control::queue::backoff::Backoff;
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// Attempts at a call, with up to a minute in between when it is throttled: that passes, sooner or later.
const ATTEMPTS_MAX: u32 = 12;
/// Attempts as long as nothing was ever answered: a wrong endpoint or region should show within seconds.
const FIRST_ATTEMPTS_MAX: u32 = 5;

/// Paces and retries calls.
#[derive(Debug)]
pub struct Calls {
    pace: Interval,
    seed: u64,
    /// Whether any call ever was.
    answered: bool,
}

impl Calls {
    /// At most `per_s` (at least 1) calls a second.
    #[must_use]
    pub fn new(per_s: u32, seed: u64) -> Self {
        let mut pace = interval(Duration::from_secs(1) / per_s.max(1));
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { pace, seed, answered: false }
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
                Ok(value) => {
                    self.answered = true;
                    return Ok(value);
                }
                Err(error) => error,
            };
            let attempts_max = match error.kind {
                AwsErrorKind::Away if !self.answered => FIRST_ATTEMPTS_MAX,
                AwsErrorKind::Away | AwsErrorKind::Throttled => ATTEMPTS_MAX,
                _ => return Err(error),
            };
            let pause_ms = backoff.next_ms(&error);
            if backoff.failures() >= attempts_max {
                return Err(error);
            }
            tracing::debug!(pause_ms, "{error}");
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        }
    }
}
