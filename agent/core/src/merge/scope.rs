//! One flood: its labels, its users over time, its ledger.

use super::fields::Fields;
use super::label::{Change, Label};
use super::sides::Sides;
use super::summary::{FloodSummary, LabelSummary, LedgerSummary};
use super::{CONCURRENCY_POINTS_MAX, LABELS_MAX, MergeError, NODES_MAX, ScopeKey};
use crate::wire::line::Value;
use std::collections::BTreeMap;

const NS_PER_S: i64 = 1_000_000_000;

#[derive(Debug, Default)]
pub(super) struct Scope {
    labels: BTreeMap<String, Sides>,
    /// By window period, s: the first and the last time of a point, ns. Periods are at most 3,600.
    spans: BTreeMap<u64, (i64, i64)>,
    users: Vec<Users>,
    users_ignored: u64,
    ledger: BTreeMap<(String, i64), BTreeMap<String, i64>>,
    pub(super) traces: u64,
}

/// One `concurrency_max` point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Users {
    time_ns: i64,
    active: f64,
}

impl Users {
    pub(super) fn read(fields: &Fields<'_>, time_ns: i64) -> Result<Self, MergeError> {
        Ok(Self { time_ns, active: fields.number("value")? })
    }
}

/// One `ledger_sum` point: what its window adds.
#[derive(Debug)]
pub(super) struct LedgerEntry {
    node: String,
    run: i64,
    amounts: Vec<(String, i64)>,
}

impl LedgerEntry {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, MergeError> {
        let run = match fields.get("run") {
            Some(Value::Int(run)) => run,
            Some(_) => return Err(MergeError::Field { field: "run", expected: "an integer" }),
            None => return Err(MergeError::Missing { what: "run" }),
        };
        let amounts = fields.iter().filter_map(|(key, value)| match value {
            Value::Int(n) if key != b"run" => Some((String::from_utf8_lossy(key).into_owned(), n)),
            _ => None,
        });
        Ok(Self { node: fields.text("node")?, run, amounts: amounts.collect() })
    }
}

impl Scope {
    pub(super) fn change_label(
        &mut self,
        id: String,
        change: Change,
        time_ns: i64,
    ) -> Result<(), MergeError> {
        if !self.labels.contains_key(&id) && self.labels.len() >= LABELS_MAX {
            return Err(MergeError::TooMany { what: "labels of one flood", max: LABELS_MAX });
        }
        if let Change::Transactions { window_s, .. } = change {
            let span = self.spans.entry(window_s).or_insert((time_ns, time_ns));
            *span = (span.0.min(time_ns), span.1.max(time_ns));
        }
        self.labels.entry(id).or_default().change(change, time_ns);
        Ok(())
    }

    pub(super) fn add_users(&mut self, point: Users) {
        if self.users.len() < CONCURRENCY_POINTS_MAX {
            self.users.push(point);
        } else {
            self.users_ignored += 1;
        }
    }

    pub(super) fn add_ledger(&mut self, entry: LedgerEntry) -> Result<(), MergeError> {
        let key = (entry.node, entry.run);
        if !self.ledger.contains_key(&key) && self.ledger.len() >= NODES_MAX {
            return Err(MergeError::TooMany { what: "nodes and runs of one flood", max: NODES_MAX });
        }
        let sums = self.ledger.entry(key).or_default();
        for (name, n) in entry.amounts {
            add_amount(sums, name, n);
        }
        Ok(())
    }

    pub(super) fn summary(&self, key: &ScopeKey) -> FloodSummary {
        let (start_s, end_s) = self.time_s();
        let duration_s = u64::try_from(end_s - start_s).unwrap_or(0);
        let mut total =
            Label { text: Some("all requests".to_owned()), kind: "request".to_owned(), ..Label::default() };
        let mut labels = Vec::with_capacity(self.labels.len());
        for (id, sides) in &self.labels {
            for label in sides.labels() {
                if label.kind != "transaction" {
                    total.add(&label);
                }
                labels.push(LabelSummary::of(id, &label, duration_s));
            }
        }
        labels.sort_by(|a, b| (&a.label, &a.label_id, &a.kind).cmp(&(&b.label, &b.label_id, &b.kind)));
        let nodes = self.ledger.keys().map(|(node, _)| node).collect::<std::collections::BTreeSet<_>>().len();
        FloodSummary {
            account: key.account.clone(),
            project: key.project.clone(),
            flood: key.flood.clone(),
            start_s,
            end_s,
            total: LabelSummary::of("", &total, duration_s),
            labels,
            concurrency_max: self.concurrency_max(),
            concurrency_points_ignored: self.users_ignored,
            traces: self.traces,
            nodes,
            ledger: self.ledger_total(),
            ledgers: self.ledgers(),
        }
    }

    /// Edges of the first and the last window, s since the epoch. A point lies inside its window, which is aligned.
    fn time_s(&self) -> (i64, i64) {
        let edge = |time_ns: i64, period_s: u64| {
            let period_s = i64::try_from(period_s).unwrap_or(1).max(1);
            let start_s = time_ns.div_euclid(period_s * NS_PER_S) * period_s;
            (start_s, start_s + period_s)
        };
        let start = self.spans.iter().map(|(&period, &(first, _))| edge(first, period).0).min();
        let end = self.spans.iter().map(|(&period, &(_, last))| edge(last, period).1).max();
        (start.unwrap_or(0), end.unwrap_or(0))
    }

    /// The greatest sum over the nodes in any window.
    fn concurrency_max(&self) -> f64 {
        let period_s = self.spans.keys().next_back().copied().unwrap_or(15);
        let period_ns = i64::try_from(period_s).unwrap_or(15) * NS_PER_S;
        let mut windows: BTreeMap<i64, f64> = BTreeMap::new();
        for point in &self.users {
            *windows.entry(point.time_ns.div_euclid(period_ns)).or_default() += point.active;
        }
        windows.into_values().fold(0.0, f64::max)
    }

    fn ledger_total(&self) -> BTreeMap<String, i64> {
        let mut total = BTreeMap::new();
        for (name, n) in self.ledger.values().flatten() {
            add_amount(&mut total, name.clone(), *n);
        }
        total
    }

    fn ledgers(&self) -> Vec<LedgerSummary> {
        let one = |((node, run), amounts): (&(String, i64), &BTreeMap<String, i64>)| LedgerSummary {
            node: node.clone(),
            run: *run,
            amounts: amounts.clone(),
        };
        self.ledger.iter().map(one).collect()
    }
}

/// Amounts are added; `labels`, `series` and `spooled` are states, of which the largest counts.
fn add_amount(sums: &mut BTreeMap<String, i64>, name: String, n: i64) {
    let is_size = matches!(name.as_str(), "labels" | "series" | "spooled");
    let sum = sums.entry(name).or_default();
    *sum = if is_size { n.max(*sum) } else { sum.saturating_add(n) };
}
