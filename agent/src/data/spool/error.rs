//! What can go wrong with the spool, in sentences for an operator.

use std::io;
use std::path::{Path, PathBuf};

/// Why the spool could not do something.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// Another agent uses the directory.
    #[error("{} is in use by another process of gridnode{}; stop that one or choose another state directory", dir.display(), holder.as_ref().map(|p| format!(" ({p})")).unwrap_or_default())]
    InUse {
        /// The state directory.
        dir: PathBuf,
        /// Its process id, as far as it is known.
        holder: Option<u32>,
    },
    /// Another user's agent has worked here.
    #[error(
        "{} belongs to an agent of user {owner}, and this process runs as user {own}: run it as that user (sudo -u '#{owner}' …), or, \
         once that one has delivered everything, chown -R the directory", dir.display()
    )]
    OtherUser {
        /// The state directory.
        dir: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who wants it.
        own: u32,
    },
    /// A process that lives works in the memory files of this directory.
    #[error(
        "{} is that of a process that lives and works on it, or on the directory that this one is a copy of: stop that process, or \
         remove the file nonce, which makes a copy a directory of its own", dir.display()
    )]
    Copy {
        /// The state directory.
        dir: PathBuf,
    },
    /// A later agent has worked here.
    #[error(
        "{} has layout {found}, and this agent knows up to {known}: start the newer agent again, or choose another state \
         directory", dir.display()
    )]
    Newer {
        /// The state directory.
        dir: PathBuf,
        /// Its layout.
        found: u32,
        /// The latest that is known here.
        known: u32,
    },
    /// A file that must not be guessed at cannot be used.
    #[error("{}: {why}", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong with it and what to do.
        why: String,
    },
    /// No room.
    #[error("failed to {what} {}: the disk is full: free some space", path.display())]
    DiskFull {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
    },
    /// No descriptor.
    #[error("failed to {what} {}: too many files are open; raise the limit of open files (ulimit -n, LimitNOFILE=)", path.display())]
    TooManyFiles {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
    },
    /// No permission, or a read-only file system.
    #[error("failed to {what} {}: {source}; the agent needs a state directory that it may write", path.display())]
    NotWritable {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// A batch cannot be read back.
    #[error("{} is not a readable batch: {why}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
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
}

impl SpoolError {
    pub(in crate::data) fn io(what: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        if matches!(source.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)) {
            return Self::TooManyFiles { what, path };
        }
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::DiskFull { what, path }
            }
            io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::AlreadyExists => Self::NotWritable { what, path, source },
            _ => Self::Io { what, path, source },
        }
    }
}
