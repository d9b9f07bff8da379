//! Snapshots of what is open, by the ingest thread: piece by piece between two receives, a pass at most every second, and never
//! more than a fiftieth of its time. What is whole gets its name together with others, after the progress was noted: a start
//! that finds a sample in a snapshot and not in the progress would take it for lost, too. A pass for which there was no room is
//! tried again from time to time, also when nothing arrives.

use super::again::Pauses;
use super::{Carry, Notes, OPEN, OPEN_UNFINISHED};
use crate::base::clock;
use gridnode_core::base::time::{Mono, NS_PER_S};
use gridnode_core::measure::ingest::{Ingest, Piece, Snapshot, WindowKey};
use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;

/// Series in a piece: some 0.1 ms.
const PIECE_SERIES: usize = 512;
/// Of the thread's time, one part in so many.
const SHARE: u64 = 50;
/// Between the beginnings of two passes, at least.
const EVERY_NS: u64 = NS_PER_S;

/// Of snapshots that are whole and have no name yet: then they get it, and memory is free of what they replace.
const NAMELESS_BYTES_MAX: u64 = 8 << 20;

/// What is to outlive this process, a little at a time: to be called again and again, also when nothing arrives.
pub fn keep(snapshots: Option<&mut Snapshots>, notes: &mut Notes, ingest: &Ingest, now: Mono) {
    match snapshots {
        Some(snapshots) if notes.are_in_memory() => snapshots.step(ingest, now, notes),
        snapshots => {
            snapshots.into_iter().for_each(Snapshots::set_back);
            notes.note_if_due(ingest, now);
        }
    }
}

/// See the module's head.
pub struct Snapshots {
    carry: Carry,
    /// Whole ones of this pass that have no name yet, and their bytes.
    nameless: (Vec<WindowKey>, u64),
    buffer: Vec<u8>,
    /// Windows of this pass that are still to come.
    queue: VecDeque<WindowKey>,
    current: Option<(Snapshot, File)>,
    began: Mono,
    spent_ns: u64,
    due: Mono,
    /// Samples in windows at the beginning of the last pass.
    counted: u64,
    /// Not all of that is in files.
    is_behind: bool,
    /// Something of this pass had no room.
    has_failed: bool,
    pauses: Pauses,
    /// That has been said, and not yet that there is room again.
    is_said: bool,
}

impl Snapshots {
    /// For a directory.
    #[must_use]
    pub fn new(carry: Carry) -> Self {
        Self {
            carry,
            nameless: (Vec::new(), 0),
            buffer: Vec::new(),
            queue: VecDeque::new(),
            current: None,
            began: Mono(0),
            spent_ns: 0,
            due: Mono(0),
            counted: 0,
            is_behind: false,
            has_failed: false,
            pauses: Pauses::new(),
            is_said: false,
        }
    }

    /// How long nothing is to be done, ns, when something has been counted, or could not be kept.
    #[must_use]
    pub fn wait_ns(&self, ingest: &Ingest, now: Mono) -> Option<u64> {
        if self.current.is_some() || !self.queue.is_empty() {
            return Some(0);
        }
        self.is_wanted(ingest).then(|| self.due.since_ns(now))
    }

    /// One piece, if it is time.
    pub(super) fn step(&mut self, ingest: &Ingest, now: Mono, notes: &mut Notes) {
        if self.current.is_none() && self.queue.is_empty() {
            if now < self.due || !self.is_wanted(ingest) {
                return;
            }
            self.queue = ingest.snapshot_keys(self.carry.incarnation).into();
            (self.counted, self.began, self.spent_ns) = (ingest.aggregated(), now, 0);
            (self.is_behind, self.has_failed) = (true, false);
        }
        let begun = clock::now().mono;
        // Where one window has no room, a smaller one may have.
        let mut done = self.piece(ingest);
        let is_over = self.current.is_none() && self.queue.is_empty();
        if is_over || self.nameless.1 >= NAMELESS_BYTES_MAX {
            done = self.name_them(ingest, notes).and(done);
        }
        if let Err(error) = done {
            self.failed(&error);
        }
        self.spent_ns += clock::now().mono.since_ns(begun);
        let mut pause_ns = EVERY_NS.max(self.spent_ns.saturating_mul(SHARE));
        if is_over && self.has_failed {
            pause_ns = pause_ns.max(self.pauses.next_ns());
        } else if is_over && notes.are_in_memory() {
            self.is_whole(notes);
        }
        self.due = self.began.plus_ns(pause_ns);
    }

    /// Memory has no room for the notes, and without those nothing gets a name: what was begun goes, and is begun again when there
    /// is room.
    fn set_back(&mut self) {
        (self.is_behind, self.due) = (true, Mono(0));
        let current = self.current.take().map(|(snapshot, _)| snapshot.key());
        for key in current.into_iter().chain(std::mem::take(&mut self.nameless).0) {
            let _ = fs::remove_file(self.carry.path(key, OPEN_UNFINISHED));
        }
        self.queue.clear();
    }

    fn is_wanted(&self, ingest: &Ingest) -> bool {
        self.is_behind || ingest.aggregated() != self.counted
    }

    fn failed(&mut self, error: &io::Error) {
        self.has_failed = true;
        if !std::mem::replace(&mut self.is_said, true) {
            tracing::warn!(
                "open windows cannot be kept in {}: {error}; it is tried again. Should this process be killed before there is room, what \
                 is in them is lost, counted",
                self.carry.dir.display()
            );
        }
    }

    /// Everything that was counted when the pass began is in files.
    fn is_whole(&mut self, notes: &mut Notes) {
        (self.is_behind, self.pauses) = (false, Pauses::new());
        let notes_had_none = notes.have_room();
        if std::mem::replace(&mut self.is_said, false) || notes_had_none {
            tracing::info!(
                "there is room in {} again: what is in open windows and how far sources are is kept there",
                self.carry.dir.display()
            );
        }
    }

    /// Whole ones take the place of those of the pass before.
    fn name_them(&mut self, ingest: &Ingest, notes: &mut Notes) -> io::Result<()> {
        notes.note(ingest);
        let mut named = Ok(());
        for key in std::mem::take(&mut self.nameless).0 {
            let unfinished = self.carry.path(key, OPEN_UNFINISHED);
            // One that has closed since is with the render thread.
            if !ingest.is_window_open(key) || !notes.are_in_memory() {
                let _ = fs::remove_file(&unfinished);
                continue;
            }
            named = named.and(fs::rename(&unfinished, self.carry.path(key, OPEN)));
        }
        named
    }

    fn piece(&mut self, ingest: &Ingest) -> io::Result<()> {
        let Some((mut snapshot, mut file)) = self.next()? else { return Ok(()) };
        let unfinished = self.carry.path(snapshot.key(), OPEN_UNFINISHED);
        self.buffer.clear();
        let piece = snapshot.piece(ingest, PIECE_SERIES, &mut self.buffer);
        let done = match piece {
            Piece::Gone => fs::remove_file(&unfinished),
            Piece::More | Piece::Last => file.write_all(&self.buffer),
        };
        match piece {
            _ if done.is_err() => drop(fs::remove_file(&unfinished)),
            Piece::Gone => {}
            Piece::More => self.current = Some((snapshot, file)),
            Piece::Last => {
                self.nameless.0.push(snapshot.key());
                self.nameless.1 += file.metadata()?.len();
            }
        }
        done
    }

    fn next(&mut self) -> io::Result<Option<(Snapshot, File)>> {
        if let Some(current) = self.current.take() {
            return Ok(Some(current));
        }
        let Some(key) = self.queue.pop_front() else { return Ok(None) };
        self.carry.make()?;
        let path = self.carry.path(key, OPEN_UNFINISHED);
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        Ok(Some((Snapshot::of(key), file)))
    }
}
