//! A state directory from outside, for a person: what waits, what lies aside and why, and sending it again.

use super::durable::replace_in_place;
use super::lock::StateLock;
use super::operate::read_body;
use super::proof::prove;
use super::survey::{come_back, read_saved};
use super::{SpoolError, copies, layout, survey};
use crate::data::regular_file;
use gridnode_core::outbound::delivery::{Amount, QuarantineReason};
use gridnode_core::outbound::pack;
use gridnode_core::outbound::spool::{
    AsideName, AsideWhy, CORRUPT, COUNTERS, FileName, QUARANTINE, SPOOL, Saved, SavedRun,
};
use std::collections::HashMap;
use std::fs::DirEntry;
use std::path::Path;

/// Of a sentence beside a batch.
const REASON_BYTES_MAX: u64 = 16 << 10;

/// Of a copy, out of a backup for example.
const COUNTED: &str = "a copy of a batch that was delivered, given up or halved, and is counted so";

/// Where a batch lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// It waits for the Drain.
    Spool,
    /// The Drain will not have it.
    Quarantine,
    /// It cannot be read.
    Corrupt,
}

/// A batch in a file.
#[derive(Debug, Clone)]
pub struct StoredBatch {
    /// Where it lies.
    pub place: Place,
    /// Its path below the state directory: what commands name it by.
    pub name: String,
    /// Whose it is.
    pub run: String,
    /// What its name says.
    pub file: FileName,
    /// Its size.
    pub bytes: u64,
    /// Why it lies aside, as far as that was written down.
    pub reason: Option<String>,
}

impl StoredBatch {
    /// Its lines.
    ///
    /// # Errors
    /// When it cannot be read, or is not a batch.
    pub fn lines(&self, state_dir: &Path) -> Result<Vec<u8>, SpoolError> {
        let path = state_dir.join(&self.name);
        pack::unpack(&read_body(&path)?).map_err(|why| SpoolError::Corrupt { path, why })
    }

    /// What is wrong with it, if anything. What an agent has delivered, split or moved since it was listed is not.
    ///
    /// # Errors
    /// What.
    pub fn verify(&self, state_dir: &Path) -> Result<(), String> {
        let path = state_dir.join(&self.name);
        let body = match read_body(&path) {
            Err(_) if is_gone(&path) => return Ok(()),
            body => body.map_err(|error| error.to_string())?,
        };
        let FileName { points, samples, .. } = self.file;
        prove(&body, None, points, samples).map_err(|why| format!("{}: {why}", self.name))
    }

    fn why(&self) -> AsideWhy {
        let uncertain =
            || self.reason.as_ref().is_some_and(|why| why.starts_with(QuarantineReason::UNCERTAIN));
        match self.place {
            Place::Corrupt => AsideWhy::Unreadable,
            _ if uncertain() => AsideWhy::Uncertain,
            _ => AsideWhy::Refused,
        }
    }
}

fn is_gone(path: &Path) -> bool {
    path.symlink_metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

/// Every batch of a state directory, those that wait first, then by age. Other files are passed over, and so is what is in the
/// spool only until its file can be removed.
///
/// # Errors
/// When there is no state directory, or its spool cannot be read.
pub fn list(state_dir: &Path) -> Result<Vec<StoredBatch>, SpoolError> {
    let spool = state_dir.join(SPOOL);
    let entries = std::fs::read_dir(&spool).map_err(|e| SpoolError::io("read the directory", &spool, e))?;
    let mut batches = Vec::new();
    let Saved { leaving, finished, .. } = read_saved(state_dir).unwrap_or_default();
    for run in entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
        let name = run.file_name().to_string_lossy().into_owned();
        for entry in std::fs::read_dir(run.path()).into_iter().flatten().flatten() {
            let Some(file) = FileName::parse(&entry.file_name().to_string_lossy()) else { continue };
            let mut batch = stored(Place::Spool, &entry, &format!("{SPOOL}/{name}"), name.clone(), file);
            let whole = file.whole();
            if let Some(leaving) = leaving.iter().find(|leaving| leaving.batch == whole) {
                // Its account says already what the disk has had no room for.
                batch.place = match (&leaving.quarantine_reason, leaving.corrupt) {
                    (Some(_), _) => Place::Quarantine,
                    (None, true) => Place::Corrupt,
                    (None, false) => continue,
                };
                batch.reason.clone_from(&leaving.quarantine_reason);
            } else if finished.has(file.batch) {
                // The next start sets it aside.
                batch.place = Place::Corrupt;
            }
            batches.push(batch);
        }
    }
    for (place, dir) in [(Place::Quarantine, QUARANTINE), (Place::Corrupt, CORRUPT)] {
        for entry in std::fs::read_dir(state_dir.join(dir)).into_iter().flatten().flatten() {
            let Some(name) = AsideName::parse(&entry.file_name().to_string_lossy()) else { continue };
            batches.push(stored(place, &entry, dir, name.run, name.file));
        }
    }
    for batch in
        batches.iter_mut().filter(|batch| batch.place != Place::Spool && finished.has(batch.file.batch))
    {
        batch.reason = Some(COUNTED.to_owned());
    }
    batches.sort_by_key(|batch| (batch.place, batch.file.created_ms, batch.file.batch));
    Ok(batches)
}

fn stored(place: Place, entry: &DirEntry, dir: &str, run: String, file: FileName) -> StoredBatch {
    let mut reason = entry.path().into_os_string();
    reason.push(".reason");
    let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
    let read = || regular_file::read_itself(Path::new(&reason), REASON_BYTES_MAX).ok();
    let said = || read().map(|text| String::from_utf8_lossy(&text).trim().to_owned());
    StoredBatch {
        place,
        name: format!("{dir}/{}", entry.file_name().to_string_lossy()),
        run,
        file,
        bytes: entry.metadata().map_or(0, |metadata| metadata.len()),
        reason: if is_file { said() } else { Some("no batch: it is not a file".to_owned()) },
    }
}

/// Which of these may go back: each once, none whose name is not true, and none that is a copy of another one under another
/// name, here or in the spool. Else its samples would be counted twice, although the Drain keeps them once.
///
/// # Errors
/// With the first that may not, or when an agent is at work on the directory.
pub fn replayable(state_dir: &Path, chosen: &[StoredBatch]) -> Result<Vec<StoredBatch>, String> {
    let _lock = StateLock::take(state_dir).map_err(|error| error.to_string())?;
    let waiting = list(state_dir).map_err(|error| error.to_string())?;
    let finished = read_saved(state_dir).map_err(|error| error.to_string())?.finished;
    let digest = |batch: &StoredBatch| {
        let lines = batch.lines(state_dir).map_err(|error| error.to_string())?;
        Ok::<_, String>(ring::digest::digest(&ring::digest::SHA256, &lines).as_ref().to_vec())
    };
    let mut known = HashMap::new();
    for batch in waiting.iter().filter(|batch| batch.place == Place::Spool) {
        // One that cannot be read is said when it is to be delivered.
        if let Ok(digest) = digest(batch) {
            known.insert(digest, batch.name.clone());
        }
    }
    let mut kept: Vec<StoredBatch> = Vec::new();
    for batch in chosen {
        if kept.iter().any(|other| other.name == batch.name) {
            continue;
        }
        batch.verify(state_dir)?;
        if is_gone(&state_dir.join(&batch.name)) {
            return Err(format!("{} is gone: list what there is once more", batch.name));
        }
        if finished.has(batch.file.batch) {
            return Err(format!("{} is {COUNTED}: remove it with `gridnode spool drop`", batch.name));
        }
        if let Some(other) = known.insert(digest(batch)?, batch.name.clone()) {
            return Err(format!("{} is a copy of {other}: remove it with `gridnode spool drop`", batch.name));
        }
        kept.push(batch.clone());
    }
    Ok(kept)
}

/// Puts batches that lie aside back into the spool, accounts and all: the next agent on this directory sends them again.
///
/// # Errors
/// When an agent is at work on the directory, or the accounts cannot be read or written; then nothing was moved.
pub fn replay(state_dir: &Path, batches: &[StoredBatch]) -> Result<Vec<String>, SpoolError> {
    let _lock = StateLock::take(state_dir)?;
    let mut saved = read_saved(state_dir)?;
    // Those that one before, which was interrupted, has counted as spooled: they are on their way.
    let counted = saved.returning.clone();
    let is_new = |batch: &&StoredBatch| batch.place != Place::Spool && !counted.contains(&batch.name);
    for batch in batches.iter().filter(is_new) {
        let name = AsideName { run: batch.run.clone(), file: batch.file };
        saved.take_back(&name, batch.why());
    }
    let mut remarks = Vec::new();
    write(state_dir, &saved)?;
    saved.returning = come_back(state_dir, &saved, &mut remarks);
    write(state_dir, &saved)?;
    Ok(remarks)
}

/// Removes batches that lie aside. Their samples stay where the accounts have them.
///
/// # Errors
/// When an agent is at work on the directory, or a file cannot be removed.
pub fn remove(state_dir: &Path, batches: &[StoredBatch]) -> Result<(), SpoolError> {
    let _lock = StateLock::take(state_dir)?;
    for batch in batches.iter().filter(|batch| batch.place != Place::Spool) {
        for path in [batch.name.clone(), format!("{}.reason", batch.name)] {
            let path = state_dir.join(path);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(SpoolError::io("remove", &path, error));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// What was removed from `corrupt` for want of room: files, and their samples.
///
/// # Errors
/// When the accounts cannot be read.
pub fn corrupt_removed(state_dir: &Path) -> Result<Amount, SpoolError> {
    read_saved(state_dir).map(|saved| saved.corrupt_removed)
}

/// What is wrong with batches that wait or were refused, beside each by itself: those that are copies of others, and would
/// count twice.
#[must_use]
pub fn copied(state_dir: &Path, batches: &[StoredBatch]) -> Vec<String> {
    let counted = batches.iter().filter(|batch| batch.place != Place::Corrupt);
    let files = counted.map(|batch| (batch.name.clone(), batch.file, batch.bytes));
    let copies = copies::find(state_dir, files, |_, _| true);
    copies.into_iter().map(|(path, other)| format!("{path}: it is a copy of {other}")).collect()
}

/// Samples of a run that are neither delivered nor in any file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LostOfRun {
    /// Its name.
    pub run: String,
    /// Given up for the spool's bounds.
    pub evicted: u64,
    /// Gone, and no account says why.
    pub unexplained: u64,
    /// Not durable when the agent was killed.
    pub lost_restart: u64,
}

/// What the accounts say of them.
///
/// # Errors
/// When they cannot be read.
pub fn lost(state_dir: &Path) -> Result<Vec<LostOfRun>, SpoolError> {
    let of_run = |(run, saved): (String, SavedRun)| LostOfRun {
        run,
        evicted: saved.account.evicted.samples,
        unexplained: saved.account.unexplained.samples,
        lost_restart: saved.lost_restart,
    };
    let all = read_saved(state_dir)?.runs.into_iter().map(of_run);
    Ok(all.filter(|lost| lost.evicted + lost.unexplained + lost.lost_restart > 0).collect())
}

/// Whether the accounts and whatever else a start needs can be read.
///
/// # Errors
/// Why not.
pub fn verify_accounts(state_dir: &Path) -> Result<(), SpoolError> {
    layout::is_known(state_dir)?;
    survey::may_start(state_dir)
}

fn write(state_dir: &Path, saved: &Saved) -> Result<(), SpoolError> {
    let path = state_dir.join(COUNTERS);
    let text = serde_json::to_vec(saved).map_err(|e| SpoolError::io("encode", &path, e.into()))?;
    replace_in_place(&path, &text)
}
