//! Held on a directory while a process works there; the system lets go of it when that ends, however it does.

use nix::fcntl::{Flock, FlockArg};
use std::fs::File;
use std::io;
use std::path::Path;

/// See the module's head.
#[derive(Debug)]
pub(super) struct DirLock {
    _held: Flock<File>,
}

impl DirLock {
    pub(super) fn take(dir: &Path) -> io::Result<Self> {
        match Flock::lock(File::open(dir)?, FlockArg::LockExclusiveNonblock) {
            Ok(held) => Ok(Self { _held: held }),
            Err((_, nix::errno::Errno::EWOULDBLOCK)) => Err(io::ErrorKind::ResourceBusy.into()),
            Err((_, errno)) => Err(errno.into()),
        }
    }
}
