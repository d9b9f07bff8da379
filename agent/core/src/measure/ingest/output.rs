//! What the data side hands on.

use super::closed::{ClosedRun, ClosedWindow};
use crate::base::run::RunIdentity;
use crate::wire::sump::{Reject, TimeUnit};
use std::sync::Arc;

/// What the data side has to say.
#[derive(Debug)]
pub enum IngestOutput {
    /// A window has closed.
    Window(Box<ClosedWindow>),
    /// A run has closed; all of its windows came before.
    Closed(Box<ClosedRun>),
    /// So many samples of a run have been counted, those in open windows included: what a crash takes can be said by it.
    Counted {
        /// Slot of the run.
        run: u32,
        /// Whose.
        identity: Arc<RunIdentity>,
        /// In all.
        aggregated: u64,
    },
    /// Worth telling whoever watches.
    Remark(Remark),
}

/// A `trace` or `object` line of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceText {
    /// Slot of the run.
    pub run: u32,
    /// Wall clock, ns.
    pub arrived_ns: i64,
    /// As it came.
    pub line: Vec<u8>,
}

/// What a person should hear of; the same from here to the log.
#[derive(Debug)]
pub enum Remark {
    /// An example of a rejected line; there may be many more.
    Rejected {
        /// Why.
        reason: Reject,
        /// What was wrong, in words with the column, where there is one.
        why: String,
        /// The line's beginning, or what is around that column, made printable.
        excerpt: String,
    },
    /// A run has used up half of its labels.
    HalfOfLabels {
        /// Slot of the run.
        run: u32,
        /// The cap.
        labels_max: usize,
    },
    /// A run's timestamps are not in ns. Its samples count where arrival puts them; said once a run.
    TimeUnit {
        /// Slot of the run.
        run: u32,
        /// What they are in.
        unit: TimeUnit,
    },
}
