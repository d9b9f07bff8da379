//! The way out: carries out what delivery decides, with the disk thread and the Drain's client.
//!
//! Every sample that comes in as part of a batch is in exactly one place at any time: being written (`writing`),
//! with delivery (spooled, in flight, delivered, …), or, when the disk takes nothing more, given up and counted in
//! `unwritten`. The driver owns one of these and feeds it what the disk and the posts answer.

mod unwritten;

use crate::base::clock;
use crate::data::disk::{Disk, DiskDone, DiskJob, WriteJob};
use crate::data::drain::{DrainClient, Posted};
use crate::data::spool::{BatchFile, SavedAccounts, SpoolError};
use gridnode_core::base::run::RunName;
use gridnode_core::base::time::{Mono, NS_PER_MS, Now};
use gridnode_core::outbound::delivery::{
    Answer, BatchAccount, BatchId, Delivery, Input, Output, TransportKind,
};
use gridnode_core::rollup::Batch;
use gridnode_core::run::receipt::DeliveryAccount;
use std::collections::{BTreeMap, HashMap};
use tokio::task::JoinSet;
use unwritten::Unwritten;

/// Writes that the disk owes an answer to, each up to 1 MiB of lines: two windows of 10,000 labels. With more, nothing is
/// taken from the render thread, so that a disk that hangs fills no memory: the ingest folds windows instead.
const WRITING_MAX: usize = 32;
/// How often a disk that takes nothing is tried after the last window.
const LAST_ATTEMPTS: u32 = 10;
/// Batches in the quarantine that are said one by one.
const QUARANTINES_SAID_MAX: u32 = 10;
/// How soon a disk that was full is tried again.
const DISK_RETRY_MS: u64 = 500;

/// What the driver may want to know.
#[derive(Debug)]
pub enum OutboundEvent {
    /// An operator must do something.
    Warn(String),
    /// Worth a line.
    Notice(String),
}

/// See the module's head.
pub struct Outbound {
    delivery: Delivery,
    disk: Disk,
    client: DrainClient,
    files: HashMap<BatchId, BatchFile>,
    posts: JoinSet<Posted>,
    posting: HashMap<tokio::task::Id, BatchId>,
    next_ticket: u64,
    writing: usize,
    held: Unwritten,
    retry_disk_at: Option<Mono>,
    disk_lost: bool,
    disk_full_said: bool,
    /// Attempts left for a disk that takes nothing; unbounded while the run goes on.
    attempts_left: Option<u32>,
    /// Runs of earlier starts: forgotten as soon as nothing of them is spooled.
    earlier: Vec<RunName>,
    unwritten: BTreeMap<RunName, u64>,
    /// Batches of a run that are neither durable nor given up.
    unwritten_jobs: BTreeMap<RunName, usize>,
    flushed: bool,
    quarantines_said: u32,
    told: Vec<OutboundEvent>,
}

impl Outbound {
    /// Takes over a started disk, with what its scan found.
    #[must_use]
    pub fn new(
        delivery: Delivery,
        disk: Disk,
        client: DrainClient,
        found: Vec<BatchFile>,
        saved: SavedAccounts,
    ) -> Self {
        let mut outbound = Self {
            delivery,
            disk,
            client,
            files: HashMap::new(),
            posts: JoinSet::new(),
            posting: HashMap::new(),
            next_ticket: 0,
            writing: 0,
            held: Unwritten::default(),
            unwritten_jobs: BTreeMap::new(),
            retry_disk_at: None,
            disk_lost: false,
            disk_full_said: false,
            attempts_left: None,
            earlier: Vec::new(),
            unwritten: BTreeMap::new(),
            flushed: false,
            quarantines_said: 0,
            told: Vec::new(),
        };
        let now = clock::now();
        found.into_iter().for_each(|file| outbound.spooled(now, file));
        for (name, counters) in saved.runs {
            let name = RunName::from(name.as_str());
            outbound.delivery.restore(&name, counters);
            outbound.earlier.push(name);
        }
        outbound
    }

    /// Whether [`Self::batch`] may be called: not while a slow disk has enough to do.
    #[must_use]
    pub fn takes_batches(&self) -> bool {
        self.disk_lost || self.writing < WRITING_MAX
    }

    /// Takes lines to deliver.
    pub fn batch(&mut self, now: Now, name: &RunName, batch: Batch) {
        if self.disk_lost {
            *self.unwritten.entry(name.clone()).or_default() += batch.samples;
            return;
        }
        *self.unwritten_jobs.entry(name.clone()).or_default() += 1;
        self.next_ticket += 1;
        let job = WriteJob {
            ticket: self.next_ticket,
            run: name.clone(),
            created: now.wall,
            lines: batch.body,
            samples: batch.samples,
        };
        if self.held.is_empty() { self.write(job) } else { self.hold(now, job) }
    }

    /// Takes the disk's answer.
    pub fn disk_done(&mut self, now: Now, done: DiskDone) {
        match done {
            DiskDone::Written { run, files, .. } => {
                self.writing -= 1;
                self.settled_job(&run);
                self.disk_full_said = false;
                files.into_iter().for_each(|file| self.spooled(now, file));
            }
            DiskDone::NotWritten { job, error } => {
                self.writing -= 1;
                self.not_written(now, job, &error);
            }
            DiskDone::Split { batch, into } => {
                self.files.remove(&batch);
                let parts = into.iter().map(|file| file.batch.clone()).collect();
                self.files.extend(into.into_iter().map(|file| (file.batch.batch, file)));
                self.decide(now, Input::SplitDone { batch, into: parts });
            }
            DiskDone::NotSplit { batch, error } => {
                self.told.push(OutboundEvent::Warn(error.to_string()));
                self.decide(now, Input::SplitFailed { batch });
            }
            DiskDone::Corrupt { batch, why } => {
                self.files.remove(&batch);
                self.told
                    .push(OutboundEvent::Warn(format!("batch {batch} is unreadable and set aside: {why}")));
                self.decide(now, Input::Corrupt { batch });
            }
            DiskDone::Failed(error) => self.told.push(OutboundEvent::Warn(error.to_string())),
            DiskDone::Barrier(_) => {}
        }
        self.disk.pump();
    }

    /// The disk thread has ended on a fault of its own. What it had is not accounted for, and the receipt will say so;
    /// what comes now is counted as given up.
    pub fn disk_lost(&mut self) {
        self.disk_lost = true;
        self.writing = 0;
        self.unwritten_jobs.clear();
        self.give_up_held();
        self.told.push(OutboundEvent::Warn(
            "the disk thread has ended: results can no longer be stored".to_owned(),
        ));
    }

    /// Whether [`Self::disk_lost`] was called.
    #[must_use]
    pub fn is_disk_lost(&self) -> bool {
        self.disk_lost
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
        match posted {
            Posted::Answer(answer) => self.decide(now, Input::Answer { batch, answer }),
            Posted::Unreadable(error) => {
                if let Some(file) = self.files.get(&batch) {
                    self.disk.submit(DiskJob::SetAside(file.clone(), error.to_string()));
                }
            }
        }
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Now) {
        if self.retry_disk_at.is_some_and(|at| at <= now.mono) {
            self.retry_disk_at = None;
            if let Some(job) = self.held.pop() {
                self.write(job);
            }
        }
        self.disk.pump();
        self.decide(now, Input::Tick);
    }

    /// When [`Self::tick`] is wanted.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        [self.delivery.next_deadline(), self.retry_disk_at].into_iter().flatten().min()
    }

    /// Whether every batch that came in is durable or given up.
    #[must_use]
    pub fn all_written(&self) -> bool {
        self.writing == 0 && self.held.is_empty()
    }

    /// Whether every batch of this run that came in is durable or given up.
    #[must_use]
    pub fn is_written(&self, name: &RunName) -> bool {
        !self.unwritten_jobs.contains_key(name)
    }

    /// Nothing more will come: a disk that takes nothing is tried a few more times, then what is held is given up.
    pub fn last_chance(&mut self) {
        self.attempts_left = Some(LAST_ATTEMPTS);
    }

    /// Delivers with little patience until `deadline`.
    pub fn flush(&mut self, now: Now, deadline: Mono) {
        self.flushed = false;
        self.decide(now, Input::Flush { deadline });
    }

    /// Ends the haste of a flush: there is more to come.
    pub fn resume(&mut self, now: Now) {
        self.flushed = false;
        self.decide(now, Input::Resume);
    }

    /// Whether the flush is over.
    #[must_use]
    pub fn flushed(&self) -> bool {
        self.flushed
    }

    /// What became of a run's samples.
    #[must_use]
    pub fn account(&self, name: &RunName) -> DeliveryAccount {
        let unwritten = self.unwritten.get(name).copied().unwrap_or(0);
        DeliveryAccount::new(&self.delivery.counters(name), unwritten)
    }

    /// Makes the counters durable: once a window, after its batches.
    pub fn save(&mut self) {
        for name in std::mem::take(&mut self.earlier) {
            if self.account(&name).spooled == 0 {
                self.forget(&name);
            } else {
                self.earlier.push(name);
            }
        }
        let saved = self.saved();
        self.disk.submit(DiskJob::Save(saved));
    }

    /// What became of the samples of every run that is not forgotten.
    #[must_use]
    pub fn fates(&self) -> BTreeMap<RunName, DeliveryAccount> {
        self.delivery.runs().map(|(name, _)| (name.clone(), self.account(name))).collect()
    }

    /// Drops a run's accounts, and its empty directory, as soon as nothing of it is spooled.
    pub fn forget(&mut self, name: &RunName) {
        if self.delivery.forget_run(name) {
            self.unwritten.remove(name);
            self.disk.submit(DiskJob::RemoveRun(name.clone()));
        } else if !self.earlier.contains(name) {
            self.earlier.push(name.clone());
        }
    }

    /// Batches and samples still spooled, of all runs.
    #[must_use]
    pub fn total(&self) -> BatchAccount {
        self.delivery.total()
    }

    /// Compressed bytes now spooled.
    #[must_use]
    pub fn spool_bytes(&self) -> u64 {
        self.delivery.spool_bytes()
    }

    /// Whether the Drain's last word was that it takes nothing.
    #[must_use]
    pub fn drain_is_away(&self) -> bool {
        self.delivery.drain_is_away()
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

    fn write(&mut self, job: WriteJob) {
        self.writing += 1;
        self.disk.submit(DiskJob::Write(job));
    }

    fn spooled(&mut self, now: Now, file: BatchFile) {
        let batch = file.batch.clone();
        self.files.insert(batch.batch, file);
        self.decide(now, Input::Spooled(batch));
        if self.retry_disk_at.is_none() && !self.held.is_empty() {
            self.retry_disk_at = Some(now.mono);
        }
    }

    fn not_written(&mut self, now: Now, job: WriteJob, error: &SpoolError) {
        if !self.disk_full_said {
            self.disk_full_said = true;
            self.told.push(OutboundEvent::Warn(format!(
                "{error}. Results are held in memory meanwhile; free some space"
            )));
        }
        if error.is_disk_full() {
            self.decide(now, Input::MakeRoom { bytes: job.lines.len() as u64 });
        }
        self.hold(now, job);
        if let Some(left) = &mut self.attempts_left {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.give_up_held();
            }
        }
    }

    fn hold(&mut self, now: Now, job: WriteJob) {
        self.held.push(job);
        while self.held.is_over_full() {
            self.give_up_oldest();
        }
        if self.retry_disk_at.is_none() {
            self.retry_disk_at = Some(now.mono.plus_ns(DISK_RETRY_MS * NS_PER_MS));
        }
    }

    /// The end has come and the disk still takes nothing.
    fn give_up_held(&mut self) {
        while !self.held.is_empty() {
            self.give_up_oldest();
        }
    }

    fn give_up_oldest(&mut self) {
        let Some(job) = self.held.pop() else { return };
        self.settled_job(&job.run);
        *self.unwritten.entry(job.run).or_default() += job.samples;
    }

    fn settled_job(&mut self, run: &RunName) {
        if let Some(jobs) = self.unwritten_jobs.get_mut(run) {
            *jobs -= 1;
            if *jobs == 0 {
                self.unwritten_jobs.remove(run);
            }
        }
    }

    fn decide(&mut self, now: Now, input: Input) {
        self.delivery.handle(now, input);
        while let Some(output) = self.delivery.poll_output() {
            self.act(output);
        }
    }

    fn act(&mut self, output: Output) {
        match output {
            Output::Post { batch } => {
                let Some(file) = self.files.get(&batch).cloned() else { return };
                let client = self.client.clone();
                let task = self.posts.spawn(async move { client.post(&file).await });
                self.posting.insert(task.id(), batch);
            }
            Output::Delete { batch } => {
                if let Some(file) = self.files.remove(&batch) {
                    self.disk.submit(DiskJob::Delete(file));
                }
            }
            Output::Split { batch } => {
                if let Some(file) = self.files.get(&batch).cloned() {
                    self.disk.submit(DiskJob::Split(file));
                }
            }
            Output::Quarantine { batch, reason } => {
                if let Some(file) = self.files.remove(&batch) {
                    self.quarantined(&format!("batch {batch} is in the quarantine: {reason}"));
                    let saved = self.saved();
                    self.disk.submit(DiskJob::Quarantine(file, reason.to_string(), saved));
                }
            }
            Output::Evict { batch } => {
                if let Some(file) = self.files.remove(&batch) {
                    let saved = self.saved();
                    self.disk.submit(DiskJob::Evict(file, saved));
                }
            }
            Output::Warn { sentence } => self.told.push(OutboundEvent::Warn(sentence)),
            Output::Notice { sentence } => self.told.push(OutboundEvent::Notice(sentence)),
            Output::Flushed { .. } => self.flushed = true,
        }
    }

    /// Says the first few; a Drain that refuses everything would fill the log with the rest.
    fn quarantined(&mut self, sentence: &str) {
        self.quarantines_said += 1;
        if self.quarantines_said < QUARANTINES_SAID_MAX {
            self.told.push(OutboundEvent::Warn(sentence.to_owned()));
        } else if self.quarantines_said == QUARANTINES_SAID_MAX {
            let more = "; further ones are counted and not said, the quarantine directory has them all";
            self.told.push(OutboundEvent::Warn(format!("{sentence}{more}")));
        }
    }

    /// The counters as they are to survive a crash.
    fn saved(&self) -> SavedAccounts {
        let runs = self.delivery.runs().map(|(name, counters)| (name.to_string(), counters)).collect();
        SavedAccounts { runs, ..SavedAccounts::default() }
    }
}

#[cfg(test)]
mod tests;
