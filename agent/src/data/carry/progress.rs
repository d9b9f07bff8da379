//! How far the runs of a process have come: what they had counted, so that a start knows what of it is nowhere, and how far their
//! sources were, which may outlive the process and go on counting. Written before anything else can be found that is of later:
//! never older than what can be found of its runs ([`super::Notes`]). Notes have numbers: while a process works, first the one
//! place has no room for them and then the other, and what lies in either may be old.

use super::{Carry, read_file, replace};
use crate::data::run_name::run_name;
use gridnode_core::base::run::RunName;
use gridnode_core::measure::ingest::RunProgress;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const PROGRESS: &str = "progress";
const PROGRESS_UNFINISHED: &str = "progress-new";

/// What earlier processes have noted.
#[derive(Debug, Default)]
pub struct Earlier {
    /// Samples that they had counted, by run.
    pub aggregated: BTreeMap<RunName, u64>,
    /// How far sources were that may come again.
    pub known: Vec<RunProgress>,
    /// Where that is said. It stays until the accounts have it: a start may be killed, too.
    pub files: Vec<PathBuf>,
}

/// What a file says. The later of a process have the higher numbers.
#[derive(Serialize, Deserialize)]
struct Note<R> {
    number: u64,
    runs: R,
}

impl Carry {
    /// Notes how far the runs of this process are.
    ///
    /// # Errors
    /// When there is no room.
    pub fn progress(&self, number: u64, runs: &[RunProgress]) -> io::Result<()> {
        self.make()?;
        write(&self.dir, self.incarnation, number, runs)
    }

    /// There was no room for all of it.
    pub(super) fn drop_unfinished_progress(&self) {
        let _ = fs::remove_file(path(&self.dir, self.incarnation, PROGRESS_UNFINISHED));
    }

    /// Nobody goes on after this process, if nothing is left in it.
    pub(super) fn forget_progress(&self) {
        let path = path(&self.dir, self.incarnation, PROGRESS);
        if read(&path).is_ok_and(|(_, runs)| runs.is_empty()) {
            let _ = fs::remove_file(path);
        }
    }
}

impl Earlier {
    /// What is in these directories.
    pub(super) fn read(dirs: &[&Path], remarks: &mut Vec<String>) -> Self {
        let names = dirs.iter().flat_map(|dir| fs::read_dir(dir).into_iter().flatten().flatten());
        let parsed = names.map(|entry| entry.path()).filter_map(|path| {
            let (incarnation, what) = path.file_name()?.to_str()?.split_once('.')?;
            let is_one = what == PROGRESS || what == PROGRESS_UNFINISHED;
            is_one.then_some((incarnation.parse::<u32>().ok()?, path.clone()))
        });
        let mut earlier = Self::default();
        // Of each process the newest, and those that are as new, in the order of the directories.
        let mut newest = BTreeMap::<u32, (u64, Vec<RunProgress>)>::new();
        for (incarnation, path) in parsed {
            if path.extension().is_some_and(|what| what == PROGRESS) {
                match read(&path) {
                    Ok((number, runs)) => {
                        let known = newest.entry(incarnation).or_default();
                        match number.cmp(&known.0) {
                            Ordering::Less => {}
                            Ordering::Equal => known.1.extend(runs),
                            Ordering::Greater => *known = (number, runs),
                        }
                    }
                    Err(why) => remarks.push(format!(
                        "{} cannot be read ({why}): what sources that go on had sent to an earlier process will be called lost",
                        path.display()
                    )),
                }
            }
            earlier.files.push(path);
        }
        newest.into_iter().for_each(|(incarnation, (_, runs))| earlier.add(incarnation, runs));
        earlier
    }

    fn add(&mut self, incarnation: u32, runs: Vec<RunProgress>) {
        for mut run in runs {
            if let Some(slot) = run.slot.take() {
                let name = run_name(&run.identity, u64::from(incarnation), slot);
                let counted = self.aggregated.entry(name).or_default();
                *counted = run.aggregated.max(*counted);
            }
            // Each start counts its samples as a run of its own.
            (run.identity.run, run.aggregated) = (0, 0);
            // The newest process has heard of it last.
            self.known.retain(|known| known.identity != run.identity);
            if !run.sources.is_empty() {
                self.known.push(run);
            }
        }
    }

    /// The accounts have it.
    pub fn forget(self) {
        for path in self.files {
            let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
        }
    }
}

/// Whole or not at all.
pub(super) fn write(dir: &Path, incarnation: u32, number: u64, runs: &[RunProgress]) -> io::Result<()> {
    let to = |what| path(dir, incarnation, what);
    replace(&Note { number, runs }, &to(PROGRESS), &to(PROGRESS_UNFINISHED))
}

fn read(path: &Path) -> Result<(u64, Vec<RunProgress>), String> {
    let bytes = read_file(path).map_err(|error| error.to_string())?;
    // As processes wrote it that had no numbers.
    if bytes.starts_with(b"[") {
        let runs = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        return Ok((0, runs));
    }
    let note: Note<Vec<RunProgress>> = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    Ok((note.number, note.runs))
}

/// There is nothing to say.
pub(super) fn remove(dir: &Path, incarnation: u32) -> io::Result<()> {
    match fs::remove_file(path(dir, incarnation, PROGRESS)) {
        Err(error) if !is_nothing_there(&error) => return Err(error),
        _ => super::remove_empty(dir),
    }
    Ok(())
}

fn is_nothing_there(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn path(dir: &Path, incarnation: u32, what: &str) -> PathBuf {
    dir.join(format!("{incarnation}.{what}"))
}
