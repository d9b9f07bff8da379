//! Why the files of a run are not there, in sentences for whoever published the command.

use super::archive_fault::ArchiveFault;
use super::source::SourceError;
use crate::base::file_threads::NotDone;
use gridnode_core::node::command::{FileName, FileUri, Sha256};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// See the module's head. Every message names the file, what was wrong, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// `file://` where it is not taken.
    #[error(
        "`{name}` is to come from {from}, and this node takes s3:// only; upload it, or set file_uris on a node for tests"
    )]
    FileUrisOff {
        /// The file.
        name: FileName,
        /// Its uri.
        from: Shown,
    },
    /// `s3://` where there is no object store.
    #[error("`{name}` is to come from {from}, and this agent runs without an object store")]
    NoStore {
        /// The file.
        name: FileName,
        /// Its uri.
        from: Shown,
    },
    /// Two files want one place.
    #[error("`{name}` cannot be placed: {why}; give the files different names")]
    Conflict {
        /// The later one.
        name: FileName,
        /// With what it collides.
        why: String,
    },
    /// The store does not give it.
    #[error("`{name}`: {from} {error}{}", tries(*attempts))]
    Source {
        /// The file.
        name: FileName,
        /// Its uri.
        from: Shown,
        /// The reason.
        error: SourceError,
        /// How often it was tried.
        attempts: u32,
    },
    /// Over the cap of a file.
    #[error("`{name}`: {from} has {}{bytes} bytes; this node takes at most {max}: make it smaller, or raise files.file_bytes_max", if *counted { "more than " } else { "" })]
    TooLarge {
        /// The file.
        name: FileName,
        /// Its uri.
        from: Shown,
        /// What the store says, or what had come when it was cut off.
        bytes: u64,
        /// Whether `bytes` was counted and not announced.
        counted: bool,
        /// The cap.
        max: u64,
    },
    /// Over the cap of a run.
    #[error(
        "the files of the run have more than {max} bytes together (at `{name}`); send fewer or smaller ones, or raise files.run_bytes_max"
    )]
    RunTooLarge {
        /// Where the cap was reached.
        name: FileName,
        /// The cap.
        max: u64,
    },
    /// Other content.
    #[error(
        "`{name}`: {from} is not what its sha256 says: it has {found}, the command says {wanted}; publish the command again with the digest of the file"
    )]
    Digest {
        /// The file.
        name: FileName,
        /// Its uri.
        from: Shown,
        /// What the command says.
        wanted: Sha256,
        /// What came.
        found: Sha256,
    },
    /// An archive that is not unpacked.
    #[error("`{name}` is not unpacked: {fault}")]
    Archive {
        /// The archive.
        name: FileName,
        /// The reason.
        fault: ArchiveFault,
    },
    /// The plan is in none of the archives.
    #[error("the plan `{plan}` is neither among the files nor in their archives; there are {there}")]
    NoPlan {
        /// What was looked for.
        plan: FileName,
        /// Some names that are there.
        there: String,
    },
    /// The run's directory has something in it already.
    #[error("{} is not empty; a run starts in a directory of its own", dir.display())]
    NotEmpty {
        /// The directory.
        dir: PathBuf,
    },
    /// The cache's copy keeps changing under us.
    #[error("`{name}`: the cache does not give back what was put in it ({}); see to the disk of this node", dir.display())]
    Cache {
        /// The file.
        name: FileName,
        /// The cache.
        dir: PathBuf,
    },
    /// No room.
    #[error("failed to {what} {}: the disk is full; free some space or lower cache_bytes_max", path.display())]
    DiskFull {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
    },
    /// Anything else the system says.
    #[error("failed to {what} {}: {source}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// No thread for what blocks, or one that broke off.
    #[error("the fetch cannot work on its files: {0}")]
    NoThread(#[source] NotDone),
    /// A panic, or a runtime that ends.
    #[error("a fault of gridnode itself stopped the fetch; its log says more")]
    Defect,
    /// The fetch was dropped: nobody reads this in an event.
    #[error("the fetch was called off")]
    Cancelled,
}

impl FetchError {
    pub(crate) fn io(what: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { what, path },
            _ => Self::Io { what, path, source },
        }
    }
}

fn tries(attempts: u32) -> String {
    if attempts > 1 { format!(" (tried {attempts} times)") } else { String::new() }
}

/// A uri as it may be shown: what stands behind a `?` could be a secret that someone pasted with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown(String);

impl Shown {
    pub(crate) fn of(uri: &FileUri) -> Self {
        let text = uri.to_string();
        Self(match text.split_once('?') {
            Some((before, _)) => format!("{before}?…"),
            None => text,
        })
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
