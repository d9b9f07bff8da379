//! The merged numbers as they are shown: JSON for machines, the same for the table of a run.

use super::label::{Label, Times};
use crate::measure::sketch::layout::{
    BUCKET_INDEX_MAX, bucket_index, highest_equivalent_us, lowest_equivalent_us,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything merged so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// By account, project, flood, run.
    pub floods: Vec<FloodSummary>,
    /// Points merged.
    pub points: u64,
    /// Points that were there already, and so changed nothing.
    pub duplicate_points: u64,
    /// Points of measurements that are not ours.
    pub other_points: u64,
}

/// One run of a flood, or all of its runs added up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FloodSummary {
    /// Account, empty where absent.
    pub account: String,
    /// Project, empty where absent.
    pub project: String,
    /// Flood.
    pub flood: String,
    /// Run; `None` where several are added up, or points of older nodes do not name theirs.
    pub run: Option<i64>,
    /// The runs that are in these numbers, as far as points name them.
    pub runs: Vec<i64>,
    /// Start of the first window, s since the epoch.
    pub start_s: i64,
    /// End of the last window, s since the epoch.
    pub end_s: i64,
    /// All requests together, transactions left out.
    pub total: LabelSummary,
    /// By label text; a label of both kinds has a row for each.
    pub labels: Vec<LabelSummary>,
    /// Points of the flood that could be of several runs, for the `transaction_rate_mean` of their time was not near
    /// them: they are in the numbers of none.
    pub points_of_no_run: u64,
    /// Greatest number of active users in any window, all nodes added up.
    pub concurrency_max: f64,
    /// Points of users beyond the cap.
    pub concurrency_points_ignored: u64,
    /// Captured error traces.
    pub traces: u64,
    /// Distinct nodes in the ledger.
    pub nodes: usize,
    /// The ledgers added up.
    pub ledger: BTreeMap<String, i64>,
    /// By node and run.
    pub ledgers: Vec<LedgerSummary>,
}

impl FloodSummary {
    /// Samples that its ledgers have counted and that no label here has: they wait in a spool, were refused or given up, or were lost
    /// when a node was killed.
    #[must_use]
    pub fn missing(&self) -> u64 {
        let counted = self.ledger.get("aggregated").copied().unwrap_or(0);
        let here = self.labels.iter().fold(0_u64, |sum, label| sum.saturating_add(label.count));
        u64::try_from(counted).unwrap_or(0).saturating_sub(here)
    }
}

/// One node's ledger of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerSummary {
    /// Node.
    pub node: String,
    /// Run.
    pub run: i64,
    /// Amounts by name.
    pub amounts: BTreeMap<String, i64>,
}

/// One label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelSummary {
    /// Its text; the id where the text never came.
    pub label: String,
    /// 16 hex digits; empty for a total.
    pub label_id: String,
    /// `request` or `transaction`.
    pub kind: String,
    /// Samples.
    pub count: u64,
    /// Of them, passed.
    pub passed: u64,
    /// Of them, failed.
    pub failed: u64,
    /// Samples a second, from the start of the first to the end of the last window of the flood.
    pub rate_per_s: f64,
    /// Response time.
    pub response_time: Measured,
    /// Median, ms; like all percentiles `None` where no response time was measured.
    pub p50_ms: Option<f64>,
    /// ms
    pub p75_ms: Option<f64>,
    /// ms
    pub p90_ms: Option<f64>,
    /// ms
    pub p95_ms: Option<f64>,
    /// ms
    pub p99_ms: Option<f64>,
    /// ms
    pub p999_ms: Option<f64>,
    /// Whether the sketches hold every response time that was measured: if not, percentiles are of a part.
    pub percentiles_complete: bool,
    /// Time to first byte, where measured.
    pub latency: Option<Measured>,
    /// Time to connect, where measured.
    pub connect_time: Option<Measured>,
    /// Bytes received.
    pub rx_bytes: u64,
    /// Bytes sent.
    pub tx_bytes: u64,
    /// Samples by response code; `other` for what is none.
    pub codes: BTreeMap<String, u64>,
}

/// A measured time, ms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// How many were measured.
    pub count: u64,
    /// Their sum.
    pub sum_ms: f64,
    /// Their mean; like the extremes `None` where nothing was measured.
    pub mean_ms: Option<f64>,
    /// Smallest.
    pub min_ms: Option<f64>,
    /// Largest.
    pub max_ms: Option<f64>,
    /// Population standard deviation; `None` where nothing was measured, and for latency and connect time, whose points do not carry it.
    pub stddev_ms: Option<f64>,
}

impl LabelSummary {
    pub(super) fn of(id: &str, label: &Label, duration_s: u64) -> Self {
        let (min_us, max_us) = (as_us(label.times.min_ms), as_us(label.times.max_ms));
        let is_measured = label.sketch.count() > 0;
        let percentile_ms = |permille| {
            is_measured.then(|| label.sketch.percentile_us(permille, min_us, max_us) as f64 / 1_000.0)
        };
        Self {
            label: label.text.clone().unwrap_or_else(|| id.to_owned()),
            label_id: id.to_owned(),
            kind: if label.kind.is_empty() { "request".to_owned() } else { label.kind.clone() },
            count: label.count,
            passed: label.passed,
            failed: label.failed,
            rate_per_s: if duration_s == 0 { 0.0 } else { label.count as f64 / duration_s as f64 },
            response_time: Measured::of(&label.times),
            p50_ms: percentile_ms(500),
            p75_ms: percentile_ms(750),
            p90_ms: percentile_ms(900),
            p95_ms: percentile_ms(950),
            p99_ms: percentile_ms(990),
            p999_ms: percentile_ms(999),
            percentiles_complete: label.sketch.count() == label.times.count,
            latency: (label.latency.count > 0).then(|| Measured::without_spread(&label.latency)),
            connect_time: (label.connect.count > 0).then(|| Measured::without_spread(&label.connect)),
            rx_bytes: label.rx,
            tx_bytes: label.tx,
            codes: label.codes.clone(),
        }
    }

    /// The least and the most, ms, that the exact percentile can be where `value_ms` is the one of the sketch: it is in the
    /// same bucket.
    #[must_use]
    pub fn range_ms(&self, value_ms: f64) -> (f64, f64) {
        let times = &self.response_time;
        let (min_us, max_us) = (times.min_ms.map_or(0, as_us), times.max_ms.map_or(u64::MAX, as_us));
        let index = bucket_index(as_us(value_ms));
        let lowest_us = lowest_equivalent_us(index).max(min_us);
        // Longer times than a sketch can have are in its last bucket.
        let highest_us =
            if index < BUCKET_INDEX_MAX { highest_equivalent_us(index).min(max_us) } else { max_us };
        (lowest_us as f64 / 1_000.0, highest_us as f64 / 1_000.0)
    }
}

impl Measured {
    fn of(times: &Times) -> Self {
        let of_some = |ms: f64| (times.count > 0).then_some(ms);
        Self {
            count: times.count,
            sum_ms: times.sum_ms(),
            mean_ms: of_some(times.mean_ms()),
            min_ms: of_some(times.min_ms),
            max_ms: of_some(times.max_ms),
            stddev_ms: of_some(times.stddev_ms()),
        }
    }

    /// Of points without a spread of their own: what they would add up to is only the spread of their means.
    fn without_spread(times: &Times) -> Self {
        Self { stddev_ms: None, ..Self::of(times) }
    }
}

/// What was whole µs before it was written as ms.
fn as_us(ms: f64) -> u64 {
    (ms * 1_000.0).round() as u64
}
