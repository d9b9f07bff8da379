//! What is there at start: batches to deliver, the rest tidied up. Nothing found here keeps the agent from starting.

use super::durable::TEMPORARY;
use super::file_name::FileName;
use super::{BatchFile, SavedAccounts, Spool, SpoolError};
use gridnode_core::base::run::RunName;
use gridnode_core::base::time::Wall;
use gridnode_core::outbound::delivery::{BatchId, SpooledBatch};
use std::collections::BTreeSet;
use std::fs::DirEntry;
use std::path::Path;

/// What [`Spool::open`] found.
#[derive(Debug, Default)]
pub struct SpoolContents {
    /// Batches to be delivered, oldest first.
    pub batches: Vec<BatchFile>,
    /// The counters as they were last made durable.
    pub saved: SavedAccounts,
    /// Files moved to `corrupt`.
    pub corrupt: u64,
    /// Sentences for the log.
    pub remarks: Vec<String>,
}

impl Spool {
    pub(super) fn scan(&mut self, found: &mut SpoolContents) -> Result<(), SpoolError> {
        let root = self.state_dir.join("spool");
        let runs = std::fs::read_dir(&root).map_err(|e| SpoolError::io("read the directory", &root, e))?;
        let mut named = Vec::new();
        for run in runs.flatten() {
            if !run.path().is_dir() {
                self.set_aside_at_start(&run.path(), "it is not a run's directory", found);
                continue;
            }
            // Empty ones are litter of runs long gone; others do not let themselves be removed.
            if std::fs::remove_dir(run.path()).is_err() {
                self.scan_run(&run, &mut named, found);
            }
        }
        self.finish_what_was_begun(named, found);
        found.batches.sort_by_key(|f| (f.batch.created, f.batch.batch));
        Ok(())
    }

    fn scan_run(
        &mut self,
        run: &DirEntry,
        named: &mut Vec<(FileName, BatchFile)>,
        found: &mut SpoolContents,
    ) {
        let Ok(entries) = std::fs::read_dir(run.path()) else {
            found.remarks.push(format!("{} cannot be read and is left alone", run.path().display()));
            return;
        };
        let run_name = RunName::from(&*run.file_name().to_string_lossy());
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(TEMPORARY) {
                drop(std::fs::remove_file(&path));
                continue;
            }
            let bytes = entry.metadata().ok().filter(std::fs::Metadata::is_file).map_or(0, |m| m.len());
            match FileName::parse(&name) {
                Some(file_name) if bytes > 0 => {
                    let batch = SpooledBatch {
                        batch: file_name.batch,
                        run: run_name.clone(),
                        bytes,
                        points: file_name.points,
                        samples: file_name.samples,
                        created: Wall(file_name.created_ms.saturating_mul(1_000_000)),
                    };
                    named.push((file_name, BatchFile { batch, path, unproven: true }));
                }
                Some(_) => self.set_aside_at_start(&path, "it is empty", found),
                None => self.set_aside_at_start(&path, "its name is not a batch's", found),
            }
        }
    }

    /// Undoes splits whose parent is still there; ends the leaving of a batch that was counted as gone; sets aside the
    /// second of two files with one id.
    fn finish_what_was_begun(&mut self, named: Vec<(FileName, BatchFile)>, found: &mut SpoolContents) {
        let present: BTreeSet<BatchId> = named.iter().map(|(name, _)| name.batch).collect();
        let mut seen = BTreeSet::new();
        for (name, file) in named {
            let whole_name = FileName::of(&file.batch).to_string();
            let leaving = found.saved.leaving.iter().find(|l| l.batch == whole_name);
            if name.parent.is_some_and(|parent| present.contains(&parent)) {
                drop(std::fs::remove_file(&file.path));
            } else if let Some(leaving) = leaving {
                let left = match &leaving.quarantine_reason {
                    Some(reason) => self.move_to_quarantine(&file, &reason.clone()),
                    None => self.delete(&file),
                };
                found.remarks.extend(left.err().map(|e| e.to_string()));
            } else if seen.insert(name.batch) {
                found.batches.push(file);
            } else {
                self.set_aside_at_start(&file.path, "another file has its number", found);
            }
        }
    }

    fn set_aside_at_start(&mut self, path: &Path, why: &str, found: &mut SpoolContents) {
        found.corrupt += 1;
        let to = self.move_to_corrupt(path);
        let remark = match to {
            Ok(to) => format!("{} is set aside as {}: {why}", path.display(), to.display()),
            Err(error) => format!("{} cannot be used ({why}) nor moved: {error}", path.display()),
        };
        found.remarks.push(remark);
    }
}

/// The highest incarnation in the names of spooled batches, 0 without any.
pub(super) fn highest_incarnation(state_dir: &Path) -> u32 {
    let runs = std::fs::read_dir(state_dir.join("spool")).into_iter().flatten().flatten();
    let files = runs.flat_map(|run| std::fs::read_dir(run.path()).into_iter().flatten().flatten());
    let names = files.filter_map(|file| FileName::parse(&file.file_name().to_string_lossy()));
    names.map(|name| name.batch.incarnation).max().unwrap_or(0)
}
