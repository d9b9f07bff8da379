//! An open window as bytes, so that it outlives a process that is killed: what was collected of each series until now.
//!
//! ```text
//! MAGIC │ length of the head, u32 │ head, JSON │ a record a series … │ END │ records, u64 │ CRC-32 of all before, u32
//! ```
//!
//! It is taken piece by piece while samples go on coming ([`Snapshot::piece`]), so its series may be of moments up to a second
//! apart. Each is whole in itself; a sample is in one of them or in none.

mod bytes;
mod record;
#[cfg(test)]
mod tests;

use super::Ingest;
use super::closed::{AccountSnapshot, ClosedWindow, SeriesWindow};
use crate::base::run::RunIdentity;
use crate::measure::accumulator::Accumulator;
use crate::measure::series::{SeriesIndex, SeriesInfo};
use crate::measure::users::GaugeWindow;
use crate::measure::window::OpenWindow;
use bytes::Reader;
use flate2::Crc;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::hint::black_box;
use std::str::FromStr;
use std::sync::Arc;

const MAGIC: &[u8; 8] = b"GNWINDW1";
/// In place of a label's length.
const END: u64 = u64::MAX;
/// Heads are some 700 bytes.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// Which emission of which window of which run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WindowKey {
    /// The start of the agent.
    pub incarnation: u32,
    /// Slot of the run.
    pub run: u32,
    /// Start, wall clock, ns.
    pub start_ns: i64,
    /// Emission number of the window, from 0.
    pub part_n: u32,
}

/// What is the same for all series.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) key: WindowKey,
    pub(super) identity: RunIdentity,
    pub(super) period_ns: u64,
    pub(super) users: Option<GaugeWindow>,
    pub(super) account: AccountSnapshot,
}

/// One that is being taken.
#[derive(Debug)]
pub struct Snapshot {
    key: WindowKey,
    crc: Crc,
    next: usize,
    records: u64,
}

/// What a call of [`Snapshot::piece`] has brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// There is more.
    More,
    /// That was the last one.
    Last,
    /// The window is closed: what was taken is worth nothing.
    Gone,
}

impl Snapshot {
    /// Begins one.
    #[must_use]
    pub fn of(key: WindowKey) -> Self {
        Self { key, crc: Crc::new(), next: 0, records: 0 }
    }

    /// Its window.
    #[must_use]
    pub fn key(&self) -> WindowKey {
        self.key
    }

    /// Appends the next series to `out`, so many at most.
    pub fn piece(&mut self, ingest: &Ingest, series_max: usize, out: &mut Vec<u8>) -> Piece {
        let begin = out.len();
        if self.next == 0 {
            let Some(head) = ingest.snapshot_head(self.key) else { return Piece::Gone };
            let head = serde_json::to_vec(&head).unwrap_or_default();
            out.extend_from_slice(MAGIC);
            out.extend_from_slice(&u32::try_from(head.len()).unwrap_or(u32::MAX).to_le_bytes());
            out.extend_from_slice(&head);
        }
        let Some((series, is_last)) = ingest.snapshot_series(self.key, self.next, series_max) else {
            return Piece::Gone;
        };
        touch(series.clone());
        for (info, index, numbers) in series {
            record::write(out, info, index, numbers);
            self.records += 1;
        }
        self.next += series_max;
        if !is_last {
            self.crc.update(&out[begin..]);
            return Piece::More;
        }
        bytes::number(out, END);
        out.extend_from_slice(&self.records.to_le_bytes());
        self.crc.update(&out[begin..]);
        out.extend_from_slice(&self.crc.sum().to_le_bytes());
        Piece::Last
    }
}

/// Reads from the memory of all of them first: it is in no cache, and so its waits overlap, which they would not while one is written after
/// the other.
fn touch<'a>(series: impl Iterator<Item = (&'a SeriesInfo, SeriesIndex, &'a Accumulator)> + Clone) {
    let labels = series
        .clone()
        .map(|(info, _, numbers)| u64::from(info.label.bytes().next().unwrap_or_default()) ^ numbers.touch());
    let sketches = series.map(|(_, _, numbers)| numbers.sketch.touch());
    black_box(labels.chain(sketches).fold(0, |touched, one| touched ^ one));
}

impl Ingest {
    /// The open windows with anything in them, by the number of this start: for [`Snapshot::of`].
    #[must_use]
    pub fn snapshot_keys(&self, incarnation: u32) -> Vec<WindowKey> {
        let open = self.runs.iter().flat_map(|(run, open)| open.open_windows().iter().map(move |w| (run, w)));
        let begun = open.filter(|(_, window)| !window.some(0, 1).0.is_empty());
        let key = |(run, window): (u32, &OpenWindow)| WindowKey {
            incarnation,
            run,
            start_ns: window.start_ns,
            part_n: window.part_n,
        };
        begun.map(key).collect()
    }

    /// Samples in windows so far, of all runs that are open: whether a snapshot would be another one.
    #[must_use]
    pub fn aggregated(&self) -> u64 {
        self.runs.iter().map(|(_, run)| run.account.aggregated).fold(0, u64::wrapping_add)
    }

    /// Whether what was taken of it is worth keeping.
    #[must_use]
    pub fn is_window_open(&self, key: WindowKey) -> bool {
        self.runs.get(key.run).is_some_and(|run| run.open_window(key).is_some())
    }

    fn snapshot_head(&self, key: WindowKey) -> Option<Head> {
        self.runs.get(key.run)?.snapshot_head(key)
    }

    /// Of an open window, and whether they are the last ones.
    fn snapshot_series(
        &self,
        key: WindowKey,
        from: usize,
        max: usize,
    ) -> Option<(impl Iterator<Item = (&SeriesInfo, SeriesIndex, &Accumulator)> + Clone, bool)> {
        let run = self.runs.get(key.run)?;
        let (some, is_last) = run.open_window(key)?.some(from, max);
        let named = some.iter().map(|(index, numbers)| (&**run.series.info(*index), *index, numbers));
        Some((named, is_last))
    }
}

/// Reads a whole one.
///
/// # Errors
/// What is wrong with it.
pub fn read(bytes: &[u8]) -> Result<(WindowKey, ClosedWindow), String> {
    let (content, sum) = bytes.split_last_chunk::<4>().ok_or("it is too short")?;
    let mut crc = Crc::new();
    crc.update(content);
    if crc.sum() != u32::from_le_bytes(*sum) {
        return Err("its checksum is wrong".to_owned());
    }
    let mut reader = Reader::new(content);
    if reader.take(MAGIC.len())? != MAGIC {
        return Err("it is of another layout".to_owned());
    }
    let length = u32::from_le_bytes(reader.array()?) as usize;
    if length > HEAD_BYTES_MAX {
        return Err("its head is too long".to_owned());
    }
    let head: Head = serde_json::from_slice(reader.take(length)?).map_err(|error| error.to_string())?;
    let mut series: Vec<SeriesWindow> = Vec::new();
    while let Some(one) = record::read(&mut reader)? {
        series.push(one);
    }
    let records = u64::from_le_bytes(reader.array()?);
    if records != series.len() as u64 {
        return Err("records are missing".to_owned());
    }
    series.sort_unstable_by_key(|series| series.index.0);
    let Head { key, identity, period_ns, users, account } = head;
    let window = ClosedWindow {
        run: key.run,
        identity: Arc::new(identity),
        start_ns: key.start_ns,
        period_ns,
        part_n: key.part_n,
        samples: series.iter().map(|series| series.numbers.count).sum(),
        series,
        users,
        account: Some(account),
        degraded: 0,
        covers: Vec::new(),
    };
    Ok((key, window))
}

impl fmt::Display for WindowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}.{}", self.incarnation, self.run, self.start_ns, self.part_n)
    }
}

impl FromStr for WindowKey {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('.');
        let mut next = || parts.next().ok_or(());
        let key = Self {
            incarnation: next()?.parse().map_err(drop)?,
            run: next()?.parse().map_err(drop)?,
            start_ns: next()?.parse().map_err(drop)?,
            part_n: next()?.parse().map_err(drop)?,
        };
        if parts.next().is_some() { Err(()) } else { Ok(key) }
    }
}
