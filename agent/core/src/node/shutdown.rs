//! The end of a node, counted back from the time that there is.
//!
//! ```text
//! now ──────── tools stop ────────▶ kill ── tree empty, windows close, delivery flushes ──▶ end_by ── goodbye ──▶ ends
//! ```
//!
//! The goodbye (last events, leaving the queue) gets a fifth of the time, at most 5 s; closing and flushing 35 %, at
//! most 30 s; what is left belongs to the tools.

use super::types::StopRequest;
use crate::base::time::{Mono, NS_PER_MS, NS_PER_S};

const GOODBYE_NS_MAX: u64 = 5 * NS_PER_S;
const FLUSH_NS_MAX: u64 = 30 * NS_PER_S;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shutdown {
    pub(super) reason: String,
    /// Unsubscribe and delete the queue.
    pub(super) for_good: bool,
    /// Every run is over by then.
    pub(super) runs_end_by: Mono,
    /// The process ends then, whatever is left.
    pub(super) ends: Mono,
    pub(super) step: Step,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    Runs,
    /// Last events; whether the queue is still to be left.
    Goodbye {
        queue: bool,
    },
    Over,
}

impl Shutdown {
    pub(super) fn new(now: Mono, request: &StopRequest, default_ms: u64) -> Self {
        let default = now.plus_ns(default_ms.saturating_mul(NS_PER_MS));
        let ends = request.by.map_or(default, |by| by.min(default.max(now)));
        let left_ns = ends.since_ns(now);
        let goodbye_ns = (left_ns / 5).min(GOODBYE_NS_MAX);
        Self {
            reason: request.reason.clone(),
            for_good: request.for_good,
            runs_end_by: Mono(ends.0 - goodbye_ns),
            ends,
            step: Step::Runs,
        }
    }

    /// From now to the killing of a tool's tree, ms.
    pub(super) fn grace_ms(&self, now: Mono) -> u64 {
        let left_ns = self.runs_end_by.since_ns(now);
        let flush_ns = (left_ns * 35 / 100).min(FLUSH_NS_MAX);
        (left_ns - flush_ns) / NS_PER_MS
    }

    /// A second reason to end: the earlier end counts, and who does not come back does not.
    pub(super) fn tighten(&mut self, other: Self) {
        if other.ends < self.ends {
            (self.ends, self.runs_end_by) = (other.ends, other.runs_end_by);
        }
        self.for_good |= other.for_good;
    }

    pub(super) fn next_deadline(&self) -> Option<Mono> {
        match self.step {
            Step::Runs => Some(self.runs_end_by),
            Step::Goodbye { .. } => Some(self.ends),
            Step::Over => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: u64) -> Mono {
        Mono(s * NS_PER_S)
    }

    fn plan(by: Option<u64>) -> (u64, u64, u64) {
        let request = StopRequest { reason: String::new(), for_good: true, by: by.map(at) };
        let plan = Shutdown::new(at(0), &request, 90_000);
        (plan.grace_ms(at(0)), plan.runs_end_by.0 / NS_PER_MS, plan.ends.0 / NS_PER_MS)
    }

    #[test]
    fn deadlines_are_counted_back_from_the_time_there_is() {
        assert_eq!(plan(None), (55_250, 85_000, 90_000));
        // A spot notice's two minutes are more than the service manager grants.
        assert_eq!(plan(Some(120)), (55_250, 85_000, 90_000));
        assert_eq!(plan(Some(10)), (5_200, 8_000, 10_000));
        assert_eq!(plan(Some(0)), (0, 0, 0));
    }
}
