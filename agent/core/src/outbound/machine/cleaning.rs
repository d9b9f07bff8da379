//! Batches that are gone by the accounts, and whose files have yet to go.

use super::retry::Retry;
use super::{Outbound, Purpose, StoredFile, write_and_rename};
use crate::base::run::RunName;
use crate::base::time::{Mono, Now};
use crate::outbound::delivery::{BatchId, QuarantineReason};
use crate::outbound::spool::{
    AsideFile, CORRUPT, Fault, LeavingFile, Operation, QUARANTINE, aside_name, run_dir,
};
use std::collections::{BTreeMap, BTreeSet};

/// Files of one job.
pub(super) const JOB_FILES_MAX: usize = 256;
/// Batches in the quarantine that are said one by one.
const QUARANTINES_SAID_MAX: u32 = 10;

/// See the module's head.
#[derive(Debug, Default)]
pub(super) struct Cleaning {
    leaving: BTreeMap<BatchId, Leaving>,
    /// Paths that must be gone before the batch's own file: parts of a split that did not happen.
    first: BTreeMap<BatchId, Vec<String>>,
    pub(super) quarantine: Aside,
    /// Runs of which something lies aside: whoever sends it again wants their accounts.
    pub(super) runs_aside: BTreeSet<RunName>,
    quarantines_said: u32,
    retry: Retry,
}

/// What the quarantine has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Aside {
    pub(super) files: usize,
    pub(super) bytes: u64,
}

#[derive(Debug)]
struct Leaving {
    file: StoredFile,
    whole: String,
    quarantine_reason: Option<String>,
    corrupt: bool,
    counted: Counted,
}

/// How far its account is on its way to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted {
    InMemory,
    BeingSaved,
    /// Its file may go.
    Durable,
    /// Its file is going.
    Going,
}

impl Cleaning {
    pub(super) fn is_empty(&self) -> bool {
        self.leaving.is_empty()
    }

    /// What is left is in the accounts, and could not be moved or removed.
    pub(super) fn is_stuck(&self) -> bool {
        self.retry.is_failing() && self.leaving.values().all(|leaving| leaving.counted == Counted::Durable)
    }

    pub(super) fn to_save(&self) -> Vec<LeavingFile> {
        let file = |leaving: &Leaving| LeavingFile {
            batch: leaving.whole.clone(),
            quarantine_reason: leaving.quarantine_reason.clone(),
            corrupt: leaving.corrupt,
        };
        self.leaving.values().map(file).collect()
    }

    pub(super) fn being_saved(&mut self) {
        self.step(Counted::InMemory, Counted::BeingSaved);
    }

    pub(super) fn were_saved(&mut self) {
        self.step(Counted::BeingSaved, Counted::Durable);
    }

    /// On a full disk room comes before accounts: what would be removed is removed, and should a crash come before the
    /// accounts are durable, it is `unexplained`, never delivered twice.
    pub(super) fn were_not_saved(&mut self, full: bool) {
        self.step(Counted::BeingSaved, Counted::InMemory);
        if full {
            for leaving in self.leaving.values_mut().filter(|leaving| leaving.is_to_be_removed()) {
                if leaving.counted == Counted::InMemory {
                    leaving.counted = Counted::Durable;
                }
            }
        }
    }

    fn step(&mut self, from: Counted, to: Counted) {
        self.leaving.values_mut().filter(|leaving| leaving.counted == from).for_each(|l| l.counted = to);
    }

    /// Parts that an attempt to split `whole` may leave. Gives those of earlier attempts under other names.
    pub(super) fn goes_after(&mut self, whole: BatchId, paths: Vec<String>) -> Vec<String> {
        let known = self.first.entry(whole).or_default();
        let others = known.iter().filter(|path| !paths.contains(path)).cloned().collect();
        known.extend(paths);
        known.sort_unstable();
        known.dedup();
        others
    }

    /// They are batches of their own now.
    pub(super) fn forget_parts(&mut self, whole: BatchId) {
        self.first.remove(&whole);
    }

    pub(super) fn found(&mut self, id: BatchId, file: StoredFile, whole: String, how: LeavingFile) {
        let LeavingFile { quarantine_reason, corrupt, .. } = how;
        let counted = Counted::Durable;
        self.leaving.insert(id, Leaving { file, whole, quarantine_reason, corrupt, counted });
    }
}

impl Leaving {
    fn is_to_be_removed(&self) -> bool {
        self.quarantine_reason.is_none() && !self.corrupt
    }

    /// What lies in `corrupt` when it is there.
    fn in_corrupt(&self) -> Option<AsideFile> {
        let name = aside_name(&self.file.run.0, &self.file.name.to_string());
        (self.quarantine_reason.is_none() && self.corrupt)
            .then_some(AsideFile { name, bytes: self.file.bytes })
    }

    /// Where it goes, if not to nowhere.
    fn target(&self) -> Option<String> {
        let dir = match (&self.quarantine_reason, self.corrupt) {
            (Some(_), _) => QUARANTINE,
            (None, true) => CORRUPT,
            (None, false) => return None,
        };
        Some(format!("{dir}/{}", aside_name(&self.file.run.0, &self.file.name.to_string())))
    }
}

impl Outbound {
    /// The batch is counted as gone already; its file goes when that is durable.
    pub(super) fn leaves(&mut self, id: BatchId, quarantine_reason: Option<String>, corrupt: bool) {
        let Some(file) = self.files.remove(&id) else { return };
        let held = self.unhold(id);
        if let Some((origin, held)) = held.as_ref().and_then(|held| Some((held.origin?, held))) {
            self.releases(origin, &held.packed);
        }
        if held.is_some_and(|held| !held.attempted) {
            // It was posted from memory, or given up there: there never was a file.
            self.saving.dirty = true;
            return;
        }
        if quarantine_reason.is_none() && !corrupt {
            self.finished.add(id);
        }
        self.finished_with(file.name.parent);
        if quarantine_reason.is_some() {
            self.cleaning.quarantine.files += 2;
            self.cleaning.quarantine.bytes += file.bytes;
        }
        if quarantine_reason.is_some() || corrupt {
            self.cleaning.runs_aside.insert(file.run.clone());
        }
        let whole = file.name.whole();
        let counted = Counted::InMemory;
        self.cleaning.leaving.insert(id, Leaving { file, whole, quarantine_reason, corrupt, counted });
        self.saving.dirty = true;
        self.look_at_the_quarantine();
    }

    /// The whole that has gone in parts can stand for them no longer.
    pub(super) fn finished_with(&mut self, whole: Option<BatchId>) {
        whole.into_iter().for_each(|whole| self.finished.add(whole));
    }

    pub(super) fn look_at_the_quarantine(&mut self) {
        let Aside { files, bytes } = self.cleaning.quarantine;
        let full = files + 2 > self.settings.aside_files_max || bytes >= self.settings.aside_bytes_max;
        self.delivery.set_quarantine_full(full);
    }

    pub(super) fn clean_due(&self) -> Option<Mono> {
        let cleaning = self.is_under_way(|purpose| matches!(purpose, Purpose::Clean(_)));
        let any = self.cleaning.leaving.values().any(|leaving| leaving.counted == Counted::Durable);
        (any && !cleaning && self.settling.is_over()).then(|| self.cleaning.retry.at())
    }

    pub(super) fn clean_if_due(&mut self, now: Now) {
        if self.clean_due().is_none_or(|at| at > now.mono) {
            return;
        }
        let mut parts = Vec::new();
        let (mut removals, mut moves) = (Vec::new(), Vec::new());
        let (mut dirs, mut part_dirs, mut ids) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        let durable = |leaving: &&mut Leaving| leaving.counted == Counted::Durable;
        let going = self.cleaning.leaving.iter_mut().filter(|(_, leaving)| durable(leaving));
        for (id, leaving) in going.take(JOB_FILES_MAX) {
            leaving.counted = Counted::Going;
            let dir = run_dir(&leaving.file.run.0);
            for path in self.cleaning.first.get(id).into_iter().flatten() {
                parts.push(Operation::Unlink(path.clone()));
                part_dirs.insert(dir.clone());
            }
            dirs.insert(dir);
            match leaving.target() {
                None => removals.push(Operation::Unlink(leaving.file.path())),
                Some(to) => {
                    if let Some(reason) = &leaving.quarantine_reason {
                        let text = format!("{reason}\n").into_bytes();
                        moves.extend(write_and_rename(&format!("{to}.reason"), text.into()));
                    }
                    moves.push(Operation::Rename { from: leaving.file.path(), to, done_before: true });
                }
            }
            ids.push(*id);
        }
        let sync = |dirs: BTreeSet<String>| dirs.into_iter().map(Operation::SyncDir);
        let aside =
            if moves.is_empty() { BTreeSet::new() } else { [QUARANTINE, CORRUPT].map(String::from).into() };
        let mut operations = parts;
        operations.extend(sync(part_dirs));
        operations.extend(removals);
        operations.extend(moves);
        operations.extend(sync(aside));
        operations.extend(sync(dirs));
        self.job(Purpose::Clean(ids), operations);
    }

    pub(super) fn cleaned(&mut self, now: Now, ids: Vec<BatchId>, result: Result<(), (usize, Fault)>) {
        match result {
            Ok(()) => {
                self.cleaning.retry.succeeded();
                let mut corrupt = Vec::new();
                for id in ids {
                    self.cleaning.first.remove(&id);
                    if let Some(leaving) = self.cleaning.leaving.remove(&id) {
                        corrupt.extend(leaving.in_corrupt());
                    }
                }
                self.lie_in_corrupt(corrupt);
                // Until then the file names what is not there any more, which does no harm.
                self.saving.dirty = true;
            }
            Err((_, fault)) => {
                self.cleaning.step(Counted::Going, Counted::Durable);
                if self.cleaning.retry.failed(now.mono, self.settings.disk_retry_ns) {
                    self.warn(format!("{}. Until then it takes room and does no harm", fault.sentence));
                }
            }
        }
    }

    /// Says the first few; a Drain that refuses everything would fill the log with the rest.
    pub(super) fn say_quarantined(&mut self, batch: BatchId, reason: &QuarantineReason) {
        self.cleaning.quarantines_said += 1;
        let said = self.cleaning.quarantines_said;
        if said <= QUARANTINES_SAID_MAX {
            let more = "; further ones are counted and not said, the quarantine directory has them all";
            let more = if said == QUARANTINES_SAID_MAX { more } else { "" };
            self.warn(format!("batch {batch} is in the quarantine: {reason}{more}"));
        }
    }
}
