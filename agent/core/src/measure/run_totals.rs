//! What a whole run came to, label by label, added up from closed windows: whoever keeps it costs the ingest thread nothing.
//!
//! At most [`LABELS_KEPT_MAX`] series are kept apart; the others share one sketch. The total counts all of them either way.

use crate::measure::accumulator::Accumulator;
use crate::measure::series::{SeriesIndex, SeriesInfo};
use crate::wire::sump::Kind;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Series that are kept apart: the default cap of a run's labels. A label as a request and as a transaction is two.
pub const LABELS_KEPT_MAX: usize = crate::base::limits::LABELS_DEFAULT;

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub struct RunTotals {
    pub(super) total: Accumulator,
    pub(super) labels: BTreeMap<u32, (Arc<SeriesInfo>, Accumulator)>,
    pub(super) others: Accumulator,
    /// Which series are in `others`: four bytes each, and a run has at most twice as many as it may have labels.
    pub(super) other_series: BTreeSet<u32>,
    /// Start of the first and end of the last window, s since the epoch.
    pub(super) span_s: Option<(i64, i64)>,
    samples: u64,
}

impl RunTotals {
    /// A window of so many samples, which begins and ends then, s since the epoch.
    pub fn add_window(&mut self, from_s: i64, to_s: i64, samples: u64) {
        let (from, to) = self.span_s.unwrap_or((from_s, to_s));
        self.span_s = Some((from.min(from_s), to.max(to_s)));
        self.samples = self.samples.saturating_add(samples);
    }

    /// What a series came to in it.
    pub fn add_series(&mut self, index: SeriesIndex, info: &Arc<SeriesInfo>, numbers: &Accumulator) {
        // The requests in a transaction would count twice.
        if info.kind == Kind::Request {
            self.total.absorb(numbers);
        }
        let index = index.0;
        if self.labels.contains_key(&index) || self.labels.len() < LABELS_KEPT_MAX {
            let kept = self.labels.entry(index);
            kept.or_insert_with(|| (Arc::clone(info), Accumulator::default())).1.absorb(numbers);
        } else {
            self.other_series.insert(index);
            self.others.absorb(numbers);
        }
    }

    /// Samples of both kinds: all of the run's, where no window is missing.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.samples
    }
}
