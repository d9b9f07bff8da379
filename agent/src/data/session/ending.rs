//! Runs that end while others go on: first everything of theirs is to be written, then delivered.

use super::SessionEvent;
use crate::data::outbound::Outbound;
use crate::data::traces::TraceWay;
use gridnode_core::base::run::RunName;
use gridnode_core::base::time::{Mono, NS_PER_MS, Now};
use std::collections::VecDeque;

/// The answer to a flush comes this much before its deadline, so that it is not overtaken by it.
const EARLY_NS: u64 = 100 * NS_PER_MS;

/// See the module's head.
#[derive(Debug, Default)]
pub(super) struct Ending {
    /// Not yet written.
    closed: Vec<RunName>,
    /// Written, not yet delivered; and until when that is tried.
    flushing: Vec<(RunName, Mono)>,
}

impl Ending {
    pub(super) fn closed(&mut self, name: RunName) {
        self.closed.push(name);
    }

    /// Gives the deadline of all flushes together.
    pub(super) fn flush(&mut self, name: RunName, now: Mono, deadline: Mono) -> Mono {
        let early = Mono(deadline.0.saturating_sub(EARLY_NS)).max(now);
        match self.flushing.iter_mut().find(|(known, _)| *known == name) {
            // Asked again, it can only be to hurry.
            Some((_, until)) => *until = early.min(*until),
            None => self.flushing.push((name, early)),
        }
        self.flushing.iter().map(|(_, until)| *until).max().unwrap_or(early)
    }

    pub(super) fn next_deadline(&self) -> Option<Mono> {
        self.flushing.iter().map(|(_, until)| *until).min()
    }

    /// Says what is over.
    pub(super) fn advance(
        &mut self,
        now: Now,
        outbound: &mut Outbound,
        mut traces: Option<&mut TraceWay>,
        events: &mut VecDeque<SessionEvent>,
    ) {
        for name in self.closed.extract_if(.., |name| outbound.is_written(name)) {
            events.push_back(SessionEvent::Written { name });
        }
        if self.flushing.is_empty() {
            return;
        }
        let (over, traces_over) = (outbound.flushed(), traces.as_ref().is_none_or(|traces| traces.flushed()));
        let settled = |name: &RunName, until: Mono| {
            let delivered = over || outbound.account(name).spooled == 0;
            let uploaded =
                traces_over || traces.as_ref().is_none_or(|traces| traces.account(name).spooled == 0);
            until <= now.mono || (delivered && uploaded)
        };
        for (name, _) in self.flushing.extract_if(.., |(name, until)| settled(name, *until)) {
            events.push_back(SessionEvent::RunFlushed { name });
        }
        if self.flushing.is_empty() {
            // The other runs' windows keep their phase and their patience.
            outbound.resume(now);
            traces.iter_mut().for_each(|traces| traces.resume());
        }
    }
}
