//! Two runs side by side: what changed beyond noise, label by label.
//!
//! - **Noise** is how much a number varies from window to window, neighbours that go up and down together included; see `ratio`.
//!   Every number is a ratio of sums over windows: failed samples of all, times over their number, and of a percentile the samples
//!   above a time. Nothing is drawn at random, so equal runs get equal answers.
//! - **Beyond noise** is what noise alone would make of *any* compared number in at most one of twenty comparisons (Holm). What is
//!   beyond noise and tiny is [`Finding::Small`].
//! - **What it cannot see** is what differs between two runs of the same thing: a warmer cache, another machine. Two runs of it tell.
//! - **Room**: [`LABELS_MAX`] labels in [`WINDOWS_MAX`] windows; all others are counted only.

mod change;
mod holm;
mod ratio;
mod side;
mod student;
#[cfg(test)]
mod tests;

pub use change::{Change, Finding, Measure};
pub use side::SideNumbers;

use crate::merge::{Cut, FloodSummary, LabelSummary, TimeSeries, WindowNumbers};
use serde::Serialize;
use side::Side;
use std::collections::BTreeMap;

/// Labels that are compared: those with the most samples, and as many again that were asked for.
pub const LABELS_MAX: usize = 200;
/// Windows of a side that a comparison needs, with a sample of the label in each.
pub const WINDOWS_MIN: usize = 8;
/// Windows that are compared are at least so long, s: shorter ones have more in common with their neighbours.
pub const WINDOW_S_MIN: u64 = 15;
/// Windows of a side; in longer runs they are longer.
pub const WINDOWS_MAX: u64 = 160;

/// What is worth a word.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CompareSettings {
    /// Left out at the start of each side, s.
    pub skip_s: u64,
    /// Of times, per cent of A.
    pub least_percent: f64,
    /// Of failed samples, percentage points.
    pub least_failed_percent: f64,
    /// How often noise alone may make anything look like a change.
    pub chance_max: f64,
}

/// A run.
#[derive(Debug)]
pub struct RunSide {
    /// Its numbers.
    pub flood: FloodSummary,
    /// The same over time, cut as [`cuts`] says.
    pub time: TimeSeries,
}

/// A label, or all requests, on both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Its text.
    pub label: String,
    /// `request` or `transaction`.
    pub kind: String,
    /// Numbers of side A.
    pub a: SideNumbers,
    /// Numbers of side B.
    pub b: SideNumbers,
    /// In the order of [`Measure::ALL`].
    pub changes: Vec<Change>,
}

/// A label that is only counted: of the whole run, nothing skipped.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CountedRow {
    /// Its text.
    pub label: String,
    /// `request` or `transaction`.
    pub kind: String,
    /// Samples on side A and on side B; `None` where it is not.
    pub count: [Option<u64>; 2],
    /// Of them, failed.
    pub failed: [Option<u64>; 2],
}

/// See the module's head.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Length of the compared windows of each side, s.
    pub window_s: [u64; 2],
    /// How many of them there are.
    pub windows: [usize; 2],
    /// What was asked.
    pub settings: CompareSettings,
    /// All requests.
    pub total: Row,
    /// Compared labels, by text.
    pub labels: Vec<Row>,
    /// Labels of both sides that are not.
    pub counted: Vec<CountedRow>,
    /// Labels of one side only.
    pub only_one_side: Vec<CountedRow>,
}

impl Default for CompareSettings {
    fn default() -> Self {
        Self { skip_s: 0, least_percent: 5.0, least_failed_percent: 0.1, chance_max: 0.05 }
    }
}

impl RunSide {
    /// The windows that count, by number, and how much time is in them, s.
    fn span(&self, skip_s: u64) -> (usize, u64) {
        let from_s = self.flood.start_s.saturating_add_unsigned(skip_s);
        let start = |at: usize| self.time.start_s.saturating_add_unsigned(at as u64 * self.time.window_s);
        let all = self.time.total.len();
        let first = (0..all).find(|at| skip_s == 0 || start(*at) >= from_s).unwrap_or(all);
        (first, self.time.covered_s.iter().skip(first).sum())
    }

    fn series_of(&self, at: usize) -> Option<&[WindowNumbers]> {
        self.time.labels.iter().find(|series| series.at == at).map(|series| series.windows.as_slice())
    }
}

/// How the sides' timelines are to be cut: the labels with the most samples, and those whose text has `asked` in it.
#[must_use]
pub fn cuts(a: &FloodSummary, b: &FloodSummary, asked: Option<&str>) -> [Cut; 2] {
    let there = places(b);
    let both = a.labels.iter().enumerate().filter_map(|(at, label)| Some((at, *there.get(&key(label))?)));
    let mut both: Vec<(usize, usize)> = both.collect();
    let samples = |(a_at, b_at): (usize, usize)| a.labels[a_at].count.saturating_add(b.labels[b_at].count);
    // They are in the order of their texts, and a stable sort keeps it.
    both.sort_by_key(|pair| std::cmp::Reverse(samples(*pair)));
    let rest = both.split_off(both.len().min(LABELS_MAX));
    let is_asked = |at: usize| asked.is_some_and(|text| a.labels[at].label.contains(text));
    both.extend(rest.into_iter().filter(|(at, _)| is_asked(*at)).take(LABELS_MAX));
    let (a_at, b_at): (Vec<usize>, Vec<usize>) = both.into_iter().unzip();
    [a_at, b_at].map(|labels| Cut { labels, window_s_min: WINDOW_S_MIN, windows_max: WINDOWS_MAX })
}

impl Comparison {
    /// Of two runs whose timelines were cut by [`cuts`].
    #[must_use]
    pub fn of(a: &RunSide, b: &RunSide, settings: CompareSettings) -> Self {
        let spans = [a, b].map(|side| side.span(settings.skip_s));
        let row = |label: &LabelSummary, windows: [&[WindowNumbers]; 2]| {
            let [a, b] = [0, 1].map(|at| {
                let (first, covered_s) = spans[at];
                Side::new(windows[at].get(first..).unwrap_or_default(), covered_s)
            });
            Row::of(label, &a, &b)
        };
        let mut total = row(&a.flood.total, [&a.time.total, &b.time.total]);
        let there = places(&b.flood);
        let (mut labels, mut counted, mut only_one_side) = (Vec::new(), Vec::new(), Vec::new());
        for (at, label) in a.flood.labels.iter().enumerate() {
            let other = there.get(&key(label)).copied();
            match (a.series_of(at), other.and_then(|at| b.series_of(at)), other) {
                (Some(in_a), Some(in_b), _) => labels.push(row(label, [in_a, in_b])),
                (_, _, Some(other)) => {
                    counted.push(CountedRow::of(Some(label), Some(&b.flood.labels[other])));
                }
                _ => only_one_side.push(CountedRow::of(Some(label), None)),
            }
        }
        let here = places(&a.flood);
        let only_b = b.flood.labels.iter().filter(|label| !here.contains_key(&key(label)));
        only_one_side.extend(only_b.map(|label| CountedRow::of(None, Some(label))));
        judge(labels.iter_mut().chain([&mut total]), &settings);
        Self {
            window_s: [a.time.window_s, b.time.window_s],
            windows: [a, b].map(|side| side.time.total.len() - side.span(settings.skip_s).0),
            settings,
            total,
            labels,
            counted,
            only_one_side,
        }
    }

    /// All rows, the total last.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.labels.iter().chain([&self.total])
    }

    /// How many rows have at least one number of which this was found.
    #[must_use]
    pub fn rows_that_are(&self, finding: Finding) -> usize {
        self.rows().filter(|row| row.is(finding)).count()
    }

    /// Whether nothing could be compared at all.
    #[must_use]
    pub fn cannot_tell(&self) -> bool {
        self.rows().all(|row| row.changes.iter().all(|change| change.finding == Finding::CannotTell))
    }
}

impl Row {
    fn of(label: &LabelSummary, a: &Side<'_>, b: &Side<'_>) -> Self {
        Self {
            label: label.label.clone(),
            kind: label.kind.clone(),
            a: a.numbers(),
            b: b.numbers(),
            changes: Measure::ALL.map(|measure| Change::of(measure, a, b)).to_vec(),
        }
    }

    /// Whether this was found of any of its numbers.
    #[must_use]
    pub fn is(&self, finding: Finding) -> bool {
        self.changes.iter().any(|change| change.finding == finding)
    }
}

impl CountedRow {
    fn of(a: Option<&LabelSummary>, b: Option<&LabelSummary>) -> Self {
        let one = a.or(b);
        Self {
            label: one.map(|label| label.label.clone()).unwrap_or_default(),
            kind: one.map(|label| label.kind.clone()).unwrap_or_default(),
            count: [a, b].map(|label| label.map(|label| label.count)),
            failed: [a, b].map(|label| label.map(|label| label.failed)),
        }
    }
}

/// All questions are one family: each answer is worth less for every other one.
fn judge<'r>(rows: impl Iterator<Item = &'r mut Row>, settings: &CompareSettings) {
    let asked = rows.flat_map(|row| &mut row.changes);
    let mut asked: Vec<(f64, &mut Change)> =
        asked.filter_map(|change| Some((change.chance?, change))).collect();
    let chances: Vec<f64> = asked.iter().map(|(chance, _)| *chance).collect();
    let corrected = holm::corrected(&chances);
    asked.iter_mut().zip(corrected).for_each(|((_, change), chance)| change.judge(chance, settings));
}

fn key(label: &LabelSummary) -> (&str, &str) {
    (&label.label, &label.kind)
}

fn places(flood: &FloodSummary) -> BTreeMap<(&str, &str), usize> {
    flood.labels.iter().enumerate().map(|(at, label)| (key(label), at)).collect()
}
