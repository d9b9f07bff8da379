//! One agent a state directory.

use super::SpoolError;
use super::nonce::NONCE;
use nix::fcntl::{Flock, FlockArg};
use nix::unistd::geteuid;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Held until dropped; the kernel releases it when the process dies, however it dies.
#[derive(Debug)]
pub(super) struct StateLock {
    _file: Flock<File>,
}

impl StateLock {
    pub(super) fn take(state_dir: &Path) -> Result<Self, SpoolError> {
        let path = state_dir.join("lock");
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|e| SpoolError::io("open", &path, e))?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(mut file) => {
                // Only a hint for a person; the lock is the kernel's.
                drop(file.set_len(0).and_then(|()| file.rewind()));
                drop(write!(file, "{}", std::process::id()));
                Ok(Self { _file: file })
            }
            Err((mut file, nix::errno::Errno::EWOULDBLOCK)) => {
                let mut text = String::new();
                drop(file.read_to_string(&mut text));
                Err(SpoolError::InUse { dir: state_dir.to_owned(), holder: text.trim().parse().ok() })
            }
            Err((_, errno)) => Err(SpoolError::io("lock", &path, errno.into())),
        }
    }
}

/// What another user's agent has made here, and in memory files, could not be read by both: one would count what the other
/// delivers.
pub(super) fn is_ones_own(state_dir: &Path) -> Result<(), SpoolError> {
    let Ok(found) = state_dir.join(NONCE).symlink_metadata() else { return Ok(()) };
    let (owner, own) = (found.uid(), geteuid().as_raw());
    if owner == own { Ok(()) } else { Err(SpoolError::OtherUser { dir: state_dir.to_owned(), owner, own }) }
}
