//! The account of a run's error traces.

use serde::Serialize;

/// What became of the error traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct TraceAccount {
    /// Kept.
    pub captured: u64,
    /// Failures that have none, for there were enough of their kind.
    pub suppressed: u64,
    /// Files that are no traces.
    pub refused: u64,
    /// Could not be written.
    pub lost: u64,
}
