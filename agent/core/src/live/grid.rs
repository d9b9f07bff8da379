//! A run on all nodes of a grid while it goes on, from what each of them says now and then ([`Progress`]).
//!
//! Counts are exact: the newest word of each node, added up. Rates, curves and percentiles are of lately: what a node's word has
//! more than its word before. A node that is late, or whose word is lost, is late in the figures and missing from no sum for good.
//! When that was is told by whoever hears it: the clock of a node may be hours off.

mod lately;
mod since;
#[cfg(test)]
mod tests;

use super::board::{Board, OTHERS, Row};
use super::figures::Figures;
use crate::judge::{Judgement, Threshold};
use crate::measure::ledger::SampleAccount;
use crate::measure::stated_totals::{StatedNumbers, StatedTotals};
use crate::merge::NodesMerge;
use crate::run::progress::Progress;
use crate::wire::sump::Kind;
use lately::Lately;
use since::since;
use std::collections::BTreeMap;

/// Nodes whose words are kept: more than anybody has, and a bound on what strangers can make of it.
const NODES_MAX: usize = 10_000;
/// The row of what nodes do not name.
const UNNAMED: &str = "(other labels)";
const NS_PER_S: i64 = 1_000_000_000;
/// Periods that a word may be late, or two of them may be heard at once.
const PERIODS_OFF_MAX: u64 = 3;

/// See the module's head.
#[derive(Debug)]
pub struct GridLive {
    /// Between two words of a node, s.
    period_s: u32,
    nodes: BTreeMap<String, NodeLive>,
    labels: Board,
    by_node: Board,
    /// What a label is called in `labels`.
    numbers: BTreeMap<(String, Kind), u32>,
    lately: Lately,
}

/// What a node has said last.
#[derive(Debug)]
struct NodeLive {
    number: u32,
    progress: Progress,
    /// What has to be added to a period by its clock, for one by ours.
    ahead: i64,
    /// Its run is over: what it has said stays, and it is not waited for.
    is_over: bool,
}

impl GridLive {
    /// Nothing yet. Nodes say something every `progress_s`, and their windows are `window_s` long.
    #[must_use]
    pub fn new(progress_s: u32, window_s: u32) -> Self {
        let window_s = window_s.max(1);
        Self {
            period_s: progress_s.max(1).div_ceil(window_s) * window_s,
            nodes: BTreeMap::new(),
            labels: Board::default(),
            by_node: Board::default(),
            numbers: BTreeMap::new(),
            lately: Lately::default(),
        }
    }

    /// Takes a node's word in, which is heard at `now_s` (s since the epoch); one that is older than what is known changes nothing.
    ///
    /// # Errors
    /// Why it cannot be true, a clause: then it changes nothing either.
    pub fn add(&mut self, node: &str, progress: &Progress, now_s: i64) -> Result<(), String> {
        progress.totals.check_sums()?;
        let number = self.nodes.get(node).map_or(self.nodes.len(), |known| known.number as usize);
        let number = u32::try_from(number).ok().filter(|_| self.nodes.len() < NODES_MAX);
        let Some(number) = number else { return Err(format!("there are more than {NODES_MAX} nodes")) };
        let before = self.nodes.get(node).map(|known| known.progress.clone());
        if before.as_ref().is_some_and(|known| is_old(&known.totals, &progress.totals)) {
            return Ok(());
        }
        let period_s = i64::from(self.period_s);
        let (heard, own) = (now_s.div_euclid(period_s), progress.totals.windows_end_s.div_euclid(period_s));
        let ahead = self.nodes.get(node).map(|known| known.ahead);
        // At the first word, and when its clock was set.
        let is_near = |ahead: &i64| own.saturating_add(*ahead).abs_diff(heard) <= PERIODS_OFF_MAX;
        let ahead = ahead.filter(is_near).unwrap_or_else(|| heard.saturating_sub(own));
        let start_ns = own.saturating_add(ahead).saturating_mul(period_s).saturating_mul(NS_PER_S);
        let period_ns = (period_s * NS_PER_S).unsigned_abs();
        let slot = self.labels.begin(start_ns, period_ns);
        self.by_node.begin(start_ns, period_ns);
        let all = since(&progress.totals.total, before.as_ref().map(|before| &before.totals.total))?;
        self.lately.add(slot, &all);
        self.by_node.add_label(slot, number, (node, Kind::Request), &all);
        for (key, now) in stated(&progress.totals) {
            let known = before.as_ref().map(|before| numbers_of(&before.totals, key));
            // A label that was among the others before: nobody knows when that happened.
            let Some(known) = known.map_or(Some(None), |known| known.map(Some)) else { continue };
            let numbers = since(now, known)?;
            let next = u32::try_from(self.numbers.len()).unwrap_or(OTHERS);
            let number = *self.numbers.entry((key.0.to_owned(), key.1)).or_insert(next);
            self.labels.add_label(slot, number, key, &numbers);
        }
        let is_over = self.nodes.get(node).is_some_and(|known| known.is_over);
        self.nodes.insert(node.to_owned(), NodeLive { number, progress: progress.clone(), ahead, is_over });
        Ok(())
    }

    /// The run of a node is over.
    pub fn over(&mut self, node: &str) {
        if let Some(known) = self.nodes.get_mut(node) {
            known.is_over = true;
        }
    }

    /// Nodes that have said something and whose runs go on.
    fn running(&self) -> impl Iterator<Item = (&String, &NodeLive)> {
        self.nodes.iter().filter(|(_, node)| !node.is_over)
    }

    /// Number of the latest period of which all nodes that run have spoken: it changes when there is news of all of them. One that has
    /// been silent for long is not waited for.
    #[must_use]
    pub fn period(&self) -> Option<i64> {
        self.lately.whole(self.running().count())
    }

    /// All labels as they are now, those of no node's naming last.
    #[must_use]
    pub fn labels(&self) -> Vec<Row> {
        let mut counts: BTreeMap<(&str, Kind), (u64, u64)> = BTreeMap::new();
        for node in self.nodes.values() {
            for (key, numbers) in stated(&node.progress.totals) {
                let sum = counts.entry(key).or_default();
                *sum = (sum.0.saturating_add(numbers.count), sum.1.saturating_add(numbers.failed));
            }
        }
        let mut rows = self.labels.rows();
        for row in &mut rows {
            if let Some(counts) = counts.get(&(&*row.label, row.kind)) {
                (row.count, row.failed) = *counts;
            }
        }
        rows
    }

    /// All nodes as they are now.
    #[must_use]
    pub fn nodes(&self) -> Vec<Row> {
        self.by_node.rows()
    }

    /// The run as a whole; its name and its times are for others to say.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let of = |number: fn(&StatedNumbers) -> u64| {
            self.nodes
                .values()
                .fold(0, |sum: u64, node| sum.saturating_add(number(&node.progress.totals.total)))
        };
        let account =
            self.nodes.values().fold(SampleAccount::default(), |sum, node| sum.plus(&node.progress.ledger));
        let (requests, latest) = self.lately.of(self.period()).unwrap_or_default();
        let is_going_on = self.running().next().is_some();
        let failed = of(|total| total.failed);
        Figures {
            users: self.running().fold(0, |sum: u64, (_, node)| sum.saturating_add(node.progress.users)),
            rate_per_s: if is_going_on { requests as f64 / f64::from(self.period_s) } else { 0.0 },
            passed: of(|total| total.count).saturating_sub(failed),
            failed,
            latest,
            account,
            labels: self.numbers.keys().filter(|(label, _)| label != UNNAMED).count() as u64,
            beside: self.saturated(),
            ..Figures::default()
        }
    }

    /// Nodes that were too busy to measure at the latest look, in a sentence.
    fn saturated(&self) -> Vec<String> {
        let named = |(name, node): (&String, &NodeLive)| {
            Some(format!("{name} ({})", node.progress.saturated.as_ref()?))
        };
        let mut named: Vec<String> = self.running().filter_map(named).collect();
        let n = named.len();
        if n == 0 {
            return Vec::new();
        }
        if n > 3 {
            named.truncate(3);
            named.push("…".to_owned());
        }
        vec![format!("{n} saturated: {}", named.join(", "))]
    }

    /// The first threshold that is broken for good by what all nodes have come to so far.
    #[must_use]
    pub fn broken(&self, thresholds: &[Threshold]) -> Option<Judgement> {
        let mut merge = NodesMerge::default();
        for node in self.nodes.values() {
            // What cannot be merged is said at the end; it can only be more.
            let _ = merge.add(&node.progress.totals);
        }
        let flood = merge.flood();
        thresholds.iter().find_map(|one| one.broken_for_good(&flood))
    }
}

/// A repeat, or a word that was overtaken: counts only grow.
fn is_old(known: &StatedTotals, now: &StatedTotals) -> bool {
    let is_less = now.total.count < known.total.count || now.total.failed < known.total.failed;
    is_less || (now.total.count == known.total.count && now.windows_end_s == known.windows_end_s)
}

/// Every label of a node, and its others as one.
fn stated(totals: &StatedTotals) -> impl Iterator<Item = ((&str, Kind), &StatedNumbers)> {
    let named = totals.labels.iter().map(|stated| ((stated.label.as_str(), stated.kind), &stated.numbers));
    let others = (totals.labels_others.labels > 0)
        .then_some(((UNNAMED, Kind::Request), &totals.labels_others.numbers));
    named.chain(others)
}

fn numbers_of<'t>(totals: &'t StatedTotals, key: (&str, Kind)) -> Option<&'t StatedNumbers> {
    stated(totals).find(|(known, _)| *known == key).map(|(_, numbers)| numbers)
}
