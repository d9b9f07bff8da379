//! What a node must not forget, as a fold of changes: what happens while it runs and what a restart reads back from the
//! journal go through the same [`State::apply`].
//!
//! Everything in it has a cap; what goes early because of one is counted. An id that is forgotten is still caught by
//! `valid_until` and by the flood's last run; a tombstone only matters while its start may still arrive.

use crate::base::ids::Ident;
use crate::base::run::{RunIdentity, RunKey};
use crate::base::tags::Tags;
use crate::node::event::Event;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// Ids of commands that are remembered: a day of a command every six seconds.
pub const SEEN_MAX: usize = 16_384;
/// Stops that are remembered.
pub const TOMBSTONES_MAX: usize = 4_096;
/// Floods whose last run is remembered.
pub const LAST_RUNS_MAX: usize = 4_096;

/// See the module's head.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    seen: BTreeMap<String, Seen>,
    tombstones: BTreeMap<RunKey, i64>,
    last_runs: BTreeMap<Ident, LastRun>,
    pub(super) runs: BTreeMap<RunKey, RunRecord>,
    pub(super) outbox: VecDeque<OutboxEntry>,
    evicted: u64,
}

#[derive(Debug, Clone, PartialEq)]
struct Seen {
    digest: String,
    until_ns: i64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct LastRun {
    run: u64,
    at_ns: i64,
}

/// A run that was accepted and is not over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Which run.
    pub run: RunKey,
    /// The command that started it.
    pub command_id: Ident,
    /// Customer account.
    pub account: Option<Ident>,
    /// Project of the account.
    pub project: Option<Ident>,
    /// When the command came, wall clock, ns.
    pub received_ns: i64,
    /// When the tool was to start, wall clock, ns.
    pub start_at_ns: Option<i64>,
    /// When the tool was started, wall clock, ns.
    pub tool_started_ns: Option<i64>,
    /// Free tags; a journal of an older agent has none.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

impl RunRecord {
    pub(super) fn identity(&self, grid: Option<&Ident>, region: Option<&Ident>) -> RunIdentity {
        RunIdentity {
            account: self.account.clone(),
            flood: self.run.id.clone(),
            project: self.project.clone(),
            grid: grid.cloned(),
            region: region.cloned(),
            run: self.run.run,
        }
    }
}

/// An event that waits to be published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// The event.
    pub event: Event,
    /// A receipt that goes to the store first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Value>,
    /// The journal's number of the line that it is in; 0 when it was there at the start.
    #[serde(skip)]
    pub seq: u64,
}

/// One thing that changes. A line of the journal holds those that belong together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A command is known from now on.
    Seen {
        /// Its id, or `#` and a digest.
        id: String,
        /// Of its text.
        digest: String,
        /// Forgotten then, wall clock, ns.
        until_ns: i64,
    },
    /// A run must not start.
    Tombstone {
        /// Which run.
        run: RunKey,
        /// Forgotten then, wall clock, ns.
        until_ns: i64,
    },
    /// A flood has had this run.
    LastRun {
        /// Which run.
        run: RunKey,
        /// When, wall clock, ns.
        at_ns: i64,
    },
    /// A run was accepted.
    RunOpened(RunRecord),
    /// Its tool was started.
    ToolStarted {
        /// Which run.
        run: RunKey,
        /// When, wall clock, ns.
        at_ns: i64,
    },
    /// It is over.
    RunFinished {
        /// Which run.
        run: RunKey,
    },
    /// An event is to be published.
    EventQueued(Box<OutboxEntry>),
    /// An event was published.
    EventPublished {
        /// Its id.
        id: String,
    },
}

impl State {
    /// Makes one change.
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Seen { id, digest, until_ns } => {
                self.seen.insert(id, Seen { digest, until_ns });
                self.evicted += evict(&mut self.seen, SEEN_MAX, |seen| seen.until_ns);
            }
            Change::Tombstone { run, until_ns } => {
                self.tombstones.insert(run, until_ns);
                self.evicted += evict(&mut self.tombstones, TOMBSTONES_MAX, |until_ns| *until_ns);
            }
            Change::LastRun { run, at_ns } => {
                let highest = self.last_run(&run.id).unwrap_or(0).max(run.run);
                self.last_runs.insert(run.id, LastRun { run: highest, at_ns });
                self.evicted += evict(&mut self.last_runs, LAST_RUNS_MAX, |last| last.at_ns);
            }
            Change::RunOpened(record) => drop(self.runs.insert(record.run.clone(), record)),
            Change::ToolStarted { run, at_ns } => {
                if let Some(record) = self.runs.get_mut(&run) {
                    record.tool_started_ns = Some(at_ns);
                }
            }
            Change::RunFinished { run } => drop(self.runs.remove(&run)),
            Change::EventQueued(entry) => self.outbox.push_back(*entry),
            Change::EventPublished { id } => self.outbox.retain(|entry| entry.event.id != id),
        }
    }

    /// The changes that lead from nothing to here.
    pub fn changes(&self) -> impl Iterator<Item = Change> {
        let seen = self.seen.iter().map(|(id, seen)| Change::Seen {
            id: id.clone(),
            digest: seen.digest.clone(),
            until_ns: seen.until_ns,
        });
        let tombstones = self.tombstones.iter();
        let tombstones = tombstones.map(|(run, &until_ns)| Change::Tombstone { run: run.clone(), until_ns });
        let last_runs = self.last_runs.iter().map(|(id, last)| Change::LastRun {
            run: RunKey { id: id.clone(), run: last.run },
            at_ns: last.at_ns,
        });
        let runs = self.runs.values().cloned().map(Change::RunOpened);
        let events = self.outbox.iter().map(|entry| Change::EventQueued(Box::new(entry.clone())));
        seen.chain(tombstones).chain(last_runs).chain(runs).chain(events)
    }

    /// Forgets what is old.
    pub fn prune(&mut self, now_ns: i64) {
        self.seen.retain(|_, seen| seen.until_ns > now_ns);
        self.tombstones.retain(|_, until_ns| *until_ns > now_ns);
    }

    /// The digest of the command of this id, if it was seen.
    #[must_use]
    pub fn seen(&self, id: &str) -> Option<&str> {
        self.seen.get(id).map(|seen| seen.digest.as_str())
    }

    /// Whether a stop of this run came.
    #[must_use]
    pub fn stopped(&self, run: &RunKey) -> bool {
        self.tombstones.contains_key(run)
    }

    /// The highest run of a flood that was accepted.
    #[must_use]
    pub fn last_run(&self, flood: &Ident) -> Option<u64> {
        self.last_runs.get(flood).map(|last| last.run)
    }

    /// Runs that were accepted and are not over.
    pub fn runs(&self) -> impl Iterator<Item = &RunRecord> {
        self.runs.values()
    }

    /// Events that wait to be published.
    pub fn outbox(&self) -> impl Iterator<Item = &OutboxEntry> {
        self.outbox.iter()
    }

    /// Entries that had to go early because of a cap.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        self.evicted
    }
}

/// Removes the oldest entries over `max`, and says how many.
fn evict<K: Ord + Clone, V>(map: &mut BTreeMap<K, V>, max: usize, age: impl Fn(&V) -> i64) -> u64 {
    let mut evicted = 0;
    while map.len() > max {
        let oldest = map.iter().min_by_key(|(_, value)| age(value)).map(|(key, _)| key.clone());
        let Some(oldest) = oldest else { break };
        map.remove(&oldest);
        evicted += 1;
    }
    evicted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_a_cap_goes_oldest_first() {
        let mut state = State::default();
        for n in 0..SEEN_MAX as i64 + 3 {
            // Ids fall while ages rise, so that age and not order decides.
            let id = format!("c{:06}", 900_000 - n);
            state.apply(Change::Seen { id, digest: String::new(), until_ns: n });
        }
        assert_eq!((state.seen.len(), state.evicted()), (SEEN_MAX, 3));
        assert_eq!(state.seen("c900000"), None);
        assert!(state.seen("c899997").is_some());
    }

    #[test]
    fn the_last_run_never_falls() {
        let mut state = State::default();
        let id = Ident::near("7");
        for run in [3, 1] {
            state.apply(Change::LastRun { run: RunKey { id: id.clone(), run }, at_ns: 0 });
        }
        assert_eq!(state.last_run(&id), Some(3));
    }
}
