//! The way out, carried out: [`gridnode_core::outbound::Outbound`] decides, the disk thread and the Drain's client do.

use crate::base::clock;
use crate::data::carry::Mark;
use crate::data::disk::Disk;
use crate::data::drain::{DrainClient, Posted};
use crate::data::spool::SpoolContents;
use gridnode_core::base::run::RunName;
use gridnode_core::base::time::{Mono, Now};
use gridnode_core::outbound::delivery::{Answer, BatchAccount, BatchId, TransportKind};
use gridnode_core::outbound::pack::Packed;
use gridnode_core::outbound::spool::Done;
use gridnode_core::outbound::{Input, Origin, Outbound as Machine, OutboundSettings, Output};
use gridnode_core::run::receipt::DeliveryAccount;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use tokio::task::JoinSet;

/// How long the account of a run of an earlier start is kept after nothing of it is spooled: somebody may ask.
const EARLIER_KEPT_S: u64 = 600;

/// What the driver may want to know.
#[derive(Debug)]
pub enum OutboundEvent {
    /// An operator must do something.
    Warn(String),
    /// Worth a line.
    Notice(String),
}

/// See the module's head. The driver owns one of these and feeds it what the disk and the posts answer.
pub struct Outbound {
    machine: Machine,
    disk: Disk,
    client: DrainClient,
    state_dir: PathBuf,
    posts: JoinSet<Posted>,
    posting: HashMap<tokio::task::Id, BatchId>,
    /// Runs that are over, forgotten as soon as nothing of them is spooled; and not before.
    over: BTreeMap<RunName, Mono>,
    told: Vec<OutboundEvent>,
    /// Where batches are in a second place.
    marks: HashMap<Origin, Mark>,
    next_origin: u64,
}

impl Outbound {
    /// Takes over a started disk, with what was found at its start.
    #[must_use]
    pub fn new(
        settings: OutboundSettings,
        disk: Disk,
        client: DrainClient,
        state_dir: PathBuf,
        found: SpoolContents,
    ) -> (Self, Vec<String>) {
        let now = clock::now();
        let (machine, remarks) = Machine::new(now, settings, found.start);
        let until = now.mono.plus_ns(EARLIER_KEPT_S * gridnode_core::base::time::NS_PER_S);
        let over = machine.accounts().map(|(run, _)| (run.clone(), until)).collect();
        let mut outbound = Self {
            machine,
            disk,
            client,
            state_dir,
            posts: JoinSet::new(),
            posting: HashMap::new(),
            over,
            told: Vec::new(),
            marks: HashMap::new(),
            next_origin: 0,
        };
        outbound.act();
        (outbound, found.remarks.into_iter().chain(remarks).collect())
    }

    /// Whether [`Self::batch`] may be called: not while memory has as much as it may, because the disk is slow or full.
    #[must_use]
    pub fn takes_batches(&self) -> bool {
        self.machine.takes_batches()
    }

    /// Takes lines to deliver, and where they are until they are durable.
    pub fn batch(&mut self, now: Now, run: &RunName, packed: Packed, mark: Option<Mark>) {
        let origin = mark.map(|mark| {
            self.next_origin += 1;
            self.marks.insert(Origin(self.next_origin), mark);
            Origin(self.next_origin)
        });
        self.handle(now, Input::Batch { run: run.clone(), packed, origin });
    }

    /// Takes how many samples of a run have been counted so far, those in open windows included.
    pub fn aggregated(&mut self, now: Now, run: RunName, samples: u64) {
        self.handle(now, Input::Aggregated { run, samples });
    }

    /// Takes the disk's answer.
    pub fn disk_done(&mut self, now: Now, done: Done) {
        self.handle(now, Input::DiskDone(done));
        self.disk.pump();
    }

    /// The disk thread has ended on a fault of its own. What comes now is counted as given up.
    pub fn disk_lost(&mut self, now: Now) {
        self.handle(now, Input::DiskLost);
    }

    /// Whether [`Self::disk_lost`] was called.
    #[must_use]
    pub fn is_disk_lost(&self) -> bool {
        self.machine.is_disk_lost()
    }

    /// The next answer to a post; pends while none is under way.
    pub async fn next_posted(&mut self) -> (BatchId, Posted) {
        match self.posts.join_next_with_id().await {
            Some(Ok((id, posted))) => (self.posting.remove(&id).unwrap_or_default(), posted),
            // A task that panicked owes an answer all the same: as if the connection had broken.
            Some(Err(error)) => {
                tracing::error!(%error, "a post ended without an answer");
                let batch = self.posting.remove(&error.id()).unwrap_or_default();
                (batch, Posted::Answer(Answer::Transport(TransportKind::Broken)))
            }
            None => std::future::pending().await,
        }
    }

    /// Takes the answer to a post.
    pub fn posted(&mut self, now: Now, batch: BatchId, posted: Posted) {
        let input = match posted {
            Posted::Answer(answer) => Input::Answer { batch, answer },
            Posted::Unreadable(why) => Input::Unreadable { batch, why },
            Posted::NotRead(sentence) => Input::ReadFailed { batch, sentence },
        };
        self.handle(now, input);
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Now) {
        let machine = &mut self.machine;
        self.over.retain(|run, kept_until| *kept_until > now.mono || !machine.forget(run));
        self.disk.pump();
        self.handle(now, Input::Tick);
    }

    /// When [`Self::tick`] is wanted.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        self.machine.next_deadline()
    }

    /// Whether every batch that came in is durable or given up.
    #[must_use]
    pub fn all_written(&self) -> bool {
        self.machine.all_written()
    }

    /// Whether every batch of this run that came in is durable or given up.
    #[must_use]
    pub fn is_written(&self, run: &RunName) -> bool {
        self.machine.is_written(run)
    }

    /// Nothing more will come: what neither the disk nor the Drain has taken by then is given up.
    pub fn last_chance(&mut self, now: Now, deadline: Mono) {
        self.handle(now, Input::LastChance { deadline });
    }

    /// Delivers with little patience until `deadline`.
    pub fn flush(&mut self, now: Now, deadline: Mono) {
        self.handle(now, Input::Flush { deadline });
    }

    /// Ends the haste of a flush: there is more to come.
    pub fn resume(&mut self, now: Now) {
        self.handle(now, Input::Resume);
    }

    /// Whether the flush is over.
    #[must_use]
    pub fn flushed(&self) -> bool {
        self.machine.flushed()
    }

    /// Whether the files say what the accounts say.
    #[must_use]
    pub fn is_tidy(&self) -> bool {
        self.machine.is_tidy()
    }

    /// What became of a run's samples.
    #[must_use]
    pub fn account(&self, run: &RunName) -> DeliveryAccount {
        DeliveryAccount::new(&self.machine.account(run))
    }

    /// What became of the samples of every run that is not forgotten.
    #[must_use]
    pub fn fates(&self) -> BTreeMap<RunName, DeliveryAccount> {
        self.machine.accounts().map(|(run, saved)| (run.clone(), DeliveryAccount::new(&saved))).collect()
    }

    /// Drops a run's account, and its empty directory, as soon as nothing of it is spooled.
    pub fn forget(&mut self, run: &RunName) {
        if self.machine.forget(run) {
            self.over.remove(run);
            self.act();
        } else {
            self.over.insert(run.clone(), Mono(0));
        }
    }

    /// Batches and samples of all runs.
    #[must_use]
    pub fn total(&self) -> BatchAccount {
        self.machine.total()
    }

    /// Compressed bytes now spooled.
    #[must_use]
    pub fn spool_bytes(&self) -> u64 {
        self.machine.delivery().spool_bytes()
    }

    /// Whether the Drain's last word was that it takes nothing.
    #[must_use]
    pub fn drain_is_away(&self) -> bool {
        self.machine.delivery().drain_is_away()
    }

    /// The Drain without secrets.
    #[must_use]
    pub fn drain_url(&self) -> &str {
        self.client.shown_url()
    }

    /// What there is to say since the last call.
    pub fn told(&mut self) -> Vec<OutboundEvent> {
        std::mem::take(&mut self.told)
    }

    /// Ends the disk thread after it has done everything. `answers` must be dropped or drained by the caller.
    pub fn stop(self) {
        self.disk.stop();
    }

    fn handle(&mut self, now: Now, input: Input) {
        self.machine.handle(now, input);
        self.act();
    }

    fn act(&mut self) {
        while let Some(output) = self.machine.poll_output() {
            match output {
                Output::Disk(job) => self.disk.submit(job),
                Output::Post(posting) => {
                    let (client, state_dir, batch) =
                        (self.client.clone(), self.state_dir.clone(), posting.batch);
                    let task = self.posts.spawn(async move { client.post(&state_dir, &posting).await });
                    self.posting.insert(task.id(), batch);
                }
                Output::Released(origin) => {
                    self.marks.remove(&origin).iter().for_each(Mark::release);
                }
                Output::Warn { sentence } => self.told.push(OutboundEvent::Warn(sentence)),
                Output::Notice { sentence } => self.told.push(OutboundEvent::Notice(sentence)),
            }
        }
    }
}

#[cfg(test)]
mod tests;
