//! Who notes how far the runs have come ([`super::progress`]), and where: in memory files, or, where there are none, on the disk,
//! once a second and by a thread of its own, for a disk may hang. A machine that stops leaves the latter: what it says is true of
//! sources elsewhere, too.

use super::{Carry, Earlier, progress};
use gridnode_core::base::time::{Mono, NS_PER_S};
use gridnode_core::measure::ingest::{Ingest, RunProgress};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

/// In the state directory.
const DIR: &str = "progress";
const EVERY_NS: u64 = NS_PER_S;

/// See the module's head.
pub struct Notes {
    carry: Option<Carry>,
    disk: OnDisk,
    due: Mono,
    /// Samples in windows at the last note.
    counted: u64,
    /// Of the last note, from 1.
    number: u64,
}

impl Notes {
    /// In `carry`, if there is one.
    #[must_use]
    pub fn new(carry: Option<Carry>, state_dir: &Path, incarnation: u32) -> Self {
        let disk = OnDisk { dir: state_dir.join(DIR), incarnation, shared: Arc::default(), thread: None };
        Self { carry, disk, due: Mono(0), counted: 0, number: 0 }
    }

    /// Before anything is handed on, or gets its name, that has what was counted since the last time.
    pub fn note(&mut self, ingest: &Ingest) {
        let runs = ingest.progress();
        self.number += 1;
        self.counted = ingest.aggregated();
        if let Some(carry) = &self.carry {
            let Err(error) = carry.progress(&runs) else { return };
            tracing::warn!(
                "how far sources are cannot be kept in {}: {error}; from here on it is kept in {}",
                carry.dir.display(),
                self.disk.dir.display()
            );
            carry.drop_progress();
            self.carry = None;
        }
        self.disk.ask(self.number, runs);
    }

    /// On the disk: nobody else asks for it in time.
    pub fn note_if_due(&mut self, ingest: &Ingest, now: Mono) {
        if self.carry.is_none() && now >= self.due && ingest.aggregated() != self.counted {
            self.due = now.plus_ns(EVERY_NS);
            self.note(ingest);
        }
    }

    /// Whether memory files have them.
    #[must_use]
    pub fn are_in_memory(&self) -> bool {
        self.carry.is_some()
    }

    /// Number of the last one.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.number
    }

    /// Whether a start finds one that is later than this, or one that has all that there is.
    #[must_use]
    pub fn are_later_than(&self, number: u64, ingest: &Ingest) -> bool {
        let written = self.disk.shared.written.load(Ordering::Acquire);
        let kept = if self.carry.is_some() { self.number } else { written };
        kept > number || (kept == self.number && ingest.aggregated() == self.counted)
    }
}

impl Earlier {
    /// What earlier processes on a state directory have noted, in memory and on the disk; and notes for this one how far the
    /// sources were: in memory, if that is wanted.
    #[must_use]
    pub fn take(
        carry: Option<&Carry>,
        is_in_memory: bool,
        state_dir: &Path,
        incarnation: u32,
        remarks: &mut Vec<String>,
    ) -> Self {
        let disk = state_dir.join(DIR);
        let dirs: Vec<&Path> = carry.map(|carry| &*carry.dir).into_iter().chain([&*disk]).collect();
        let earlier = Self::read(&dirs, remarks);
        let memory = carry.filter(|_| is_in_memory);
        if !earlier.known.is_empty() && memory.is_none_or(|carry| carry.progress(&earlier.known).is_err()) {
            let _ = on_disk(&disk, incarnation, &earlier.known);
        }
        let is_own = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            name.starts_with(&format!("{incarnation}."))
        };
        Self { files: earlier.files.into_iter().filter(|path| !is_own(path)).collect(), ..earlier }
    }
}

fn on_disk(dir: &Path, incarnation: u32, runs: &[RunProgress]) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    progress::write(dir, incarnation, runs)
}

/// The thread is there once it is needed.
struct OnDisk {
    dir: PathBuf,
    incarnation: u32,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    wanted: Mutex<Wanted>,
    bell: Condvar,
    /// Of those asked for.
    written: AtomicU64,
}

#[derive(Default)]
struct Wanted {
    runs: Option<(u64, Vec<RunProgress>)>,
    is_end: bool,
}

impl OnDisk {
    /// Newer ones take the place of those that were not begun.
    fn ask(&mut self, number: u64, mut runs: Vec<RunProgress>) {
        runs.retain(|run| !run.sources.is_empty());
        if runs.is_empty() && self.thread.is_none() {
            return self.shared.written.store(number, Ordering::Release);
        }
        if self.thread.is_none() {
            let (dir, incarnation, shared) = (self.dir.clone(), self.incarnation, Arc::clone(&self.shared));
            let builder = std::thread::Builder::new().name("progress".to_owned());
            self.thread = builder.spawn(move || keep(&dir, incarnation, &shared)).ok();
        }
        let mut wanted = self.shared.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.runs = Some((number, runs));
        self.shared.bell.notify_one();
    }
}

impl Drop for OnDisk {
    fn drop(&mut self) {
        self.shared.wanted.lock().unwrap_or_else(PoisonError::into_inner).is_end = true;
        self.shared.bell.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn keep(dir: &Path, incarnation: u32, shared: &Shared) {
    loop {
        let (number, runs) = {
            let mut wanted = shared.wanted.lock().unwrap_or_else(PoisonError::into_inner);
            loop {
                if let Some(runs) = wanted.runs.take() {
                    break runs;
                }
                if wanted.is_end {
                    return;
                }
                wanted = shared.bell.wait(wanted).unwrap_or_else(PoisonError::into_inner);
            }
        };
        if runs.is_empty() {
            progress::remove(dir, incarnation);
        } else if let Err(error) = on_disk(dir, incarnation, &runs) {
            tracing::debug!(%error, "how far sources are is not noted");
            continue;
        }
        shared.written.store(number, Ordering::Release);
    }
}
