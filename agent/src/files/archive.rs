//! Archives of a run: `.zip` files, unpacked into the directory where they lie, and not kept.
//!
//! Whoever wrote an archive need not be a friend. Before anything is written, all of its directory is judged: the
//! number of entries and their sizes (declared), names (UTF-8, and as strict as those of a command's files), kinds
//! (files and directories only), methods (stored and deflate), no encryption, no name twice, no overlapping content, no
//! absurd ratio. While it is written, what comes out is counted against what was declared. Permissions are made 0644
//! and 0755. Archives in archives stay what they are. Split and self-extracting archives are refused.

mod ending;
mod entries;
mod guarded;
pub mod pack;

use crate::files::archive_fault::{self, ArchiveFault};
use crate::files::error::FetchError;
use crate::files::names::Names;
use crate::files::staging::Staging;
use entries::{Entry, Kind};
use guarded::Guarded;
use std::fs::File;
use std::io::{BufReader, Read, Write};
use tokio_util::sync::CancellationToken;
use zip::ZipArchive;
use zip::read::{ArchiveOffset, Config};

/// Bytes of an archive's directory beyond its entries.
const DIRECTORY_BYTES: u64 = 1 << 20;
/// What an entry may take in it: its name, extra fields, a comment.
const ENTRY_BYTES: u64 = 2_048;
const CHUNK_BYTES: usize = 128 * 1024;

/// What the archives of a run may still unpack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowance {
    pub(super) bytes: u64,
    pub(super) bytes_max: u64,
    pub(super) entries: u32,
    pub(super) entries_max: u32,
}

impl Allowance {
    pub(super) fn new(bytes_max: u64, entries_max: u32) -> Self {
        Self { bytes: bytes_max, bytes_max, entries: entries_max, entries_max }
    }
}

/// Why an archive is not unpacked.
#[derive(Debug)]
pub(super) enum Stopped {
    /// It is the archive's fault.
    Fault(ArchiveFault),
    /// It is the disk's.
    Failed(FetchError),
}

impl From<ArchiveFault> for Stopped {
    fn from(fault: ArchiveFault) -> Self {
        Self::Fault(fault)
    }
}

/// Where an archive goes.
pub(super) struct Target<'a> {
    pub(super) staging: &'a Staging,
    /// Of the archive itself; empty, or with a `/` behind it.
    pub(super) dir: &'a str,
    pub(super) cancel: &'a CancellationToken,
}

/// Unpacks `file`; `wrote(files, bytes)` hears of it while it grows.
pub(super) fn unpack(
    file: File,
    target: &Target<'_>,
    names: &mut Names,
    allowance: &mut Allowance,
    wrote: &mut dyn FnMut(u32, u64),
) -> Result<(), Stopped> {
    let (mut archive, guard) = open(file, allowance)?;
    let entries = entries::judge(&mut archive, target.dir, names, allowance, &guard)?;
    guard.lift();
    for entry in &entries {
        if target.cancel.is_cancelled() {
            return Err(Stopped::Failed(FetchError::Cancelled));
        }
        match entry.kind {
            Kind::Dir => {
                let made = target.staging.make_dir(&entry.name);
                made.map_err(|e| write_failed(target, entry, e))?;
            }
            Kind::File => write(&mut archive, entry, target, wrote)?,
        }
    }
    Ok(())
}

/// Judges archives as [`unpack`] does, without writing anything: for whoever sends them.
pub struct Judge {
    names: Names,
    allowance: Allowance,
}

impl Judge {
    /// With the caps of a node.
    pub fn new(bytes_max: u64, entries_max: u32) -> Self {
        Self { names: Names::default(), allowance: Allowance::new(bytes_max, entries_max) }
    }

    /// Judges the next archive of a run; `dir` is where it lies there, empty or with a `/` behind it.
    ///
    /// # Errors
    /// With what a node would refuse it for. Its content is not looked at.
    pub fn judge(&mut self, file: File, dir: &str) -> Result<(), ArchiveFault> {
        let (mut archive, guard) = open(file, &self.allowance)?;
        entries::judge(&mut archive, dir, &mut self.names, &mut self.allowance, &guard).map(drop)
    }
}

type Opened = ZipArchive<Guarded<BufReader<File>>>;

fn open(mut file: File, allowance: &Allowance) -> Result<(Opened, guarded::Guard), ArchiveFault> {
    ending::check(&mut file, allowance)?;
    // The library keeps all of the directory in memory: it may not read more than entries of reasonable size need.
    let most = DIRECTORY_BYTES + u64::from(allowance.entries).saturating_mul(ENTRY_BYTES);
    let (guarded, guard) = Guarded::new(BufReader::new(file), most);
    // Where the archive begins is not guessed: readers that guess differently see different archives.
    let config = Config { archive_offset: ArchiveOffset::Known(0) };
    let archive = ZipArchive::with_config(config, guarded).map_err(archive_fault::unreadable)?;
    Ok((archive, guard))
}

fn write<R: Read + std::io::Seek>(
    archive: &mut ZipArchive<R>,
    entry: &Entry,
    target: &Target<'_>,
    wrote: &mut dyn FnMut(u32, u64),
) -> Result<(), Stopped> {
    let failed = |e| write_failed(target, entry, e);
    let damaged = |why: String| ArchiveFault::Damaged { entry: entry.name.to_string(), why };
    let mut from = archive.by_index(entry.index).map_err(|e| damaged(e.to_string()))?;
    let mut to = target.staging.create(&entry.name).map_err(failed)?;
    let mut left = entry.bytes;
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        if target.cancel.is_cancelled() {
            return Err(Stopped::Failed(FetchError::Cancelled));
        }
        // The end is where the library compares the checksum.
        let read = from.read(&mut chunk).map_err(|e| damaged(e.to_string()))?;
        if read == 0 {
            break;
        }
        let lie = || ArchiveFault::Lie { entry: entry.name.to_string(), declared: entry.bytes };
        left = left.checked_sub(read as u64).ok_or_else(lie)?;
        to.write_all(&chunk[..read]).map_err(failed)?;
        wrote(0, read as u64);
    }
    if left > 0 {
        return Err(ArchiveFault::Lie { entry: entry.name.to_string(), declared: entry.bytes }.into());
    }
    wrote(1, 0);
    Ok(())
}

fn write_failed(target: &Target<'_>, entry: &Entry, error: std::io::Error) -> Stopped {
    Stopped::Failed(FetchError::io("write", &target.staging.shown(&entry.name), error))
}

#[cfg(test)]
mod tests;
