//! Snapshots of what is open, by the ingest thread: piece by piece between two receives, a pass at most every second, and never
//! more than a fiftieth of its time. What is whole gets its name together with others, after the progress was noted: a start
//! that finds a sample in a snapshot and not in the progress would take it for lost, too.

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
    failed: bool,
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
            failed: false,
        }
    }

    /// How long nothing is to be done, ns, when something has been counted.
    #[must_use]
    pub fn wait_ns(&self, ingest: &Ingest, now: Mono) -> Option<u64> {
        if self.current.is_some() || !self.queue.is_empty() {
            return Some(0);
        }
        (ingest.aggregated() != self.counted).then(|| self.due.since_ns(now))
    }

    /// One piece, if it is time.
    pub fn step(&mut self, ingest: &Ingest, now: Mono, notes: &mut Notes) {
        if self.current.is_none() && self.queue.is_empty() {
            let counted = ingest.aggregated();
            if now < self.due || counted == self.counted {
                return;
            }
            self.queue = ingest.snapshot_keys(self.carry.incarnation).into();
            (self.counted, self.began, self.spent_ns) = (counted, now, 0);
        }
        let begun = clock::now().mono;
        let mut done = self.piece(ingest);
        if done.is_err() {
            self.queue.clear();
        }
        let is_over = self.current.is_none() && self.queue.is_empty();
        if is_over || self.nameless.1 >= NAMELESS_BYTES_MAX {
            done = self.name_them(ingest, notes).and(done);
        }
        if let Err(error) = done
            && !std::mem::replace(&mut self.failed, true)
        {
            tracing::warn!(
                "open windows cannot be kept in {}: {error}; should this process be killed, what is in them is lost, counted",
                self.carry.dir.display()
            );
        }
        self.spent_ns += clock::now().mono.since_ns(begun);
        self.due = self.began.plus_ns(EVERY_NS.max(self.spent_ns.saturating_mul(SHARE)));
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
            let renamed = fs::rename(&unfinished, self.carry.path(key, OPEN));
            self.failed &= renamed.is_err();
            named = named.and(renamed);
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
