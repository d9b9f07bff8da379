//! Whether a download is tried again, and when: a pure decision.

/// What went wrong with one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// No answer, a broken one, or "come later".
    Passing,
    /// All bytes came, and they are others than the digest says: once in a while a connection's fault.
    Digest,
    /// Trying again changes nothing.
    Final,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Next {
    /// Wait, ms, then try again.
    RetryAfterMs(u64),
    /// Report the error.
    GiveUp,
}

/// Attempts of one file so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Attempts {
    passing: u32,
    digest: u32,
}

/// All attempts but the last are followed by a wait; seven waits are at most 43.5 s, 22 s on average.
const PASSING_MAX: u32 = 8;
/// The second wrong digest is the object's fault.
const DIGEST_MAX: u32 = 2;
const BASE_MS: u64 = 500;
const CAP_MS: u64 = 12_000;

impl Attempts {
    /// Counts one more failed attempt. The wait is anything from 0 to `base · 2^(failures − 1)`, capped ("full jitter"),
    /// because a whole grid fetches the same object at the same moment. `entropy` is uniform.
    pub(super) fn failed(&mut self, fault: Fault, entropy: u64) -> Next {
        match fault {
            Fault::Final => return Next::GiveUp,
            Fault::Passing => self.passing += 1,
            Fault::Digest => self.digest += 1,
        }
        if self.passing >= PASSING_MAX || self.digest >= DIGEST_MAX {
            return Next::GiveUp;
        }
        let doublings = (self.passing + self.digest).saturating_sub(1);
        let most_ms = BASE_MS.saturating_mul(1_u64.checked_shl(doublings).unwrap_or(u64::MAX)).min(CAP_MS);
        Next::RetryAfterMs(entropy % (most_ms + 1))
    }

    /// How often it was tried and failed.
    pub(super) fn count(&self) -> u32 {
        self.passing + self.digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_cannot_be_mended_is_not_tried_again() {
        assert_eq!(Attempts::default().failed(Fault::Final, 7), Next::GiveUp);
    }

    #[test]
    fn the_longest_waits_double_up_to_a_cap_and_then_it_ends() {
        let mut attempts = Attempts::default();
        let mut waits = Vec::new();
        // 500, 1000, … are what `entropy % (most + 1)` makes of `most` itself.
        for most_ms in [500, 1_000, 2_000, 4_000, 8_000, 12_000, 12_000, 12_000] {
            waits.push(attempts.failed(Fault::Passing, most_ms));
        }
        let mut expected: Vec<Next> =
            [500, 1_000, 2_000, 4_000, 8_000, 12_000, 12_000].map(Next::RetryAfterMs).to_vec();
        expected.push(Next::GiveUp);
        assert_eq!(waits, expected);
    }

    #[test]
    fn a_wrong_digest_has_one_more_try() {
        let mut attempts = Attempts::default();
        assert!(matches!(attempts.failed(Fault::Passing, 0), Next::RetryAfterMs(0)));
        assert!(matches!(attempts.failed(Fault::Digest, 0), Next::RetryAfterMs(0)));
        assert_eq!(attempts.failed(Fault::Digest, 0), Next::GiveUp);
        assert_eq!(attempts.count(), 3);
    }

    proptest! {
        #[test]
        fn it_always_ends_and_never_waits_longer_than_the_cap(entropy in prop::collection::vec(any::<(bool, u64)>(), 10)) {
            let mut attempts = Attempts::default();
            let next = entropy.into_iter().map(|(digest, entropy)| {
                attempts.failed(if digest { Fault::Digest } else { Fault::Passing }, entropy)
            });
            let waits: Vec<Next> = next.take_while(|next| *next != Next::GiveUp).collect();
            prop_assert!(waits.len() < 9);
            prop_assert!(waits.iter().all(|next| matches!(next, Next::RetryAfterMs(ms) if *ms <= CAP_MS)));
        }
    }
}
