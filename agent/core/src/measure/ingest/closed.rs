//! What the data side hands over: windows and runs that are closed. The only hop between the ingest thread and the
//! rest, by value.

use crate::base::json::is_zero;
use crate::base::run::RunIdentity;
use crate::measure::accumulator::Accumulator;
use crate::measure::failures::FailureCounts;
use crate::measure::ledger::{SampleAccount, Source};
use crate::measure::run_totals::RunTotals;
use crate::measure::series::{SeriesIndex, SeriesInfo};
use crate::measure::users::GaugeWindow;
use crate::wire::label::normalise;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One emission of one window of one run.
#[derive(Debug, Clone)]
pub struct ClosedWindow {
    /// Slot of the run; unique while this process lives.
    pub run: u32,
    /// Whose window it is.
    pub identity: Arc<RunIdentity>,
    /// Start, wall clock, ns.
    pub start_ns: i64,
    /// Length, ns.
    pub period_ns: u64,
    /// Emission number of this window, from 0.
    pub part_n: u32,
    /// What was collected, in order of first sight of the series.
    pub series: Vec<SeriesWindow>,
    /// Active users; `None` in all parts but the first, and where nothing was ever reported.
    pub users: Option<GaugeWindow>,
    /// The run's account so far; one window a close carries it.
    pub account: Option<AccountSnapshot>,
    /// Samples in `series`.
    pub samples: u64,
    /// Windows that were folded into this one because the reader was behind.
    pub degraded: u32,
    /// Start and emission number of those, and of this one where it took another's place.
    pub covers: Vec<(i64, u32)>,
}

/// One series of a closed window.
#[derive(Debug, Clone)]
pub struct SeriesWindow {
    /// Its number in the run.
    pub index: SeriesIndex,
    /// Label, id and kind.
    pub info: Arc<SeriesInfo>,
    /// What was collected.
    pub numbers: Accumulator,
}

/// The account at a close, with what is a state rather than a count.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct AccountSnapshot {
    /// Counters up to now.
    pub total: SampleAccount,
    /// Counters at the close before.
    pub before: SampleAccount,
    /// Distinct labels of the run.
    pub labels: u64,
    /// Series of the run.
    pub series: u64,
}

/// A run's last word from the data side.
#[derive(Debug, Clone)]
pub struct ClosedRun {
    /// Slot of the run.
    pub run: u32,
    /// Who it was.
    pub identity: Arc<RunIdentity>,
    /// Its final account.
    pub account: SampleAccount,
    /// Whether `sent` is what the sources really sent: each has said its last word and none contradicts itself.
    pub sent_exact: bool,
    /// Every source.
    pub sources: Vec<Source>,
    /// Sources for which there was no room: what they sent is counted, and nobody vouches for it.
    pub sources_beyond: u64,
    /// How far those times were off that could not be used.
    pub strays: Strays,
    /// Time of the first and of the last sample that arrived, wall clock, ns.
    pub sample_span_ns: Option<(i64, i64)>,
    /// Most users that were active at once.
    pub users_max: u64,
    /// Its requests; `None` where the account was lost in a restart.
    pub requests: Option<RequestCounts>,
    /// How many samples came under each label.
    pub labels: LabelCounts,
    /// Why samples failed, those of transactions included.
    pub failures: FailureCounts,
    /// What each label came to: whoever sees the closed windows adds it, the ingest does not know.
    pub totals: Option<Box<RunTotals>>,
}

/// How far time stamps were off this machine's clock where they could not be used, at most, ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Strays {
    /// In the future.
    #[serde(rename = "restamped_ahead_ms", skip_serializing_if = "is_zero")]
    pub ahead_ms: u64,
    /// Older than what may be reopened.
    #[serde(rename = "restamped_behind_ms", skip_serializing_if = "is_zero")]
    pub behind_ms: u64,
}

impl Strays {
    /// Takes one in.
    pub(super) fn add(&mut self, now_ns: i64, time_ns: i64) {
        let off_ms = now_ns.abs_diff(time_ns) / 1_000_000;
        let most = if time_ns > now_ns { &mut self.ahead_ms } else { &mut self.behind_ms };
        *most = (*most).max(off_ms);
    }
}

/// How many samples came under each label, of both kinds together. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct LabelCounts {
    counts: Arc<[(Arc<SeriesInfo>, u64)]>,
    /// Whether every label is there; otherwise some were folded, or the account was lost.
    is_whole: bool,
}

impl LabelCounts {
    pub(super) fn new(counts: impl Iterator<Item = (Arc<SeriesInfo>, u64)>, is_whole: bool) -> Self {
        Self { counts: counts.collect(), is_whole }
    }

    /// All that are known.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.counts.iter().map(|(info, _)| &*info.label)
    }

    /// Those of one label; `None` where nobody can tell.
    #[must_use]
    pub fn of(&self, label: &str) -> Option<u64> {
        let label = normalise(label.to_owned());
        let own = self.counts.iter().filter(|(info, _)| *info.label == *label);
        let (found, samples) = own.fold((false, 0), |(_, sum), (_, n)| (true, sum + n));
        (found || self.is_whole).then_some(samples)
    }
}

/// Requests of a run, transactions left out: those would count their requests twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestCounts {
    /// Finished.
    pub requests: u64,
    /// Of them, failed.
    pub failed: u64,
}

impl ClosedWindow {
    /// Memory that it holds, bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let own = self.series.capacity() * size_of::<SeriesWindow>();
        own + self.series.iter().map(|series| series.numbers.heap_bytes()).sum::<usize>()
    }

    /// Adds it to what its run came to; a late part of a window like a whole one.
    pub fn add_to(&self, totals: &mut RunTotals) {
        let first_ns = self.covers.iter().map(|(start_ns, _)| *start_ns).fold(self.start_ns, i64::min);
        let end_ns = self.start_ns.saturating_add_unsigned(self.period_ns);
        let [from_s, to_s] = [first_ns, end_ns].map(|ns| ns.div_euclid(1_000_000_000));
        totals.add_window(from_s, to_s, self.samples);
        for series in &self.series {
            totals.add_series(series.index, &series.info, &series.numbers);
        }
    }

    /// Takes an older window of the same run in, because the reader is behind: what is lost is the finer resolution of
    /// time, never a sample.
    pub fn absorb(&mut self, older: ClosedWindow) {
        self.samples += older.samples;
        self.degraded += older.degraded + 1;
        self.covers.extend(older.covers);
        self.covers.extend([(older.start_ns, older.part_n), (self.start_ns, self.part_n)]);
        let own = std::mem::take(&mut self.series);
        self.series = merge_sorted(own, older.series);
        if let (Some(own), Some(old)) = (&mut self.account, older.account) {
            own.before = old.before;
        } else if self.account.is_none() {
            self.account = older.account;
        }
        match (&mut self.users, older.users) {
            (Some(own), Some(old)) => own.absorb_older(&old),
            (None, Some(old)) => {
                // A gauge has part 0 only: the part that may carry it lends its place to both.
                self.users = Some(old);
                (self.start_ns, self.part_n) = (older.start_ns, older.part_n);
            }
            (_, None) => {}
        }
    }
}

fn merge_sorted(left: Vec<SeriesWindow>, right: Vec<SeriesWindow>) -> Vec<SeriesWindow> {
    let mut merged: Vec<SeriesWindow> = Vec::with_capacity(left.len().max(right.len()));
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    loop {
        let next = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) if a.index.0 <= b.index.0 => left.next(),
            (_, Some(_)) => right.next(),
            (_, None) => left.next(),
        };
        let Some(next) = next else { return merged };
        match merged.last_mut() {
            Some(last) if last.index == next.index => last.numbers.absorb(&next.numbers),
            _ => merged.push(next),
        }
    }
}
