//! A run's numbers over time: what came of each window, so that any stretch of consecutive ones can be merged again.
//!
//! Points of one label and window share a timestamp, so they are merged second by second, and seconds are put into windows
//! when somebody asks: only then the length of a window is known. Where windows were folded for want of room, the longest
//! is the unit. A window without a sample is one, too.

use super::label::Label;
use super::{LabelSummary, Merge, Runs};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// What is merged: the rest says nothing that a stretch is asked for.
const MEASUREMENTS: [&[u8]; 3] =
    [b"transaction_rate_mean,", b"response_time_mean,", b"response_time_sketch,"];
/// Seconds with points that may still come; later ones of an older second are added to it all the same.
const OPEN_MAX: usize = 180;
/// Labels in seconds that are kept, the total being one: mostly below 1 KiB each.
const CELLS_MAX: usize = 200_000;
/// Beside a stretch: edges that may be left out, one that is rounded up, one for samples that are late.
const WINDOWS_BESIDE: i64 = 5;
const NS_PER_S: i64 = 1_000_000_000;

/// Text and kind of a label.
pub type LabelKey = (String, String);

/// See the module's head.
pub struct Stretches {
    is_wanted: Box<dyn Fn(&str) -> bool + Send>,
    open: BTreeMap<i64, Merge>,
    total: BTreeMap<i64, Label>,
    labels: BTreeMap<LabelKey, BTreeMap<i64, Label>>,
    cells: usize,
    cells_max: usize,
    is_cut: bool,
    /// The longest, s.
    window_s: i64,
    /// Of the first and the last point.
    seconds: Option<(i64, i64)>,
    /// Everything of older seconds has been forgotten.
    kept_from: i64,
}

/// Consecutive windows, merged.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// Its first window's start, s from the start of the run's first window.
    pub from_s: u64,
    /// Its last window's end, from there.
    pub to_s: u64,
    /// What came of it.
    pub numbers: LabelSummary,
}

/// Whether the first and the last window of a run are looked at, which the load filled only in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edges {
    /// As all others.
    Included,
    /// They are left out, unless the run has nothing else: what counts samples would be falsely low there.
    LeftOut,
}

/// What is made of a run that is shorter than a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shorter {
    /// It is one stretch.
    IsOne,
    /// It is none yet: the run goes on.
    IsNone,
}

impl fmt::Debug for Stretches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stretches")
            .field("cells", &self.cells)
            .field("seconds", &self.seconds)
            .finish_non_exhaustive()
    }
}

impl Stretches {
    /// Nothing yet. All requests together are always kept; of labels those whose text `is_wanted`.
    #[must_use]
    pub fn new(is_wanted: impl Fn(&str) -> bool + Send + 'static) -> Self {
        Self {
            is_wanted: Box::new(is_wanted),
            open: BTreeMap::new(),
            total: BTreeMap::new(),
            labels: BTreeMap::new(),
            cells: 0,
            cells_max: CELLS_MAX,
            is_cut: false,
            window_s: 1,
            seconds: None,
            kept_from: i64::MIN,
        }
    }

    /// Takes one line, as [`Merge::add_line`] does. One that cannot be merged is nothing here: the merge of the whole names it.
    pub fn add_line(&mut self, line: &[u8]) {
        let line = line.trim_ascii();
        if !MEASUREMENTS.iter().any(|name| line.starts_with(name)) {
            return;
        }
        let time = line.rsplit(|&byte| byte == b' ').next();
        let time_ns = time.and_then(|time| std::str::from_utf8(time).ok()).and_then(|time| time.parse().ok());
        let Some(second) = time_ns.map(|ns: i64| ns.div_euclid(NS_PER_S)) else { return };
        let _ = self.open.entry(second).or_default().add_line(line);
        if self.open.len() > OPEN_MAX
            && let Some((second, merge)) = self.open.pop_first()
        {
            self.keep(second, &merge);
        }
    }

    /// What has come so far can be asked for. More may come, but no line again.
    pub fn end(&mut self) {
        for (second, merge) in std::mem::take(&mut self.open) {
            self.keep(second, &merge);
        }
    }

    /// Forgets what no stretch of `over_s` needs any more that is asked for while the run goes on.
    pub fn forget_before(&mut self, over_s: u64) {
        let Some((_, last)) = self.seconds else { return };
        let windows_s = self.window_s.saturating_mul(WINDOWS_BESIDE);
        let needed_s = i64::try_from(over_s).unwrap_or(i64::MAX).saturating_add(windows_s);
        let from = last.saturating_sub(needed_s).div_euclid(self.window_s) * self.window_s;
        self.kept_from = self.kept_from.max(from);
        self.total = self.total.split_off(&self.kept_from);
        self.labels.values_mut().for_each(|seconds| *seconds = seconds.split_off(&self.kept_from));
        self.cells = self.total.len() + self.labels.values().map(BTreeMap::len).sum::<usize>();
    }

    /// Something is missing: there were more labels, in more windows, than are kept.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Labels that were wanted and are there.
    pub fn labels(&self) -> impl Iterator<Item = &LabelKey> {
        self.labels.keys()
    }

    /// Each stretch of consecutive windows that covers `over_s`, one window after the other.
    /// `whose`: all requests together without one.
    pub fn each_stretch(
        &self,
        whose: Option<&LabelKey>,
        over_s: u64,
        (edges, shorter): (Edges, Shorter),
        mut see: impl FnMut(Stretch),
    ) {
        let Some(windows) = self.windows(edges, shorter) else { return };
        let nothing = BTreeMap::new();
        let seconds = whose.map_or(&self.total, |key| self.labels.get(key).unwrap_or(&nothing));
        let mut by_window: BTreeMap<i64, Label> = BTreeMap::new();
        for (second, label) in seconds {
            by_window.entry(second.div_euclid(self.window_s)).or_default().add(label);
        }
        let first = self.seconds.map_or(0, |(first, _)| first.div_euclid(self.window_s));
        let wanted = over_s.div_ceil(self.window_s.unsigned_abs()).max(1);
        let wanted = i64::try_from(wanted).unwrap_or(i64::MAX);
        let wanted = if shorter == Shorter::IsOne { wanted.min(windows.end - windows.start) } else { wanted };
        let since = |window: i64| u64::try_from((window - first) * self.window_s).unwrap_or(0);
        let mut slide = Slide::default();
        for window in windows.clone() {
            slide.push(by_window.remove(&window).unwrap_or_default());
            let from = window + 1 - wanted;
            if from < windows.start {
                continue;
            }
            let (from_s, to_s) = (since(from), since(window + 1));
            let mut label = slide.merged();
            label.text = whose.map(|(text, _)| text.clone());
            see(Stretch { from_s, to_s, numbers: LabelSummary::of("", &label, to_s - from_s) });
            slide.pop();
        }
    }

    /// The run's windows that are looked at, by number since the epoch.
    fn windows(&self, edges: Edges, shorter: Shorter) -> Option<Range<i64>> {
        let (first, last) = self.seconds?;
        let first = first.max(self.kept_from);
        let (first, end) = (first.div_euclid(self.window_s), last.div_euclid(self.window_s) + 1);
        let has_others = shorter == Shorter::IsNone || end - first > 2;
        Some(if edges == Edges::LeftOut && has_others { first + 1..end - 1 } else { first..end })
    }

    fn keep(&mut self, second: i64, merge: &Merge) {
        for scope in merge.scopes.values() {
            for window_s in scope.windows_s() {
                self.window_s = self.window_s.max(i64::try_from(window_s).unwrap_or(1));
                let (first, last) = self.seconds.unwrap_or((second, second));
                self.seconds = Some((first.min(second), last.max(second)));
            }
            for (id, label) in scope.labels_of(Runs::AddedUp) {
                self.keep_label(second, id, label);
            }
        }
    }

    fn keep_label(&mut self, second: i64, id: &str, label: Label) {
        let text = label.text.clone().unwrap_or_else(|| id.to_owned());
        if label.kind != "transaction" && self.has_room(self.total.contains_key(&second)) {
            self.total.entry(second).or_default().add(&label);
        }
        if !(self.is_wanted)(&text) {
            return;
        }
        let key = (text, label.kind.clone());
        let is_there = self.labels.get(&key).is_some_and(|seconds| seconds.contains_key(&second));
        if self.has_room(is_there) {
            self.labels.entry(key).or_default().entry(second).or_default().add(&label);
        }
    }

    fn has_room(&mut self, is_there: bool) -> bool {
        let has_room = is_there || self.cells < self.cells_max;
        self.cells += usize::from(has_room && !is_there);
        self.is_cut |= !has_room;
        has_room
    }
}

/// What moves over the windows: each is merged a few times in all, however long the stretch is. The older windows have
/// been merged from the newest of them backwards, so the oldest can go; the newer ones wait until it is their turn.
#[derive(Debug, Default)]
struct Slide {
    /// Each with all older ones that are newer than it: the last is the whole of them.
    older: Vec<Label>,
    newer: Vec<Label>,
    newer_merged: Label,
}

impl Slide {
    fn push(&mut self, label: Label) {
        self.newer_merged.add(&label);
        self.newer.push(label);
    }

    /// The oldest goes.
    fn pop(&mut self) {
        if self.older.is_empty() {
            self.newer_merged = Label::default();
            for mut label in std::mem::take(&mut self.newer).into_iter().rev() {
                if let Some(behind) = self.older.last() {
                    label.add(behind);
                }
                self.older.push(label);
            }
        }
        self.older.pop();
    }

    fn merged(&self) -> Label {
        let mut merged = self.newer_merged.clone();
        if let Some(older) = self.older.last() {
            merged.add(older);
        }
        merged
    }
}

#[cfg(test)]
mod tests;
