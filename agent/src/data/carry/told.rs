//! What a run's `ledger_sum` points have said until now. A snapshot of a window may be older than the last of them: without
//! this its account would be said twice, and what was said and is nowhere would be in no account.

use super::{Carry, read_file, replace};
use gridnode_core::base::run::RunName;
use gridnode_core::measure::ledger::SampleAccount;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

const TOLD: &str = "told";
const TOLD_UNFINISHED: &str = "told-new";

#[derive(Serialize, Deserialize)]
struct Told {
    run: String,
    total: SampleAccount,
}

impl Carry {
    /// Notes what a run has said; before the batch that says it is handed on.
    pub fn told(&self, slot: u32, run: &RunName, total: &SampleAccount) {
        let told = Told { run: run.to_string(), total: *total };
        // Where it cannot be written, a kill has its account said twice, unless a snapshot is taken before: as bad as without any
        // of these files. What was noted before is old then, and goes: it would have that snapshot's account said twice, too.
        let (path, unfinished) = (self.told_path(slot, TOLD), self.told_path(slot, TOLD_UNFINISHED));
        match replace(&told, &path, &unfinished) {
            Ok(()) => self.gone.is_back(&path),
            Err(_) => {
                let _ = fs::remove_file(&unfinished);
                self.gone.remove(&path);
            }
        }
    }

    /// The run has said its last word.
    pub fn told_all(&self, slot: u32) {
        self.gone.remove(&self.told_path(slot, TOLD));
    }

    /// What runs of killed processes had said, by name, and where.
    pub(super) fn read_told(&self) -> (BTreeMap<RunName, SampleAccount>, Vec<PathBuf>) {
        let (mut all, mut files) = (BTreeMap::new(), Vec::new());
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(&format!(".{TOLD}")) && !self.gone.has(&entry.path()) {
                let read = read_file(&entry.path()).ok();
                if let Some(told) = read.and_then(|bytes| serde_json::from_slice::<Told>(&bytes).ok()) {
                    all.insert(RunName::from(told.run.as_str()), told.total);
                }
            }
            if name.ends_with(&format!(".{TOLD}")) || name.ends_with(&format!(".{TOLD_UNFINISHED}")) {
                files.push(entry.path());
            }
        }
        (all, files)
    }

    fn told_path(&self, slot: u32, what: &str) -> PathBuf {
        self.dir.join(format!("{}.{slot}.{what}", self.incarnation))
    }
}
