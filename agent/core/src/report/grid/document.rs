//! The summary of a grid's run as a document: what has a place in the `summary.json` of a run has the same one here, and `nodes`
//! comes beside it. So `gridnode report` and whoever reads the one can read the other.

use super::{GridNode, GridReport, LabelOfKind};
use crate::base::json::is_zero;
use crate::base::run::RunIdentity;
use crate::base::tags::Tags;
use crate::judge::Judged;
use crate::measure::failures::Failure;
use crate::measure::ledger::SampleAccount;
use crate::merge::Summary;
use crate::run::receipt::{DeliveryAccount, HealthSummary};
use serde::Serialize;

/// Layout of the document; that of a run's.
const VERSION: u32 = 1;
/// The worst first.
const OUTCOMES: [&str; 4] = ["failed", "expired", "stopped", "assertions_failed"];

/// See the module's head.
#[derive(Debug, Serialize)]
pub struct GridDocument<'a> {
    /// What tells it from events, among which it may stand.
    #[serde(rename = "type")]
    kind: &'static str,
    version: u32,
    /// The exit code.
    exit: u8,
    receipt: Account<'a>,
    doubts: Vec<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    judged: Option<&'a Judged>,
    /// Labels of which a node may have more, among those that it does not name.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    labels_partial: &'a [LabelOfKind],
    /// Labels that a node does not name, at most.
    #[serde(skip_serializing_if = "is_zero")]
    labels_unnamed_max: u64,
    nodes: &'a [GridNode],
    /// Nodes that were expected, by number, and never answered.
    #[serde(skip_serializing_if = "is_zero")]
    nodes_unanswered: u64,
    summary: Summary,
}

/// What the receipts of all nodes come to.
#[derive(Debug, Serialize)]
struct Account<'a> {
    version: u32,
    node: String,
    #[serde(flatten)]
    identity: &'a RunIdentity,
    #[serde(skip_serializing_if = "Tags::is_empty")]
    tags: &'a Tags,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    sent_exact: bool,
    ledger: &'a SampleAccount,
    delivery: &'a DeliveryAccount,
    users_max: u64,
    requests: u64,
    failed: u64,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    failures: &'a [Failure],
    #[serde(skip_serializing_if = "is_zero")]
    failures_others: u64,
    #[serde(skip_serializing_if = "is_zero")]
    failures_kinds: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    health: Option<&'a HealthSummary>,
}

impl GridReport {
    /// As a document, of a command that ends with the code `exit`.
    #[must_use]
    pub fn document(&self, exit: u8) -> GridDocument<'_> {
        let complaints = self.complaints();
        let doubts = self.doubts();
        let saturated =
            self.nodes.iter().filter_map(|node| Some(format!("{}: {}", node.node, node.saturation()?)));
        // A node that was lost is a complaint and a doubt at once.
        let mut said = complaints.clone();
        said.extend(doubts.into_iter().filter(|doubt| !complaints.contains(doubt)));
        said.extend(saturated);
        GridDocument {
            kind: "grid.summary",
            version: VERSION,
            exit,
            receipt: self.account(&complaints),
            doubts: said,
            judged: (!self.judged.thresholds.is_empty()).then_some(&self.judged),
            labels_partial: &self.partial,
            labels_unnamed_max: self.unnamed_max,
            nodes: &self.nodes,
            nodes_unanswered: self.unanswered,
            summary: Summary {
                floods: vec![self.flood.clone()],
                points: 0,
                duplicate_points: 0,
                other_points: 0,
            },
        }
    }

    /// `completed`, or the worst of what happened: a node that is missing has failed.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        let is_there = |outcome: &&&str| self.nodes.iter().any(|node| node.outcome == **outcome);
        let is_known = |node: &GridNode| node.is_complete() || OUTCOMES.contains(&node.outcome.as_str());
        if self.unanswered > 0 || self.nodes.is_empty() || !self.nodes.iter().all(is_known) {
            return "failed";
        }
        OUTCOMES.iter().find(is_there).copied().unwrap_or("completed")
    }

    fn account(&self, complaints: &[String]) -> Account<'_> {
        let users = self.nodes.iter().filter_map(|node| node.users_max).fold(0, u64::saturating_add);
        let n = self.nodes.len();
        Account {
            version: VERSION,
            node: if n == 1 { self.nodes[0].node.clone() } else { format!("{n} nodes") },
            identity: &self.identity,
            tags: &self.tags,
            outcome: self.outcome(),
            reason: (!complaints.is_empty()).then(|| complaints.join("; ")),
            sent_exact: self.sent_exact,
            ledger: &self.ledger,
            delivery: &self.delivery,
            users_max: users,
            requests: self.flood.total.count,
            failed: self.flood.total.failed,
            failures: &self.failures,
            failures_others: self.failures_others,
            failures_kinds: self.failures_kinds,
            health: (self.health.windows > 0).then_some(&self.health),
        }
    }
}
