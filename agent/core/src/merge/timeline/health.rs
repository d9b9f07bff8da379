//! Nodes' health over the time of a flood. Its points name no flood: those of the nodes in its ledger are its.

use crate::merge::fields::Fields;
use crate::merge::summary::FloodSummary;
use crate::wire::line::Value;
use std::collections::{BTreeMap, BTreeSet};

const NS_PER_S: i64 = 1_000_000_000;

/// All nodes in one window.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HealthMoment {
    /// Its start, s since the epoch.
    pub start_s: i64,
    /// Its length, s.
    pub length_s: u64,
    /// Readings in it.
    pub readings: u64,
    /// Those of nodes whose numbers cannot be trusted.
    pub saturated: u64,
    /// Why not.
    pub reasons: BTreeSet<String>,
    /// Of the busiest node; `None` where nobody said.
    pub cpu_percent_max: Option<f64>,
    /// Of the fullest node.
    pub memory_percent_max: Option<f64>,
}

/// One node over the time of the flood.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NodeReadings {
    /// How many.
    pub readings: u64,
    /// Of them: the node's numbers cannot be trusted.
    pub saturated: u64,
    /// Why not.
    pub reasons: BTreeSet<String>,
    /// The most.
    pub cpu_percent_max: Option<f64>,
    /// The most.
    pub memory_percent_max: Option<f64>,
}

/// What is known so far: by window, and by node.
#[derive(Debug)]
pub(super) struct Health {
    nodes: BTreeSet<String>,
    span_s: (i64, i64),
    moments: BTreeMap<i64, HealthMoment>,
    by_node: BTreeMap<String, NodeReadings>,
}

impl Health {
    pub(super) fn of(flood: &FloodSummary) -> Self {
        Self {
            nodes: flood.ledgers.iter().map(|ledger| ledger.node.clone()).collect(),
            span_s: (flood.start_s, flood.end_s),
            moments: BTreeMap::new(),
            by_node: BTreeMap::new(),
        }
    }

    pub(super) fn add(&mut self, fields: &Fields<'_>, time_ns: i64, length_s: u64) {
        let Some(node) = fields.text("node").ok().filter(|node| self.nodes.contains(node)) else { return };
        let length = i64::try_from(length_s).unwrap_or(i64::MAX).max(1);
        let start_s = time_ns.div_euclid(NS_PER_S).div_euclid(length).saturating_mul(length);
        // Only windows of which a part is of the flood: so there are no more of them than it has.
        if start_s >= self.span_s.1 || start_s.saturating_add(length) <= self.span_s.0 {
            return;
        }
        let percent = |name| fields.number(name).ok().filter(|percent| percent.is_finite());
        let (cpu, memory) = (percent("cpu_percent"), percent("memory_used_percent"));
        let saturated = matches!(fields.get("saturated"), Some(Value::Bool(true)));
        let reason = fields.text("reason").ok().filter(|reason| saturated && !reason.is_empty());
        let moment = self.moments.entry(start_s).or_default();
        (moment.start_s, moment.length_s) = (start_s, length_s);
        moment.readings += 1;
        moment.saturated += u64::from(saturated);
        moment.cpu_percent_max = most(moment.cpu_percent_max, cpu);
        moment.memory_percent_max = most(moment.memory_percent_max, memory);
        moment.reasons.extend(reason.clone());
        let of_node = self.by_node.entry(node).or_default();
        of_node.readings += 1;
        of_node.saturated += u64::from(saturated);
        of_node.cpu_percent_max = most(of_node.cpu_percent_max, cpu);
        of_node.memory_percent_max = most(of_node.memory_percent_max, memory);
        of_node.reasons.extend(reason);
    }

    /// Over time, and by node.
    pub(super) fn into_parts(self) -> (Vec<HealthMoment>, BTreeMap<String, NodeReadings>) {
        (self.moments.into_values().collect(), self.by_node)
    }
}

fn most(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    }
}
