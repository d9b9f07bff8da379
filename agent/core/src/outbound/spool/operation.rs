//! What the disk is asked for, in the smallest steps between which a crash makes a difference.

use crate::outbound::pack::Packed;
use std::sync::Arc;

/// Paths are below the state directory, with `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Makes a directory and what is above it; one that is there is fine.
    MakeDir(String),
    /// Writes a file from its beginning. Not yet durable.
    Write {
        /// Where.
        path: String,
        /// The whole content.
        body: Arc<[u8]>,
    },
    /// Writes over a file without truncating it first: what it had beyond `body`, up to `room_bytes` at least, becomes
    /// spaces. The room that it has once is kept, so that the next time needs none. Not yet durable, and not whole before
    /// it is done.
    WriteOver {
        /// Where.
        path: String,
        /// The whole content.
        body: Arc<[u8]>,
        /// Size that the file is to have at least. That there is no room for it is fine if `body` fits.
        room_bytes: u64,
    },
    /// Makes a file's content durable.
    Sync(String),
    /// Gives a file another name, over one that is there. Not yet durable. That there is none to rename is fine where
    /// `done_before`: an earlier attempt has done it.
    Rename {
        /// Its name.
        from: String,
        /// Its new name.
        to: String,
        /// Whether an absent file is fine.
        done_before: bool,
    },
    /// Gives two files of one directory each other's name, at once: neither gives up its room. Where there is no `to`, or the
    /// file system cannot do it, a rename. Not yet durable.
    Exchange {
        /// One.
        from: String,
        /// The other.
        to: String,
    },
    /// Makes the names in a directory durable; one that is gone is fine.
    SyncDir(String),
    /// Removes a file; one that is gone is fine. Not yet durable.
    Unlink(String),
    /// Removes a directory if it is empty, and else leaves it.
    RemoveDir(String),
    /// Reads a batch, proves it ([`crate::outbound::pack::prove`]) and halves it ([`crate::outbound::pack::halve`]): the answer has
    /// the halves.
    ReadHalves {
        /// Where.
        path: String,
        /// As its writer knows it.
        checksum: Option<u32>,
        /// Lines of the whole.
        points: u32,
        /// Samples of the whole.
        samples: u64,
    },
}

/// Operations, to be done in their order; the first that fails ends the job. Jobs are done in their order, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Comes back with the answer; one answer a job.
    pub ticket: u64,
    /// The steps.
    pub operations: Vec<Operation>,
}

/// What became of a [`Job`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The job's.
    pub ticket: u64,
    /// The halves that were asked for, and else nothing; or which operation failed, from 0, and why.
    pub result: Result<Vec<Packed>, (usize, Fault)>,
}

/// Why an operation failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What it depends on.
    pub kind: FaultKind,
    /// A sentence: what was tried on what, and what the system says.
    pub sentence: String,
}

/// Classes of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// Room would help.
    Full,
    /// What was read is not a batch.
    Corrupt,
    /// Anything else.
    Other,
}
