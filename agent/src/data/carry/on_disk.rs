//! Notes on the disk, by a thread of its own, which is there once it is needed.

use super::again::Pauses;
use super::progress;
use gridnode_core::measure::ingest::RunProgress;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// See the module's head.
pub(super) struct OnDisk {
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
    note: Option<Note>,
    is_end: bool,
}

/// Its number, and what it says.
type Note = (u64, Vec<RunProgress>);

impl OnDisk {
    pub(super) fn new(dir: PathBuf, incarnation: u32) -> Self {
        Self { dir, incarnation, shared: Arc::default(), thread: None }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Number of the last one that is there, or says no more than the accounts do.
    pub(super) fn written(&self) -> u64 {
        self.shared.written.load(Ordering::Acquire)
    }

    /// The system had none to give: whoever asks again tries that again.
    pub(super) fn lacks_its_thread(&self) -> bool {
        self.thread.is_none() && self.shared.wanted().note.is_some()
    }

    /// Newer ones take the place of those that were not begun.
    pub(super) fn ask(&mut self, number: u64, mut runs: Vec<RunProgress>, closing: &[u32]) {
        // What a run that goes on has counted is in the accounts once a second.
        let is_closing = |run: &RunProgress| run.slot.is_some_and(|slot| closing.contains(&slot));
        runs.retain(|run| !run.sources.is_empty() || is_closing(run));
        if runs.is_empty() && self.thread.is_none() {
            self.shared.wanted().note = None;
            return self.shared.written.store(number, Ordering::Release);
        }
        if self.thread.is_none() {
            let (dir, incarnation, shared) = (self.dir.clone(), self.incarnation, Arc::clone(&self.shared));
            let builder = std::thread::Builder::new().name("progress".to_owned());
            self.thread = builder.spawn(move || keep(&dir, incarnation, &shared)).ok();
        }
        self.shared.wanted().note = Some((number, runs));
        self.shared.bell.notify_one();
    }
}

impl Drop for OnDisk {
    fn drop(&mut self) {
        self.shared.wanted().is_end = true;
        self.shared.bell.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn wanted(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be written now, and whether that is the last: a new one, or after a pause the one that could not be. Nobody need
    /// ask for it: when nothing arrives nobody does.
    fn next(&self, mut failed: Option<(Note, u64)>) -> Option<(Note, bool)> {
        let mut wanted = self.wanted();
        loop {
            if let Some(note) = wanted.note.take() {
                return Some((note, wanted.is_end));
            }
            if wanted.is_end {
                return failed.map(|(note, _)| (note, true));
            }
            let Some((note, pause_ns)) = failed.take() else {
                wanted = self.bell.wait(wanted).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let pause = Duration::from_nanos(pause_ns);
            let is_idle = |wanted: &mut Wanted| wanted.note.is_none() && !wanted.is_end;
            let waited = self.bell.wait_timeout_while(wanted, pause, is_idle);
            let timeout;
            (wanted, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            if timeout.timed_out() {
                return Some((note, false));
            }
            failed = Some((note, pause_ns));
        }
    }
}

fn keep(dir: &Path, incarnation: u32, shared: &Shared) {
    let (mut is_said, mut pauses, mut failed) = (false, Pauses::new(), None);
    while let Some(((number, runs), is_last)) = shared.next(failed.take()) {
        let done = match runs.is_empty() {
            true => progress::remove(dir, incarnation),
            false => on_disk(dir, incarnation, number, &runs),
        };
        match done {
            Ok(()) => {
                shared.written.store(number, Ordering::Release);
                pauses = Pauses::new();
                // With nothing to say, memory has it, and says so, or it is in the accounts.
                if std::mem::replace(&mut is_said, false) && !runs.is_empty() {
                    tracing::info!("how far sources are is kept in {} again", dir.display());
                }
            }
            Err(error) => {
                if !runs.is_empty() && !std::mem::replace(&mut is_said, true) {
                    tracing::warn!(
                        "how far sources are cannot be kept in {}, either: {error}; it is tried again. Should this process be killed \
                         before there is room, what it has counted since then is lost, and in no account",
                        dir.display()
                    );
                }
                if is_last {
                    return;
                }
                failed = Some(((number, runs), pauses.next_ns()));
            }
        }
    }
}

pub(super) fn on_disk(dir: &Path, incarnation: u32, number: u64, runs: &[RunProgress]) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    progress::write(dir, incarnation, number, runs)
}
