//! How long to wait after a failure: full jitter from a seed, so that a grid does not come back in step.

use crate::control::aws::{AwsError, AwsErrorKind};
use gridnode_core::base::backoff::{self, Jitter, Pauses};

const BASE_MS: u64 = 500;
const CAP_MS: u64 = 30_000;
const USUAL_MS: Pauses = Pauses { base: BASE_MS, cap: CAP_MS, jitter: Jitter::Full };
/// After "too many calls": more patience from the first time on.
const THROTTLED_MS: Pauses = Pauses { base: 4_000, cap: 60_000, jitter: Jitter::Full };
/// A name can be used again a minute after its queue was deleted.
const DELETED_RECENTLY_MS: u64 = 5_000;

/// Pauses between attempts at one thing.
#[derive(Debug)]
pub struct Backoff(backoff::Backoff);

impl Backoff {
    /// No failure yet.
    pub fn new(seed: u64) -> Self {
        Self(backoff::Backoff::new(seed))
    }

    /// It worked; answers how often it had failed before.
    pub fn reset(&mut self) -> u32 {
        self.0.reset()
    }

    /// Failures since it last worked.
    pub fn failures(&self) -> u32 {
        self.0.failures()
    }

    /// The pause after one more failure, ms: longer where calls are throttled, and a few seconds where a name must wait.
    pub fn next_ms(&mut self, error: &AwsError) -> u64 {
        let pauses = if error.kind == AwsErrorKind::Throttled { THROTTLED_MS } else { USUAL_MS };
        let pause_ms = self.0.fail(&pauses);
        if error.has_code("QueueDeletedRecently") {
            return DELETED_RECENTLY_MS + self.jitter_ms(DELETED_RECENTLY_MS);
        }
        pause_ms
    }

    /// Whether this failure is worth a line in the log: the first ones, then ever fewer of them.
    pub fn is_worth_a_line(&self) -> bool {
        self.failures().is_power_of_two()
    }

    /// Anything from 0 to `max_ms`.
    pub fn jitter_ms(&mut self, max_ms: u64) -> u64 {
        self.0.up_to(max_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: AwsErrorKind) -> AwsError {
        AwsError::new("receive", kind, "")
    }

    #[test]
    fn pauses_grow_to_the_cap_and_start_again() {
        let mut backoff = Backoff::new(1);
        let pauses_ms: Vec<u64> = (0..400).map(|_| backoff.next_ms(&error(AwsErrorKind::Away))).collect();
        for (failure, &pause_ms) in pauses_ms.iter().enumerate() {
            assert!(pause_ms <= (BASE_MS << failure.min(20)).min(CAP_MS), "{pause_ms} ms after {failure}");
        }
        assert!(
            pauses_ms.iter().any(|&ms| ms > CAP_MS * 9 / 10) && pauses_ms[20..].iter().any(|&ms| ms < 3_000)
        );
        assert_eq!(backoff.reset(), 400);
        assert!(backoff.next_ms(&error(AwsErrorKind::Away)) <= BASE_MS);
    }

    #[test]
    fn throttling_asks_for_more_patience() {
        let longest = |kind| {
            let mut backoff = Backoff::new(2);
            (0..200).map(|_| backoff.next_ms(&error(kind))).max()
        };
        assert!(longest(AwsErrorKind::Throttled) > longest(AwsErrorKind::Away));
    }

    #[test]
    fn a_name_that_was_just_deleted_is_asked_for_every_few_seconds() {
        let deleted = AwsError {
            code: "AWS.SimpleQueueService.QueueDeletedRecently".into(),
            ..error(AwsErrorKind::Rejected)
        };
        let mut backoff = Backoff::new(3);
        assert!((0..100).all(|_| (5_000..=10_000).contains(&backoff.next_ms(&deleted))));
    }

    #[test]
    fn an_outage_does_not_fill_the_log() {
        let mut backoff = Backoff::new(4);
        let lines = (0..1_000).filter(|_| {
            backoff.next_ms(&error(AwsErrorKind::Away));
            backoff.is_worth_a_line()
        });
        assert_eq!(lines.count(), 10);
    }
}
