//! The spool: every batch is a file before it is posted, so that neither a crash nor a Drain that is away loses it.
//!
//! ```text
//! {state}/lock                   held while an agent runs: a second one refuses
//! {state}/incarnation            starts so far, decimal; incremented durably once a start
//! {state}/nonce                  16 random hex digits, made once: whose events, batches and queue these are
//! {state}/counters.json          what became of samples whose files are gone
//! {state}/spool/{flood}.{run}/   batches: gzipped line protocol, named by `file_name`
//! {state}/quarantine/            batches that the Drain will not have, each with a .reason beside it
//! {state}/corrupt/               files that cannot be read
//! ```
//!
//! - A file appears under its name only when it is complete and durable: temporary name, fsync, rename, fsync of the
//!   directory. What a crash leaves under a temporary name is deleted at the next start.
//! - A split writes the parts, which name their parent, then deletes the parent. At start, parts whose parent is still
//!   there are deleted: the split did not happen.
//! - A batch that leaves undelivered is entered in the counters file first, together with its name; at start, whatever
//!   is so named leaves without being counted again.
//!
//! Synchronous: for one dedicated thread ([`crate::data::disk`]). Bounds of the spool are [`gridnode_core::outbound::delivery`]'s
//! business; quarantine and corrupt files are bounded here.

mod aside;
mod durable;
mod encode;
mod error;
mod file_name;
mod incarnation;
mod layout;
mod lock;
mod nonce;
mod saved;
mod scan;
mod split;
#[cfg(test)]
mod tests;

pub use aside::AsideLimits;
pub use error::SpoolError;
pub use saved::{Leaving, SavedAccounts};
pub use scan::SpoolContents;

pub(crate) use durable::write_durably;

use durable::sync_dir;
use encode::{compress, count_points, count_samples, decompress, halves};
use file_name::FileName;
use gridnode_core::base::limits::{BATCH_BYTES_MAX, BATCH_POINTS_MAX};
use gridnode_core::base::run::RunName;
use gridnode_core::base::time::Wall;
use gridnode_core::outbound::delivery::{BatchId, SpooledBatch};
use lock::StateLock;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One batch on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchFile {
    /// What delivery needs to know.
    pub batch: SpooledBatch,
    /// Where it is.
    pub path: PathBuf,
    /// SpoolContents at start: its content has yet to be proven before it is posted.
    pub unproven: bool,
}

impl BatchFile {
    /// The compressed body.
    ///
    /// # Errors
    /// [`SpoolError::Corrupt`] when it is gone or, in a file found at start, not a whole gzip stream.
    pub fn read(&self) -> Result<Vec<u8>, SpoolError> {
        let body = split::read_body(self)?;
        if self.unproven {
            decompress(&body).map_err(|why| SpoolError::Corrupt { path: self.path.clone(), why })?;
        }
        Ok(body)
    }
}

/// The state directory, locked.
#[derive(Debug)]
pub struct Spool {
    state_dir: PathBuf,
    incarnation: u32,
    nonce: String,
    next_number: u64,
    limits: AsideLimits,
    /// Batches moved aside that later ones pushed out, since the start.
    aside_dropped: u64,
    _lock: StateLock,
}

impl Spool {
    /// Locks `state_dir` (made if absent), increments the incarnation, tidies up after a crash and lists what is
    /// spooled.
    ///
    /// # Errors
    /// When the directory cannot be made, written or locked. What is *in* it is never a reason: files that cannot be
    /// understood are set aside and listed in [`SpoolContents`].
    pub fn open(state_dir: &Path) -> Result<(Self, SpoolContents), SpoolError> {
        for name in ["spool", "quarantine", "corrupt"] {
            let dir = state_dir.join(name);
            std::fs::create_dir_all(&dir).map_err(|e| SpoolError::io("create the directory", &dir, e))?;
        }
        let lock = StateLock::take(state_dir)?;
        let mut found = SpoolContents::default();
        layout::check(state_dir, &mut found)?;
        let incarnation = incarnation::next_incarnation(state_dir, &mut found)?;
        let nonce = nonce::keep_nonce(state_dir, &mut found)?;
        let mut spool = Self {
            state_dir: state_dir.to_owned(),
            incarnation,
            nonce,
            next_number: 1,
            limits: AsideLimits::default(),
            aside_dropped: 0,
            _lock: lock,
        };
        found.saved = SavedAccounts::load(state_dir, &mut found.remarks);
        spool.scan(&mut found)?;
        Ok((spool, found))
    }

    /// What no other state directory has; always the same for this one.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// Which start this is, from 1: the upper part of every `part` and batch id.
    #[must_use]
    pub fn incarnation(&self) -> u32 {
        self.incarnation
    }

    /// Batches that fell out of quarantine or `corrupt` because newer ones needed the room.
    #[must_use]
    pub fn aside_dropped(&self) -> u64 {
        self.aside_dropped
    }

    /// Writes lines as one durable batch, or as several where they are more than one batch may hold
    /// ([`BATCH_POINTS_MAX`], [`BATCH_BYTES_MAX`]; a single line is never refused). All of them are durable, or none.
    ///
    /// `samples` is what the caller has counted; several batches share it by their `transaction_rate_mean` lines.
    ///
    /// # Errors
    /// When the disk is full or cannot be written.
    pub fn write_batch(
        &mut self,
        run: &RunName,
        created: Wall,
        lines: &[u8],
        samples: u64,
    ) -> Result<Vec<BatchFile>, SpoolError> {
        let mut files = Vec::with_capacity(1);
        match self.write_parts(run, created, None, lines, samples, &mut files) {
            Ok(()) => Ok(files),
            Err(error) => {
                files.iter().for_each(|f| drop(std::fs::remove_file(&f.path)));
                Err(error)
            }
        }
    }

    /// Deletes a batch that is stored by the Drain. Not synced: at worst it is posted once more, with equal values.
    ///
    /// # Errors
    /// When it cannot be deleted; that it is gone already is none.
    pub fn delete(&self, file: &BatchFile) -> Result<(), SpoolError> {
        match std::fs::remove_file(&file.path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(SpoolError::io("delete", &file.path, e))
            }
            _ => Ok(()),
        }
    }

    /// Deletes batches undelivered; `saved` counts all of them as evicted already and is made durable first, once.
    ///
    /// # Errors
    /// When the counters cannot be written, in which case the batches stay, or one cannot be deleted.
    pub fn evict(&self, files: &[BatchFile], mut saved: SavedAccounts) -> Result<(), SpoolError> {
        let leaving = |file: &BatchFile| Leaving {
            batch: FileName::of(&file.batch).to_string(),
            quarantine_reason: None,
        };
        saved.leaving = files.iter().map(leaving).collect();
        // A full disk is why batches are evicted: then room comes before accounts.
        match saved.store(&self.state_dir) {
            Err(error) if !error.is_disk_full() => return Err(error),
            _ => {}
        }
        files.iter().try_for_each(|file| self.delete(file))?;
        let dirs: BTreeSet<&Path> = files.iter().filter_map(|file| file.path.parent()).collect();
        dirs.into_iter().try_for_each(sync_dir)
    }

    /// Makes the counters durable.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn save(&self, saved: &SavedAccounts) -> Result<(), SpoolError> {
        saved.store(&self.state_dir)
    }

    /// Removes the directory of a run that has no batches any more; one that has is left alone.
    pub fn remove_run_dir(&self, run: &RunName) {
        drop(std::fs::remove_dir(self.run_dir(run)));
    }

    fn write_parts(
        &mut self,
        run: &RunName,
        created: Wall,
        parent: Option<BatchId>,
        lines: &[u8],
        samples: u64,
        files: &mut Vec<BatchFile>,
    ) -> Result<(), SpoolError> {
        let points = count_points(lines);
        let body = if points <= BATCH_POINTS_MAX { Some(compress(lines)) } else { None };
        if let Some(body) = body.filter(|b| b.len() <= BATCH_BYTES_MAX || points < 2) {
            files.push(self.write_one(run, created, parent, &body, points, samples)?);
            return Ok(());
        }
        let (first, second) = halves(lines);
        let in_first = count_samples(first).min(samples);
        self.write_parts(run, created, parent, first, in_first, files)?;
        self.write_parts(run, created, parent, second, samples - in_first, files)
    }

    fn write_one(
        &mut self,
        run: &RunName,
        created: Wall,
        parent: Option<BatchId>,
        body: &[u8],
        points: usize,
        samples: u64,
    ) -> Result<BatchFile, SpoolError> {
        let dir = self.run_dir(run);
        if !dir.is_dir() {
            std::fs::create_dir_all(&dir).map_err(|e| SpoolError::io("create the directory", &dir, e))?;
            sync_dir(&self.state_dir.join("spool"))?;
        }
        let batch = SpooledBatch {
            batch: BatchId { incarnation: self.incarnation, number: self.next_number },
            run: run.clone(),
            bytes: body.len() as u64,
            points: u32::try_from(points).unwrap_or(u32::MAX),
            samples,
            // The name carries milliseconds: what is read back is what was written.
            created: Wall(created.0.max(0) / 1_000_000 * 1_000_000),
        };
        self.next_number += 1;
        let name = FileName { parent, ..FileName::of(&batch) };
        let path = dir.join(name.to_string());
        write_durably(&path, body)?;
        Ok(BatchFile { batch, path, unproven: false })
    }

    fn run_dir(&self, run: &RunName) -> PathBuf {
        self.state_dir.join("spool").join(&*run.0)
    }
}
