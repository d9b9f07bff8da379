//! All entries of an archive, judged before any of them is written.

use super::Allowance;
use super::guarded::Guard;
use crate::base::litter::is_litter_path;
use crate::files::archive_fault::ArchiveFault;
use crate::files::archive_fault::{shown, unreadable};
use crate::files::names::Names;
use gridnode_core::node::command::FileName;
use std::io::{Read, Seek};
use zip::read::ZipFileEntry;
use zip::{CompressionMethod, ZipArchive};

/// Above this, deflate is at work on something that was made for it (its limit is 1,032).
const RATIO_MAX: u64 = 500;
/// Small files of zeros are harmless.
const RATIO_FROM_BYTES: u64 = 1 << 20;
/// A local header has 30 bytes; the rest is for a library that reads more of it.
const LOCAL_HEADER_BYTES: u64 = 512;

/// One thing to write.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) index: usize,
    pub(super) name: FileName,
    pub(super) kind: Kind,
    /// As declared.
    pub(super) bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Dir,
}

/// Takes names and sizes from `names` and `allowance`, or says what is wrong. `dir` is put before all names.
pub(super) fn judge<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    dir: &str,
    names: &mut Names,
    allowance: &mut Allowance,
    guard: &Guard,
) -> Result<Vec<Entry>, ArchiveFault> {
    if archive.has_duplicate_names() {
        let why = "the archive has a name twice".to_owned();
        return Err(ArchiveFault::Unreadable { why });
    }
    let len = u32::try_from(archive.len()).ok();
    let left = len.and_then(|len| allowance.entries.checked_sub(len));
    let too_many = ArchiveFault::Entries { entries: archive.len() as u64, max: allowance.entries_max };
    allowance.entries = left.ok_or(too_many)?;
    let mut entries = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let found = archive.by_index_data(index).map_err(unreadable)?;
        // Nobody's; it is not even looked at.
        if is_litter_path(found.name_raw()) {
            continue;
        }
        entries.push(entry(index, &found, dir, names, allowance)?);
    }
    // For this the library reads the local headers.
    guard.extend(LOCAL_HEADER_BYTES.saturating_mul(archive.len() as u64));
    match archive.has_overlapping_entries().map_err(unreadable)? {
        true => Err(ArchiveFault::Overlap),
        false => Ok(entries),
    }
}

fn entry(
    index: usize,
    found: &ZipFileEntry<'_>,
    dir: &str,
    names: &mut Names,
    allowance: &mut Allowance,
) -> Result<Entry, ArchiveFault> {
    let name = name_of(found.name_raw(), dir)?;
    let said = name.to_string();
    let kind = kind_of(found)?;
    if found.encrypted() {
        return Err(ArchiveFault::Encrypted { entry: said });
    }
    if !matches!(found.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
        return Err(ArchiveFault::Method { entry: said, method: format!("{:?}", found.compression()) });
    }
    let (packed, bytes) = (found.compressed_size(), found.size());
    if kind == Kind::Dir && bytes > 0 {
        return Err(ArchiveFault::Kind { entry: said, kind: "a directory with content" });
    }
    if bytes > RATIO_FROM_BYTES && bytes / packed.max(1) > RATIO_MAX {
        return Err(ArchiveFault::Ratio { entry: said, packed, bytes });
    }
    let left = allowance.bytes.checked_sub(bytes);
    allowance.bytes =
        left.ok_or_else(|| ArchiveFault::Bytes { entry: said.clone(), max: allowance.bytes_max })?;
    let taken = match kind {
        Kind::File => names.file(&name),
        Kind::Dir => names.dir(&name),
    };
    taken.map_err(|why| ArchiveFault::Duplicate { entry: said, why })?;
    Ok(Entry { index, name, kind, bytes })
}

/// The name below the run's directory. The entry's own has to be a good one by itself, too.
fn name_of(raw: &[u8], dir: &str) -> Result<FileName, ArchiveFault> {
    let wrong =
        |why: &str| ArchiveFault::Name { why: format!("`{}` cannot be a file name: {why}", shown(raw)) };
    let text = std::str::from_utf8(raw).map_err(|_| wrong("it is not UTF-8"))?;
    let text = text.strip_suffix('/').unwrap_or(text);
    let mut start = text.chars();
    if start.next().is_some_and(|c| c.is_ascii_alphabetic()) && start.next() == Some(':') {
        return Err(wrong("it begins with a drive's letter"));
    }
    // The error repeats the name, control characters and all.
    let own = FileName::new(text)
        .map_err(|e| ArchiveFault::Name { why: e.to_string().escape_debug().to_string() })?;
    FileName::new(&format!("{dir}{own}")).map_err(|e| ArchiveFault::Name { why: e.to_string() })
}

/// By the name's end and by what Unix says, which must not contradict each other.
fn kind_of(found: &ZipFileEntry<'_>) -> Result<Kind, ArchiveFault> {
    let by_name = if found.name_raw().ends_with(b"/") { Kind::Dir } else { Kind::File };
    let kind = match (found.external_attributes() >> 16) & 0o170_000 {
        0 => return Ok(by_name),
        0o100_000 if by_name == Kind::File => return Ok(by_name),
        0o040_000 if by_name == Kind::Dir => return Ok(by_name),
        0o120_000 => "a symbolic link",
        0o020_000 | 0o060_000 => "a device",
        0o010_000 => "a pipe",
        0o140_000 => "a socket",
        _ => "both a file and a directory",
    };
    Err(ArchiveFault::Kind { entry: shown(found.name_raw()), kind })
}
