//! A run's totals as a receipt states them: all requests together, the busiest labels, and the others in one, each with its
//! sketch, so that whoever has the receipts of all nodes can merge them exactly.

mod check;

use crate::measure::accumulator::Accumulator;
use crate::measure::run_totals::RunTotals;
use crate::measure::sketch::{Sketch, SketchError};
use crate::wire::sump::Kind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Labels with numbers of their own: the busiest.
pub const LABELS_STATED_MAX: usize = 200;

/// Counts and response times, whole µs, and how those spread.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StatedNumbers {
    /// Samples.
    pub count: u64,
    /// Of them, passed.
    pub passed: u64,
    /// Of them, failed.
    pub failed: u64,
    /// Response times that were measured.
    pub response_time_count: u64,
    /// Their sum.
    pub response_time_sum_us: u64,
    /// The smallest; `None` where none was measured.
    pub response_time_min_us: Option<u64>,
    /// The largest.
    pub response_time_max_us: Option<u64>,
    /// As a `response_time_sketch` point has it.
    pub sketch: String,
}

/// One label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedLabel {
    /// Its text.
    pub label: String,
    /// Request or transaction.
    pub kind: Kind,
    /// What it came to.
    #[serde(flatten)]
    pub numbers: StatedNumbers,
}

/// All labels that are not named, of both kinds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StatedOthers {
    /// How many there are.
    pub labels: u64,
    /// What they came to.
    #[serde(flatten)]
    pub numbers: StatedNumbers,
}

/// See the module's head.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StatedTotals {
    /// Start of the first window, s since the epoch.
    pub windows_start_s: i64,
    /// End of the last window, s since the epoch.
    pub windows_end_s: i64,
    /// All requests, transactions left out.
    pub total: StatedNumbers,
    /// Their response codes.
    pub total_codes: BTreeMap<String, u64>,
    /// The busiest first, those with equal counts by name.
    pub labels: Vec<StatedLabel>,
    /// The others.
    pub labels_others: StatedOthers,
}

impl StatedTotals {
    /// Of a run that is over.
    #[must_use]
    pub fn of(totals: &RunTotals) -> Self {
        Self::of_busiest(totals, LABELS_STATED_MAX)
    }

    /// The same with so many labels named.
    #[must_use]
    pub fn of_busiest(totals: &RunTotals, labels_max: usize) -> Self {
        let mut order: Vec<_> = totals.labels.values().collect();
        order.sort_by_key(|(info, numbers)| {
            (Reverse(numbers.count), &info.label, info.kind == Kind::Transaction)
        });
        let mut others = totals.others.clone();
        let beyond = order.get(labels_max..).unwrap_or_default();
        beyond.iter().for_each(|(_, numbers)| others.absorb(numbers));
        let stated = order.iter().take(labels_max);
        let (windows_start_s, windows_end_s) = totals.span_s.unwrap_or_default();
        Self {
            windows_start_s,
            windows_end_s,
            total: StatedNumbers::of(&totals.total),
            total_codes: totals.total.codes.iter().map(|(code, n)| (code.to_string(), n)).collect(),
            labels: stated
                .map(|(info, numbers)| StatedLabel {
                    label: info.label.to_string(),
                    kind: info.kind,
                    numbers: StatedNumbers::of(numbers),
                })
                .collect(),
            labels_others: StatedOthers {
                labels: (beyond.len() + totals.other_series.len()) as u64,
                numbers: StatedNumbers::of(&others),
            },
        }
    }

    /// Moves the less busy half of the labels to the others; whether there was one to move.
    ///
    /// # Errors
    /// When a sketch cannot be read.
    pub fn shorten(&mut self) -> Result<bool, SketchError> {
        let moved = self.labels.split_off(self.labels.len() / 2);
        self.labels_others.labels = self.labels_others.labels.saturating_add(moved.len() as u64);
        let all: Vec<&StatedNumbers> = moved.iter().map(|label| &label.numbers).collect();
        self.labels_others.numbers.add_all(&all)?;
        Ok(!moved.is_empty())
    }
}

impl StatedNumbers {
    fn of(numbers: &Accumulator) -> Self {
        let is_measured = numbers.rt.count > 0;
        Self {
            count: numbers.count,
            passed: numbers.passed,
            failed: numbers.failed,
            response_time_count: numbers.rt.count,
            response_time_sum_us: numbers.rt.sum_us,
            response_time_min_us: is_measured.then_some(numbers.rt.min_us),
            response_time_max_us: is_measured.then_some(numbers.rt.max_us),
            sketch: numbers.sketch.to_base64(),
        }
    }

    fn add_all(&mut self, all: &[&Self]) -> Result<(), SketchError> {
        let mut sketch = self.read_sketch()?;
        for other in all {
            sketch.merge(&other.read_sketch()?);
            self.count = self.count.saturating_add(other.count);
            self.passed = self.passed.saturating_add(other.passed);
            self.failed = self.failed.saturating_add(other.failed);
            self.response_time_count = self.response_time_count.saturating_add(other.response_time_count);
            self.response_time_sum_us = self.response_time_sum_us.saturating_add(other.response_time_sum_us);
            let least = [self.response_time_min_us, other.response_time_min_us];
            self.response_time_min_us = least.into_iter().flatten().min();
            self.response_time_max_us = self.response_time_max_us.max(other.response_time_max_us);
        }
        self.sketch = sketch.to_base64();
        Ok(())
    }

    /// The distribution of its response times.
    ///
    /// # Errors
    /// When the text is none.
    pub fn read_sketch(&self) -> Result<Sketch, SketchError> {
        Sketch::from_base64(self.sketch.as_bytes())
    }
}

/// [`StatedTotals::shorten`] of a receipt in JSON; `false` where there is nothing to shorten.
pub fn shorten_json(receipt: &mut Value) -> bool {
    let Ok(mut totals) = StatedTotals::deserialize(&*receipt) else { return false };
    let (true, Some(fields)) = (totals.shorten().unwrap_or(false), receipt.as_object_mut()) else {
        return false;
    };
    let parts = [
        ("labels", serde_json::to_value(totals.labels)),
        ("labels_others", serde_json::to_value(totals.labels_others)),
    ];
    for (name, part) in parts {
        let Ok(part) = part else { return false };
        fields.insert(name.to_owned(), part);
    }
    true
}

#[cfg(test)]
mod tests;
