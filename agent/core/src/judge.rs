//! Thresholds: what a run must not do, asked of its merged numbers. A percentile is one of all nodes' sketches together, never
//! an average; what was not measured does not pass.
//!
//! A sketch knows a percentile up to the width of a bucket. What it cannot tell apart from the limit holds: that a threshold
//! does not hold is certain.
//!
//! A threshold is said as the failure: `p95(checkout) > 800ms`. `METRIC(LABEL) OP VALUE`, where LABEL is a label's text, with
//! `*` for any characters: each label that it fits is judged for itself. `*` alone, or no LABEL, is all requests together.
//! With `over 30s` behind it, it is one on every stretch of the run that is that long.
//!
//! [`compare`] judges a run by another one.

pub mod compare;
mod growing;
mod judged;
mod over;
mod parse;
#[cfg(test)]
mod tests;

pub use judged::Judged;
pub use parse::ThresholdError;

use crate::merge::{FloodSummary, LabelSummary, Shorter, Stretches};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Below it, times have tenths where people read them: percentiles are good to 0.8 %.
const TENTHS_BELOW_MS: f64 = 9.95;

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Samples.
    Count,
    /// Samples a second, over whole windows.
    Rate,
    /// Samples that failed.
    Failures,
    /// The same as a share of all, per cent.
    FailedShare,
    /// Response time, ms: mean.
    Mean,
    /// Smallest, ms.
    Min,
    /// Largest, ms.
    Max,
    /// A percentile, ms; the number in thousandths.
    Percentile(u16),
}

/// How it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// One threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    text: String,
    metric: Metric,
    /// `None`: all requests together.
    label: Option<String>,
    comparison: Comparison,
    /// In the metric's unit.
    bound: f64,
    /// How long the stretches are that are judged; `None`: the whole run.
    over_s: Option<u64>,
}

/// What came of a threshold for one label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The threshold, as it was given.
    pub threshold: String,
    /// The label's text; `None` of all requests together, and where no label fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What it came to, in the metric's unit; `None` where nothing was measured.
    pub value: Option<f64>,
    /// With `over`: when the stretch began that came nearest to a failure or was the worst one, s from the start of the
    /// run's first window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_s: Option<u64>,
    /// And when it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_s: Option<u64>,
    /// Whether all is well.
    pub holds: bool,
    /// What is wrong, a sentence; empty where all is well.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

impl Threshold {
    /// What it looks at.
    #[must_use]
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// The limit, in the metric's unit.
    #[must_use]
    pub fn bound(&self) -> f64 {
        self.bound
    }

    /// Judges it; one judgement a label, and never none. `stretches` are those of the same run: those with `over` are asked of
    /// them, all others of `flood`.
    #[must_use]
    pub fn judge(&self, flood: Option<&FloodSummary>, stretches: Option<&Stretches>) -> Vec<Judgement> {
        if let Some(over_s) = self.over_s {
            return self.judge_over(over_s, stretches, Shorter::IsOne);
        }
        let Some(pattern) = &self.label else { return vec![self.of(flood.map(|flood| &flood.total), None)] };
        let labels = flood.map(|flood| flood.labels.as_slice()).unwrap_or_default();
        let fitting = labels.iter().filter(|label| fits(pattern, &label.label));
        let found: Vec<Judgement> = fitting.map(|label| self.of(Some(label), Some(&label.label))).collect();
        if found.is_empty() {
            vec![self.no_label(pattern, labels.iter().map(|label| label.label.as_str()))]
        } else {
            found
        }
    }

    /// Whose numbers it is asked of: a label's text, with `*` for any characters; `None`: all requests together.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// Whether it is asked of this label by itself.
    #[must_use]
    pub fn fits(&self, label: &str) -> bool {
        self.label.as_ref().is_some_and(|pattern| fits(pattern, label))
    }

    /// How long the stretches are that it is asked of, s; `None`: the whole run.
    #[must_use]
    pub fn over_s(&self) -> Option<u64> {
        self.over_s
    }

    fn no_label<'l>(&self, pattern: &str, mut labels: impl Iterator<Item = &'l str>) -> Judgement {
        // Tables mark transactions, and people remember words and not their case.
        let wanted = pattern.strip_prefix("[T] ").unwrap_or(pattern).trim().to_lowercase();
        let meant = labels.find(|label| label.to_lowercase() == wanted);
        let hint = meant.map(|label| format!("; did you mean {label}?")).unwrap_or_default();
        self.judgement(None, None, false, format!("{}: no label of this run is {pattern}{hint}", self.text))
    }

    fn judgement(&self, label: Option<&str>, value: Option<f64>, holds: bool, why: String) -> Judgement {
        let (threshold, label) = (self.text.clone(), label.map(str::to_owned));
        Judgement { threshold, label, value, from_s: None, to_s: None, holds, why }
    }

    /// Of one label, or of all requests together.
    fn of(&self, numbers: Option<&LabelSummary>, label: Option<&str>) -> Judgement {
        let value = numbers.and_then(|numbers| self.metric.of(numbers));
        let holds = numbers.zip(value).is_some_and(|(numbers, value)| !self.is_broken(numbers, value));
        let whose = label.map(|label| format!(" of {label}")).unwrap_or_default();
        let why = match value {
            _ if holds => String::new(),
            Some(value) => format!("{}: it is {}{whose}", self.text, self.shown(value)),
            None => format!("{}: nothing was measured{whose}", self.text),
        };
        self.judgement(label, value, holds, why)
    }

    /// For certain: whatever the exact number is that a sketch knows as `value`.
    fn is_broken(&self, numbers: &LabelSummary, value: f64) -> bool {
        let (lowest, highest) = self.metric.range(numbers, value);
        let nearest = if self.comparison.is_upwards() { lowest } else { highest };
        self.comparison.is_true(nearest, self.bound)
    }

    /// Of a percentile as few digits as tables have, and more only where fewer would deny what is said.
    fn shown(&self, value: f64) -> String {
        let Metric::Percentile(_) = self.metric else { return self.metric.shown(value) };
        let scales = [if value < TENTHS_BELOW_MS { 10.0 } else { 1.0 }, 10.0, 100.0, 1_000.0];
        let rounded = scales.map(|scale| (value * scale).round() / scale);
        let fitting = rounded.into_iter().find(|rounded| self.comparison.is_true(*rounded, self.bound));
        self.metric.shown(fitting.unwrap_or(value))
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Metric {
    /// `None` where it was not measured, or only a part of it.
    fn of(self, numbers: &LabelSummary) -> Option<f64> {
        let times = &numbers.response_time;
        match self {
            Self::Count => Some(numbers.count as f64),
            Self::Rate => Some(numbers.rate_per_s),
            Self::Failures => Some(numbers.failed as f64),
            Self::FailedShare => {
                (numbers.count > 0).then(|| numbers.failed as f64 * 100.0 / numbers.count as f64)
            }
            Self::Mean => times.mean_ms,
            Self::Min => times.min_ms,
            Self::Max => times.max_ms,
            Self::Percentile(permille) => {
                let value = match permille {
                    500 => numbers.p50_ms,
                    750 => numbers.p75_ms,
                    900 => numbers.p90_ms,
                    950 => numbers.p95_ms,
                    990 => numbers.p99_ms,
                    _ => numbers.p999_ms,
                };
                value.filter(|_| numbers.percentiles_complete)
            }
        }
    }

    /// The least and the most that it can be where the numbers say `value`: they differ where a sketch was asked.
    fn range(self, numbers: &LabelSummary, value: f64) -> (f64, f64) {
        match self {
            Self::Percentile(_) => numbers.range_ms(value),
            _ => (value, value),
        }
    }

    fn shown(self, value: f64) -> String {
        let digits = |value: f64| {
            let text = format!("{value:.3}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        match self {
            Self::Count | Self::Failures => digits(value),
            Self::Rate => format!("{}/s", digits(value)),
            Self::FailedShare => format!("{} %", digits(value)),
            Self::Mean | Self::Min | Self::Max | Self::Percentile(_) => format!("{} ms", digits(value)),
        }
    }
}

impl Comparison {
    /// Larger numbers are the failure.
    fn is_upwards(self) -> bool {
        matches!(self, Self::Above | Self::AtLeast)
    }

    fn is_true(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Above => value > bound,
            Self::AtLeast => value >= bound,
            Self::Below => value < bound,
            Self::AtMost => value <= bound,
        }
    }
}

/// Whether a label is what a pattern with stars means. Time in proportion to both lengths multiplied.
fn fits(pattern: &str, label: &str) -> bool {
    let parts: Vec<&str> = pattern.split('*').collect();
    let [first, middle @ .., last] = parts.as_slice() else { return pattern == label };
    let Some(rest) = label.strip_prefix(first) else { return false };
    let Some(mut rest) = rest.strip_suffix(last) else { return false };
    middle.iter().all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}
