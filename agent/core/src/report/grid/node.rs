//! One node of a grid's run: what its receipt says beside its labels, and what to make of it.

use super::start::{self, SkewTo};
use super::{GridEnd, Said};
use crate::measure::failures::Failure;
use crate::measure::ledger::SampleAccount;
use crate::run::receipt::{DeliveryAccount, HealthSummary, doubts_of_json};
use crate::run::silence;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How a node stands when waiting is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeEnd {
    /// Its run is over.
    Finished {
        /// `completed`, `stopped`, `assertions_failed`, `failed` or `expired`.
        outcome: String,
        /// Why, where it did not complete.
        reason: Option<String>,
    },
    /// It was stopped by whoever had started it, for a threshold that was broken: so it should be.
    CalledOff,
    /// It has refused the start, with this word.
    Refused {
        /// Which.
        why: String,
    },
    /// It took the start and did not say that it is done.
    Lost,
    /// It was named and did not answer.
    Silent,
}

/// See the module's head.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GridNode {
    /// Its name.
    pub node: String,
    /// `completed`, `stopped`, `assertions_failed`, `failed`, `expired`, `refused`, `lost` or `silent`.
    pub outcome: String,
    /// Whether its samples are in the merged numbers.
    pub is_merged: bool,
    /// Requests, transactions left out; `None` where nobody knows.
    pub requests: Option<u64>,
    /// Of them, failed.
    pub failed: Option<u64>,
    /// Its requests as a share of those of all nodes that are known.
    pub share_percent: Option<f64>,
    /// Its share of the load as it was asked for: every node gets the same users.
    pub planned_share_percent: f64,
    /// Most users active at once.
    pub users_max: Option<u64>,
    /// How far its start lies behind the moment that `start_skew_to` names; before it where it is negative.
    pub start_skew_ms: Option<i64>,
    /// Which moment that is.
    pub start_skew_to: Option<SkewTo>,
    /// What the machine was like; `None` where nobody looked.
    pub health: Option<HealthSummary>,
    /// Whether samples of it are lost, refused or not delivered.
    pub has_account_doubts: bool,
    /// Why it did not do as asked, a sentence.
    pub complaint: Option<String>,
    /// Why its numbers are not whole, a sentence each.
    pub doubts: Vec<String>,
}

/// What a receipt states beside its labels, as far as it matters here; all of it is a stranger's.
#[derive(Debug, Deserialize)]
pub(super) struct Stated {
    #[serde(default)]
    pub(super) ledger: SampleAccount,
    #[serde(default)]
    pub(super) delivery: DeliveryAccount,
    #[serde(default)]
    pub(super) sent_exact: bool,
    #[serde(default)]
    pub(super) requests: Option<u64>,
    #[serde(default)]
    pub(super) failed: Option<u64>,
    #[serde(default)]
    pub(super) users_max: u64,
    #[serde(default)]
    pub(super) failures: Vec<Failure>,
    #[serde(default)]
    pub(super) failures_others: u64,
    #[serde(default)]
    pub(super) failures_kinds: u64,
    #[serde(default)]
    pub(super) times: start::Times,
    #[serde(default)]
    pub(super) health: Option<HealthSummary>,
    #[serde(default)]
    silent_end_s: Option<u64>,
    #[serde(skip)]
    pub(super) is_merged: bool,
    #[serde(skip)]
    has_account_doubts: bool,
    /// Why its numbers are not whole.
    #[serde(skip)]
    doubts: Vec<String>,
}

impl Stated {
    pub(super) fn read(receipt: &Value) -> Result<Self, String> {
        // A list would pass for a receipt that says nothing.
        if !receipt.is_object() {
            return Err("its receipt cannot be read: it is no object".to_owned());
        }
        let mut stated =
            Self::deserialize(receipt).map_err(|error| format!("its receipt cannot be read: {error}"))?;
        stated.doubts = doubts_of_json(receipt);
        stated.has_account_doubts = !stated.doubts.is_empty();
        stated.doubts.extend(stated.silent_end_s.map(silence::said));
        Ok(stated)
    }

    /// Notes why its labels are not in the numbers of all; always `false`.
    pub(super) fn without_numbers(&mut self, why: String) -> bool {
        self.doubts.push(why);
        false
    }
}

impl NodeEnd {
    fn word(&self) -> &str {
        match self {
            Self::Finished { outcome, .. } => outcome,
            Self::CalledOff => "stopped",
            Self::Refused { .. } => "refused",
            Self::Lost => "lost",
            Self::Silent => "silent",
        }
    }

    fn complaint(&self) -> Option<String> {
        let with = |what: &str, reason: &Option<String>| match reason {
            Some(reason) => format!("{what}: {reason}"),
            None => what.to_owned(),
        };
        match self {
            Self::Finished { outcome, reason } => match outcome.as_str() {
                "completed" => None,
                "assertions_failed" => Some(with("assertions of the plan do not hold", reason)),
                "stopped" => Some(with("it was stopped", reason)),
                "expired" => Some(with("its time was over", reason)),
                _ => Some(with(outcome, reason)),
            },
            Self::CalledOff => None,
            Self::Refused { why } => Some(format!("it refused the start ({why})")),
            Self::Lost => Some("it was lost: it took the start and did not say that it is done".to_owned()),
            Self::Silent => Some("it did not answer".to_owned()),
        }
    }
}

impl GridNode {
    /// Whether its part of the run came to its own end.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        matches!(self.outcome.as_str(), "completed" | "assertions_failed")
    }

    /// What its machine says about its numbers, a sentence, where it was too busy.
    #[must_use]
    pub fn saturation(&self) -> Option<String> {
        let health = self.health.as_ref().filter(|health| health.saturated > 0)?;
        let reasons: Vec<&str> = health.reasons.keys().map(String::as_str).collect();
        let (saturated, windows) = (health.saturated, health.windows);
        Some(format!(
            "it was too busy to measure in {saturated} of {windows} windows ({})",
            reasons.join(", ")
        ))
    }

    /// Everything that is wrong with it, a sentence each.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        self.complaint.iter().chain(&self.doubts).cloned().chain(self.saturation()).collect()
    }

    fn new(node: &str, end: &NodeEnd, said: Option<&Said>) -> Self {
        let mut made = Self {
            node: node.to_owned(),
            outcome: end.word().to_owned(),
            is_merged: false,
            requests: None,
            failed: None,
            share_percent: None,
            planned_share_percent: 0.0,
            users_max: None,
            start_skew_ms: None,
            start_skew_to: None,
            health: None,
            has_account_doubts: false,
            complaint: end.complaint(),
            doubts: Vec::new(),
        };
        match said {
            Some(Said::Receipt(stated)) => {
                made.is_merged = stated.is_merged;
                (made.requests, made.failed) = (stated.requests, stated.failed);
                made.users_max = Some(stated.users_max);
                made.has_account_doubts = stated.has_account_doubts;
                made.health.clone_from(&stated.health);
                made.doubts.clone_from(&stated.doubts);
            }
            Some(Said::Nothing { why }) => made.doubts.push(why.clone()),
            None => {}
        }
        made
    }
}

/// By name.
pub(super) fn nodes(end: &GridEnd, said: &BTreeMap<String, Said>) -> Vec<GridNode> {
    let names: BTreeSet<&String> = end.nodes.keys().chain(said.keys()).collect();
    // A receipt without an end is nothing to rely on.
    let end_of = |name: &str| end.nodes.get(name).unwrap_or(&NodeEnd::Lost);
    let mut nodes: Vec<GridNode> =
        names.into_iter().map(|name| GridNode::new(name, end_of(name), said.get(name))).collect();
    let all = nodes.iter().filter_map(|node| node.requests).fold(0, u64::saturating_add);
    let planned = (nodes.len() as u64).saturating_add(end.unanswered);
    for node in &mut nodes {
        node.share_percent =
            node.requests.filter(|_| all > 0).map(|requests| requests as f64 * 100.0 / all as f64);
        node.planned_share_percent = 100.0 / planned as f64;
        if !node.is_merged {
            let share = node.planned_share_percent;
            node.doubts.push(format!(
                "about {share:.0} % of the load, as it was asked for, is not in these numbers"
            ));
        }
    }
    let times = |node: &GridNode| match said.get(&node.node) {
        Some(Said::Receipt(stated)) => stated.times,
        _ => start::Times::default(),
    };
    let skews = start::skews(&nodes.iter().map(times).collect::<Vec<_>>());
    for (node, skew) in nodes.iter_mut().zip(skews) {
        (node.start_skew_ms, node.start_skew_to) = skew.unzip();
    }
    nodes
}
