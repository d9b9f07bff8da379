//! How far apart the nodes have started: from the moment that was agreed on, where there was one; else from the node that was the
//! first. A clock that is wrong looks like a late start.

use serde::{Deserialize, Serialize};

const NS_PER_MS: i64 = 1_000_000;

/// Times of a receipt that tell of a start, ns since the epoch.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct Times {
    start_at_ns: Option<i64>,
    tool_started_ns: Option<i64>,
    first_sample_ns: Option<i64>,
    last_sample_ns: Option<i64>,
}

/// From the first sample of any node to the last one, s, where it is a second or more: windows are longer, and the first and the last one
/// hold less.
pub(super) fn span_s(all: impl Iterator<Item = Times>) -> Option<f64> {
    let spans = all.filter_map(|times| Some((times.first_sample_ns?, times.last_sample_ns?)));
    let (first, last) = spans.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)))?;
    let s = last.saturating_sub(first) as f64 / 1e9;
    (s >= 1.0).then_some(s)
}

/// What a start is measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SkewTo {
    /// The moment in the command: how much later the tool was started.
    StartAt,
    /// The first start of a tool on any node.
    FirstStart,
    /// The end of the first sample of any node.
    FirstSample,
}

/// How each node has started, ms, as far as its receipt says it; in the order of `all`.
pub(super) fn skews(all: &[Times]) -> Vec<Option<(i64, SkewTo)>> {
    let first_start_ns = all.iter().filter_map(|times| times.tool_started_ns).min();
    let first_sample_ns = all.iter().filter_map(|times| times.first_sample_ns).min();
    let skew = |times: &Times| {
        let against = [
            (times.tool_started_ns, times.start_at_ns, SkewTo::StartAt),
            (times.tool_started_ns, first_start_ns, SkewTo::FirstStart),
            (times.first_sample_ns, first_sample_ns, SkewTo::FirstSample),
        ];
        let skew = |(own_ns, from_ns, to): (Option<i64>, Option<i64>, SkewTo)| {
            Some((own_ns?.saturating_sub(from_ns?) / NS_PER_MS, to))
        };
        against.into_iter().find_map(skew)
    };
    all.iter().map(skew).collect()
}
