//! Samples that are neither delivered nor waiting, by what became of them.

use gridnode_core::outbound::delivery::BatchAccount;
use std::fmt;

/// Each number is of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lost {
    /// Refused by the Drain; they lie in the quarantine.
    pub quarantined: u64,
    /// The Drain has stored an unknown part of their batches, which lie in the quarantine.
    pub uncertain: u64,
    /// Their files are unreadable, or were gone when they were to be read.
    pub set_aside: u64,
    /// Given up for the spool's bounds.
    pub evicted: u64,
    /// Gone from the spool, and no account says why.
    pub unexplained: u64,
    /// Not durable yet when a process was killed.
    pub restart: u64,
}

impl Lost {
    /// By an account.
    #[must_use]
    pub fn of(account: &BatchAccount, lost_restart: u64) -> Self {
        Self {
            quarantined: account.quarantined.samples,
            uncertain: account.uncertain.samples,
            set_aside: account.set_aside.samples,
            evicted: account.evicted.samples,
            unexplained: account.unexplained.samples,
            restart: lost_restart,
        }
    }

    /// Of all kinds.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.kinds().iter().fold(0, |sum, (samples, _)| sum.saturating_add(*samples))
    }

    /// What lies in the quarantine, and can be sent again.
    #[must_use]
    pub fn in_quarantine(&self) -> u64 {
        self.quarantined.saturating_add(self.uncertain)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        self.with(other, u64::saturating_add)
    }

    /// What has been added since it was `before`.
    pub(super) fn since(self, before: Self) -> Self {
        self.with(before, u64::saturating_sub)
    }

    fn with(self, other: Self, both: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            quarantined: both(self.quarantined, other.quarantined),
            uncertain: both(self.uncertain, other.uncertain),
            set_aside: both(self.set_aside, other.set_aside),
            evicted: both(self.evicted, other.evicted),
            unexplained: both(self.unexplained, other.unexplained),
            restart: both(self.restart, other.restart),
        }
    }

    fn kinds(&self) -> [(u64, &'static str); 6] {
        [
            (self.quarantined, "refused by the Drain (quarantined)"),
            (self.uncertain, "in batches of which the Drain has stored an unknown part (uncertain)"),
            (self.set_aside, "in files that are unreadable or were gone (set_aside)"),
            (self.evicted, "given up for the spool's bounds (evicted)"),
            (self.unexplained, "gone from the spool, and nobody knows why (unexplained)"),
            (self.restart, "lost when a process was killed (lost_restart)"),
        ]
    }
}

/// The kinds of which there are some.
impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = self.kinds().into_iter().filter(|(samples, _)| *samples > 0);
        let said: Vec<String> = kinds.map(|(samples, what)| format!("{samples} {what}")).collect();
        f.write_str(&said.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_there_is_more_of_than_before_is_said() {
        let before = Lost { evicted: 5, restart: 7, ..Lost::default() };
        let now = Lost { evicted: 5, restart: 9, uncertain: 3, ..Lost::default() };
        let new = now.since(before);
        assert_eq!((new.samples(), new.in_quarantine()), (5, 3));
        let said = new.to_string();
        assert_eq!(
            said,
            "3 in batches of which the Drain has stored an unknown part (uncertain), 2 lost when a process was killed \
             (lost_restart)"
        );
    }
}
