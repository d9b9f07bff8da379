//! The machine of the way out. [`Outbound::handle`] one [`Input`], then [`Outbound::poll_output`] until it is empty, then
//! sleep until [`Outbound::next_deadline`] and hand in [`Input::Tick`].
//!
//! - **Every sample in one place.** A batch is held (in memory, not yet durable), or with delivery (durable, with a file), or
//!   in an account that says what became of it. [`Outbound::account`] adds up to what was handed in, at any time.
//! - **A disk that takes nothing**: batches are held and tried again, and meanwhile posted from memory; when they are as many
//!   as memory may have, [`Outbound::takes_batches`] says no, and upstream folds windows, which loses nothing; only when that
//!   has lasted, the oldest batches are evicted, as many compressed bytes as are needed. At the very end, what neither the
//!   disk nor the Drain has taken is given up.
//! - **Accounts are durable before what they speak of is gone**: see [`super::spool`].

mod accounts;
mod cleaning;
mod corrupt;
mod holding;
mod lending;
mod posts;
mod releasing;
mod retry;
mod saving;
mod settings;
mod settling;
mod splitting;
mod start;
#[cfg(test)]
mod tests;
mod types;

pub use settings::OutboundSettings;
pub use start::Start;
pub use types::{Input, Origin, Output, Posting};

use super::delivery::{self, BatchId, Delivery};
use super::spool::{Done, FileName, Finished, Job, Operation, TEMPORARY, batch_path};
use crate::base::run::RunName;
use crate::base::time::{Mono, Now};
use accounts::RunState;
use cleaning::Cleaning;
use corrupt::Corrupt;
use holding::Holding;
use releasing::Releasing;
use saving::Saving;
use settling::Settling;
use splitting::Splitting;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// See the module's head.
#[derive(Debug)]
pub struct Outbound {
    settings: OutboundSettings,
    delivery: Delivery,
    runs: BTreeMap<RunName, RunState>,
    files: HashMap<BatchId, StoredFile>,
    incarnation: u32,
    writer: u32,
    next_number: u64,
    holding: Holding,
    saving: Saving,
    settling: Settling,
    cleaning: Cleaning,
    releasing: Releasing,
    corrupt: Corrupt,
    /// Paths of batches that were not there, oldest first: they may come back.
    gone: VecDeque<String>,
    finished: Finished,
    splitting: Splitting,
    next_ticket: u64,
    jobs: BTreeMap<u64, Purpose>,
    disk_lost: bool,
    flushed: bool,
    outputs: VecDeque<Output>,
}

/// A batch with a file of its own.
#[derive(Debug, Clone)]
struct StoredFile {
    run: RunName,
    name: FileName,
    /// Its size.
    bytes: u64,
    /// See [`Posting::checksum`].
    checksum: Option<u32>,
    /// See [`Posting::wary`].
    wary: bool,
}

impl StoredFile {
    /// Below the state directory.
    fn path(&self) -> String {
        batch_path(&self.run.0, &self.name.to_string())
    }
}

/// What a job is for.
#[derive(Debug)]
enum Purpose {
    /// These held batches are being written; the numbers are of the operations that rename them.
    Write(Vec<(BatchId, usize)>),
    /// The accounts are being made durable by so many operations; further ones make room for the next time.
    Save { steps: usize },
    /// Files of batches that are counted as gone.
    Clean(Vec<BatchId>),
    /// Halves of this one are being read.
    Halve(BatchId),
    /// Parts of this one are being written; from which operation on only the whole has yet to go.
    Part(BatchId, usize),
    /// Directories that a start has seen are made durable.
    Settle,
    /// Nothing depends on it.
    Tidy,
}

impl Outbound {
    /// Takes one input; its consequences wait in [`Self::poll_output`].
    pub fn handle(&mut self, now: Now, input: Input) {
        match input {
            Input::Batch { run, packed, origin } => self.hold(now, run, packed, origin),
            Input::Aggregated { run, samples } => self.aggregated(run, samples),
            Input::DiskDone(done) => self.disk_done(now, done),
            Input::DiskLost => self.lose_disk(now),
            Input::Answer { batch, answer } => self.answered(now, batch, answer),
            Input::Unreadable { batch, why } => self.unreadable(now, batch, &why),
            Input::ReadFailed { batch, sentence } => {
                self.warn(format!("{sentence}; the batch stays in the spool and is tried again"));
                self.decide(now, delivery::Input::ReadFailed { batch });
            }
            Input::LastChance { deadline } => self.last_chance(deadline),
            Input::Flush { deadline } => {
                self.flushed = false;
                self.saving.in_haste = true;
                self.decide(now, delivery::Input::Flush { deadline });
            }
            Input::Resume => {
                self.flushed = false;
                self.saving.in_haste = false;
                self.decide(now, delivery::Input::Resume);
            }
            Input::Tick => self.decide(now, delivery::Input::Tick),
        }
        self.advance(now);
    }

    /// The next act, if any.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to hand in [`Input::Tick`] if nothing else happens.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        let disk = [
            self.settling_due(),
            self.write_due(),
            self.save_due(),
            self.clean_due(),
            self.eviction_due(),
            self.lending_due(),
            self.giving_up_due(),
        ];
        let disk = if self.disk_lost { None } else { disk.into_iter().flatten().min() };
        [self.delivery.next_deadline(), disk, self.splitting.due()].into_iter().flatten().min()
    }

    /// Whether every batch that came in is durable or given up.
    #[must_use]
    pub fn all_written(&self) -> bool {
        self.holding.is_empty()
    }

    /// Whether every batch of this run that came in is durable, given up, or on its way to the Drain from memory.
    #[must_use]
    pub fn is_written(&self, run: &RunName) -> bool {
        self.runs.get(run).is_none_or(|state| state.held.batches == 0)
    }

    /// Whether the flush is over.
    #[must_use]
    pub fn flushed(&self) -> bool {
        self.flushed
    }

    /// Whether the files say what the accounts say: nothing is left to be made durable, or to be removed.
    #[must_use]
    pub fn is_tidy(&self) -> bool {
        self.disk_lost || (self.is_durable() && self.cleaning.is_empty())
    }

    /// Whether a process may end: what is to be durable is, and what is to be removed is, or cannot be now, so that it is the next
    /// start's.
    #[must_use]
    pub fn may_end(&self) -> bool {
        self.is_tidy() || (self.is_durable() && self.cleaning.is_stuck())
    }

    fn is_durable(&self) -> bool {
        self.jobs.is_empty() && !self.saving.dirty
    }

    /// What delivery knows, without what is held.
    #[must_use]
    pub fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    /// Whether the disk thread has ended.
    #[must_use]
    pub fn is_disk_lost(&self) -> bool {
        self.disk_lost
    }

    fn disk_done(&mut self, now: Now, done: Done) {
        let Some(purpose) = self.jobs.remove(&done.ticket) else { return };
        match purpose {
            Purpose::Write(batches) => self.written(now, &batches, done.result.map(drop)),
            Purpose::Save { steps } => self.saved(now, steps, done.result.map(drop)),
            Purpose::Clean(batches) => self.cleaned(now, batches, done.result.map(drop)),
            Purpose::Halve(whole) => self.halved(now, whole, done.result),
            Purpose::Part(whole, from) => self.parted(now, whole, from, done.result.map(drop)),
            Purpose::Settle => self.settled(now, done.result.map(drop)),
            Purpose::Tidy => {}
        }
    }

    fn decide(&mut self, now: Now, input: delivery::Input) {
        self.delivery.handle(now, input);
        while let Some(output) = self.delivery.poll_output() {
            match output {
                delivery::Output::Post { batch } => self.post(batch),
                delivery::Output::Delete { batch } | delivery::Output::Evict { batch } => {
                    self.leaves(batch, None, false)
                }
                delivery::Output::Quarantine { batch, reason } => {
                    self.say_quarantined(batch, &reason);
                    self.leaves(batch, Some(reason.to_string()), false);
                }
                delivery::Output::Split { batch } => self.wants_split(batch),
                delivery::Output::Warn { sentence } => self.warn(sentence),
                delivery::Output::Notice { sentence } => self.outputs.push_back(Output::Notice { sentence }),
                delivery::Output::Flushed { .. } => self.flushed = true,
            }
        }
    }

    /// Asks the disk for what can be asked for now.
    fn advance(&mut self, now: Now) {
        if self.disk_lost {
            return;
        }
        self.settle_if_due(now);
        self.lend_what_waits_too_long(now);
        self.give_up_if_due(now);
        self.make_room_if_need_be(now);
        self.write_what_is_held(now);
        self.save_if_due(now);
        self.clean_if_due(now);
        self.split_what_is_ready(now);
    }

    fn job(&mut self, purpose: Purpose, operations: Vec<Operation>) {
        self.next_ticket += 1;
        self.jobs.insert(self.next_ticket, purpose);
        self.outputs.push_back(Output::Disk(Job { ticket: self.next_ticket, operations }));
    }

    fn is_under_way(&self, is: impl Fn(&Purpose) -> bool) -> bool {
        self.jobs.values().any(is)
    }

    fn warn(&mut self, sentence: String) {
        self.outputs.push_back(Output::Warn { sentence });
    }

    fn lose_disk(&mut self, now: Now) {
        self.disk_lost = true;
        self.jobs.clear();
        self.give_up_all(now);
        self.warn("the disk thread has ended: results can no longer be stored".to_owned());
    }
}

/// A file written under its name in three steps, of which the last can be seen.
fn write_and_rename(path: &str, body: std::sync::Arc<[u8]>) -> [Operation; 3] {
    let temporary = format!("{path}{TEMPORARY}");
    [
        Operation::Write { path: temporary.clone(), body },
        Operation::Sync(temporary.clone()),
        Operation::Rename { from: temporary, to: path.to_owned(), done_before: false },
    ]
}
