//! Publishing: durable first, one at a time, again until it worked; never in anybody's way.
//!
//! The events themselves stand in [`State`]; here is what is on its way. Limits: [`RECEIPTS_MAX`] receipts, for which
//! room is kept from the moment a run is accepted, and [`OTHERS_MAX`] other events, of which a new one is dropped and
//! counted when there is no room.

use super::PAUSES_NS;
use super::state::State;
use super::types::Output;
use crate::base::backoff::Backoff;
use crate::base::run::RunKey;
use crate::base::time::{Mono, NS_PER_S};
use std::collections::VecDeque;

/// Receipts that wait and runs that will have one. More starts are refused.
pub(super) const RECEIPTS_MAX: usize = 128;
/// Other events that wait.
pub(super) const OTHERS_MAX: usize = 128;
/// An attempt that was not answered by then has failed.
const ATTEMPT_NS: u64 = 90 * NS_PER_S;

#[derive(Debug)]
pub(super) struct Outbox {
    in_flight: Option<(String, Mono)>,
    pause_until: Option<Mono>,
    backoff: Backoff,
}

impl Outbox {
    pub(super) fn new(seed: u64) -> Self {
        Self { in_flight: None, pause_until: None, backoff: Backoff::new(seed) }
    }

    /// Sends the next event that is durable, if none is on its way.
    pub(super) fn advance(
        &mut self,
        now: Mono,
        state: &State,
        is_durable: impl Fn(u64) -> bool,
        outputs: &mut VecDeque<Output>,
    ) {
        self.pause_until = self.pause_until.filter(|until| now < *until);
        if self.in_flight.is_some() || self.pause_until.is_some() {
            return;
        }
        let Some(entry) = state.outbox.iter().find(|entry| is_durable(entry.seq)) else { return };
        let event = &entry.event;
        self.in_flight = Some((event.id.clone(), now.plus_ns(ATTEMPT_NS)));
        outputs.push_back(match (&entry.document, &event.flood, event.run) {
            (Some(receipt), Some(flood), Some(run)) => Output::StoreReceipt {
                id: event.id.clone(),
                run: RunKey { id: flood.clone(), run },
                receipt: receipt.clone(),
            },
            _ => Output::Publish { event: Box::new(event.clone()) },
        });
    }

    /// Whether this answer is awaited; if so the next event may go.
    pub(super) fn answered(&mut self, id: &str) -> bool {
        let awaited = self.in_flight.as_ref().is_some_and(|(sent, _)| sent == id);
        if awaited {
            self.in_flight = None;
            self.backoff.reset();
        }
        awaited
    }

    /// Pauses; the event goes behind the others, so that one that is always refused does not hold them up.
    pub(super) fn failed(&mut self, id: &str, now: Mono, state: &mut State) -> bool {
        if self.in_flight.as_ref().is_none_or(|(sent, _)| sent != id) {
            return false;
        }
        self.in_flight = None;
        self.pause_until = Some(now.plus_ns(self.backoff.fail(&PAUSES_NS)));
        if let Some(at) = state.outbox.iter().position(|entry| entry.event.id == id)
            && let Some(entry) = state.outbox.remove(at)
        {
            state.outbox.push_back(entry);
        }
        true
    }

    /// The event whose attempt has taken too long.
    pub(super) fn overdue(&self, now: Mono) -> Option<String> {
        self.in_flight.as_ref().filter(|(_, until)| *until <= now).map(|(id, _)| id.clone())
    }

    pub(super) fn next_deadline(&self, state: &State) -> Option<Mono> {
        match &self.in_flight {
            Some((_, until)) => Some(*until),
            None if state.outbox.is_empty() => None,
            None => self.pause_until,
        }
    }
}
