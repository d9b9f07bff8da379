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
