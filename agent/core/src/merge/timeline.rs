//! A flood over time: the same points as in a [`super::Merge`], by window instead of all together. A window's percentiles are of
//! the merged sketches of all nodes and parts in it, never of percentiles.
//!
//! Two passes over the same lines: [`Timeline::learn_line`] of all of them, then [`Timeline::add_line`]. Only the first knows how
//! long windows are and of which run and kind a label is at a time; the second then merges in any order.
//!
//! - **Windows** here are as long as the flood's own, or a multiple of them: at most [`WINDOWS_MAX`]. The flood's own length is the
//!   longest that a tenth of its points have: nodes may differ, and what is longer was folded for want of room (`degraded`).
//! - **Series** are of all requests and of the labels with the most samples, at most [`SERIES_MAX`]: 18,000 sketches.
//!   Who needs other windows or labels says so with a [`Cut`], and answers for the room that it takes.
//! - **Users** are the most of a (node, run, window), then the sum over the nodes.
//! - **Health** is of the nodes in the flood's ledger, in windows of at least [`HEALTH_S`]; its points name no flood.

mod health;
#[cfg(test)]
mod tests;

pub use health::{HealthMoment, NodeReadings};

use super::fields::Fields;
use super::label::{Change, What};
use super::seen::{self, Seen, Told};
use super::sides::Side;
use super::summary::FloodSummary;
use super::{Measurement, ScopeKey, Tags};
use crate::measure::sketch::Sketch;
use crate::wire::line::Line;
use health::Health;
use std::collections::{BTreeMap, BTreeSet};

/// Windows of one timeline: as many as a screen has room for.
pub const WINDOWS_MAX: u64 = 360;
/// Labels that have series of their own.
pub const SERIES_MAX: usize = 50;
/// Health is looked at in windows of at least this, s.
pub const HEALTH_S: u64 = 15;

const NS_PER_S: i64 = 1_000_000_000;
/// How many of the flood's own windows are one here, where all of them are too many; whole minutes above.
const MULTIPLES: [u64; 12] = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60];

/// How a timeline is cut, where a screen is not what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Where the labels that get series stand in the flood's `labels`.
    pub labels: Vec<usize>,
    /// The least length of a window, s: a multiple of the flood's own that is as long is taken.
    pub window_s_min: u64,
    /// Windows; more of them make each longer.
    pub windows_max: u64,
}

/// Samples of one window.
#[derive(Debug, Clone, Default)]
pub struct WindowNumbers {
    /// All.
    pub count: u64,
    /// Of them, failed.
    pub failed: u64,
    /// Smallest and largest response time, µs; `None` where none was measured.
    pub span_us: Option<(u64, u64)>,
    /// Response times.
    pub sketch: Sketch,
    /// How many of them were measured: all of `sketch`, and those of which the sketch is missing.
    pub measured: u64,
    /// Their sum, whole µs.
    pub sum_us: u128,
}

/// One label over time.
#[derive(Debug)]
pub struct LabelSeries {
    /// Where it stands in the flood's `labels`.
    pub at: usize,
    /// By window.
    pub windows: Vec<WindowNumbers>,
}

/// What became of all points.
#[derive(Debug)]
pub struct TimeSeries {
    /// Length of the flood's own windows, s.
    pub period_s: u64,
    /// Length of a window here, s: a multiple of it.
    pub window_s: u64,
    /// Start of the first window, s since the epoch.
    pub start_s: i64,
    /// By window, how much of it is between the flood's start and end, s.
    pub covered_s: Vec<u64>,
    /// All requests.
    pub total: Vec<WindowNumbers>,
    /// Users at once; `None` where nothing was said.
    pub users: Vec<Option<f64>>,
    /// Windows of which a part was folded into another for want of room: how samples spread over time is not known in them.
    pub folded: Vec<bool>,
    /// The labels with the most samples, in that order.
    pub labels: Vec<LabelSeries>,
    /// Nodes' health over time, where it was said.
    pub health: Vec<HealthMoment>,
    /// The same by node.
    pub nodes: BTreeMap<String, NodeReadings>,
}

/// See the module's head.
#[derive(Debug)]
pub struct Timeline {
    scope: ScopeKey,
    runs: Vec<i64>,
    span_s: (i64, i64),
    /// Where a series of a label is: by id and whether it is a transaction.
    wanted: BTreeMap<(String, bool), usize>,
    labels: Vec<LabelSeries>,
    /// Points by the length of their window, s: at most 3,600.
    lengths: BTreeMap<u64, u64>,
    told: Told,
    seen: Seen,
    frame: Option<Frame>,
    total: Vec<WindowNumbers>,
    users: Vec<BTreeMap<(String, Option<i64>), f64>>,
    folded: BTreeSet<usize>,
    health: Health,
    window_s_min: u64,
    windows_max: u64,
}

/// How time is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Frame {
    period_s: u64,
    window_s: u64,
    start_s: i64,
    windows: usize,
}

impl Timeline {
    /// Of one of a summary's floods, whose lines are given next.
    #[must_use]
    pub fn of(flood: &FloodSummary) -> Self {
        let mut order: Vec<usize> = (0..flood.labels.len()).collect();
        // The labels are in the order of their texts, and a stable sort keeps it.
        order.sort_by_key(|&at| std::cmp::Reverse(flood.labels[at].count));
        order.truncate(SERIES_MAX);
        Self::cut(flood, Cut { labels: order, window_s_min: 1, windows_max: WINDOWS_MAX })
    }

    /// The same, with windows and labels of somebody's choice.
    #[must_use]
    pub fn cut(flood: &FloodSummary, cut: Cut) -> Self {
        let Cut { labels: mut order, window_s_min, windows_max } = cut;
        order.retain(|at| *at < flood.labels.len());
        let key = |at: usize| (flood.labels[at].label_id.clone(), flood.labels[at].kind == "transaction");
        Self {
            scope: ScopeKey {
                account: flood.account.clone(),
                project: flood.project.clone(),
                flood: flood.flood.clone(),
            },
            runs: flood.runs.clone(),
            span_s: (flood.start_s, flood.end_s),
            wanted: order.iter().enumerate().map(|(series, &at)| (key(at), series)).collect(),
            labels: order.iter().map(|&at| LabelSeries { at, windows: Vec::new() }).collect(),
            lengths: BTreeMap::new(),
            told: Told::default(),
            seen: Seen::default(),
            frame: None,
            total: Vec::new(),
            users: Vec::new(),
            folded: BTreeSet::new(),
            health: Health::of(flood),
            window_s_min: window_s_min.max(1),
            windows_max: windows_max.max(3),
        }
    }

    /// First pass. What is no line of this flood is ignored, here and in the second: the merge has said what is wrong.
    pub fn learn_line(&mut self, line: &[u8]) {
        let line = line.trim_ascii();
        let mut fields = Fields::default();
        let Ok(parsed) = Line::parse_with(line, |key, value| fields.set(key, value)) else { return };
        let Some(what @ What::Transactions) = What::of(parsed.measurement) else { return };
        let tags = Tags::of(&parsed);
        let (Some(label_id), Some(time_ns)) = (&tags.label_id, parsed.timestamp) else { return };
        let Ok(change) = Change::read(what, &fields) else { return };
        if tags.scope != self.scope {
            return;
        }
        if let Change::Transactions { window_s, run, .. } = &change
            && self.is_of(*run)
        {
            *self.lengths.entry(*window_s).or_default() += 1;
        }
        if let Some(side) = Side::of(&change) {
            self.told.insert(tags.scope.moment(label_id, time_ns), side);
        }
    }

    /// Second pass, with all lines that were learned.
    pub fn add_line(&mut self, line: &[u8]) {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            return;
        }
        let mut fields = Fields::default();
        let Ok(parsed) = Line::parse_with(line, |key, value| fields.set(key, value)) else { return };
        let (Some(kind), Some(time_ns)) = (Measurement::of(parsed.measurement), parsed.timestamp) else {
            return;
        };
        let tags = Tags::of(&parsed);
        let is_health = matches!(kind, Measurement::Health);
        if !is_health && tags.scope != self.scope {
            return;
        }
        let id = seen::identity(parsed.measurement, parsed.tags, time_ns);
        if self.seen.has(&id) {
            return;
        }
        self.seen.insert(id);
        let frame = self.frame();
        match kind {
            Measurement::Label(what) => {
                if let (Some(label_id), Ok(change)) = (tags.label_id, Change::read(what, &fields)) {
                    self.add_change(frame, label_id, change, time_ns);
                }
            }
            Measurement::Concurrency => {
                let Some(at) = frame.at(time_ns) else { return };
                let (Ok(run), Ok(active)) = (fields.run(), fields.number("value")) else { return };
                if self.is_of(run) {
                    let node = fields.text("node").unwrap_or_default();
                    let most = self.users[at].entry((node, run)).or_default();
                    *most = most.max(active);
                }
            }
            Measurement::Health => self.health.add(&fields, time_ns, frame.window_s.max(HEALTH_S)),
            Measurement::Ledger | Measurement::Trace => {}
        }
    }

    /// All of it.
    #[must_use]
    pub fn finish(mut self) -> TimeSeries {
        let frame = self.frame();
        let covered_s = |at: usize| {
            let start_s = frame.start_of(at);
            let end_s = start_s.saturating_add_unsigned(frame.window_s).min(self.span_s.1);
            u64::try_from(end_s.saturating_sub(start_s.max(self.span_s.0))).unwrap_or(0)
        };
        let covered_s = (0..frame.windows).map(covered_s).collect();
        let (health, nodes) = self.health.into_parts();
        TimeSeries {
            period_s: frame.period_s,
            window_s: frame.window_s,
            start_s: frame.start_s,
            covered_s,
            users: self.users.iter().map(|users| (!users.is_empty()).then(|| users.values().sum())).collect(),
            folded: (0..frame.windows).map(|at| self.folded.contains(&at)).collect(),
            total: self.total,
            labels: self.labels,
            health,
            nodes,
        }
    }

    fn add_change(&mut self, frame: Frame, label_id: String, change: Change, time_ns: i64) {
        let moment = self.scope.moment(&label_id, time_ns);
        let Some(side) = Side::of(&change).or_else(|| self.told.get(|| moment)) else { return };
        let Some(at) = frame.at(time_ns).filter(|_| self.is_of(side.run())) else { return };
        if let Change::Transactions { window_s, .. } = &change
            && *window_s > frame.period_s
        {
            let before_ns = i64::try_from(window_s - frame.period_s).unwrap_or(0).saturating_mul(NS_PER_S);
            let first = frame.at(time_ns.saturating_sub(before_ns)).unwrap_or(0);
            self.folded.extend(first..=at);
        }
        if !side.is_transaction() {
            self.total[at].change(&change);
        }
        if let Some(&series) = self.wanted.get(&(label_id, side.is_transaction())) {
            self.labels[series].windows[at].change(&change);
        }
    }

    /// Points of older nodes name no run.
    fn is_of(&self, run: Option<i64>) -> bool {
        run.is_none_or(|run| self.runs.contains(&run))
    }

    fn frame(&mut self) -> Frame {
        if let Some(frame) = self.frame {
            return frame;
        }
        let frame = Frame::of(&self.lengths, self.span_s, (self.window_s_min, self.windows_max));
        self.total = vec![WindowNumbers::default(); frame.windows];
        self.users = vec![BTreeMap::new(); frame.windows];
        self.labels.iter_mut().for_each(|label| label.windows = self.total.clone());
        self.frame = Some(frame);
        frame
    }
}

impl Frame {
    fn of(
        lengths: &BTreeMap<u64, u64>,
        (start_s, end_s): (i64, i64),
        (window_s_min, windows_max): (u64, u64),
    ) -> Self {
        let points: u64 = lengths.values().sum();
        let usual = lengths.iter().rev().find(|(_, n)| n.saturating_mul(10) >= points);
        let period_s = usual.map_or(1, |(length, _)| *length).max(1);
        let least = window_s_min.div_ceil(period_s).max(1);
        let needed = |window_s: u64| {
            let window_s = i64::try_from(window_s).unwrap_or(i64::MAX);
            let (first, last) = (start_s.div_euclid(window_s), end_s.saturating_sub(1).div_euclid(window_s));
            u64::try_from(last.saturating_sub(first)).unwrap_or(0) + 1
        };
        let fits =
            |multiple: &u64| *multiple >= least && needed(period_s.saturating_mul(*multiple)) <= windows_max;
        // One more than the division says, for the windows at the ends.
        let whole_minutes = || (needed(period_s) / (windows_max - 2)).max(least).div_ceil(60).max(1) * 60;
        let multiple = MULTIPLES.into_iter().find(fits).unwrap_or_else(whole_minutes);
        let window_s = period_s.saturating_mul(multiple);
        let length_s = i64::try_from(window_s).unwrap_or(i64::MAX);
        let windows = if end_s > start_s { needed(window_s).min(2 * windows_max) } else { 0 };
        Self {
            period_s,
            window_s,
            start_s: start_s.div_euclid(length_s).saturating_mul(length_s),
            windows: usize::try_from(windows).unwrap_or(0),
        }
    }

    /// `None` where no window is.
    fn at(&self, time_ns: i64) -> Option<usize> {
        let since_s = time_ns.div_euclid(NS_PER_S).checked_sub(self.start_s)?;
        let at = u64::try_from(since_s).ok()? / self.window_s;
        usize::try_from(at).ok().filter(|at| *at < self.windows)
    }

    fn start_of(&self, at: usize) -> i64 {
        self.start_s.saturating_add_unsigned((at as u64).saturating_mul(self.window_s))
    }
}

impl WindowNumbers {
    fn change(&mut self, change: &Change) {
        match change {
            Change::Transactions { count, failed, .. } => {
                self.count = self.count.saturating_add(*count);
                self.failed = self.failed.saturating_add(*failed);
            }
            Change::ResponseTime(times) if times.count > 0 => {
                let us = |ms: f64| (ms * 1_000.0).round() as u64;
                let (min, max) = (us(times.min_ms), us(times.max_ms));
                let (least, most) = self.span_us.unwrap_or((min, max));
                self.span_us = Some((least.min(min), most.max(max)));
                self.measured = self.measured.saturating_add(times.count);
                self.sum_us = self.sum_us.saturating_add(times.sum_us);
            }
            Change::Sketch(sketch) => self.sketch.merge(sketch),
            _ => {}
        }
    }

    /// Adds another window's, or another label's of the same window.
    pub fn add(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.failed = self.failed.saturating_add(other.failed);
        self.measured = self.measured.saturating_add(other.measured);
        self.sum_us = self.sum_us.saturating_add(other.sum_us);
        self.span_us = match (self.span_us, other.span_us) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
        self.sketch.merge(&other.sketch);
    }

    /// Mean response time, ms; `None` where nothing was measured.
    #[must_use]
    pub fn mean_ms(&self) -> Option<f64> {
        (self.measured > 0).then(|| self.sum_us as f64 / self.measured as f64 / 1_000.0)
    }

    /// ms; `None` where nothing was measured.
    #[must_use]
    pub fn percentile_ms(&self, permille: u32) -> Option<f64> {
        let (min_us, max_us) = self.span_us.unwrap_or((0, u64::MAX));
        let is_measured = !self.sketch.is_empty();
        is_measured.then(|| self.sketch.percentile_us(permille, min_us, max_us) as f64 / 1_000.0)
    }
}
