//! Totals of many nodes' receipts back into one table: exactly, for each has its sketches.
//!
//! A node names its busiest labels only. The total is of all of them; a label that a node may have among its others is in
//! [`NodesMerge::is_partial`].

use super::label::{Label, Times};
use super::{FloodSummary, LABELS_MAX, LabelSummary, MergeError};
use crate::base::ids::LabelId;
use crate::measure::stated_totals::{StatedNumbers, StatedTotals};
use crate::wire::sump::Kind;
use std::collections::BTreeMap;

/// What was merged so far.
#[derive(Debug, Default)]
pub struct NodesMerge {
    total: Label,
    labels: BTreeMap<(String, Kind), Named>,
    span_s: Option<(i64, i64)>,
    /// Nodes that have labels which they do not name.
    with_others: u64,
    /// Labels that a node does not name, at most.
    others_max: u64,
}

#[derive(Debug, Default)]
struct Named {
    label: Label,
    /// Nodes that have further labels and name this one.
    by_those_with_others: u64,
}

impl NodesMerge {
    /// Takes a node's totals in: all of them or, with an error, nothing.
    ///
    /// # Errors
    /// When a sketch cannot be read, or there is no room for so many labels.
    pub fn add(&mut self, totals: &StatedTotals) -> Result<(), MergeError> {
        if self.labels.len() + totals.labels.len() > LABELS_MAX {
            return Err(MergeError::TooMany { what: "labels", max: LABELS_MAX });
        }
        let mut total = label_of(&totals.total)?;
        total.codes.clone_from(&totals.total_codes);
        let named = totals.labels.iter().map(|stated| {
            let mut label = label_of(&stated.numbers)?;
            label.text = Some(stated.label.clone());
            label.kind = if stated.kind == Kind::Transaction { "transaction" } else { "request" }.to_owned();
            Ok(((stated.label.clone(), stated.kind), label))
        });
        let named: Vec<((String, Kind), Label)> = named.collect::<Result<_, MergeError>>()?;
        let has_others = u64::from(totals.labels_others.labels > 0);
        self.with_others += has_others;
        self.others_max = self.others_max.max(totals.labels_others.labels);
        self.total.add(&total);
        for (key, label) in named {
            let known = self.labels.entry(key).or_default();
            known.label.text.clone_from(&label.text);
            known.label.kind.clone_from(&label.kind);
            known.label.add(&label);
            known.by_those_with_others += has_others;
        }
        let (from_s, to_s) = (totals.windows_start_s, totals.windows_end_s);
        if from_s < to_s {
            let (from, to) = self.span_s.unwrap_or((from_s, to_s));
            self.span_s = Some((from.min(from_s), to.max(to_s)));
        }
        Ok(())
    }

    /// All requests together.
    #[must_use]
    pub fn total(&self) -> LabelSummary {
        without_spread(LabelSummary::of("", &self.total, self.duration_s()))
    }

    /// By label text; a label of both kinds has a row for each.
    #[must_use]
    pub fn labels(&self) -> Vec<LabelSummary> {
        let summary = |text: &str, named: &Named| {
            LabelSummary::of(&LabelId::of(text).to_string(), &named.label, self.duration_s())
        };
        self.labels.iter().map(|((text, _), named)| without_spread(summary(text, named))).collect()
    }

    /// The numbers of a flood, as rollups would have them; whose it is, its users and its ledgers are for others to say.
    #[must_use]
    pub fn flood(&self) -> FloodSummary {
        let (start_s, end_s) = self.span_s.unwrap_or_default();
        FloodSummary {
            account: String::new(),
            project: String::new(),
            flood: String::new(),
            run: None,
            runs: Vec::new(),
            start_s,
            end_s,
            total: LabelSummary { label: "all requests".to_owned(), ..self.total() },
            labels: self.labels(),
            points_of_no_run: 0,
            concurrency_max: 0.0,
            concurrency_points_ignored: 0,
            traces: 0,
            nodes: 0,
            ledger: BTreeMap::new(),
            ledgers: Vec::new(),
        }
    }

    /// How many labels a node has that it does not name, at most: their samples are in the total alone.
    #[must_use]
    pub fn unnamed_max(&self) -> u64 {
        self.others_max
    }

    /// Whether a node may have samples of this label among its others: nothing can be said of the label alone then.
    #[must_use]
    pub fn is_partial(&self, label: &str, kind: Kind) -> bool {
        let named = self.labels.get(&(label.to_owned(), kind));
        named.map_or(0, |named| named.by_those_with_others) < self.with_others
    }

    fn duration_s(&self) -> u64 {
        self.span_s.map_or(0, |(from_s, to_s)| to_s.abs_diff(from_s))
    }
}

/// Receipts do not carry it.
fn without_spread(mut summary: LabelSummary) -> LabelSummary {
    summary.response_time.stddev_ms = None;
    summary
}

fn label_of(stated: &StatedNumbers) -> Result<Label, MergeError> {
    let ms = |us: Option<u64>| us.map_or(0.0, |us| us as f64 / 1_000.0);
    let times = Times {
        count: stated.response_time_count,
        sum_us: u128::from(stated.response_time_sum_us),
        min_ms: ms(stated.response_time_min_us),
        max_ms: ms(stated.response_time_max_us),
        squares: 0.0,
    };
    Ok(Label {
        count: stated.count,
        passed: stated.passed,
        failed: stated.failed,
        times,
        sketch: stated.read_sketch()?,
        ..Label::default()
    })
}

#[cfg(test)]
mod tests;
