//! What outlives a process that is killed: windows that are open, and closed ones until their batches are durable. It lies in
//! memory (tmpfs), not on the disk: never full of somebody else's files, never hanging, and gone with the machine, for what is
//! older than the machine's start could overwrite what was delivered since.
//!
//! ```text
//! /dev/shm/gridnode-{uid}-{nonce of the state directory}/
//!     {key}.open      a snapshot of an open window, every second ([`Snapshots`])
//!     {key}.closed    the batches of a closed one, each with a byte that says whether it is wanted yet ([`ClosedFile`])
//!     {start}.{slot}.told   what a run's `ledger_sum` points have said until now
//!     {start}.progress      how far the runs and their sources have come; on the disk while there is no room here
//!     owner -> the state directory
//! ```
//!
//! The progress comes first: what is found beside it is of the same moment or an earlier one, so that no sample is both found and
//! taken for one that never came.
//!
//! A window is in one of them only: whoever closes it writes the second, then removes the first; a start that finds both takes
//! the second. A batch is released there once it is durable in the spool, before it is posted; a start that finds it in the
//! spool all the same (killed in between) knows it by its bytes. What cannot be removed is noted as gone on the disk.

mod again;
mod closed;
mod found;
mod gone;
mod layout;
mod lock;
mod memory;
mod notes;
mod on_disk;
mod owner;
mod progress;
mod snapshots;
mod survey;
#[cfg(test)]
mod tests;
mod told;

pub use closed::{ClosedFile, Mark, Placed};
pub use found::{Carried, Found};
pub use notes::{Closing, Notes};
pub use progress::Earlier;
pub use snapshots::{Snapshots, keep};
pub use survey::{KeptWindow, survey};

use crate::base::clock;
use crate::data::regular_file;
use gone::Gone;
use gridnode_core::base::time::NS_PER_S;
use gridnode_core::measure::ingest::WindowKey;
use lock::DirLock;
use nix::unistd::geteuid;
use owner::OWNER;
use serde::Serialize;
use std::fs::{self, DirBuilder, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where memory is a file system.
const ROOT: &str = "/dev/shm";
const OPEN: &str = "open";
const CLOSED: &str = "closed";
/// What is being written, by the ingest and by the render thread.
const OPEN_UNFINISHED: &str = "open-new";
const CLOSED_UNFINISHED: &str = "closed-new";
/// What a state directory that is gone has left behind, and nobody has touched for so long, goes.
const ABANDONED_NS: i64 = 24 * 60 * 60 * NS_PER_S as i64;

/// The directory of one state directory.
#[derive(Debug, Clone)]
pub struct Carry {
    dir: PathBuf,
    incarnation: u32,
    /// Where the state directory is, from the root.
    owner: Option<PathBuf>,
    /// While this process lives nobody else takes what is there.
    lock: Option<Arc<DirLock>>,
    gone: Gone,
}

impl Carry {
    /// Makes it, if need be.
    ///
    /// # Errors
    /// When there is no memory file system, or somebody else has the name, or a process that lives works there (`ResourceBusy`):
    /// that of a state directory of which this one is a copy. When that is there and nobody works on it (`AlreadyExists`): what is
    /// in memory is for its next start.
    pub fn open(state_dir: &Path, nonce: &str, incarnation: u32) -> io::Result<Self> {
        Self::locked_below(Path::new(ROOT), nonce, incarnation)?.owned_by(state_dir, nonce)
    }

    fn owned_by(mut self, state_dir: &Path, nonce: &str) -> io::Result<Self> {
        if let Some(original) = owner::other(&self.dir, state_dir, nonce) {
            return Err(owner::refusal(&self.dir, &original, state_dir));
        }
        self.owner = state_dir.canonicalize().ok();
        self.make()?;
        self.gone = Gone::read(&self.dir, &state_dir.join(notes::DIR));
        Ok(self)
    }

    fn locked_below(root: &Path, nonce: &str, incarnation: u32) -> io::Result<Self> {
        let mut carry = Self::below(root, nonce, incarnation)?;
        carry.lock = Some(Arc::new(DirLock::take(&carry.dir)?));
        Ok(carry)
    }

    fn below(root: &Path, nonce: &str, incarnation: u32) -> io::Result<Self> {
        let stem = format!("gridnode-{}-", geteuid());
        let dir = root.join(format!("{stem}{nonce}"));
        remove_abandoned(root, &stem, &dir);
        let carry = Self { dir, incarnation, owner: None, lock: None, gone: Gone::default() };
        carry.make()?;
        Ok(carry)
    }

    /// Also when somebody has tidied up.
    fn make(&self) -> io::Result<()> {
        match DirBuilder::new().mode(0o700).create(&self.dir) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        // Everybody may make names there.
        let found = fs::symlink_metadata(&self.dir)?;
        if !is_ours(&found) {
            return Err(io::Error::other("it belongs to somebody else"));
        }
        if let Some(owner) = &self.owner {
            // The directory may have moved.
            let link = self.dir.join(OWNER);
            if fs::read_link(&link).ok().as_ref() != Some(owner) {
                let _ = fs::remove_file(&link);
                let _ = symlink(owner, &link);
            }
        }
        Ok(())
    }

    /// Removes the directory if nothing is left in it.
    pub fn close(&self) {
        self.forget_progress();
        self.gone.try_again();
        remove_empty(&self.dir);
    }

    /// Of a window of this start.
    fn key(&self, run: u32, start_ns: i64, part_n: u32) -> WindowKey {
        WindowKey { incarnation: self.incarnation, run, start_ns, part_n }
    }

    fn path(&self, key: WindowKey, what: &str) -> PathBuf {
        self.dir.join(format!("{key}.{what}"))
    }
}

/// Whole.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    regular_file::read(path, u64::MAX)
}

/// Writes a small note, whole or not at all for who reads it after a kill.
fn replace<T: Serialize + ?Sized>(note: &T, path: &Path, unfinished: &Path) -> io::Result<()> {
    fs::write(unfinished, serde_json::to_vec(note)?)?;
    fs::rename(unfinished, path)
}

fn is_ours(found: &Metadata) -> bool {
    found.is_dir() && found.uid() == geteuid().as_raw() && found.permissions().mode() & 0o077 == 0
}

/// Names that are ours, oldest window first; closed ones before the snapshots that they replace.
fn list(dir: &Path) -> Vec<(WindowKey, String)> {
    let names = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let parsed = names.filter_map(|name| {
        let (key, what) = name.to_str()?.rsplit_once('.')?;
        let is_ours = [OPEN, CLOSED, OPEN_UNFINISHED, CLOSED_UNFINISHED].contains(&what);
        is_ours.then_some((key.parse().ok()?, what.to_owned()))
    });
    let mut all: Vec<(WindowKey, String)> = parsed.collect();
    all.sort_by_key(|(key, what)| (key.start_ns, *key, what.clone()));
    all
}

fn remove_abandoned(root: &Path, stem: &str, own: &Path) {
    let is_abandoned = |path: &Path| {
        let Ok(found) = fs::symlink_metadata(path) else { return false };
        let age_ns = clock::now().wall.0.saturating_sub(found.mtime().saturating_mul(NS_PER_S as i64));
        // Whoever lives there holds it, whatever the clocks say.
        is_ours(&found)
            && age_ns > ABANDONED_NS
            && !owner::is_there(path, stem)
            && DirLock::take(path).is_ok()
    };
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_one = entry.file_name().to_str().is_some_and(|name| name.starts_with(stem));
        if is_one && path != own && is_abandoned(&path) {
            if !list(&path).is_empty() {
                tracing::warn!(
                    "{}: windows of an agent that was killed more than a day ago are removed: its state directory is gone",
                    path.display()
                );
            }
            let _ = fs::remove_dir_all(&path);
        }
    }
}

/// Where nothing is left but the name of whom it is of.
fn remove_empty(dir: &Path) {
    let mut entries = fs::read_dir(dir).into_iter().flatten().flatten();
    if entries.all(|entry| entry.file_name() == OWNER) {
        let _ = fs::remove_file(dir.join(OWNER));
        let _ = fs::remove_dir(dir);
    }
}
