//! What a run's report says: the verdict, the numbers by label, the same over time, why requests failed, and what became of every
//! sample; of one node's results or of many. How it looks is nobody's business here.
//!
//! - [`Results`] are what a `summary.json` says, read as a stranger's: results come from other machines and other versions.
//! - [`Verdict`] answers three questions apart: did it run as asked, are the numbers whole, what came of it.
//! - [`GridRun`] is a run on a grid, of the receipts that its nodes send: the same numbers without rollups.
//! - [`Likeness`] says whether two runs may be compared at all.
//! - `charts` has the series. How large a report can be is bounded: labels in the table at most [`LABELS_MAX`], series by
//!   [`crate::merge::Timeline`].

mod charts;
mod failures;
mod grid;
mod histogram;
mod likeness;
mod load_model;
mod results;
#[cfg(test)]
mod tests;
mod verdict;

pub use charts::{Chart, Line, LineOf, Series, Shade};
pub use failures::{FailureRow, failure_rows};
pub use grid::{GridDocument, GridEnd, GridNode, GridReport, GridRun, LabelOfKind, NodeEnd, SkewTo};
pub use histogram::{BARS_MAX, Bar, bars};
pub use likeness::{Likened, Likeness};
pub use load_model::LoadModel;
pub use results::{Results, ResultsError, ResultsFailure, ResultsHealth};
pub use verdict::{Statement, Tone, Verdict};

use crate::base::tags::TAGS_MAX;
use crate::judge::{Judgement, Threshold};
use crate::merge::{FloodSummary, LabelSummary, NodeReadings, Stretches, TimeSeries};
use std::collections::{BTreeMap, BTreeSet};

/// The JSON Schema of `summary.json`.
pub const SUMMARY_SCHEMA: &str = include_str!("../schemas/summary.schema.json");

/// Labels of a table: a page with more is slow. The others are in `summary.json`.
pub const LABELS_MAX: usize = 10_000;

/// What a report is made of.
#[derive(Debug)]
pub struct Material {
    /// The numbers.
    pub flood: FloodSummary,
    /// What each node's results say, as far as they were given.
    pub results: Vec<Results>,
    /// The same over time.
    pub time: TimeSeries,
    /// The same stretch by stretch, for thresholds with `over`: of several nodes, and where all that was read is this flood.
    pub stretches: Option<Stretches>,
    /// Lines that could not be merged.
    pub refused_lines: u64,
}

/// See the module's head.
#[derive(Debug)]
pub struct Report {
    /// The numbers.
    pub flood: FloodSummary,
    /// What to make of them.
    pub verdict: Verdict,
    /// Whether users wait for answers before they ask again.
    pub load_model: LoadModel,
    /// The labels of the table: those with the most samples, in the order of their texts; where each stands in the flood's.
    pub labels: Vec<usize>,
    /// Labels that are in no row.
    pub labels_left_out: usize,
    /// Over time.
    pub chart: Chart,
    /// Why requests failed, the most frequent reason first.
    pub failures: Vec<FailureRow>,
    /// Failed samples of other reasons.
    pub failures_others: u64,
    /// What each node says.
    pub nodes: Vec<Node>,
    /// Where samples went, a sentence each.
    pub ledger: Vec<String>,
    /// What was changed in the plan, a sentence each.
    pub changes: Vec<String>,
    /// Free tags as `key=value`, those of all nodes.
    pub tags: Vec<String>,
}

/// One node of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// The run.
    pub run: i64,
    /// How it ended there; `None` where its results are not given.
    pub outcome: Option<String>,
    /// Amounts of its ledger by name.
    pub amounts: BTreeMap<String, i64>,
    /// Its health, where the rollups have it.
    pub readings: Option<NodeReadings>,
    /// Windows in which it was saturated, of how many; where somebody looked.
    pub saturated: Option<(u64, u64)>,
}

impl Report {
    /// Puts it together.
    #[must_use]
    pub fn of(material: Material) -> Self {
        let Material { flood, results, time, stretches, refused_lines } = material;
        let (thresholds, refused) = thresholds(&flood, &results, stretches.as_ref());
        let (labels, labels_left_out) = labels(&flood.labels);
        let (failures, failures_others) = failure_rows(&results);
        let verdict = Verdict::of(&flood, &results, refused_lines, thresholds, refused);
        let chart = Chart::of(&flood, &time, &verdict.thresholds);
        Self {
            load_model: LoadModel::of_all(results.iter().map(|one| one.load_model)),
            nodes: nodes(&flood, &results, &time.nodes),
            ledger: ledger(&flood, &results),
            changes: distinct(results.iter().flat_map(|one| one.changes())),
            tags: tags(&results),
            verdict,
            labels,
            labels_left_out,
            chart,
            failures,
            failures_others,
            flood,
        }
    }
}

/// Of several nodes, every threshold that one of them was asked.
#[must_use]
pub fn asked_of_several(results: &[Results]) -> Vec<Threshold> {
    let texts = distinct(results.iter().flat_map(|one| &one.thresholds).map(|judged| &judged.threshold));
    let known = texts.iter().filter_map(|text| text.parse().ok());
    known.filter(|_| results.len() > 1).collect()
}

/// As they were judged, if there is one node; on merged numbers the same thresholds are judged again. Those with `over` are left out
/// where there are no stretches: each node's own words about its stretches say nothing of all nodes.
fn thresholds(
    flood: &FloodSummary,
    results: &[Results],
    stretches: Option<&Stretches>,
) -> (Vec<Judgement>, Option<String>) {
    if let [only] = results {
        return (only.thresholds.clone(), only.thresholds_refused.clone());
    }
    let stretches = stretches.filter(|stretches| !stretches.is_cut());
    let known = asked_of_several(results).into_iter();
    let asked = known.filter(|threshold| threshold.over_s().is_none() || stretches.is_some());
    let judged = asked.flat_map(|threshold| threshold.judge(Some(flood), stretches)).collect();
    (judged, results.iter().find_map(|one| one.thresholds_refused.clone()))
}

/// Those with the most samples, in their order, and how many are left out.
fn labels(all: &[LabelSummary]) -> (Vec<usize>, usize) {
    let mut shown: Vec<usize> = (0..all.len()).collect();
    shown.sort_by_key(|&at| std::cmp::Reverse((all[at].count, all[at].failed)));
    shown.truncate(LABELS_MAX);
    shown.sort_unstable();
    let left_out = all.len() - shown.len();
    (shown, left_out)
}

fn nodes(flood: &FloodSummary, results: &[Results], readings: &BTreeMap<String, NodeReadings>) -> Vec<Node> {
    let node = |ledger: &crate::merge::LedgerSummary| {
        let said = results.iter().find(|one| one.node() == ledger.node && one.run() == Some(ledger.run));
        let readings = readings.get(&ledger.node).cloned();
        let looked = said.and_then(Results::health).map(|health| (health.saturated, health.windows));
        Node {
            name: ledger.node.clone(),
            run: ledger.run,
            outcome: said.map(|said| said.outcome().to_owned()),
            amounts: ledger.amounts.clone(),
            saturated: looked.or(readings.as_ref().map(|all| (all.saturated, all.readings))),
            readings,
        }
    };
    flood.ledgers.iter().map(node).collect()
}

/// The account: up to the window from the rollups, and what happened after that from the receipts, for a point cannot know of its
/// own delivery.
fn ledger(flood: &FloodSummary, results: &[Results]) -> Vec<String> {
    let amount = |name: &str| flood.ledger.get(name).copied().unwrap_or(0);
    if results.is_empty() {
        return vec![
            format!("received {} = aggregated {} + rejected {}", amount("received"), amount("aggregated"), amount("rejected")),
            "what was sent and what became of the aggregated samples is in the receipts: give the directories of the results"
                .to_owned(),
        ];
    }
    let sum = |of: fn(&Results) -> u64| results.iter().map(of).fold(0_u64, u64::saturating_add);
    let mut lines = vec![
        format!(
            "sent {} + unattributed {} = received {} + lost {}",
            sum(|one| one.ledger().sent),
            sum(|one| one.ledger().unattributed),
            sum(|one| one.ledger().received),
            sum(|one| one.ledger().lost)
        ),
        format!(
            "received {} = aggregated {} + rejected {}",
            sum(|one| one.ledger().received),
            sum(|one| one.ledger().aggregated),
            sum(|one| one.ledger().rejected.total())
        ),
    ];
    let rest: [(&str, u64); 8] = [
        ("delivered", sum(|one| one.delivery().delivered)),
        ("spooled", sum(|one| one.delivery().spooled)),
        ("evicted", sum(|one| one.delivery().evicted)),
        ("quarantined", sum(|one| one.delivery().quarantined)),
        ("uncertain", sum(|one| one.delivery().uncertain)),
        ("set aside", sum(|one| one.delivery().set_aside)),
        ("unexplained", sum(|one| one.delivery().unexplained)),
        ("lost in a restart", sum(|one| one.delivery().lost_restart)),
    ];
    // The first two are what everybody looks for.
    let parts = rest.iter().enumerate().filter(|(at, (_, n))| *at < 2 || *n > 0);
    let parts: Vec<String> = parts.map(|(_, (name, n))| format!("{name} {n}")).collect();
    lines.push(format!("aggregated {} = {}", sum(|one| one.ledger().aggregated), parts.join(" + ")));
    lines
}

/// By key; what somebody else's results have in excess is left out.
fn tags(results: &[Results]) -> Vec<String> {
    let all = results.iter().flat_map(Results::tags).map(|(key, value)| format!("{key}={value}"));
    all.collect::<BTreeSet<String>>().into_iter().take(TAGS_MAX).collect()
}

/// Each once, in the order of their first.
fn distinct<'a>(texts: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in texts {
        if !found.contains(text) {
            found.push(text.clone());
        }
    }
    found
}
