//! A run on a grid, from the receipts of its nodes: the numbers of all of them merged exactly, why samples failed, what each node
//! has done of it, and what the thresholds come to.
//!
//! Receipts come from outside. What cannot be read in one costs the numbers of its node, which is said, and nothing else. The
//! order in which they come changes nothing, but that of several receipts of one node the first counts.

mod document;
mod node;
mod reasons;
mod start;
#[cfg(test)]
mod tests;
mod verdict;

pub use document::GridDocument;
pub use node::{GridNode, NodeEnd};
pub use start::SkewTo;

use crate::base::ids::Ident;
use crate::base::run::RunIdentity;
use crate::base::tags::Tags;
use crate::judge::{Judged, Threshold};
use crate::measure::failures::Failure;
use crate::measure::ledger::SampleAccount;
use crate::measure::stated_totals::StatedTotals;
use crate::merge::{FloodSummary, LedgerSummary, NodesMerge};
use crate::run::receipt::{DeliveryAccount, HealthSummary};
use crate::wire::sump::Kind;
use node::Stated;
use reasons::Reasons;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What the receipts have said so far. One is forgotten as soon as it is merged: a grid has many.
#[derive(Debug, Default)]
pub struct GridRun {
    merge: NodesMerge,
    reasons: Reasons,
    nodes: BTreeMap<String, Said>,
}

/// One node's receipt, its labels left out.
#[derive(Debug)]
enum Said {
    Receipt(Box<Stated>),
    Nothing { why: String },
}

/// What is known beside the receipts when waiting is over.
#[derive(Debug)]
pub struct GridEnd {
    /// Whose run it was; a grid or a region is no part of it.
    pub identity: RunIdentity,
    /// Its free tags.
    pub tags: Tags,
    /// How each node stands.
    pub nodes: BTreeMap<String, NodeEnd>,
    /// Nodes that were expected, by number, and never answered.
    pub unanswered: u64,
    /// Thresholds are judged although nodes were too busy to measure.
    pub accepts_saturated: bool,
}

/// A label as a kind of sample.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LabelOfKind {
    /// Its text.
    pub label: String,
    /// A request, or a transaction.
    pub kind: Kind,
}

/// See the module's head.
#[derive(Debug)]
pub struct GridReport {
    /// Whose run it was.
    pub identity: RunIdentity,
    /// Its free tags.
    pub tags: Tags,
    /// The numbers of all nodes whose receipts have them.
    pub flood: FloodSummary,
    /// Labels of which a node may have samples among those that it does not name.
    pub partial: Vec<LabelOfKind>,
    /// Labels that a node does not name, at most: they are in the total alone.
    pub unnamed_max: u64,
    /// Why samples failed, the most frequent reason first.
    pub failures: Vec<Failure>,
    /// Failed samples of other reasons.
    pub failures_others: u64,
    /// Distinct reasons, at least.
    pub failures_kinds: u64,
    /// The accounts up to the closed window, added up.
    pub ledger: SampleAccount,
    /// What happened after that, added up.
    pub delivery: DeliveryAccount,
    /// What the machines were like, added up.
    pub health: HealthSummary,
    /// Whether every source of every node has said its last word.
    pub sent_exact: bool,
    /// Each node, by name.
    pub nodes: Vec<GridNode>,
    /// Nodes that were expected, by number, and never answered.
    pub unanswered: u64,
    /// What came of the thresholds.
    pub judged: Judged,
}

impl GridRun {
    /// Takes a node's receipt in.
    pub fn add(&mut self, node: &str, receipt: &Value) {
        if self.nodes.contains_key(node) {
            return;
        }
        let said = match Stated::read(receipt) {
            Ok(mut stated) => {
                stated.is_merged = match totals(receipt, stated.ledger.aggregated)
                    .map(|totals| self.merge.add(&totals))
                {
                    Ok(Ok(())) => true,
                    Ok(Err(error)) => stated.without_numbers(format!("its labels cannot be merged: {error}")),
                    Err(why) => stated.without_numbers(why),
                };
                let failures = std::mem::take(&mut stated.failures);
                self.reasons.add(failures, stated.failures_others, stated.failures_kinds);
                Said::Receipt(Box::new(stated))
            }
            Err(why) => Said::Nothing { why },
        };
        self.nodes.insert(node.to_owned(), said);
    }

    /// Notes that the receipt of a node cannot be had.
    pub fn add_missing(&mut self, node: &str, why: String) {
        self.nodes.entry(node.to_owned()).or_insert(Said::Nothing { why });
    }

    /// What it comes to.
    #[must_use]
    pub fn conclude(self, end: GridEnd, thresholds: &[Threshold]) -> GridReport {
        let Self { merge, reasons, nodes: said } = self;
        let flood = merge.flood();
        let mut report = GridReport {
            partial: partial(&merge, &flood),
            flood,
            unnamed_max: merge.unnamed_max(),
            failures: Vec::new(),
            failures_others: 0,
            failures_kinds: 0,
            ledger: SampleAccount::default(),
            delivery: DeliveryAccount::default(),
            health: HealthSummary::default(),
            sent_exact: true,
            nodes: node::nodes(&end, &said),
            unanswered: end.unanswered,
            judged: Judged::default(),
            identity: end.identity,
            tags: end.tags,
        };
        (report.failures, report.failures_others, report.failures_kinds) = reasons.into_parts();
        report.add_up(&said);
        report.rates_of_time_with_samples(&said);
        report.judged = verdict::judged(thresholds, end.accepts_saturated, &report);
        report
    }
}

impl GridReport {
    /// Accounts, machines and users of all nodes.
    fn add_up(&mut self, said: &BTreeMap<String, Said>) {
        let run = i64::try_from(self.identity.run).ok();
        let text = |ident: &Option<Ident>| ident.as_ref().map(ToString::to_string);
        let flood = &mut self.flood;
        flood.account = text(&self.identity.account).unwrap_or_default();
        flood.project = text(&self.identity.project).unwrap_or_default();
        flood.flood = self.identity.flood.to_string();
        (flood.run, flood.runs) = (run, run.into_iter().collect());
        for (node, said) in said {
            let Said::Receipt(stated) = said else { continue };
            self.ledger = self.ledger.plus(&stated.ledger);
            self.delivery = self.delivery.plus(&stated.delivery);
            stated.health.iter().for_each(|health| self.health.absorb(health));
            self.sent_exact &= stated.sent_exact;
            flood.concurrency_max += stated.users_max as f64;
            flood.nodes += 1;
            let amounts = amounts(&stated.ledger);
            flood.ledgers.push(LedgerSummary { node: node.clone(), run: run.unwrap_or(0), amounts });
        }
        flood.ledger = amounts(&self.ledger);
    }

    /// Over whole windows, a rate of a run of a few of them is far too low.
    fn rates_of_time_with_samples(&mut self, said: &BTreeMap<String, Said>) {
        let times = said.values().filter_map(|said| match said {
            Said::Receipt(stated) => Some(stated.times),
            Said::Nothing { .. } => None,
        });
        let windows_s = self.flood.end_s.saturating_sub(self.flood.start_s) as f64;
        let Some(span_s) = start::span_s(times).filter(|span_s| *span_s < windows_s) else { return };
        for row in self.flood.labels.iter_mut().chain([&mut self.flood.total]) {
            row.rate_per_s = row.count as f64 / span_s;
        }
    }

    /// Whether a node may have samples of this label among those that it does not name.
    #[must_use]
    pub fn is_partial(&self, label: &str, kind: &str) -> bool {
        let wanted = (label, Kind::of(kind.as_bytes()));
        self.partial.binary_search_by(|one| (one.label.as_str(), one.kind).cmp(&wanted)).is_ok()
    }

    /// Why it did not run as asked, a sentence a node.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        let by = |node: &GridNode| Some(format!("{}: {}", node.node, node.complaint.as_ref()?));
        self.nodes.iter().filter_map(by).chain(self.unanswered_said()).collect()
    }

    /// Why the numbers are not whole, a sentence each.
    #[must_use]
    pub fn doubts(&self) -> Vec<String> {
        let by = |node: &GridNode| -> Vec<String> {
            node.doubts.iter().map(|doubt| format!("{}: {doubt}", node.node)).collect()
        };
        self.nodes.iter().flat_map(by).chain(self.unanswered_said()).collect()
    }

    fn unanswered_said(&self) -> Option<String> {
        match self.unanswered {
            0 => None,
            1 => Some("1 node of those expected did not answer".to_owned()),
            n => Some(format!("{n} nodes of those expected did not answer")),
        }
    }
}

/// The labels' part of a receipt; else why it has none that can be used. `aggregated`: samples that its ledger has.
fn totals(receipt: &Value, aggregated: u64) -> Result<StatedTotals, String> {
    let is_whole = receipt.get("labels_whole").and_then(Value::as_bool);
    if receipt.get("total").is_none() || is_whole == Some(false) {
        let why = match is_whole {
            Some(false) => "its receipt states no labels, for windows of its run are missing",
            _ => "its receipt states no labels: an older agent, or one that had to start again",
        };
        return Err(why.to_owned());
    }
    let totals = StatedTotals::deserialize(receipt)
        .map_err(|error| format!("the labels of its receipt cannot be read: {error}"))?;
    let requests = receipt.get("requests").and_then(Value::as_u64);
    if requests.is_some_and(|requests| requests != totals.total.count) {
        return Err(
            "the numbers of its receipt contradict each other: it has two numbers of requests".to_owned()
        );
    }
    totals
        .check(aggregated)
        .map_err(|why| format!("the numbers of its receipt contradict each other: {why}"))?;
    Ok(totals)
}

/// In order.
fn partial(merge: &NodesMerge, flood: &FloodSummary) -> Vec<LabelOfKind> {
    let named = flood.labels.iter().map(|row| (Kind::of(row.kind.as_bytes()), &row.label));
    let partial = named.filter(|(kind, label)| merge.is_partial(label, *kind));
    let mut partial: Vec<_> =
        partial.map(|(kind, label)| LabelOfKind { label: label.clone(), kind }).collect();
    partial.sort_unstable();
    partial
}

fn amounts(ledger: &SampleAccount) -> BTreeMap<String, i64> {
    let amount = |(name, n): (&str, u64)| (name.to_owned(), i64::try_from(n).unwrap_or(i64::MAX));
    ledger.fields().into_iter().map(amount).collect()
}
