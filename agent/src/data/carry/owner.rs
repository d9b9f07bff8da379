//! The state directory that owes what lies in memory files. Its nonce is in their name, but a copy of it has the same one.

use crate::data::spool::nonce;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// A link to the state directory that owes what is here: it needs no room in a memory file system that is full.
pub(super) const OWNER: &str = "owner";

/// Whether the state directory is there that a start would deliver it from.
pub(super) fn is_there(dir: &Path, stem: &str) -> bool {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    name.strip_prefix(stem).is_some_and(|nonce| of(dir, nonce).is_some())
}

/// The one that is named there, where it is another than `state_dir`: this is a copy then. A directory that has moved is no copy:
/// nothing is where it was, or something that has another nonce.
pub(super) fn other(dir: &Path, state_dir: &Path, nonce: &str) -> Option<PathBuf> {
    // By whatever path it is reached.
    let which = |path: &Path| fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
    of(dir, nonce).filter(|owner| which(owner) != which(state_dir))
}

fn of(dir: &Path, nonce: &str) -> Option<PathBuf> {
    let owner = fs::read_link(dir.join(OWNER)).ok()?;
    (nonce::read(&owner)? == nonce).then_some(owner)
}

/// What a copy is told.
pub(super) fn refusal(dir: &Path, original: &Path, state_dir: &Path) -> io::Error {
    let (dir, original, state_dir) = (dir.display(), original.display(), state_dir.display());
    io::Error::new(
        io::ErrorKind::AlreadyExists,
        format!(
            "{state_dir} is a copy of {original}, which is there still: the memory files in {dir} are left to that one, and open \
             windows of this one have no place in memory: should this process be killed, what is in them is lost, counted; to mend it, \
             stop this process and remove the file nonce in {state_dir}, which makes a copy a directory of its own"
        ),
    )
}
