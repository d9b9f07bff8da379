//! The accounts of delivery: what became of every batch and every sample, for each run and in all.

use super::types::SpooledBatch;
use crate::base::run::RunName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Batches and the samples that travel with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Amount {
    /// Batches.
    pub batches: u64,
    /// Samples.
    pub samples: u64,
}

/// `entered = delivered + spooled + evicted + quarantined + uncertain + set_aside + unexplained`, in both units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BatchAccount {
    /// Spooled since the start, or found then. A split batch counts as its parts.
    pub entered: Amount,
    /// Answered with 204.
    pub delivered: Amount,
    /// Still here.
    pub spooled: Amount,
    /// Deleted undelivered for the spool's bounds.
    pub evicted: Amount,
    /// Set aside because the Drain cannot read it.
    pub quarantined: Amount,
    /// Set aside after a partial write: an unknown part is stored. Not in `quarantined`.
    pub uncertain: Amount,
    /// Set aside because the file cannot be read.
    #[serde(default)]
    pub set_aside: Amount,
    /// No longer there at a start, and no account says why: somebody else's deed, or a disk that forgets.
    #[serde(default)]
    pub unexplained: Amount,
    /// Posts that have to be repeated.
    pub retries: u64,
    /// Batches split in two.
    pub splits: u64,
}

impl BatchAccount {
    /// Whether everything is accounted for.
    #[must_use]
    pub fn balance(&self) -> bool {
        let sum = |unit: fn(&Amount) -> u64| {
            self.gone().iter().chain([&self.spooled]).map(unit).sum::<u64>() == unit(&self.entered)
        };
        sum(|a| a.batches) && sum(|a| a.samples)
    }

    /// What is no longer in the spool, by what became of it.
    fn gone(&self) -> [Amount; 6] {
        [self.delivered, self.evicted, self.quarantined, self.uncertain, self.set_aside, self.unexplained]
    }

    /// Samples that have left the spool, and not to the Drain.
    #[must_use]
    pub fn lost_samples(&self) -> u64 {
        self.gone_samples().saturating_sub(self.delivered.samples)
    }

    /// Samples that have left the spool, one way or another.
    #[must_use]
    pub fn gone_samples(&self) -> u64 {
        self.gone().iter().fold(0, |sum, amount| sum.saturating_add(amount.samples))
    }
}

/// One [`BatchAccount`] a run and one for all. Bounded by the runs that have batches or are not yet forgotten.
#[derive(Debug, Default)]
pub(super) struct BatchAccounts {
    runs: BTreeMap<RunName, BatchAccount>,
    total: BatchAccount,
    strays: u64,
}

impl BatchAccounts {
    pub(super) fn of(&self, run: &RunName) -> BatchAccount {
        self.runs.get(run).copied().unwrap_or_default()
    }

    pub(super) fn total(&self) -> BatchAccount {
        self.total
    }

    pub(super) fn strays(&self) -> u64 {
        self.strays
    }

    pub(super) fn runs(&self) -> impl Iterator<Item = (&RunName, BatchAccount)> {
        self.runs.iter().map(|(run, counters)| (run, *counters))
    }

    /// What is spooled now comes in by [`Self::enter`].
    pub(super) fn restore(&mut self, run: &RunName, saved: BatchAccount) {
        self.both(run, |c| {
            c.delivered = c.delivered.plus(saved.delivered);
            c.evicted = c.evicted.plus(saved.evicted);
            c.quarantined = c.quarantined.plus(saved.quarantined);
            c.uncertain = c.uncertain.plus(saved.uncertain);
            c.set_aside = c.set_aside.plus(saved.set_aside);
            c.unexplained = c.unexplained.plus(saved.unexplained);
            c.entered = saved.gone().into_iter().fold(c.entered, Amount::plus);
            c.retries += saved.retries;
            c.splits += saved.splits;
        });
    }

    pub(super) fn forget(&mut self, run: &RunName) -> bool {
        let done = self.of(run).spooled.batches == 0;
        if done {
            self.runs.remove(run);
        }
        done
    }

    pub(super) fn enter(&mut self, batch: &SpooledBatch) {
        self.both(&batch.run, |c| {
            c.entered.add(batch.samples);
            c.spooled.add(batch.samples);
        });
    }

    pub(super) fn leave(&mut self, batch: &SpooledBatch, account: impl Fn(&mut BatchAccount) -> &mut Amount) {
        self.both(&batch.run, |c| {
            c.spooled.take(batch.samples);
            account(c).add(batch.samples);
        });
    }

    /// As if it had never entered.
    pub(super) fn withdraw(&mut self, batch: &SpooledBatch) {
        self.both(&batch.run, |c| {
            c.entered.take(batch.samples);
            c.spooled.take(batch.samples);
        });
    }

    /// A batch that never became durable, for want of room.
    pub(super) fn never_spooled(&mut self, run: &RunName, samples: u64) {
        self.both(run, |c| {
            c.entered.add(samples);
            c.evicted.add(samples);
        });
    }

    pub(super) fn retry(&mut self, run: &RunName) {
        self.both(run, |c| c.retries += 1);
    }

    /// An input about a batch that does not expect it.
    pub(super) fn stray(&mut self) {
        self.strays += 1;
    }

    /// The parts take the parent's place. They are made to carry exactly its samples: the whole was counted when it was
    /// rendered, while a part is counted by reading its lines again.
    pub(super) fn split(&mut self, parent: &SpooledBatch, mut parts: Vec<SpooledBatch>) -> Vec<SpooledBatch> {
        let mut left = parent.samples;
        let last = parts.len().saturating_sub(1);
        for (i, part) in parts.iter_mut().enumerate() {
            part.run = parent.run.clone();
            part.samples = if i == last { left } else { part.samples.min(left) };
            left -= part.samples;
        }
        self.both(&parent.run, |c| {
            c.splits += 1;
            c.spooled.take(parent.samples);
            c.entered.take(parent.samples);
            for part in &parts {
                c.spooled.add(part.samples);
                c.entered.add(part.samples);
            }
        });
        parts
    }

    fn both(&mut self, run: &RunName, change: impl Fn(&mut BatchAccount)) {
        change(&mut self.total);
        if let Some(counters) = self.runs.get_mut(run) {
            change(counters);
        } else {
            change(self.runs.entry(run.clone()).or_default());
        }
    }
}

impl Amount {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            batches: self.batches.saturating_add(other.batches),
            samples: self.samples.saturating_add(other.samples),
        }
    }

    /// What is left of it.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        Self {
            batches: self.batches.saturating_sub(other.batches),
            samples: self.samples.saturating_sub(other.samples),
        }
    }

    fn add(&mut self, samples: u64) {
        self.batches += 1;
        self.samples = self.samples.saturating_add(samples);
    }

    fn take(&mut self, samples: u64) {
        self.batches = self.batches.saturating_sub(1);
        self.samples = self.samples.saturating_sub(samples);
    }
}
