//! Who notes how far the runs have come ([`super::progress`]), and where: in memory files, or, where there are none, on the disk,
//! once a second and by a thread of its own, for a disk may hang. A machine that stops leaves the latter: what it says is true of
//! sources elsewhere, too. Where there was no room it is tried again, also when nothing arrives: what is noted nowhere is in no
//! account, should this process be killed.

use super::memory::Memory;
use super::on_disk::{OnDisk, on_disk};
use super::{Carry, Earlier};
use gridnode_core::base::time::{Mono, NS_PER_S};
use gridnode_core::measure::ingest::{Ingest, RunProgress};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// In the state directory.
pub(super) const DIR: &str = "progress";
const EVERY_NS: u64 = NS_PER_S;

/// See the module's head.
pub struct Notes {
    written: Arc<Mutex<Written>>,
    due: Mono,
    /// Samples in windows at the last note.
    counted: u64,
}

/// Who knows what has become of runs that have closed says it here: until then a start finds them in the note as they were.
#[derive(Clone)]
pub struct Closing(Arc<Mutex<Written>>);

/// The last note. The lock is held while it is written, a matter of microseconds.
struct Written {
    memory: Option<Memory>,
    disk: OnDisk,
    runs: Vec<RunProgress>,
    closing: Vec<ClosingRun>,
    /// Of the note, from 1.
    number: u64,
}

/// What a start must know of it.
struct ClosingRun {
    /// Its sources are those that owe.
    run: RunProgress,
    /// The accounts say what became of its samples.
    is_durable: bool,
    /// Its receipt says what its sources have lost.
    is_said: bool,
}

impl Notes {
    /// In `carry`, if there is one.
    #[must_use]
    pub fn new(carry: Option<Carry>, state_dir: &Path, incarnation: u32) -> Self {
        let (memory, disk) = (carry.map(Memory::new), OnDisk::new(state_dir.join(DIR), incarnation));
        let written = Written { memory, disk, runs: Vec::new(), closing: Vec::new(), number: 0 };
        Self { written: Arc::new(Mutex::new(written)), due: Mono(0), counted: 0 }
    }

    /// For whoever sees closed runs to their end.
    #[must_use]
    pub fn closing(&self) -> Closing {
        Closing(Arc::clone(&self.written))
    }

    /// These have closed: they are in the next note and those after it.
    pub fn have_closed(&mut self, runs: Vec<RunProgress>) {
        let closing = runs.into_iter().map(|run| ClosingRun {
            is_durable: false,
            is_said: run.sources.is_empty(),
            run,
        });
        locked(&self.written).closing.extend(closing);
    }

    /// Before anything is handed on, or gets its name, that has what was counted since the last time.
    pub fn note(&mut self, ingest: &Ingest) {
        self.note_where(ingest, false);
    }

    fn note_where(&mut self, ingest: &Ingest, again_in_memory: bool) {
        self.counted = ingest.aggregated();
        let mut written = locked(&self.written);
        written.runs = ingest.progress();
        written.write(again_in_memory);
    }

    /// On the disk, or in memory again: nobody else asks for it in time.
    pub fn note_if_due(&mut self, ingest: &Ingest, now: Mono) {
        if self.are_in_memory() {
            return;
        }
        let again = locked(&self.written).memory.as_mut().is_some_and(|memory| memory.is_due(now));
        let is_new = ingest.aggregated() != self.counted || locked(&self.written).disk.lacks_its_thread();
        if again || (now >= self.due && is_new) {
            self.due = now.plus_ns(EVERY_NS);
            self.note_where(ingest, again);
        }
    }

    /// Whether memory files have them.
    #[must_use]
    pub fn are_in_memory(&self) -> bool {
        locked(&self.written).is_in_memory()
    }

    /// There is room in memory for the windows, too: whether it was said that there was none.
    pub(super) fn have_room(&mut self) -> bool {
        locked(&self.written).memory.as_mut().is_some_and(Memory::has_room)
    }

    /// Number of the last one.
    #[must_use]
    pub fn last(&self) -> u64 {
        locked(&self.written).number
    }

    /// Whether a start finds one that is later than this, or one that has all that there is.
    #[must_use]
    pub fn are_later_than(&self, number: u64, ingest: &Ingest) -> bool {
        let written = locked(&self.written);
        let kept = written.kept();
        kept > number || (kept == written.number && ingest.aggregated() == self.counted)
    }
}

impl Closing {
    /// The accounts on the disk say what became of a run's samples. Gives the number of the note that leaves it to them: before
    /// [`Self::is_kept`] they must not forget it.
    pub fn is_durable(&self, slot: u32) -> u64 {
        self.change(slot, |run| run.is_durable = true)
    }

    /// A run's receipt is with whoever it is for.
    pub fn is_said(&self, slot: u32) {
        self.change(slot, |run| run.is_said = true);
    }

    /// Whether a start finds this note, or a later one.
    #[must_use]
    pub fn is_kept(&self, number: u64) -> bool {
        locked(&self.0).kept() >= number
    }

    fn change(&self, slot: u32, change: impl Fn(&mut ClosingRun)) -> u64 {
        let mut written = locked(&self.0);
        let Some(run) = written.closing.iter_mut().find(|closing| closing.run.slot == Some(slot)) else {
            return written.number;
        };
        change(run);
        written.closing.retain(|run| !(run.is_durable && run.is_said));
        written.write(false);
        written.number
    }
}

fn locked(written: &Mutex<Written>) -> MutexGuard<'_, Written> {
    written.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Written {
    fn write(&mut self, again_in_memory: bool) {
        let runs = self.all();
        self.number += 1;
        if let Some(memory) = &mut self.memory {
            let is_back = !memory.has_last();
            if memory.write(self.number, &runs, again_in_memory, self.disk.dir()) {
                if is_back {
                    // Should the machine stop, what the disk has would be taken for the last word.
                    self.disk.ask(self.number, Vec::new(), &[]);
                }
                return;
            }
        }
        let closing: Vec<u32> = self.closing.iter().filter_map(|closing| closing.run.slot).collect();
        self.disk.ask(self.number, runs, &closing);
    }

    fn is_in_memory(&self) -> bool {
        self.memory.as_ref().is_some_and(Memory::has_last)
    }

    /// Number of the one that a start finds.
    fn kept(&self) -> u64 {
        if self.is_in_memory() { self.number } else { self.disk.written() }
    }

    /// Closed runs as they were, and then those that go on; what is owed is with the sources, wherever they are now.
    fn all(&self) -> Vec<RunProgress> {
        let uncounted = self.closing.iter().filter(|closing| !closing.is_durable);
        let mut all: Vec<RunProgress> = uncounted
            .map(|closing| RunProgress { sources: Vec::new(), ..closing.run.clone() })
            .chain(self.runs.iter().cloned())
            .collect();
        for ClosingRun { run, .. } in self.closing.iter().filter(|closing| !closing.is_said) {
            let is_it =
                |known: &&mut RunProgress| known.identity == run.identity && !known.sources.is_empty();
            match all.iter_mut().find(is_it) {
                Some(known) => known.owe(&run.sources),
                None => all.push(RunProgress { slot: None, aggregated: 0, ..run.clone() }),
            }
        }
        all
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
        if !earlier.known.is_empty() && memory.is_none_or(|carry| carry.progress(0, &earlier.known).is_err())
        {
            let _ = on_disk(&disk, incarnation, 0, &earlier.known);
        }
        let is_own = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            name.starts_with(&format!("{incarnation}."))
        };
        Self { files: earlier.files.into_iter().filter(|path| !is_own(path)).collect(), ..earlier }
    }
}
