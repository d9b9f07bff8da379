//! What the page's script works on: the exact numbers of the summary, a row a label, and the series.

use gridnode_core::merge::LabelSummary;
use gridnode_core::report::{Chart, Report};
use serde::Serialize;
use std::collections::BTreeMap;

/// Label, 1 for a transaction, count, failed, mean, p50, p95, p99, max (ms), rate, and which series is its or -1.
type Row<'a> =
    (&'a str, u8, u64, u64, Option<f64>, Option<f64>, Option<f64>, Option<f64>, Option<f64>, f64, i64);

#[derive(Serialize)]
struct Data<'a> {
    total: Row<'a>,
    labels: Vec<Row<'a>>,
    /// Of the labels that have series, in their order.
    names: Vec<&'a str>,
    chart: &'a Chart,
}

/// JSON that can stand in an element of HTML: `<`, `>` and `&` are escaped, and so are the two line ends that scripts know and
/// JSON does not. None of them is in JSON but in its strings.
pub(super) fn json(report: &Report) -> String {
    let labels = &report.flood.labels;
    let series: BTreeMap<usize, i64> =
        report.chart.labels.iter().zip(0..).filter_map(|(one, at)| Some((one.at?, at))).collect();
    let data = Data {
        total: row(&report.flood.total, -1),
        labels: report
            .labels
            .iter()
            .map(|at| row(&labels[*at], series.get(at).copied().unwrap_or(-1)))
            .collect(),
        names: report
            .chart
            .labels
            .iter()
            .map(|one| one.at.map_or("", |at| labels[at].label.as_str()))
            .collect(),
        chart: &report.chart,
    };
    escaped(&serde_json::to_string(&data).unwrap_or_default())
}

fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            _ => text.push(c),
        }
    }
    text
}

fn row(label: &LabelSummary, series: i64) -> Row<'_> {
    let times = &label.response_time;
    (
        &label.label,
        u8::from(label.kind == "transaction"),
        label.count,
        label.failed,
        times.mean_ms,
        label.p50_ms,
        label.p95_ms,
        label.p99_ms,
        times.max_ms,
        label.rate_per_s,
        series,
    )
}
