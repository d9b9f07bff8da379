//! The series of a report, as its page gets them: arrays side by side, a value a window.

use super::histogram::{Bar, bars};
use crate::judge::{Judgement, Metric, Threshold};
use crate::measure::sketch::Sketch;
use crate::merge::{FloodSummary, TimeSeries, WindowNumbers};
use serde::Serialize;

/// Everything over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chart {
    /// Length of a window, s.
    pub window_s: u64,
    /// Length of the flood's own windows, s, of which one here is several where there are many.
    pub period_s: u64,
    /// Start of each window, s since the epoch.
    pub start_s: Vec<i64>,
    /// All requests.
    pub total: Series,
    /// The labels with the most samples.
    pub labels: Vec<Series>,
    /// Users at once, all nodes added up.
    pub users: Vec<Option<f64>>,
    /// Windows that cannot be trusted.
    pub shades: Vec<Shade>,
    /// Start of each window of the nodes' health, s since the epoch.
    pub health_s: Vec<i64>,
    /// The busiest node's processors, per cent.
    pub cpu: Vec<Option<f64>>,
    /// The fullest node's memory, per cent.
    pub memory: Vec<Option<f64>>,
    /// Thresholds that are about something drawn.
    pub lines: Vec<Line>,
}

/// One label's, or those of all requests.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// Where the label stands in the flood's labels; `None` of all requests.
    pub at: Option<usize>,
    /// Samples.
    pub count: Vec<u64>,
    /// Of them, failed.
    pub failed: Vec<u64>,
    /// Samples a second, over that part of a window in which the flood was.
    pub rate: Vec<f64>,
    /// Median, ms; like all percentiles `None` where nothing was measured.
    pub p50: Vec<Option<f64>>,
    /// ms
    pub p95: Vec<Option<f64>>,
    /// ms
    pub p99: Vec<Option<f64>>,
    /// Response times over the whole run.
    pub histogram: Vec<Bar>,
}

/// A stretch of time that cannot be trusted, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shade {
    /// Start, s since the epoch.
    pub from_s: i64,
    /// End.
    pub to_s: i64,
    /// A clause.
    pub why: String,
}

/// What a line of a chart is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineOf {
    /// Response time, ms: the percentiles' chart.
    Time,
    /// Samples a second.
    Rate,
    /// Failed samples, per cent.
    FailedShare,
}

/// A threshold in a chart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Which chart.
    pub of: LineOf,
    /// The label's text; `None` of all requests.
    pub label: Option<String>,
    /// Where, in the chart's unit.
    pub bound: f64,
    /// The threshold as it was given.
    pub text: String,
    /// Whether it holds.
    pub holds: bool,
}

impl Chart {
    pub(super) fn of(flood: &FloodSummary, time: &TimeSeries, thresholds: &[Judgement]) -> Self {
        let start = |at: usize| time.start_s.saturating_add_unsigned(at as u64 * time.window_s);
        let series = |at, windows: &[WindowNumbers]| Series::of(at, windows, &time.covered_s);
        let labels = time.labels.iter().filter(|label| label.at < flood.labels.len());
        Self {
            window_s: time.window_s,
            period_s: time.period_s,
            start_s: (0..time.total.len()).map(start).collect(),
            total: series(None, &time.total),
            labels: labels.map(|label| series(Some(label.at), &label.windows)).collect(),
            users: time.users.clone(),
            shades: shades(time),
            health_s: time.health.iter().map(|moment| moment.start_s).collect(),
            cpu: time.health.iter().map(|moment| moment.cpu_percent_max).collect(),
            memory: time.health.iter().map(|moment| moment.memory_percent_max).collect(),
            lines: thresholds.iter().filter_map(line).collect(),
        }
    }
}

impl Series {
    fn of(at: Option<usize>, windows: &[WindowNumbers], covered_s: &[u64]) -> Self {
        let rate = |(window, covered_s): (&WindowNumbers, &u64)| {
            if *covered_s == 0 { 0.0 } else { tidy(window.count as f64 / *covered_s as f64) }
        };
        let percentiles = |permille| windows.iter().map(|window| window.percentile_ms(permille)).collect();
        let mut sketch = Sketch::new();
        windows.iter().for_each(|window| sketch.merge(&window.sketch));
        Self {
            at,
            count: windows.iter().map(|window| window.count).collect(),
            failed: windows.iter().map(|window| window.failed).collect(),
            rate: windows.iter().zip(covered_s).map(rate).collect(),
            p50: percentiles(500),
            p95: percentiles(950),
            p99: percentiles(990),
            histogram: bars(&sketch),
        }
    }
}

/// To a hundredth: more would be bytes that nobody can see in a chart.
fn tidy(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Of the nodes' health, and of windows that were folded into each other; neighbours with one reason are one.
fn shades(time: &TimeSeries) -> Vec<Shade> {
    let mut shades: Vec<Shade> = Vec::new();
    let mut add = |from_s: i64, length_s: u64, why: String| {
        let to_s = from_s.saturating_add_unsigned(length_s);
        match shades.last_mut() {
            Some(last) if last.to_s == from_s && last.why == why => last.to_s = to_s,
            _ => shades.push(Shade { from_s, to_s, why }),
        }
    };
    for moment in time.health.iter().filter(|moment| moment.saturated > 0) {
        let reasons: Vec<&str> = moment.reasons.iter().map(String::as_str).collect();
        let of = match moment.readings {
            1 => "the node was saturated".to_owned(),
            n => format!("{} of {n} readings: saturated", moment.saturated),
        };
        let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
        add(moment.start_s, moment.length_s, format!("{of}{reasons}"));
    }
    for at in (0..time.folded.len()).filter(|at| time.folded[*at]) {
        let from_s = time.start_s.saturating_add_unsigned(at as u64 * time.window_s);
        add(from_s, time.window_s, "windows were folded together for want of room (degraded)".to_owned());
    }
    shades
}

/// `None` where no chart has the number: a mean, a count of the whole run.
fn line(judgement: &Judgement) -> Option<Line> {
    let threshold: Threshold = judgement.threshold.parse().ok()?;
    let of = match threshold.metric() {
        Metric::Percentile(500 | 950 | 990) => LineOf::Time,
        Metric::Rate => LineOf::Rate,
        Metric::FailedShare => LineOf::FailedShare,
        _ => return None,
    };
    Some(Line {
        of,
        label: judgement.label.clone(),
        bound: threshold.bound(),
        text: judgement.threshold.clone(),
        holds: judgement.holds,
    })
}
