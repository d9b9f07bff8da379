//! What a state directory has at a start.

use super::durable::{move_file, replace_in_place, sync_dir, temporary_of, write_durably};
use super::{SpoolError, copies};
use crate::data::regular_file;
use gridnode_core::base::run::RunName;
use gridnode_core::outbound::Start;
use gridnode_core::outbound::pack::Packed;
use gridnode_core::outbound::spool::{
    AsideFile, AsideName, CORRUPT, COUNTERS, FileName, FileText, ListedFile, Listing, QUARANTINE, SPOOL,
    Saved, TEMPORARY, next_incarnation,
};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

/// Far beyond any that is written: 10,000 runs.
const SMALL_FILE_BYTES_MAX: u64 = 16 << 20;

/// How often there was a start.
const INCARNATION: &str = "incarnation";

/// Whether no agent has ever rendered anything here.
pub(super) fn is_new(state_dir: &Path) -> bool {
    let spooled = std::fs::read_dir(state_dir.join(SPOOL)).is_ok_and(|mut dir| dir.next().is_some());
    let written = ["nonce", COUNTERS].iter().any(|name| state_dir.join(name).symlink_metadata().is_ok());
    !spooled && !written
}

/// Reads everything, and makes this start's number durable.
pub(super) fn survey(state_dir: &Path, is_new: bool, remarks: &mut Vec<String>) -> Result<Start, SpoolError> {
    let counters = state_dir.join(COUNTERS);
    let saved = Saved::parse(&read_small(&counters))
        .map_err(|error| SpoolError::State { path: counters.clone(), why: error.to_string() })?;
    if !is_new && counters.symlink_metadata().is_err() {
        remarks.push(format!("{} is gone: accounts of earlier runs begin anew", counters.display()));
    }
    come_back(state_dir, &saved, remarks);
    let mut listing = list(state_dir, remarks)?;
    copies::mark(state_dir, &saved, &mut listing);
    let path = state_dir.join(INCARNATION);
    let incarnation = next_start(state_dir, &saved, &listing, is_new)?;
    match write_durably(&path, incarnation.to_string().as_bytes()) {
        Err(SpoolError::DiskFull { .. }) => say_in_the_accounts(state_dir, &saved, incarnation, remarks)?,
        written => written?,
    }
    [QUARANTINE, CORRUPT].iter().for_each(|dir| remove_unfinished(state_dir, dir));
    let quarantine = usage(&state_dir.join(QUARANTINE));
    let corrupt = by_age(&state_dir.join(CORRUPT));
    let (carried, aside) = (BTreeMap::new(), runs_aside(state_dir));
    Ok(Start { incarnation, writer: 0, saved, listing, carried, aside, quarantine, corrupt })
}

/// The number that the next start has.
fn next_start(state_dir: &Path, saved: &Saved, listing: &Listing, is_new: bool) -> Result<u32, SpoolError> {
    let path = state_dir.join(INCARNATION);
    let names = listing.runs.values().flatten().filter_map(|file| FileName::parse(&file.name));
    let spooled = names.map(|name| name.batch.incarnation).max().unwrap_or(0);
    next_incarnation(&read_small(&path), saved.last_start(), spooled, is_new)
        .map_err(|error| SpoolError::State { path, why: error.to_string() })
}

/// What a start would refuse, but for what is in the spool.
pub(super) fn may_start(state_dir: &Path) -> Result<(), SpoolError> {
    let saved = read_saved(state_dir)?;
    let listing = list(state_dir, &mut Vec::new())?;
    next_start(state_dir, &saved, &listing, is_new(state_dir)).map(drop)
}

fn runs_aside(state_dir: &Path) -> BTreeSet<RunName> {
    let dirs = [QUARANTINE, CORRUPT].into_iter().flat_map(|dir| std::fs::read_dir(state_dir.join(dir)));
    let names = dirs.flatten().flatten().map(|entry| entry.file_name());
    names.filter_map(|name| Some(RunName::from(AsideName::parse(name.to_str()?)?.run.as_str()))).collect()
}

/// Whether a batch of just these bytes is in the spool.
pub(crate) fn holds(state_dir: &Path, listing: &Listing, run: &RunName, packed: &Packed) -> bool {
    let files = listing.runs.get(&*run.0).into_iter().flatten();
    let alike = files.filter(|file| {
        let name = FileName::parse(&file.name);
        file.bytes == packed.body.len() as u64
            && name.is_some_and(|name| (name.points, name.samples) == (packed.points, packed.samples))
    });
    let dir = state_dir.join(SPOOL).join(&*run.0);
    alike.into_iter().any(|file| {
        regular_file::read_itself(&dir.join(&file.name), u64::MAX).is_ok_and(|body| *body == *packed.body)
    })
}

/// The accounts have room where the disk has none: they say the number as well.
fn say_in_the_accounts(
    state_dir: &Path,
    saved: &Saved,
    incarnation: u32,
    remarks: &mut Vec<String>,
) -> Result<(), SpoolError> {
    let path = state_dir.join(COUNTERS);
    let started = Saved { last_start: incarnation, ..saved.clone() };
    let text = serde_json::to_vec(&started).map_err(|e| SpoolError::io("encode", &path, e.into()))?;
    replace_in_place(&path, &text)?;
    remarks.push(format!("the disk of {} is full: free some space", state_dir.display()));
    Ok(())
}

/// The accounts.
pub(super) fn read_saved(state_dir: &Path) -> Result<Saved, SpoolError> {
    let path = state_dir.join(COUNTERS);
    Saved::parse(&read_small(&path)).map_err(|error| SpoolError::State { path, why: error.to_string() })
}

/// Moves the batches into the spool that are counted there already; gives those that could not be moved. One that is gone will be
/// missed by its account.
pub(super) fn come_back(state_dir: &Path, saved: &Saved, remarks: &mut Vec<String>) -> Vec<String> {
    let mut left = Vec::new();
    for path in &saved.returning {
        let Some(name) = path.rsplit('/').next().and_then(AsideName::parse) else { continue };
        let (from, to) = (state_dir.join(path), state_dir.join(name.path_in_spool()));
        let Some(dir) = to.parent() else { continue };
        let moved = std::fs::create_dir_all(dir).and_then(|()| match move_file(&from, &to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            renamed => renamed,
        });
        match moved {
            Ok(()) => {
                drop(sync_dir(dir));
                drop(sync_dir(&state_dir.join(SPOOL)));
                let mut reason = from.into_os_string();
                reason.push(".reason");
                drop(std::fs::remove_file(reason));
            }
            Err(error) => {
                remarks.push(format!("failed to move {} back into the spool: {error}", from.display()));
                left.push(path.clone());
            }
        }
    }
    left
}

fn read_small(path: &Path) -> FileText {
    match read_file(path) {
        Ok(bytes) => FileText::Text(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => FileText::Absent,
        Err(error) => FileText::Unreadable(error.to_string()),
    }
}

/// A small file.
pub(super) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    regular_file::read(path, SMALL_FILE_BYTES_MAX)
}

/// What has the name of the accounts' second file and is none would keep them from being written.
pub(super) fn move_away_what_is_no_file(state_dir: &Path, remarks: &mut Vec<String>) {
    let spare = temporary_of(&state_dir.join(COUNTERS));
    if spare.symlink_metadata().is_ok_and(|found| !found.is_file()) {
        let to = state_dir.join(CORRUPT).join(format!("{COUNTERS}{TEMPORARY}.{}", std::process::id()));
        match std::fs::rename(&spare, &to) {
            Ok(()) => remarks.push(format!("{} is not a file and is set aside", spare.display())),
            Err(error) => {
                remarks.push(format!("failed to set {} aside: {error}; move it away", spare.display()))
            }
        }
    }
}

fn list(state_dir: &Path, remarks: &mut Vec<String>) -> Result<Listing, SpoolError> {
    let root = state_dir.join(SPOOL);
    let entries = std::fs::read_dir(&root).map_err(|e| SpoolError::io("read the directory", &root, e))?;
    let mut listing = Listing::default();
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(name) = entry.file_name().into_string() else {
            remarks.push(format!("{} has a name that is no text, and is left alone", path.display()));
            continue;
        };
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            listing.strays.push(name);
            continue;
        }
        // Empty ones are litter of runs long gone; others do not let themselves be removed.
        if std::fs::remove_dir(&path).is_ok() {
            continue;
        }
        match std::fs::read_dir(&path) {
            Ok(files) => drop(
                listing
                    .runs
                    .insert(name, files.flatten().filter_map(|file| listed(&file, remarks)).collect()),
            ),
            Err(error) => {
                remarks.push(format!("{} cannot be read ({error}) and is left alone", path.display()))
            }
        }
    }
    Ok(listing)
}

fn listed(entry: &std::fs::DirEntry, remarks: &mut Vec<String>) -> Option<ListedFile> {
    let Ok(name) = entry.file_name().into_string() else {
        remarks.push(format!("{} has a name that is no text, and is left alone", entry.path().display()));
        return None;
    };
    // Links are not followed: whoever made one has not made a batch.
    let metadata = entry.metadata().ok().filter(std::fs::Metadata::is_file);
    Some(ListedFile {
        name,
        bytes: metadata.as_ref().map_or(0, std::fs::Metadata::len),
        is_file: metadata.is_some(),
    })
}

/// Files by the time of their last change, which a rename is not. What else lies there is nobody's to remove.
fn by_age(dir: &Path) -> Vec<AsideFile> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .filter_map(|entry| {
            let found = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            let name = entry.file_name().into_string().ok()?;
            Some((found.modified().ok(), AsideFile { name, bytes: found.len() }))
        })
        .collect();
    files.sort_by(|(one, a), (other, b)| (one, &a.name).cmp(&(other, &b.name)));
    files.into_iter().map(|(_, file)| file).collect()
}

/// Copies that a kill has left half made: what they are of is where it was. Whatever else has such a name was given it by
/// somebody.
fn remove_unfinished(state_dir: &Path, dir: &str) {
    for entry in std::fs::read_dir(state_dir.join(dir)).into_iter().flatten().flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let Some(whole) = name.strip_suffix(TEMPORARY) else { continue };
        let is_reason = whole.strip_suffix(".reason").is_some_and(|of| AsideName::parse(of).is_some());
        let original = AsideName::parse(whole).map(|of| state_dir.join(of.path_in_spool()));
        if is_reason || original.is_some_and(|original| original.symlink_metadata().is_ok()) {
            drop(std::fs::remove_file(entry.path()));
        }
    }
}

/// Files and their bytes.
fn usage(dir: &Path) -> (usize, u64) {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.fold((0, 0), |(files, bytes), entry| {
        (files + 1, bytes + entry.metadata().map_or(0, |metadata| metadata.len()))
    })
}
