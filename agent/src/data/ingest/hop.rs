//! The one hop between the ingest thread and the rest. It never blocks: what does not fit waits here, and when too
//! much waits, older windows of a run are taken in by its newer ones. That loses resolution in time, no sample.

use gridnode_core::measure::ingest::{ClosedWindow, IngestOutput};
use std::collections::VecDeque;
use std::sync::mpsc::{SyncSender, TrySendError};

/// Windows kept back before they are folded: two, because each may hold 50,000 labels.
const KEPT_WINDOWS_MAX: usize = 2;
/// Notes (rejected lines, warnings) that may wait; more are not worth memory.
const KEPT_NOTES_MAX: usize = 16;

pub(super) struct Hop {
    up: SyncSender<IngestOutput>,
    kept: VecDeque<IngestOutput>,
    pub(super) folded_windows: u64,
    pub(super) dropped_notes: u64,
}

impl Hop {
    pub(super) fn new(up: SyncSender<IngestOutput>) -> Self {
        Self { up, kept: VecDeque::new(), folded_windows: 0, dropped_notes: 0 }
    }

    /// Hands something on, or keeps it.
    pub(super) fn push(&mut self, item: IngestOutput) {
        let note = !matches!(item, IngestOutput::Window(_) | IngestOutput::Closed(_));
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
        while self.kept.iter().filter(|item| matches!(item, IngestOutput::Window(_))).count()
            > KEPT_WINDOWS_MAX
        {
            let Some((older, newer)) = self.oldest_pair() else { return };
            let Some(IngestOutput::Window(older)) = self.kept.remove(older) else { return };
            if let Some(IngestOutput::Window(window)) = self.kept.get_mut(newer - 1) {
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

fn window((at, item): (usize, &IngestOutput)) -> Option<(usize, &ClosedWindow)> {
    match item {
        IngestOutput::Window(window) => Some((at, window)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock;
    use gridnode_core::measure::ingest::{Ingest, OpenSettings, SocketId};
    use gridnode_core::measure::window::WindowSettings;
    use std::sync::mpsc::sync_channel;

    /// Windows of two floods, three samples each, closed one second after the other.
    fn windows(count: u64) -> Vec<IngestOutput> {
        let mut core = Ingest::new(1);
        let window = WindowSettings { period_s: 1, grace_ms: 0 };
        let settings = OpenSettings { grid: None, region: None, run: 1, window, labels_max: 10 };
        core.open_socket(SocketId(0), settings);
        let mut now = clock::now();
        for _ in 0..count {
            for flood in ["7", "8"] {
                let line = format!("sample,flood={flood},label=a rt=1,ok=t {}\n", now.wall.0);
                core.datagram(now, SocketId(0), line.repeat(3).as_bytes());
            }
            now = now.plus_ns(1_000_000_000);
            core.tick(now);
        }
        std::iter::from_fn(|| core.poll_output()).collect()
    }

    fn samples(items: &[IngestOutput]) -> u64 {
        items.iter().enumerate().filter_map(window).map(|(_, window)| window.samples).sum()
    }

    #[test]
    fn when_nobody_reads_windows_are_folded_and_no_sample_is_lost() {
        let (up, inbox) = sync_channel(1);
        let mut hop = Hop::new(up);
        let all = windows(10);
        let expected = samples(&all);
        assert_eq!(expected, 60);
        all.into_iter().for_each(|item| hop.push(item));
        assert!(hop.kept.len() <= KEPT_WINDOWS_MAX && hop.folded_windows > 0);
        let reader = std::thread::spawn(move || inbox.into_iter().collect::<Vec<_>>());
        hop.drain();
        let folded_windows = hop.folded_windows;
        drop(hop);
        let read = reader.join().unwrap();
        assert_eq!(samples(&read), expected);
        let degraded: u64 =
            read.iter().enumerate().filter_map(window).map(|(_, w)| u64::from(w.degraded)).sum();
        assert_eq!(degraded, folded_windows);
    }

    #[test]
    fn notes_do_not_pile_up() {
        let (up, _inbox) = sync_channel(1);
        let mut hop = Hop::new(up);
        (0..1_000).for_each(|_| hop.push(IngestOutput::HalfOfLabels { run: 0, labels_max: 1 }));
        assert!(hop.kept.len() <= KEPT_NOTES_MAX && hop.dropped_notes > 900);
    }
}
