//! One flood: its labels, and for each of its runs the users over time and the ledger.

use super::fields::Fields;
use super::label::{Change, Label};
use super::sides::{Side, Sides};
use super::summary::{FloodSummary, LabelSummary, LedgerSummary};
use super::{CONCURRENCY_POINTS_MAX, LABELS_MAX, MergeError, NODES_MAX, RUNS_MAX, Runs, ScopeKey};
use crate::wire::line::Value;
use std::collections::{BTreeMap, BTreeSet};

const NS_PER_S: i64 = 1_000_000_000;
/// What a point says of a delivery that it is itself part of: always too little. Only a receipt knows.
const BEHIND: [&[u8]; 2] = [b"delivered", b"spooled"];

#[derive(Debug, Default)]
pub(super) struct Scope {
    labels: BTreeMap<String, Sides>,
    runs: BTreeMap<Option<i64>, RunBook>,
    users_points: usize,
    users_ignored: u64,
    ledgers: usize,
}

/// What is of one run, its labels left out.
#[derive(Debug, Clone, Default)]
struct RunBook {
    /// By window period, s: the first and the last time of a point, ns. Periods are at most 3,600.
    spans: BTreeMap<u64, (i64, i64)>,
    /// By node.
    users: BTreeMap<String, Vec<(i64, f64)>>,
    ledger: BTreeMap<String, BTreeMap<String, i64>>,
    traces: u64,
}

/// One `concurrency_max` point.
#[derive(Debug)]
pub(super) struct Users {
    node: String,
    run: Option<i64>,
    time_ns: i64,
    active: f64,
}

impl Users {
    pub(super) fn read(fields: &Fields<'_>, time_ns: i64) -> Result<Self, MergeError> {
        let node = fields.text("node").unwrap_or_default();
        Ok(Self { node, run: fields.run()?, time_ns, active: fields.number("value")? })
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
        let run = fields.run()?.ok_or(MergeError::Missing { what: "run" })?;
        let amounts = fields.iter().filter_map(|(key, value)| match value {
            Value::Int(n) if key != b"run" && !BEHIND.contains(&key) => {
                Some((String::from_utf8_lossy(key).into_owned(), n))
            }
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
        told: Option<Side>,
    ) -> Result<(), MergeError> {
        if !self.labels.contains_key(&id) && self.labels.len() >= LABELS_MAX {
            return Err(MergeError::TooMany { what: "labels of one flood", max: LABELS_MAX });
        }
        if let Change::Transactions { window_s, run, .. } = change {
            let span = self.run(run)?.spans.entry(window_s).or_insert((time_ns, time_ns));
            *span = (span.0.min(time_ns), span.1.max(time_ns));
        }
        self.labels.entry(id).or_default().change(change, time_ns, told);
        Ok(())
    }

    pub(super) fn add_users(&mut self, point: Users) -> Result<(), MergeError> {
        if self.users_points >= CONCURRENCY_POINTS_MAX {
            self.users_ignored += 1;
            return Ok(());
        }
        let of_node = self.run(point.run)?.users.entry(point.node).or_default();
        of_node.push((point.time_ns, point.active));
        self.users_points += 1;
        Ok(())
    }

    pub(super) fn add_ledger(&mut self, entry: LedgerEntry) -> Result<(), MergeError> {
        let is_full = self.ledgers >= NODES_MAX;
        let ledger = &mut self.run(Some(entry.run))?.ledger;
        let is_new = !ledger.contains_key(&entry.node);
        if is_new && is_full {
            return Err(MergeError::TooMany { what: "nodes and runs of one flood", max: NODES_MAX });
        }
        let sums = ledger.entry(entry.node).or_default();
        for (name, n) in entry.amounts {
            add_amount(sums, name, n);
        }
        self.ledgers += usize::from(is_new);
        Ok(())
    }

    pub(super) fn add_trace(&mut self, run: Option<i64>) -> Result<(), MergeError> {
        self.run(run)?.traces += 1;
        Ok(())
    }

    fn run(&mut self, run: Option<i64>) -> Result<&mut RunBook, MergeError> {
        if !self.runs.contains_key(&run) && self.runs.len() >= RUNS_MAX {
            return Err(MergeError::TooMany { what: "runs of one flood", max: RUNS_MAX });
        }
        Ok(self.runs.entry(run).or_default())
    }

    /// How long the windows are that points are of.
    pub(super) fn windows_s(&self) -> impl Iterator<Item = u64> {
        self.runs.values().flat_map(|book| book.spans.keys().copied())
    }

    /// Every label, a request and a transaction apart.
    pub(super) fn labels_of(&self, runs: Runs) -> impl Iterator<Item = (&str, Label)> {
        self.labels.iter().flat_map(move |(id, sides)| {
            let sorted = sides.sorted(runs == Runs::AddedUp);
            sorted.labels.into_iter().map(move |(_, label)| (id.as_str(), label))
        })
    }

    /// One for each run, or one for all of them.
    pub(super) fn summaries(&self, key: &ScopeKey, runs: Runs) -> Vec<FloodSummary> {
        let mut labels: BTreeMap<Option<i64>, Vec<(&String, Label)>> = BTreeMap::new();
        let mut undecided_points = 0;
        for (id, sides) in &self.labels {
            let sorted = sides.sorted(runs == Runs::AddedUp);
            undecided_points += sorted.undecided_points;
            sorted
                .labels
                .into_iter()
                .for_each(|(run, label)| labels.entry(run).or_default().push((id, label)));
        }
        let mut groups: BTreeMap<Option<i64>, Vec<(Option<i64>, &RunBook)>> = BTreeMap::new();
        let named: Vec<i64> = self.runs.keys().copied().flatten().collect();
        for (run, book) in &self.runs {
            groups.entry(self.group(*run, runs, &named)).or_default().push((*run, book));
        }
        let mut grouped: BTreeMap<Option<i64>, Vec<(&String, Label)>> = BTreeMap::new();
        for (run, of_run) in labels {
            grouped.entry(self.group(run, runs, &named)).or_default().extend(of_run);
        }
        let all: BTreeSet<Option<i64>> = groups.keys().chain(grouped.keys()).copied().collect();
        let flood = |group: Option<i64>| {
            let books = groups.remove(&group).unwrap_or_default();
            let mut flood = flood(key, group, &books, grouped.remove(&group).unwrap_or_default());
            // They are the flood's, not a run's: each of its rows says so.
            flood.points_of_no_run = undecided_points;
            flood.concurrency_points_ignored = self.users_ignored;
            flood
        };
        all.into_iter().map(flood).collect()
    }

    /// Points of older nodes name no run; where there is only one, they are of it.
    fn group(&self, run: Option<i64>, runs: Runs, named: &[i64]) -> Option<i64> {
        match (runs, run, named) {
            (Runs::AddedUp, ..) if named.len() != 1 => None,
            (_, None, [only]) => Some(*only),
            _ => run,
        }
    }
}

fn flood(
    key: &ScopeKey,
    run: Option<i64>,
    books: &[(Option<i64>, &RunBook)],
    of_run: Vec<(&String, Label)>,
) -> FloodSummary {
    let (start_s, end_s) = time_s(books);
    let duration_s = u64::try_from(end_s - start_s).unwrap_or(0);
    let mut total =
        Label { text: Some("all requests".to_owned()), kind: "request".to_owned(), ..Label::default() };
    let mut labels = Vec::with_capacity(of_run.len());
    for (id, label) in of_run {
        if label.kind != "transaction" {
            total.add(&label);
        }
        labels.push(LabelSummary::of(id, &label, duration_s));
    }
    labels.sort_by(|a, b| (&a.label, &a.label_id, &a.kind).cmp(&(&b.label, &b.label_id, &b.kind)));
    let ledgers = ledgers(books);
    FloodSummary {
        account: key.account.clone(),
        project: key.project.clone(),
        flood: key.flood.clone(),
        run,
        runs: books.iter().filter_map(|(run, _)| *run).collect(),
        start_s,
        end_s,
        total: LabelSummary::of("", &total, duration_s),
        labels,
        points_of_no_run: 0,
        concurrency_max: concurrency_max(books),
        concurrency_points_ignored: 0,
        traces: books.iter().map(|(_, book)| book.traces).sum(),
        nodes: ledgers.iter().map(|ledger| &ledger.node).collect::<BTreeSet<_>>().len(),
        ledger: ledger_total(&ledgers),
        ledgers,
    }
}

/// Edges of the first and the last window, s since the epoch. A point lies inside its window, which is aligned.
fn time_s(books: &[(Option<i64>, &RunBook)]) -> (i64, i64) {
    let edge = |time_ns: i64, period_s: u64| {
        let period_s = i64::try_from(period_s).unwrap_or(1).max(1);
        let start_s = time_ns.div_euclid(period_s * NS_PER_S) * period_s;
        (start_s, start_s + period_s)
    };
    let spans = || books.iter().flat_map(|(_, book)| &book.spans);
    let start = spans().map(|(&period, &(first, _))| edge(first, period).0).min();
    let end = spans().map(|(&period, &(_, last))| edge(last, period).1).max();
    (start.unwrap_or(0), end.unwrap_or(0))
}

/// The greatest sum over the nodes in any window. A node whose windows were longer for a while has several points in
/// one of the longest: the greatest of them counts, and they are not added up.
fn concurrency_max(books: &[(Option<i64>, &RunBook)]) -> f64 {
    let period_s = books.iter().filter_map(|(_, book)| book.spans.keys().next_back()).max().copied();
    let period_ns = i64::try_from(period_s.unwrap_or(15)).unwrap_or(15) * NS_PER_S;
    let mut windows: BTreeMap<i64, f64> = BTreeMap::new();
    for (_, book) in books {
        for points in book.users.values() {
            let mut of_node: BTreeMap<i64, f64> = BTreeMap::new();
            for (time_ns, active) in points {
                let most = of_node.entry(time_ns.div_euclid(period_ns)).or_default();
                *most = active.max(*most);
            }
            of_node.into_iter().for_each(|(at, active)| *windows.entry(at).or_default() += active);
        }
    }
    windows.into_values().fold(0.0, f64::max)
}

fn ledger_total(ledgers: &[LedgerSummary]) -> BTreeMap<String, i64> {
    let mut total = BTreeMap::new();
    for (name, n) in ledgers.iter().flat_map(|ledger| &ledger.amounts) {
        add_amount(&mut total, name.clone(), *n);
    }
    total
}

/// By node and run.
fn ledgers(books: &[(Option<i64>, &RunBook)]) -> Vec<LedgerSummary> {
    let of_run = |(run, book): &(Option<i64>, &RunBook)| -> Vec<LedgerSummary> {
        let one = |(node, amounts): (&String, &BTreeMap<String, i64>)| LedgerSummary {
            node: node.clone(),
            run: run.unwrap_or_default(),
            amounts: amounts.clone(),
        };
        book.ledger.iter().map(one).collect()
    };
    let mut all: Vec<LedgerSummary> = books.iter().flat_map(of_run).collect();
    all.sort_by(|a, b| (&a.node, a.run).cmp(&(&b.node, b.run)));
    all
}

/// Amounts are added; `labels` and `series` are states, of which the largest counts.
fn add_amount(sums: &mut BTreeMap<String, i64>, name: String, n: i64) {
    let is_size = matches!(name.as_str(), "labels" | "series");
    let sum = sums.entry(name).or_default();
    *sum = if is_size { n.max(*sum) } else { sum.saturating_add(n) };
}
