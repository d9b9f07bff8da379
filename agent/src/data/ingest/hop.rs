//! The one hop between the ingest thread and the rest. It never blocks: what does not fit waits here. Windows that wait for
//! longer than from one close to the next, and are more than memory may have, are taken in by newer ones of their run. That
//! loses resolution in time, no sample.

use gridnode_core::measure::ingest::{ClosedWindow, IngestOutput};
use std::collections::VecDeque;
use std::sync::mpsc::{SyncSender, TrySendError};

/// What may wait before older windows are folded, bytes: half a window of 50,000 labels. What one close brings is kept whole in
/// any case.
const KEPT_BYTES_MAX: usize = 32 << 20;
/// Notes (rejected lines, warnings) that may wait; more are not worth memory.
const KEPT_NOTES_MAX: usize = 16;

pub(super) struct Hop {
    up: SyncSender<IngestOutput>,
    kept: VecDeque<Kept>,
    kept_bytes_max: usize,
    /// Number of the close that is being handed on.
    close: u64,
    pub(super) folded_windows: u64,
    pub(super) dropped_notes: u64,
}

struct Kept {
    item: IngestOutput,
    close: u64,
    bytes: usize,
}

impl Hop {
    pub(super) fn new(up: SyncSender<IngestOutput>) -> Self {
        Self {
            up,
            kept: VecDeque::new(),
            kept_bytes_max: KEPT_BYTES_MAX,
            close: 0,
            folded_windows: 0,
            dropped_notes: 0,
        }
    }

    /// What comes from here on belongs to a close of its own.
    pub(super) fn next_close(&mut self) {
        self.close += 1;
    }

    /// Hands something on, or keeps it.
    pub(super) fn push(&mut self, item: IngestOutput) {
        let note = !matches!(item, IngestOutput::Window(_) | IngestOutput::Closed(_));
        if note && self.kept.len() >= KEPT_NOTES_MAX {
            self.dropped_notes += 1;
            return;
        }
        self.kept.push_back(Kept { item, close: self.close, bytes: 0 });
        // The usual case: there is room on the other side, and nobody asks how large it is.
        if self.pump() {
            return;
        }
        if let Some(Kept { item: IngestOutput::Window(window), bytes, .. }) = self.kept.back_mut() {
            *bytes = window.heap_bytes();
        }
        self.fold();
    }

    /// Sends what the other side has room for. True when nothing is left.
    pub(super) fn pump(&mut self) -> bool {
        while let Some(Kept { item, close, bytes }) = self.kept.pop_front() {
            match self.up.try_send(item) {
                Ok(()) => {}
                Err(TrySendError::Full(item)) => {
                    self.kept.push_front(Kept { item, close, bytes });
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
        while let Some(kept) = self.kept.pop_front() {
            if self.up.send(kept.item).is_err() {
                self.kept.clear();
            }
        }
    }

    fn fold(&mut self) {
        while self.kept.iter().map(|kept| kept.bytes).sum::<usize>() > self.kept_bytes_max {
            let Some((older, newer)) = self.oldest_pair() else { return };
            let Some(Kept { item: IngestOutput::Window(older), .. }) = self.kept.remove(older) else {
                return;
            };
            if let Some(Kept { item: IngestOutput::Window(window), bytes, .. }) = self.kept.get_mut(newer - 1)
            {
                window.absorb(*older);
                *bytes = window.heap_bytes();
                self.folded_windows += 1;
            }
        }
    }

    /// The first window that has survived a close, and the first of its run from a later close. Parts of one close are never
    /// folded: there the other side has not been late, only many came at once.
    fn oldest_pair(&self) -> Option<(usize, usize)> {
        let windows: Vec<(usize, u64, &ClosedWindow)> =
            self.kept.iter().enumerate().filter_map(window).collect();
        windows.iter().enumerate().find_map(|(i, (at, close, older))| {
            let later =
                windows[i + 1..].iter().find(|(_, later, newer)| newer.run == older.run && later > close)?;
            Some((*at, later.0))
        })
    }
}

fn window((at, kept): (usize, &Kept)) -> Option<(usize, u64, &ClosedWindow)> {
    match &kept.item {
        IngestOutput::Window(window) => Some((at, kept.close, window)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock;
    use gridnode_core::measure::ingest::{Ingest, OpenSettings, Remark, SocketId};
    use gridnode_core::measure::window::WindowSettings;
    use std::sync::mpsc::sync_channel;

    /// Windows of two floods, three samples each, closed one second after the other; every close has a late part, too.
    fn closes(count: u64) -> Vec<Vec<IngestOutput>> {
        let mut core = Ingest::new(1);
        let window = WindowSettings { period_s: 1, grace_ms: 0 };
        let settings =
            OpenSettings { grid: None, region: None, run: 1, window, labels_max: 10, earlier: Vec::new() };
        core.open_socket(SocketId(0), settings);
        let mut now = clock::now();
        let close = |_| {
            for flood in ["7", "8"] {
                for late_s in [0, 3] {
                    let at = now.wall.0 - late_s * 1_000_000_000;
                    let line = format!("sample,flood={flood},label=a rt=1,ok=t {at}\n");
                    core.datagram(now, SocketId(0), line.repeat(3).as_bytes());
                }
            }
            now = now.plus_ns(1_000_000_000);
            core.tick(now);
            std::iter::from_fn(|| core.poll_output()).collect()
        };
        (0..count).map(close).collect()
    }

    fn samples<'a>(items: impl IntoIterator<Item = &'a IngestOutput>) -> u64 {
        let windows =
            items.into_iter().map(|item| if let IngestOutput::Window(w) = item { w.samples } else { 0 });
        windows.sum()
    }

    fn push_all(hop: &mut Hop, closes: Vec<Vec<IngestOutput>>) {
        for close in closes {
            hop.next_close();
            close.into_iter().for_each(|item| hop.push(item));
        }
    }

    #[test]
    fn when_nobody_reads_windows_are_folded_and_no_sample_is_lost() {
        let (up, inbox) = sync_channel(1);
        let mut hop = Hop::new(up);
        let all = closes(10);
        let expected = samples(all.iter().flatten());
        assert!(expected > 100);
        let one_close: usize = all[9]
            .iter()
            .map(|item| if let IngestOutput::Window(w) = item { w.heap_bytes() } else { 0 })
            .sum();
        hop.kept_bytes_max = one_close;
        push_all(&mut hop, all);
        let kept: usize = hop.kept.iter().map(|kept| kept.bytes).sum();
        assert!(hop.folded_windows > 0 && kept <= 2 * one_close, "{kept} bytes of {one_close}");
        let reader = std::thread::spawn(move || inbox.into_iter().collect::<Vec<_>>());
        hop.drain();
        let folded_windows = hop.folded_windows;
        drop(hop);
        let read = reader.join().unwrap();
        assert_eq!(samples(&read), expected);
        let degraded =
            |item: &IngestOutput| if let IngestOutput::Window(w) = item { u64::from(w.degraded) } else { 0 };
        assert_eq!(read.iter().map(degraded).sum::<u64>(), folded_windows);
    }

    #[test]
    fn what_one_close_brings_is_never_folded_nor_what_there_is_room_for() {
        let (up, _inbox) = sync_channel(1);
        let mut hop = Hop::new(up);
        hop.kept_bytes_max = 1;
        push_all(&mut hop, closes(1));
        assert_eq!(hop.folded_windows, 0);
        let (up, _inbox) = sync_channel(1);
        let mut hop = Hop::new(up);
        push_all(&mut hop, closes(20));
        assert_eq!(hop.folded_windows, 0);
    }

    #[test]
    fn notes_do_not_pile_up() {
        let (up, _inbox) = sync_channel(1);
        let mut hop = Hop::new(up);
        (0..1_000)
            .for_each(|_| hop.push(IngestOutput::Remark(Remark::HalfOfLabels { run: 0, labels_max: 1 })));
        assert!(hop.kept.len() <= KEPT_NOTES_MAX && hop.dropped_notes > 900);
    }
}
