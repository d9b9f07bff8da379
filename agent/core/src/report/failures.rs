//! Why requests failed, of all nodes together.

use super::results::{Results, ResultsFailure};
use std::collections::BTreeMap;

/// Reasons that are shown: what a person can take in, of many nodes as of one.
pub const ROWS_MAX: usize = 100;

/// One reason.
#[derive(Debug, Clone, PartialEq)]
pub struct FailureRow {
    /// As the results have it; the count is of all nodes.
    pub failure: ResultsFailure,
    /// The node with the trace it names.
    pub node: String,
}

/// The most frequent first, and the failed samples of all others.
#[must_use]
pub fn failure_rows(results: &[Results]) -> (Vec<FailureRow>, u64) {
    let mut rows: BTreeMap<[&str; 4], FailureRow> = BTreeMap::new();
    let mut others = 0_u64;
    for one in results {
        others = others.saturating_add(one.failures_others());
        for failure in one.failures() {
            let key = [&failure.label, &failure.kind, &failure.code, &failure.error].map(String::as_str);
            let row = rows.entry(key).or_insert_with(|| FailureRow {
                failure: ResultsFailure { count: 0, trace: None, ..failure.clone() },
                node: one.node().to_owned(),
            });
            row.failure.count = row.failure.count.saturating_add(failure.count);
            row.failure.varies |= failure.varies;
            if row.failure.trace.is_none() && failure.trace.is_some() {
                row.failure.trace.clone_from(&failure.trace);
                one.node().clone_into(&mut row.node);
            }
        }
    }
    let mut rows: Vec<FailureRow> = rows.into_values().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.failure.count));
    for row in rows.drain(ROWS_MAX.min(rows.len())..) {
        others = others.saturating_add(row.failure.count);
    }
    (rows, others)
}
