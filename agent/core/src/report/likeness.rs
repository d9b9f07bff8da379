//! Whether two runs may be compared at all: what was different about them besides the target.

use super::load_model::LoadModel;
use super::results::Results;
use super::verdict::{Tone, Verdict};
use crate::judge::compare::{Comparison, RunSide};
use std::collections::BTreeSet;

/// Rates that differ by more are another load, per cent.
const RATE_PERCENT_MAX: f64 = 10.0;
/// Reasons of a side that are said.
const REASONS_MAX: usize = 3;
const NAMES: [&str; 2] = ["A", "B"];

/// What a comparison is made of, beside its numbers.
#[derive(Debug, Clone, Copy)]
pub struct Likened<'a> {
    /// The run.
    pub side: &'a RunSide,
    /// What its nodes' results say, as far as they were given.
    pub results: &'a [Results],
    /// Lines that could not be merged.
    pub refused_lines: u64,
}

/// See the module's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    /// Why it may not be like with like, a sentence each.
    pub warnings: Vec<String>,
    /// Whether the numbers of each side can be trusted, as far as anybody knows.
    pub is_trustworthy: [bool; 2],
}

impl Likeness {
    /// Looks for it.
    #[must_use]
    pub fn of(a: Likened<'_>, b: Likened<'_>, comparison: &Comparison) -> Self {
        let mut warnings = Vec::new();
        let sides = [a, b];
        let mut is_trustworthy = [true; 2];
        for (at, side) in sides.iter().enumerate() {
            is_trustworthy[at] = each(NAMES[at], side, &mut warnings);
        }
        let (one, other) = (&a.side.flood, &b.side.flood);
        let identity = |side: &Likened<'_>| {
            let flood = &side.side.flood;
            (flood.flood.clone(), flood.runs.clone(), flood.start_s, flood.total.count)
        };
        if identity(&a) == identity(&b) {
            warnings.push("A and B are the same run".to_owned());
        }
        let [rate_a, rate_b] = [comparison.total.a.rate_per_s, comparison.total.b.rate_per_s];
        let apart = (rate_b - rate_a).abs() * 100.0 / rate_a.max(f64::MIN_POSITIVE);
        if rate_a > 0.0 && rate_b > 0.0 && apart > RATE_PERCENT_MAX {
            warnings.push(format!(
                "another load: A had {rate_a:.1} requests a second, B {rate_b:.1}; a target answers differently then"
            ));
        }
        let mut differ = |what: &str, values: [String; 2]| {
            if values[0] != values[1] {
                warnings.push(format!("{what}: {} in A, {} in B", values[0], values[1]));
            }
        };
        differ("another number of users", [one, other].map(|flood| format!("{:.0}", flood.concurrency_max)));
        differ("another number of nodes", [one, other].map(|flood| flood.nodes.to_string()));
        if sides.iter().all(|side| !side.results.is_empty()) {
            let model = |side: &Likened<'_>| LoadModel::of_all(side.results.iter().map(|one| one.load_model));
            differ("another kind of load", [a, b].map(|side| format!("{:?}", model(&side)).to_lowercase()));
            if changes(a.results) != changes(b.results) {
                warnings.push("what was changed in the plan is not the same (load, parameters)".to_owned());
            }
        }
        let [length_a, length_b] = comparison.window_s;
        if length_a != length_b {
            warnings.push(format!("windows are {length_a} s long in A and {length_b} s in B"));
        }
        Self { warnings, is_trustworthy }
    }
}

/// Whether one side can be trusted.
fn each(name: &str, side: &Likened<'_>, warnings: &mut Vec<String>) -> bool {
    let verdict = Verdict::of(&side.side.flood, side.results, side.refused_lines, Vec::new(), None);
    let is_saturated = side.results.iter().filter_map(Results::health).any(|health| health.saturated > 0);
    let is_trustworthy = verdict.whole.tone != Tone::Bad && !is_saturated;
    if !is_trustworthy {
        for why in verdict.whole.why.iter().take(REASONS_MAX) {
            warnings.push(format!("{name} is not trustworthy: {why}"));
        }
    } else if verdict.whole.tone == Tone::Unknown {
        warnings.push(format!("whether the numbers of {name} are whole is {}", verdict.whole.text));
    }
    if matches!(verdict.ran.tone, Tone::Bad | Tone::Doubtful) {
        warnings.push(format!("did {name} run as asked? {}", verdict.ran.text));
    }
    if side.side.time.folded.contains(&true) {
        warnings.push(format!("windows of {name} were folded together for want of room (degraded)"));
    }
    is_trustworthy
}

fn changes(results: &[Results]) -> BTreeSet<&String> {
    results.iter().flat_map(Results::changes).collect()
}
