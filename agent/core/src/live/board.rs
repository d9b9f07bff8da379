//! Figures of each label, from closed windows alone: whoever watches costs the ingest thread nothing.
//!
//! Counts are of the whole run, rates of the last five windows, percentiles of the last ten to twenty: two sketches a
//! label take turns, so memory follows what happened lately and not how long the run is. At most [`LABELS_MAX`] labels
//! have a row of their own; the others share one, so that the counts of all rows add up.

use super::recent::{Recent, SLOTS};
use crate::measure::accumulator::Accumulator;
use crate::measure::ingest::ClosedWindow;
use crate::measure::sketch::Sketch;
use crate::wire::label::OTHER;
use crate::wire::sump::Kind;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Series with a row of their own: the default cap of a run's labels. A label as a request and as a transaction is two.
pub const LABELS_MAX: usize = crate::base::limits::LABELS_DEFAULT;
/// Windows after which the younger sketch becomes the older one.
const TURN_SLOTS: i64 = 10;
/// Where the others are; a run has no series of this number before it has four thousand million labels.
pub const OTHERS: u32 = u32::MAX;

/// One label at one moment.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its text, as it came: not fit for a terminal.
    pub label: Arc<str>,
    /// Request or transaction.
    pub kind: Kind,
    /// Samples since the start.
    pub count: u64,
    /// Of them, failed.
    pub failed: u64,
    /// Samples a second, lately.
    pub rate_per_s: f64,
    /// Median, 95th and 99th percentile of the response time, lately, µs; `None` where nothing was measured.
    pub percentiles_us: Option<[u64; 3]>,
    /// The 95th percentile of each of the last windows, µs; 0 where there was nothing.
    pub curve_us: [u64; SLOTS],
}

/// All labels of one run.
#[derive(Debug, Default)]
pub struct Board {
    labels: BTreeMap<u32, Label>,
    span: Option<(i64, i64)>,
    period_ns: u64,
}

#[derive(Debug)]
struct Label {
    text: Arc<str>,
    kind: Kind,
    count: u64,
    failed: u64,
    recent: Recent,
    turned: i64,
    young: Times,
    old: Times,
    /// Of both together; kept, for most labels of a large plan are silent in most windows.
    percentiles_us: Option<[u64; 3]>,
}

#[derive(Debug, Default)]
struct Times {
    sketch: Sketch,
    min_us: Option<u64>,
    max_us: u64,
}

impl Board {
    /// Takes a closed window in.
    pub fn add(&mut self, window: &ClosedWindow) {
        let slot = self.begin(window.start_ns, window.period_ns);
        for series in &window.series {
            self.add_label(slot, series.index.0, (&series.info.label, series.info.kind), &series.numbers);
        }
    }

    /// A window of this length begins then; gives its number, for [`Self::add_label`].
    pub fn begin(&mut self, start_ns: i64, period_ns: u64) -> i64 {
        self.period_ns = period_ns.max(1);
        let period = i64::try_from(self.period_ns).unwrap_or(i64::MAX);
        let slot = start_ns.div_euclid(period);
        let (first, latest) = self.span.unwrap_or((slot, slot));
        self.span = Some((first.min(slot), latest.max(slot)));
        slot
    }

    /// What a label, by a number of its own below [`OTHERS`], had in a window.
    pub fn add_label(&mut self, slot: i64, number: u32, (text, kind): (&str, Kind), numbers: &Accumulator) {
        let is_known = self.labels.contains_key(&number);
        let index = if is_known || self.labels.len() < LABELS_MAX { number } else { OTHERS };
        let label = self.labels.entry(index).or_insert_with(|| match index {
            OTHERS => Label::new(OTHER, Kind::Request, slot),
            _ => Label::new(text, kind, slot),
        });
        label.add(slot, numbers);
    }

    /// All labels as they are now, in order of first sight.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let Some((first, latest)) = self.span else { return Vec::new() };
        self.labels.values().map(|label| label.row(first, latest, self.period_ns)).collect()
    }
}

impl Label {
    fn new(text: &str, kind: Kind, slot: i64) -> Self {
        Self {
            text: text.into(),
            kind,
            count: 0,
            failed: 0,
            recent: Recent::new(slot),
            turned: slot,
            young: Times::default(),
            old: Times::default(),
            percentiles_us: None,
        }
    }

    fn add(&mut self, slot: i64, numbers: &Accumulator) {
        self.count = self.count.saturating_add(numbers.count);
        self.failed = self.failed.saturating_add(numbers.failed);
        let of_window = numbers.sketch.percentile_us(950, numbers.rt.min_us, numbers.rt.max_us);
        let p95_us = if numbers.sketch.is_empty() { 0 } else { of_window };
        self.recent.add(slot, numbers.count, p95_us);
        let since = slot.saturating_sub(self.turned);
        if since >= TURN_SLOTS {
            let young = std::mem::take(&mut self.young);
            self.old = if since < 2 * TURN_SLOTS { young } else { Times::default() };
            self.turned = slot;
        }
        self.young.add(numbers);
        self.percentiles_us = self.young.with(&self.old);
    }

    fn row(&self, first: i64, latest: i64, period_ns: u64) -> Row {
        let is_silent = latest.saturating_sub(self.recent.at()) >= 2 * TURN_SLOTS;
        Row {
            label: Arc::clone(&self.text),
            kind: self.kind,
            count: self.count,
            failed: self.failed,
            rate_per_s: self.recent.rate_per_s(first, latest, period_ns),
            percentiles_us: self.percentiles_us.filter(|_| !is_silent),
            curve_us: self.recent.curve_us(latest),
        }
    }
}

impl Times {
    fn add(&mut self, numbers: &Accumulator) {
        if !numbers.sketch.is_empty() {
            self.sketch.merge(&numbers.sketch);
            self.min_us = Some(self.min_us.map_or(numbers.rt.min_us, |min| min.min(numbers.rt.min_us)));
            self.max_us = self.max_us.max(numbers.rt.max_us);
        }
    }

    fn with(&self, older: &Self) -> Option<[u64; 3]> {
        let min_us = self.min_us.into_iter().chain(older.min_us).min()?;
        let max_us = self.max_us.max(older.max_us);
        let mut both = self.sketch.clone();
        both.merge(&older.sketch);
        Some([500, 950, 990].map(|permille| both.percentile_us(permille, min_us, max_us)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::Ident;
    use crate::base::ids::LabelId;
    use crate::base::run::RunIdentity;
    use crate::measure::ingest::SeriesWindow;
    use crate::measure::series::{SeriesIndex, SeriesInfo};

    const S: i64 = 1_000_000_000;

    fn series(index: u32, label: &str, times_us: &[u64], failed: u64) -> SeriesWindow {
        let mut numbers = Accumulator::default();
        for us in times_us {
            numbers.count += 1;
            numbers.rt.add(*us);
            numbers.sketch.record(*us);
        }
        numbers.failed = failed;
        let info = SeriesInfo {
            label: label.into(),
            label_id: LabelId::of(label),
            kind: Kind::Request,
            alternate: false,
        };
        SeriesWindow { index: SeriesIndex(index), info: Arc::new(info), numbers }
    }

    fn window(second: i64, series: Vec<SeriesWindow>) -> ClosedWindow {
        let identity = RunIdentity {
            account: None,
            flood: Ident::near("f"),
            project: None,
            grid: None,
            region: None,
            run: 1,
        };
        ClosedWindow {
            run: 0,
            identity: Arc::new(identity),
            start_ns: second * S,
            period_ns: S.unsigned_abs(),
            part_n: 0,
            samples: series.iter().map(|series| series.numbers.count).sum(),
            series,
            users: None,
            account: None,
            degraded: 0,
            covers: Vec::new(),
        }
    }

    #[test]
    fn counts_are_of_the_run_and_times_are_of_lately() {
        let mut board = Board::default();
        assert!(board.rows().is_empty());
        board.add(&window(100, vec![series(0, "slow, then fast", &[9_000; 4], 1)]));
        let row = &board.rows()[0];
        assert_eq!(
            (row.count, row.failed, row.rate_per_s, row.percentiles_us),
            (4, 1, 4.0, Some([9_000; 3]))
        );
        board.add(&window(110, vec![series(0, "slow, then fast", &[1_000; 96], 0)]));
        assert_eq!(board.rows()[0].percentiles_us.map(|p| (p[0], p[2])), Some((1_003, 9_000)), "by bucket");
        board.add(&window(121, vec![series(0, "slow, then fast", &[1_000; 10], 0)]));
        let row = &board.rows()[0];
        assert_eq!((row.count, row.failed, row.rate_per_s), (110, 1, 2.0));
        assert_eq!(row.percentiles_us, Some([1_000; 3]), "the first seconds are forgotten");
        assert_eq!(
            (row.curve_us[SLOTS - 1], row.curve_us[SLOTS - 12], row.curve_us[SLOTS - 22]),
            (1_000, 1_000, 9_000)
        );
    }

    #[test]
    fn who_is_silent_keeps_its_counts_only() {
        let mut board = Board::default();
        board.add(&window(1, vec![series(0, "once", &[5], 0), series(1, "no times", &[], 0)]));
        board.add(&window(40, vec![series(2, "later", &[5], 0)]));
        let rows = board.rows();
        assert_eq!((rows[0].count, rows[0].rate_per_s, rows[0].percentiles_us), (1, 0.0, None));
        assert_eq!(rows[1].percentiles_us, None);
        assert_eq!(rows[2].percentiles_us, Some([5; 3]));
    }

    #[test]
    fn labels_beyond_the_bound_share_a_row_and_nothing_is_uncounted() {
        let mut board = Board::default();
        let many =
            |second| window(second, (0..10_500).map(|n| series(n, &format!("label {n}"), &[1], 0)).collect());
        board.add(&many(1));
        board.add(&many(2));
        let rows = board.rows();
        assert_eq!(rows.len(), LABELS_MAX + 1);
        let last = rows.last().unwrap();
        assert_eq!((&*last.label, last.count), (OTHER, 1_000));
        assert_eq!(rows.iter().map(|row| row.count).sum::<u64>(), 21_000);
    }
}
