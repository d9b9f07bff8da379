//! The way out, carried out: [`gridnode_core::outbound::Outbound`] decides, the disk thread and the Drain's client do.

use crate::base::clock;
use crate::data::carry::Mark;
use crate::data::disk::Disk;
use crate::data::drain::DrainClient;
use crate::data::objects::ObjectPoster;
use crate::data::posting::Posted;
use crate::data::run_name::is_name_of;
use crate::data::spool::SpoolContents;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunName;
use gridnode_core::base::time::{Mono, NS_PER_S, Now};
use gridnode_core::outbound::delivery::{Answer, BatchAccount, BatchId, HttpAnswer, TransportKind};
use gridnode_core::outbound::pack::{self, Packed};
use gridnode_core::outbound::spool::Done;
use gridnode_core::outbound::{Input, Origin, Outbound as Machine, OutboundSettings, Output, Posting};
use gridnode_core::run::receipt::DeliveryAccount;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
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

/// Who takes batches away.
#[derive(Clone)]
pub enum Poster {
    /// Rollups, to the Drain.
    Drain(Box<DrainClient>),
    /// Error traces, to an object store.
    Objects(ObjectPoster),
}

impl Poster {
    async fn post(&self, state_dir: &Path, posting: &Posting) -> Posted {
        match self {
            Self::Drain(client) => client.post(state_dir, posting).await,
            Self::Objects(poster) => poster.post(state_dir, posting).await,
        }
    }

    fn shown(&self) -> &str {
        match self {
            Self::Drain(client) => client.shown_url(),
            Self::Objects(poster) => poster.shown(),
        }
    }
}

/// A stored object, which counts as that when its lines are durable elsewhere: see [`Outbound::kept`].
#[derive(Debug)]
pub struct Stored {
    /// Its number here.
    pub batch: BatchId,
    /// Whose it is.
    pub run: RunName,
    /// Its id.
    pub id: String,
    /// What says where it is.
    pub lines: Vec<u8>,
}

/// Who wants to know when a batch is durable, or given up.
enum Waiting {
    /// Its place in memory files.
    Mark(Mark),
    /// The object that it points to.
    Object(BatchId),
}

/// See the module's head. The driver owns one of these and feeds it what the disk and the posts answer.
pub struct Outbound {
    machine: Machine,
    disk: Disk,
    poster: Poster,
    state_dir: PathBuf,
    posts: JoinSet<Posted>,
    posting: HashMap<tokio::task::Id, (BatchId, RunName)>,
    /// Runs that are over, forgotten as soon as nothing of them is spooled; and not before.
    over: BTreeMap<RunName, Mono>,
    told: Vec<OutboundEvent>,
    /// Who waits for batches to be durable.
    waiting: HashMap<Origin, Waiting>,
    next_origin: u64,
    /// Objects that are in the store.
    stored: Vec<Stored>,
    /// Objects elsewhere whose pointers are durable here.
    pointed: Vec<BatchId>,
}

impl Outbound {
    /// Takes over a started disk, with what was found at its start.
    #[must_use]
    pub fn new(
        settings: OutboundSettings,
        disk: Disk,
        poster: Poster,
        state_dir: PathBuf,
        found: SpoolContents,
    ) -> (Self, Vec<String>) {
        let now = clock::now();
        let (machine, remarks) = Machine::new(now, settings, found.start);
        let until = now.mono.plus_ns(EARLIER_KEPT_S * NS_PER_S);
        let over = machine.accounts().map(|(run, _)| (run.clone(), until)).collect();
        let mut outbound = Self {
            machine,
            disk,
            poster,
            state_dir,
            posts: JoinSet::new(),
            posting: HashMap::new(),
            over,
            told: Vec::new(),
            waiting: HashMap::new(),
            next_origin: 0,
            stored: Vec::new(),
            pointed: Vec::new(),
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
        let origin = mark.map(|mark| self.origin(Waiting::Mark(mark)));
        self.handle(now, Input::Batch { run: run.clone(), packed, origin });
    }

    /// Takes the lines that point to an object: [`Self::pointed`] names it when they are durable. `is_over`: nothing else comes
    /// of its run.
    pub fn pointer(&mut self, now: Now, stored: Stored, is_over: bool) {
        let Stored { batch, run, lines, .. } = stored;
        let origin = Some(self.origin(Waiting::Object(batch)));
        for packed in pack::pack(&lines, 0) {
            self.handle(now, Input::Batch { run: run.clone(), packed, origin });
        }
        if is_over {
            // It may be stated and forgotten, and is known again now. The account of one that goes on must stay.
            self.over.entry(run).or_insert(now.mono.plus_ns(EARLIER_KEPT_S * NS_PER_S));
        }
    }

    fn origin(&mut self, waiting: Waiting) -> Origin {
        self.next_origin += 1;
        self.waiting.insert(Origin(self.next_origin), waiting);
        Origin(self.next_origin)
    }

    /// Objects that are in the store since the last call; each waits for [`Self::kept`].
    pub fn stored(&mut self) -> Vec<Stored> {
        std::mem::take(&mut self.stored)
    }

    /// Objects elsewhere whose pointers are durable here, since the last call.
    pub fn pointed(&mut self) -> Vec<BatchId> {
        std::mem::take(&mut self.pointed)
    }

    /// The pointer to an object is durable: it is delivered.
    pub fn kept(&mut self, now: Now, batch: BatchId) {
        let answer = Answer::Http(HttpAnswer { status: 204, ..HttpAnswer::default() });
        self.handle(now, Input::Answer { batch, answer });
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
    pub async fn next_posted(&mut self) -> (BatchId, RunName, Posted) {
        let nobody = || (BatchId::default(), RunName::from(""));
        match self.posts.join_next_with_id().await {
            Some(Ok((id, posted))) => {
                let (batch, run) = self.posting.remove(&id).unwrap_or_else(nobody);
                (batch, run, posted)
            }
            // A task that panicked owes an answer all the same: as if the connection had broken.
            Some(Err(error)) => {
                tracing::error!(%error, "a post ended without an answer");
                let (batch, run) = self.posting.remove(&error.id()).unwrap_or_else(nobody);
                (batch, run, Posted::Answer(Answer::Transport(TransportKind::Broken)))
            }
            None => std::future::pending().await,
        }
    }

    /// Takes the answer to a post.
    pub fn posted(&mut self, now: Now, (batch, run, posted): (BatchId, RunName, Posted)) {
        let input = match posted {
            Posted::Stored(id, lines) => return self.stored.push(Stored { batch, run, id, lines }),
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

    /// Whether the accounts of this start have become durable once: what earlier ones have left is in them.
    #[must_use]
    pub fn has_saved(&self) -> bool {
        self.machine.has_saved()
    }

    /// How often the accounts have been written, or begun to be.
    #[must_use]
    pub fn saves(&self) -> u64 {
        self.machine.saves()
    }

    /// Whether what they said then is durable.
    #[must_use]
    pub fn has_saved_since(&self, saves: u64) -> bool {
        self.machine.has_saved_since(saves)
    }

    /// Whether the files say what the accounts say, as far as they can.
    #[must_use]
    pub fn may_end(&self) -> bool {
        self.machine.may_end()
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

    /// What became of a run of earlier starts, whatever its names were.
    #[must_use]
    pub fn fate_of(&self, flood: &Ident, run: u64) -> DeliveryAccount {
        let mine = self.machine.accounts().filter(|(name, _)| is_name_of(name, flood, run));
        mine.fold(DeliveryAccount::default(), |sum, (_, saved)| sum.plus(&DeliveryAccount::new(&saved)))
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

    /// Samples of all runs that crashes have taken before they were durable.
    #[must_use]
    pub fn lost_restart(&self) -> u64 {
        self.machine.accounts().map(|(_, saved)| saved.lost_restart).sum()
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
        self.poster.shown()
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
                    let (poster, state_dir) = (self.poster.clone(), self.state_dir.clone());
                    let whose = (posting.batch, posting.run.clone());
                    let task = self.posts.spawn(async move { poster.post(&state_dir, &posting).await });
                    self.posting.insert(task.id(), whose);
                }
                Output::Released(origin) => match self.waiting.remove(&origin) {
                    Some(Waiting::Mark(mark)) => mark.release(),
                    Some(Waiting::Object(batch)) => self.pointed.push(batch),
                    None => {}
                },
                Output::Warn { sentence } => self.told.push(OutboundEvent::Warn(sentence)),
                Output::Notice { sentence } => self.told.push(OutboundEvent::Notice(sentence)),
            }
        }
    }
}

#[cfg(test)]
mod tests;
