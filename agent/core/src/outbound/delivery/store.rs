//! The batches that are spooled, with the two orders that matter: when they are due and how old they are.
//!
//! Only waiting batches are in the orders: what is in flight or being split is neither posted again nor evicted.

use super::types::{BatchId, SpooledBatch};
use crate::base::run::RunName;
use crate::base::time::Mono;
use std::collections::{BTreeMap, BTreeSet};

/// Of so many batches that have failed, the longest due, a probe is chosen.
const PROBES_CHOSEN_FROM: usize = 1_000;

/// Bounded by `Settings::{spool_bytes_max, spool_batches_max}` plus what is in flight.
#[derive(Debug, Default)]
pub(super) struct Store {
    entries: BTreeMap<BatchId, Entry>,
    /// Never posted yet.
    fresh_by_due: BTreeSet<(Mono, BatchId)>,
    /// Posted before, without success.
    tried_by_due: BTreeSet<(Mono, BatchId)>,
    by_age: BTreeSet<(Mono, BatchId)>,
    bytes: u64,
    in_flight: usize,
    /// Of those, what had been posted before.
    tried_in_flight: usize,
    splitting: usize,
}

#[derive(Debug)]
struct Entry {
    batch: SpooledBatch,
    state: State,
    expires: Mono,
    attempts: u32,
    is_left: bool,
}

/// What batches take.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Room {
    pub(super) bytes: u64,
    pub(super) batches: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Waiting { due: Mono },
    InFlight { epoch: u64 },
    Splitting,
}

impl Store {
    /// `is_left`: by an earlier start.
    pub(super) fn insert(&mut self, batch: SpooledBatch, due: Mono, expires: Mono, is_left: bool) {
        let id = batch.batch;
        self.bytes = self.bytes.saturating_add(batch.bytes);
        self.fresh_by_due.insert((due, id));
        self.by_age.insert((expires, id));
        let state = State::Waiting { due };
        self.entries.insert(id, Entry { batch, state, expires, attempts: 0, is_left });
    }

    /// The batch and when it would have expired.
    pub(super) fn remove(&mut self, id: BatchId) -> Option<(SpooledBatch, Mono)> {
        self.leave_state(id);
        let entry = self.entries.remove(&id)?;
        self.bytes = self.bytes.saturating_sub(entry.batch.bytes);
        Some((entry.batch, entry.expires))
    }

    pub(super) fn set_in_flight(&mut self, id: BatchId, epoch: u64) {
        self.leave_state(id);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.state = State::InFlight { epoch };
            self.tried_in_flight += usize::from(entry.attempts > 0);
            entry.attempts = entry.attempts.saturating_add(1);
            self.in_flight += 1;
        }
    }

    pub(super) fn set_splitting(&mut self, id: BatchId) {
        self.leave_state(id);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.state = State::Splitting;
            self.splitting += 1;
        }
    }

    pub(super) fn set_waiting(&mut self, id: BatchId, due: Mono) {
        self.leave_state(id);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.state = State::Waiting { due };
            by_due(&mut self.fresh_by_due, &mut self.tried_by_due, entry.attempts).insert((due, id));
            self.by_age.insert((entry.expires, id));
        }
    }

    /// Everything that waits is due at `now`.
    pub(super) fn all_due(&mut self, now: Mono) {
        self.fresh_by_due.clear();
        self.tried_by_due.clear();
        for (id, entry) in &mut self.entries {
            if let State::Waiting { due } = &mut entry.state {
                *due = now;
                by_due(&mut self.fresh_by_due, &mut self.tried_by_due, entry.attempts).insert((now, *id));
            }
        }
    }

    pub(super) fn has(&self, id: BatchId) -> bool {
        self.entries.contains_key(&id)
    }

    pub(super) fn state(&self, id: BatchId) -> Option<State> {
        self.entries.get(&id).map(|e| e.state)
    }

    pub(super) fn points(&self, id: BatchId) -> u32 {
        self.entries.get(&id).map_or(0, |e| e.batch.points)
    }

    pub(super) fn samples(&self, id: BatchId) -> u64 {
        self.entries.get(&id).map_or(0, |e| e.batch.samples)
    }

    pub(super) fn attempts(&self, id: BatchId) -> u32 {
        self.entries.get(&id).map_or(0, |e| e.attempts)
    }

    pub(super) fn run(&self, id: BatchId) -> Option<&RunName> {
        self.entries.get(&id).map(|e| &e.batch.run)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Its bytes and itself, if an earlier start has left it.
    pub(super) fn left(&self, id: BatchId) -> Option<Room> {
        let entry = self.entries.get(&id).filter(|entry| entry.is_left)?;
        Some(Room { bytes: entry.batch.bytes, batches: 1 })
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// In flight or being split: an input about them is still owed.
    pub(super) fn busy(&self) -> usize {
        self.in_flight + self.splitting
    }

    pub(super) fn first_due(&self) -> Option<Mono> {
        let first = |set: &BTreeSet<(Mono, BatchId)>| set.first().map(|&(due, _)| due);
        first(&self.fresh_by_due).into_iter().chain(first(&self.tried_by_due)).min()
    }

    /// The batch that has been due longest; while those that have failed before take half of `in_flight_max` posts, one that
    /// has failed least: a few that get no answer must not hold up the rest.
    pub(super) fn due(&self, now: Mono, in_flight_max: usize) -> Option<BatchId> {
        if self.tried_in_flight >= (in_flight_max / 2).max(1) {
            return self.due_probe(now);
        }
        let sets = [&self.fresh_by_due, &self.tried_by_due];
        sets.into_iter().filter_map(|set| first_due(set, now)).min().map(|(_, id)| id)
    }

    /// The batch whose answer says most about the Drain and least about itself: one that was never posted, else the one
    /// with the fewest attempts of those due longest.
    pub(super) fn due_probe(&self, now: Mono) -> Option<BatchId> {
        let tried = || {
            let due = self.tried_by_due.iter().take_while(|(due, _)| *due <= now).take(PROBES_CHOSEN_FROM);
            due.map(|&(_, id)| id).min_by_key(|&id| self.attempts(id))
        };
        first_due(&self.fresh_by_due, now).map(|(_, id)| id).or_else(tried)
    }

    pub(super) fn first_expiry(&self) -> Option<Mono> {
        self.by_age.first().map(|&(expires, _)| expires)
    }

    pub(super) fn expired(&self, now: Mono) -> Option<BatchId> {
        self.by_age.first().filter(|&&(expires, _)| expires <= now).map(|&(_, id)| id)
    }

    pub(super) fn oldest_waiting(&self) -> Option<BatchId> {
        self.by_age.first().map(|&(_, id)| id)
    }

    fn leave_state(&mut self, id: BatchId) {
        let Some(entry) = self.entries.get(&id) else { return };
        match entry.state {
            State::Waiting { due } => {
                by_due(&mut self.fresh_by_due, &mut self.tried_by_due, entry.attempts).remove(&(due, id));
                self.by_age.remove(&(entry.expires, id));
            }
            State::InFlight { .. } => {
                self.in_flight -= 1;
                self.tried_in_flight -= usize::from(entry.attempts > 1);
            }
            State::Splitting => self.splitting -= 1,
        }
    }
}

/// The order that a batch of so many attempts waits in.
fn by_due<'a, T>(fresh: &'a mut T, tried: &'a mut T, attempts: u32) -> &'a mut T {
    if attempts == 0 { fresh } else { tried }
}

fn first_due(set: &BTreeSet<(Mono, BatchId)>, now: Mono) -> Option<(Mono, BatchId)> {
    set.first().filter(|&&(due, _)| due <= now).copied()
}
