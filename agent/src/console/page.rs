//! A report as one HTML page that needs nothing else: no server, no network, no other file.
//!
//! Labels and error texts are whatever a plan and its targets say. They get into the page in two ways only: through the template,
//! which escapes them, and through [`data`], which is JSON without a character that means something to HTML. The page's policy
//! runs the two scripts it came with, by their digests, and loads nothing.

mod comparison;
mod data;
mod rows;
#[cfg(test)]
mod tests;

pub use comparison::{ComparisonPage, render_comparison_page};

use super::number::{clock, count, ms, percent, rate};
use super::text::clean;
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gridnode_core::base::rfc3339;
use gridnode_core::base::time::{NS_PER_S, Wall};
use gridnode_core::report::{LABELS_MAX, Report, Statement};
use rows::{FailureCells, NodeCells, ThresholdCells};

const STYLES: &str = include_str!("../../assets/report/report.css");
const SCRIPT: &str = include_str!("../../assets/report/report.js");
const CHARTS_STYLES: &str = include_str!("../../assets/report/uPlot.min.css");
const CHARTS: &str = include_str!("../../assets/report/uPlot.iife.min.js");
/// Goes wherever the library goes.
const CHARTS_LICENCE: &str = include_str!("../../assets/report/uPlot.LICENSE");
/// Rows of nodes: a page with more is slow.
const NODES_MAX: usize = 1_000;

/// What a page says besides the report.
#[derive(Debug, Clone, Copy)]
pub struct PageSettings<'a> {
    /// Who made it.
    pub made_by: &'a str,
    /// Whether it lies beside the directory `failures`, so that it can lead there.
    pub is_beside_traces: bool,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    title: String,
    when: String,
    tags: Vec<String>,
    script_sources: String,
    styles: String,
    answers: Vec<Answer>,
    figures: Vec<(&'static str, String)>,
    doubts: Vec<String>,
    thresholds: Vec<ThresholdCells>,
    load_model: &'static str,
    changes: Vec<String>,
    windows: String,
    left_out: String,
    failures: Vec<FailureCells>,
    no_failures: &'static str,
    failures_hint: String,
    nodes: Vec<NodeCells>,
    nodes_hint: String,
    ledger: Vec<String>,
    made_by: String,
    data: String,
    library: String,
    script: &'static str,
}

struct Answer {
    question: &'static str,
    tone: &'static str,
    text: String,
    why: Vec<String>,
}

/// The page.
///
/// # Errors
/// Where the template cannot be filled, which is a fault of gridnode.
pub fn render_page(report: &Report, settings: PageSettings<'_>) -> Result<String, askama::Error> {
    let flood = &report.flood;
    let library = format!("/*\n{CHARTS_LICENCE}*/\n{CHARTS}");
    let nodes: Vec<NodeCells> = report.nodes.iter().take(NODES_MAX).map(rows::node).collect();
    let page = Page {
        title: match flood.run {
            Some(run) => format!("{}, run {run}", clean(&flood.flood)),
            None => format!("{}, {} runs added up", clean(&flood.flood), flood.runs.len()),
        },
        when: when(report),
        tags: report.tags.iter().map(|tag| clean(tag)).collect(),
        script_sources: [library.as_str(), SCRIPT].map(digest).join(" "),
        styles: format!("{CHARTS_STYLES}\n{STYLES}"),
        answers: answers(report),
        figures: figures(report),
        doubts: report.verdict.doubts.iter().map(|doubt| clean(doubt)).collect(),
        thresholds: report.verdict.thresholds.iter().map(rows::threshold).collect(),
        load_model: report.load_model.meaning(),
        changes: report.changes.iter().map(|change| clean(change)).collect(),
        windows: windows(report),
        left_out: match report.labels_left_out {
            0 => String::new(),
            n => format!(
                " The {} labels with the fewest samples are not in the table, which has room for {}.",
                count(n as u64),
                count(LABELS_MAX as u64)
            ),
        },
        failures: report.failures.iter().map(|row| rows::failure(row, settings.is_beside_traces)).collect(),
        no_failures: no_failures(report),
        failures_hint: failures_hint(report),
        nodes_hint: match report.nodes.len() - nodes.len() {
            0 => String::new(),
            n => format!("And {} nodes more.", count(n as u64)),
        },
        nodes,
        ledger: report.ledger.iter().map(|line| clean(line)).collect(),
        made_by: settings.made_by.to_owned(),
        data: data::json(report),
        library,
        script: SCRIPT,
    };
    page.render()
}

/// As a policy names a script: what is not between these very tags does not run.
fn digest(script: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, script.as_bytes());
    format!("'sha256-{}'", STANDARD.encode(digest))
}

fn when(report: &Report) -> String {
    let flood = &report.flood;
    let second = |s: i64| {
        let text = rfc3339::format(Wall(s.saturating_mul(NS_PER_S.cast_signed())));
        format!("{} {}", &text[..10], &text[11..19])
    };
    let length_s = u64::try_from(flood.end_s.saturating_sub(flood.start_s)).unwrap_or(0);
    let nodes = match report.nodes.len() {
        0 => String::new(),
        1 => format!(", node {}", clean(&report.nodes[0].name)),
        n => format!(", {n} nodes"),
    };
    format!(
        "{} to {} UTC, {} in whole windows{nodes}",
        second(flood.start_s),
        second(flood.end_s),
        clock(length_s)
    )
}

fn answers(report: &Report) -> Vec<Answer> {
    let verdict = &report.verdict;
    let answer = |question, statement: &Statement| Answer {
        question,
        tone: statement.tone.name(),
        text: clean(&statement.text),
        why: statement.why.iter().map(|why| clean(why)).collect(),
    };
    vec![
        answer("Did it run as asked?", &verdict.ran),
        answer("Are the numbers whole?", &verdict.whole),
        answer("What came of it?", &verdict.came),
    ]
}

fn figures(report: &Report) -> Vec<(&'static str, String)> {
    let total = &report.flood.total;
    let time = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{} ms", ms(value)));
    vec![
        ("requests", count(total.count)),
        ("failed", format!("{} ({} %)", count(total.failed), percent(total.failed, total.count))),
        ("a second", rate(total.rate_per_s)),
        ("p50", time(total.p50_ms)),
        ("p95", time(total.p95_ms)),
        ("p99", time(total.p99_ms)),
        ("slowest", time(total.response_time.max_ms)),
        ("users at most", count(report.flood.concurrency_max.max(0.0).round() as u64)),
    ]
}

fn windows(report: &Report) -> String {
    let chart = &report.chart;
    let length = match chart.window_s == chart.period_s {
        true => format!("Windows of {} s", chart.window_s),
        false => format!("Windows of {} s, of {} s each that were measured", chart.window_s, chart.period_s),
    };
    let labels = chart.labels.len();
    format!(
        "{length}; percentiles of a window are of all nodes' samples in it. Times are UTC. The first and the last window may be \
         filled in part, which makes their rates low. Series are of all requests and of the {labels} labels with the most samples."
    )
}

fn no_failures(report: &Report) -> &'static str {
    let failed = report.flood.labels.iter().any(|label| label.failed > 0);
    match failed {
        true => "Rollups do not say why: give the directories of the results, with their summary.json.",
        false => "No sample failed.",
    }
}

fn failures_hint(report: &Report) -> String {
    let others = match report.failures_others {
        0 => String::new(),
        n => format!("Samples that failed for other reasons: {}. ", count(n)),
    };
    format!(
        "{others}Where a text is given as an example (e.g.), texts differ in numbers, ids or hosts only. `gridnode trace show FILE` prints a \
         request in full."
    )
}
