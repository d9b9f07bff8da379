//! The one hop between the ingest thread and the rest. It never blocks: what does not fit waits here, and when too
//! much waits, older windows of a run are taken in by its newer ones. That loses resolution in time, no sample.

use super::Upward;
use gridnode_core::ingest::ClosedWindow;
use std::collections::VecDeque;
use std::sync::mpsc::{SyncSender, TrySendError};

/// Windows kept back before they are folded: two, because each may hold 50,000 labels.
const KEPT_WINDOWS_MAX: usize = 2;
/// Notes (rejected lines, warnings) that may wait; more are not worth memory.
const KEPT_NOTES_MAX: usize = 16;

pub(super) struct Hop {
    up: SyncSender<Upward>,
    kept: VecDeque<Upward>,
    pub(super) folded_windows: u64,
    pub(super) dropped_notes: u64,
}

impl Hop {
    pub(super) fn new(up: SyncSender<Upward>) -> Self {
        Self { up, kept: VecDeque::new(), folded_windows: 0, dropped_notes: 0 }
    }

    /// Hands something on, or keeps it.
    pub(super) fn push(&mut self, item: Upward) {
        let note = matches!(item, Upward::Rejected { .. } | Upward::HalfOfLabels { .. });
        if note && self.kept.len() >= KEPT_NOTES_MAX {
            self.dropped_notes += 1;
            return;
        }
        self.kept.push_back(item);
        self.pump();
        self.fold();
    }

    /// Sends what the other side has room for. True when nothing is left.
    pub(super) fn pump(&mut self) -> bool {
        while let Some(item) = self.kept.pop_front() {
            match self.up.try_send(item) {
                Ok(()) => {}
                Err(TrySendError::Full(item)) => {
                    self.kept.push_front(item);
                    return false;
                }
                // Nobody listens any more: the process is on its way out.
                Err(TrySendError::Disconnected(_)) => self.kept.clear(),
            }
        }
        true
    }

    /// Sends everything, waiting for room: only when the thread ends.
    pub(super) fn drain(&mut self) {
        while let Some(item) = self.kept.pop_front() {
            if self.up.send(item).is_err() {
                self.kept.clear();
            }
        }
    }

    fn fold(&mut self) {
        while self.kept.iter().filter(|item| matches!(item, Upward::Window(_))).count() > KEPT_WINDOWS_MAX {
            let Some((older, newer)) = self.oldest_pair() else { return };
            let Some(Upward::Window(older)) = self.kept.remove(older) else { return };
            if let Some(Upward::Window(window)) = self.kept.get_mut(newer - 1) {
                window.absorb(*older);
                self.folded_windows += 1;
            }
        }
    }

    /// The first two windows of one run.
    fn oldest_pair(&self) -> Option<(usize, usize)> {
        let windows: Vec<(usize, &ClosedWindow)> = self.kept.iter().enumerate().filter_map(window).collect();
        windows.iter().enumerate().find_map(|(i, (at, older))| {
            let later = windows[i + 1..].iter().find(|(_, newer)| newer.run == older.run)?;
            Some((*at, later.0))
        })
    }
}

fn window((at, item): (usize, &Upward)) -> Option<(usize, &ClosedWindow)> {
    match item {
        Upward::Window(window) => Some((at, window)),
        _ => None,
    }
}
