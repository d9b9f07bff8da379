//! The `trace` and `object` lines of published clients, for whoever takes a run's error traces.

use super::{Ingest, TraceText};
use crate::base::time::Now;
use crate::wire::sump::TraceLine;

/// Lines of traces that one datagram can have, and more: they are long.
const TRACE_LINES_MAX: usize = 1_024;

impl Ingest {
    /// From here on a run's `trace` and `object` lines are kept for [`Self::poll_trace_line`], those of passed samples left out.
    pub fn take_trace_lines(&mut self, slot: u32) {
        if let Some(run) = self.run(slot) {
            run.takes_trace_lines = true;
        }
    }

    /// The next line of a trace. To be asked after each datagram, for only those of one are kept.
    pub fn poll_trace_line(&mut self) -> Option<TraceText> {
        self.trace_lines.pop_front()
    }

    pub(super) fn keep_trace_line(&mut self, now: Now, run: u32, trace: &TraceLine<'_>, line: &[u8]) {
        let is_wanted =
            trace.error_count != Some(0) && self.run(run).is_some_and(|run| run.takes_trace_lines);
        if is_wanted && self.trace_lines.len() < TRACE_LINES_MAX {
            self.trace_lines.push_back(TraceText { run, arrived_ns: now.wall.0, line: line.to_vec() });
        }
    }
}
