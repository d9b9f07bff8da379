//! One label of one side: its windows, and what they come to.

use super::ratio::Parts;
use crate::measure::sketch::Sketch;
use crate::measure::sketch::layout::{bucket_index, highest_equivalent_us};
use crate::merge::WindowNumbers;
use serde::Serialize;

/// Of one label, or of all requests, on one side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SideNumbers {
    /// Samples.
    pub count: u64,
    /// Of them, failed.
    pub failed: u64,
    /// The same, per cent.
    pub failed_percent: Option<f64>,
    /// Samples a second.
    pub rate_per_s: f64,
    /// Response time, ms; like all times `None` where none was measured.
    pub mean_ms: Option<f64>,
    /// Median.
    pub p50_ms: Option<f64>,
    /// ms
    pub p95_ms: Option<f64>,
    /// ms
    pub p99_ms: Option<f64>,
    /// Windows that have a sample.
    pub windows: usize,
}

/// Its windows, merged and apart.
#[derive(Debug)]
pub(super) struct Side<'a> {
    windows: &'a [WindowNumbers],
    whole: WindowNumbers,
    covered_s: u64,
}

impl<'a> Side<'a> {
    /// `covered_s`: how much time of the run is in the windows.
    pub(super) fn new(windows: &'a [WindowNumbers], covered_s: u64) -> Self {
        let mut whole = WindowNumbers::default();
        windows.iter().for_each(|window| whole.add(window));
        Self { windows, whole, covered_s }
    }

    pub(super) fn numbers(&self) -> SideNumbers {
        let whole = &self.whole;
        SideNumbers {
            count: whole.count,
            failed: whole.failed,
            failed_percent: (whole.count > 0).then(|| whole.failed as f64 * 100.0 / whole.count as f64),
            rate_per_s: whole.count as f64 / self.covered_s.max(1) as f64,
            mean_ms: whole.mean_ms(),
            p50_ms: whole.percentile_ms(500),
            p95_ms: whole.percentile_ms(950),
            p99_ms: whole.percentile_ms(990),
            windows: self.windows.iter().filter(|window| window.count > 0).count(),
        }
    }

    pub(super) fn failures(&self) -> Vec<Parts> {
        self.windows.iter().map(|window| (window.failed as f64, window.count as f64)).collect()
    }

    /// Times in ms.
    pub(super) fn times(&self) -> Vec<Parts> {
        let of = |window: &WindowNumbers| (window.sum_us as f64 / 1_000.0, window.measured as f64);
        self.windows.iter().map(of).collect()
    }

    /// Samples above the bucket, of all that have a time.
    pub(super) fn above(&self, bucket: u16) -> Vec<Parts> {
        let above = |sketch: &Sketch| -> u64 {
            sketch.buckets().filter(|(index, _)| *index > bucket).map(|(_, count)| count).sum()
        };
        let of = |window: &WindowNumbers| (above(&window.sketch) as f64, window.sketch.count() as f64);
        self.windows.iter().map(of).collect()
    }

    /// Samples that have a time.
    pub(super) fn measured(&self) -> u64 {
        self.whole.sketch.count()
    }

    /// Where the percentile is; `None` where nothing was measured.
    pub(super) fn bucket_of(&self, permille: u32) -> Option<u16> {
        self.whole.percentile_ms(permille).map(|ms| bucket_index((ms * 1_000.0).round() as u64))
    }

    /// The time, ms, that this share of the samples does not exceed.
    pub(super) fn time_of(&self, share: f64) -> Option<f64> {
        let count = self.measured();
        let rank = (count as f64 * share.clamp(0.0, 1.0)).ceil().max(1.0) as u64;
        let mut seen = 0_u64;
        let (min_us, max_us) = self.whole.span_us.unwrap_or((0, u64::MAX));
        for (index, n) in self.whole.sketch.buckets() {
            seen = seen.saturating_add(n);
            if seen >= rank.min(count) {
                return Some(highest_equivalent_us(index).min(max_us).max(min_us) as f64 / 1_000.0);
            }
        }
        None
    }
}
