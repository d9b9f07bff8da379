//! How far the runs of a process have come: what they had counted, so that a start knows what of it is nowhere, and how far their
//! sources were, which may outlive the process and go on counting. Written by the ingest thread after each pass of snapshots, and
//! before a closed window is handed on: never older than what can be found of its runs.

use super::{Carry, read_file, replace};
use crate::data::run_name::run_name;
use gridnode_core::base::run::RunName;
use gridnode_core::measure::ingest::RunProgress;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

const PROGRESS: &str = "progress";
const PROGRESS_UNFINISHED: &str = "progress-new";

impl Carry {
    /// Notes how far the runs of this process are.
    pub fn progress(&self, runs: &[RunProgress]) {
        // Where it cannot be written, the snapshots cannot either, and that is said there.
        let _ = replace(runs, &self.progress_path(PROGRESS), &self.progress_path(PROGRESS_UNFINISHED));
    }

    /// What earlier processes have left: the samples that they had counted, by run, and how far sources were that may come
    /// again. From here on the latter are in the file of this process.
    pub(super) fn take_progress(
        &self,
        remarks: &mut Vec<String>,
    ) -> (BTreeMap<RunName, u64>, Vec<RunProgress>) {
        let names = fs::read_dir(&self.dir).into_iter().flatten().flatten().map(|entry| entry.path());
        let parsed = names.filter_map(|path| {
            let (incarnation, what) = path.file_name()?.to_str()?.split_once('.')?;
            let is_one = what == PROGRESS || what == PROGRESS_UNFINISHED;
            is_one.then_some((incarnation.parse().ok()?, path.clone()))
        });
        let mut all: Vec<(u32, PathBuf)> = parsed.collect();
        all.sort();
        let (mut aggregated, mut known) = (BTreeMap::new(), Vec::<RunProgress>::new());
        for (incarnation, path) in &all {
            if path.extension().is_none_or(|what| what != PROGRESS) {
                continue;
            }
            let read = read_file(path).map_err(|error| error.to_string());
            let runs = read.and_then(|bytes| {
                serde_json::from_slice::<Vec<RunProgress>>(&bytes).map_err(|error| error.to_string())
            });
            let runs = runs.unwrap_or_else(|why| {
                remarks.push(format!(
                    "{} cannot be read ({why}): what sources that go on had sent to an earlier process will be called lost",
                    path.display()
                ));
                Vec::new()
            });
            for mut run in runs {
                if let Some(slot) = run.slot.take() {
                    aggregated.insert(run_name(&run.identity, u64::from(*incarnation), slot), run.aggregated);
                }
                // Each start counts its samples as a run of its own.
                (run.identity.run, run.aggregated) = (0, 0);
                // The newest process has heard of it last.
                known.retain(|known| known.identity != run.identity);
                if !run.sources.is_empty() {
                    known.push(run);
                }
            }
        }
        if !known.is_empty() {
            self.progress(&known);
        }
        for (incarnation, path) in all {
            if incarnation != self.incarnation || known.is_empty() {
                let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
            }
        }
        (aggregated, known)
    }

    /// Nobody goes on after this process, if nothing is left in it.
    pub(super) fn forget_progress(&self) {
        let path = self.progress_path(PROGRESS);
        if read_file(&path).is_ok_and(|bytes| bytes == b"[]") {
            let _ = fs::remove_file(path);
        }
    }

    fn progress_path(&self, what: &str) -> PathBuf {
        self.dir.join(format!("{}.{what}", self.incarnation))
    }
}
