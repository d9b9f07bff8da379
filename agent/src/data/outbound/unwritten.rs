//! Lines in memory for a disk that takes nothing, oldest first.

use crate::data::disk::WriteJob;
use std::collections::VecDeque;

/// A few windows of a busy node, bytes.
const BYTES_MAX: usize = 64 << 20;

/// See the module's head. What is over the bound is the caller's to give up and to count.
#[derive(Debug, Default)]
pub(super) struct Unwritten {
    jobs: VecDeque<WriteJob>,
    bytes: usize,
}

impl Unwritten {
    pub(super) fn push(&mut self, job: WriteJob) {
        self.bytes += job.lines.len();
        self.jobs.push_back(job);
    }

    /// The oldest.
    pub(super) fn pop(&mut self) -> Option<WriteJob> {
        let job = self.jobs.pop_front()?;
        self.bytes -= job.lines.len();
        Some(job)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    pub(super) fn is_over_full(&self) -> bool {
        self.bytes > BYTES_MAX
    }
}
