//! How many entries an archive says it has, before the library makes room for them.
//!
//! The library reserves memory for as many as the record at the end says, if the file could hold so many: gigabytes for
//! a file of a gigabyte. So every place at the end that it might take for that record is looked at here.
//!
//! ```text
//! PK 5 6 | disk 2 | disk 2 | entries here 2 | entries 2 | size 4 | offset 4 | comment's length 2 | comment
//! PK 6 7 | disk 4 | offset of the 64-bit record 8 | disks 4          right before PK 5 6
//! PK 6 6 | size 8 | versions 4 | disks 8 | entries here 8 | entries 8 | …
//! ```

use super::Allowance;
use crate::files::archive_fault::ArchiveFault;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

const RECORD_BYTES: usize = 22;
const LOCATOR_BYTES: usize = 20;
/// The record, a comment and a locator.
const TAIL_BYTES: u64 = 22 + 65_535 + 20 + 4;

pub(super) fn check(file: &mut File, allowance: &Allowance) -> Result<(), ArchiveFault> {
    let entries = most_entries(file).map_err(|e| ArchiveFault::Unreadable { why: e.to_string() })?;
    match entries > u64::from(allowance.entries) {
        true => Err(ArchiveFault::Entries { entries, max: allowance.entries_max }),
        false => Ok(()),
    }
}

/// The largest number that any possible record at the end gives.
fn most_entries(file: &mut File) -> io::Result<u64> {
    let bytes = file.seek(SeekFrom::End(0))?;
    let start = bytes.saturating_sub(TAIL_BYTES);
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut tail)?;
    let mut most = 0;
    for at in 0..tail.len().saturating_sub(RECORD_BYTES - 1) {
        let record = &tail[at..];
        if !record.starts_with(b"PK\x05\x06") || !may_be_record(record) {
            continue;
        }
        most = most.max(u64::from(u16_at(record, 10)));
        let locator = at.checked_sub(LOCATOR_BYTES).map(|from| &tail[from..at]);
        if let Some(locator) = locator.filter(|locator| locator.starts_with(b"PK\x06\x07")) {
            most = most.max(entries_64(file, u64_at(locator, 8))?);
        }
    }
    file.rewind()?;
    Ok(most)
}

/// Bytes of compressed content that look like the signature by chance do not have a comment that fits as well.
fn may_be_record(record: &[u8]) -> bool {
    RECORD_BYTES + usize::from(u16_at(record, 20)) <= record.len()
}

fn entries_64(file: &mut File, at: u64) -> io::Result<u64> {
    let mut record = Vec::new();
    file.seek(SeekFrom::Start(at))?;
    file.take(40).read_to_end(&mut record)?;
    let is_record = record.len() == 40 && record.starts_with(b"PK\x06\x06");
    Ok(if is_record { u64_at(&record, 32) } else { 0 })
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|b| b.try_into().ok()).map_or(0, u16::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes)
}
