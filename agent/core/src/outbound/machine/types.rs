//! What goes into the machine of the way out, and what comes out.

use crate::base::run::RunName;
use crate::base::time::{Mono, Wall};
use crate::outbound::delivery::{Answer, BatchId};
use crate::outbound::pack::Packed;
use crate::outbound::spool::{Done, Job};
use std::sync::Arc;

/// Where a batch lies in a second place until it is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(pub u64);

/// What can wake the machine.
#[derive(Debug, Clone)]
pub enum Input {
    /// Lines to deliver. Taken in any case; ask [`super::Outbound::takes_batches`] first.
    Batch {
        /// Whose.
        run: RunName,
        /// They.
        packed: Packed,
        /// Whoever has them in a second place until they are durable knows them by this: see [`Output::Released`].
        origin: Option<Origin>,
    },
    /// So many samples of a run have been counted until now, those in open windows included.
    Aggregated {
        /// The run.
        run: RunName,
        /// In all.
        samples: u64,
    },
    /// The answer to a job.
    DiskDone(Done),
    /// No job will be answered any more.
    DiskLost,
    /// The answer to a post.
    Answer {
        /// The batch.
        batch: BatchId,
        /// What was heard.
        answer: Answer,
    },
    /// In place of it: the file is not a batch.
    Unreadable {
        /// The batch.
        batch: BatchId,
        /// What is wrong with it.
        why: String,
    },
    /// In place of it: the file could not be read now.
    ReadFailed {
        /// The batch.
        batch: BatchId,
        /// What was tried, and what the system says.
        sentence: String,
    },
    /// Nothing more will come: a disk that takes nothing is tried until then, and so is a Drain that takes what the disk does
    /// not; what is held after that stays in its second place, or is given up where it has none. Once more: only if that is
    /// sooner.
    LastChance {
        /// When to give up.
        deadline: Mono,
    },
    /// Deliver with little patience until then; [`super::Outbound::flushed`] follows.
    Flush {
        /// When to give up.
        deadline: Mono,
    },
    /// The flush, over or not, is called off.
    Resume,
    /// Nothing but time has passed.
    Tick,
}

/// What the shell has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Have the disk do it, in the order of the jobs; answer with [`Input::DiskDone`].
    Disk(Job),
    /// Post a batch; answer with [`Input::Answer`], [`Input::Unreadable`] or [`Input::ReadFailed`], one of them, once.
    Post(Posting),
    /// A batch with an origin is durable, or counted as given up: it is wanted there no longer. Never said of one that is left there
    /// for the next start. To be carried out before what
    /// follows.
    Released(Origin),
    /// Log as a warning: an operator must do something.
    Warn {
        /// What is wrong and what to do.
        sentence: String,
    },
    /// Log as information.
    Notice {
        /// What happened.
        sentence: String,
    },
}

/// A batch to be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Its number.
    pub batch: BatchId,
    /// Whose it is.
    pub run: RunName,
    /// Where its file is, below the state directory.
    pub path: String,
    /// Its lines.
    pub points: u32,
    /// Samples that travel with it.
    pub samples: u64,
    /// Of the file as this process has written it ([`crate::outbound::pack::checksum`]); `None`: found at the start.
    pub checksum: Option<u32>,
    /// The connection broke the last time: perhaps the Drain had answered before it had read the body, and nobody was
    /// listening. Send the head, and give it time to say no, before the body goes.
    pub wary: bool,
    /// The content of a batch that the disk does not take: there is no file to read.
    pub body: Option<Arc<[u8]>>,
}

/// A batch in memory that is not yet durable.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) id: BatchId,
    pub(super) run: RunName,
    pub(super) created: Wall,
    pub(super) packed: Packed,
    pub(super) origin: Option<Origin>,
    /// It is there under its name; the directory has yet to be made durable.
    pub(super) renamed: bool,
    /// A write has been tried: there may be a file.
    pub(super) attempted: bool,
    /// Delivery has it, too, for the disk does not take it.
    pub(super) lent: bool,
}
