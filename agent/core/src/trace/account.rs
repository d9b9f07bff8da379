//! The account of a run's error traces.

use crate::base::json::is_zero;
use serde::{Deserialize, Serialize};

/// What became of the error traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TraceAccount {
    /// Kept.
    pub captured: u64,
    /// Of those captured: successes that were slow.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub slow: u64,
    /// Failures that have none, for there were enough of their kind.
    pub suppressed: u64,
    /// Files that are no traces.
    pub refused: u64,
    /// Could not be kept: no room, no disk, or they were evicted before the store had taken them.
    pub lost: u64,
    /// Of those captured: objects in the store; `None` where there is no store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploaded: Option<u64>,
    /// Of those captured: they wait for the store, and are delivered when it takes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<u64>,
}

impl TraceAccount {
    /// Failed requests that are in one of its counts, files that are no traces among them: each may have been to be one.
    #[must_use]
    pub fn counted(&self) -> u64 {
        self.told().saturating_add(self.refused)
    }

    /// Failed requests that it tells of.
    #[must_use]
    pub fn told(&self) -> u64 {
        let Self { captured, slow, suppressed, refused: _, lost, uploaded, waiting } = *self;
        let there = uploaded.zip(waiting).map(|(uploaded, waiting)| uploaded.saturating_add(waiting));
        // What was captured and is lost since is in both.
        let kept = there.map_or(captured, |there| captured.min(there));
        [kept.saturating_sub(slow), suppressed, lost].into_iter().fold(0, u64::saturating_add)
    }
}
