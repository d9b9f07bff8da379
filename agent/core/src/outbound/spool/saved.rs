//! Accounts that must survive although the files they speak of do not: the content of `counters.json`.

use super::Finished;
use crate::outbound::delivery::{Amount, BatchAccount, BatchId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All of it, as it was at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// By run ([`crate::base::run::RunName`]).
    pub runs: BTreeMap<String, SavedRun>,
    /// Batches that are leaving the spool and are counted above as gone: their files may still be there.
    #[serde(default)]
    pub leaving: Vec<LeavingFile>,
    /// Which start wrote this; 0: an agent that did not say.
    #[serde(default)]
    pub incarnation: u32,
    /// The next number of a batch: what is durable and counted above has a lower one, or is of an earlier start.
    #[serde(default)]
    pub next_number: u64,
    /// Paths of batches that come back from aside, and are counted above as spooled: their files may still be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub returning: Vec<String>,
    /// A later start that could say its number nowhere else; 0: none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub last_start: u32,
    /// What was removed from `corrupt` for want of room: files, and samples that are counted as set aside above.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub corrupt_removed: Amount,
    /// Paths of batches that were not there when they were to be read, and are counted above as set aside: somebody may have
    /// taken them away for a while.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
    /// Batches that are counted above as gone and may lie in a second place yet, by
    /// [`crate::outbound::pack::Packed::content`]: they are not taken over from there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub released: Vec<String>,
    /// Batches that have left, and are counted above as delivered or given up.
    #[serde(default, skip_serializing_if = "Finished::is_empty")]
    pub finished: Finished,
    /// Numbers below `next_number` that were not durable then.
    #[serde(default)]
    pub writing: Vec<Writing>,
}

/// A run's accounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedRun {
    /// What became of what was rendered.
    #[serde(flatten)]
    pub account: BatchAccount,
    /// Samples that had been counted by then, those in open windows included.
    #[serde(default)]
    pub aggregated: u64,
    /// Samples that earlier crashes have taken before they were durable.
    #[serde(default)]
    pub lost_restart: u64,
}

/// A batch that leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeavingFile {
    /// Its file name, as a batch that is not a part.
    pub batch: String,
    /// Set: it goes to the quarantine.
    #[serde(default)]
    pub quarantine_reason: Option<String>,
    /// It goes to `corrupt`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub corrupt: bool,
}

/// A batch that was being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Writing {
    /// See [`BatchId`].
    pub incarnation: u32,
    /// See [`BatchId`].
    pub number: u64,
}

impl SavedRun {
    /// Samples that the account has in one place or another.
    #[must_use]
    pub fn accounted_for(&self) -> u64 {
        let here = self.account.spooled.samples.saturating_add(self.lost_restart);
        self.account.gone_samples().saturating_add(here)
    }
}

fn is_nothing(amount: &Amount) -> bool {
    *amount == Amount::default()
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Saved {
    /// The highest number of a start that this says; 0: none.
    #[must_use]
    pub fn last_start(&self) -> u32 {
        self.incarnation.max(self.last_start)
    }

    /// Whether a batch was durable then, as far as can be said from its number.
    #[must_use]
    pub fn knew(&self, id: BatchId) -> bool {
        let next = BatchId { incarnation: self.incarnation, number: self.next_number, writer: 0 };
        let writing = Writing { incarnation: id.incarnation, number: id.number };
        // Written by an agent that did not say: its last word counted all there was.
        self.incarnation == 0 || (id < next && !self.writing.contains(&writing))
    }
}
