//! Why samples failed: for each label, response code and kind of error how many. Nothing here is sent to the Drain; a run
//! carries it to its receipt, for a person who asks what the failures in the table were.
//!
//! Texts come from servers, drivers and customers' scripts, and many hold an id, a host or a time. So errors are told apart by
//! their [`fingerprint`] and shown by the first text, and the number of distinct reasons has a cap ([`FAILURE_REASONS_MAX`]):
//! those seen first are kept, and what comes after them is one number. Kept counts and that number together are always the
//! failed samples that were seen.

mod text;

use crate::base::fingerprint::{fingerprint, telling};
use crate::base::limits::FAILURE_REASONS_MAX;
use crate::measure::series::{SeriesIndex, SeriesInfo};
use crate::wire::sump::{Code, Kind};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use serde::{Deserialize, Serialize};
use std::hash::BuildHasher;

/// Counts the failed samples of one run. A sample that passed never comes here.
pub struct Failures {
    reasons: HashTable<Reason>,
    hasher: FixedState,
    others: u64,
    /// The text that is looked for: kept, so that a run in which everything fails allocates nothing a sample.
    text: String,
    /// Its fingerprint, likewise.
    print: String,
}

struct Reason {
    series: SeriesIndex,
    code: Option<Code>,
    print: Box<str>,
    error: Box<str>,
    varies: bool,
    count: u64,
}

/// Failed samples of one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The label.
    pub label: String,
    /// A request, or a transaction that contains requests.
    pub kind: Kind,
    /// `404`; `other` for what is no HTTP status, `none` where the sample had no code.
    pub code: String,
    /// What the tool says, on one line and cut; empty where it said nothing.
    pub error: String,
    /// Whether that is the first of several texts, which differ in numbers, ids or hosts only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub varies: bool,
    /// Samples.
    pub count: u64,
    /// Where one of them is shown in full, below the run's results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

/// All failed samples of a run by reason.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FailureCounts {
    /// The most frequent first; equal ones by label, kind, code and text.
    pub reasons: Vec<Failure>,
    /// Of reasons beyond the cap.
    pub others: u64,
}

impl Failures {
    /// None yet. `seed` keeps a hostile script from choosing texts that collide.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let hasher = FixedState::with_seed(seed);
        Self { reasons: HashTable::new(), hasher, others: 0, text: String::new(), print: String::new() }
    }

    /// Counts `n` failed samples; `error` as it stands in the line, still escaped.
    pub fn add(&mut self, series: SeriesIndex, code: Option<Code>, error: &[u8], n: u64) {
        if n == 0 {
            return; // `failed value=0` of dialect 1a
        }
        text::tidy(error, &mut self.text);
        let Self { reasons, hasher, others, text, print } = self;
        let said = telling(text);
        fingerprint(said, print);
        let hash = hasher.hash_one((series, code, print.as_str()));
        let same =
            |reason: &Reason| reason.series == series && reason.code == code && *reason.print == **print;
        if let Some(reason) = reasons.find_mut(hash, same) {
            reason.count += n;
            if said != telling(&reason.error) {
                reason.varies = true;
            } else if reason.error.len() < text.len() {
                // The same, and why.
                reason.error = text.as_str().into();
            }
        } else if reasons.len() < FAILURE_REASONS_MAX {
            let (print, error) = (print.as_str().into(), text.as_str().into());
            let reason = Reason { series, code, print, error, varies: false, count: n };
            let hash_of = |old: &Reason| hasher.hash_one((old.series, old.code, &*old.print));
            reasons.insert_unique(hash, reason, hash_of);
        } else {
            *others += n;
        }
    }

    /// Heap behind it, bytes (about).
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let texts: usize = self.reasons.iter().map(|reason| reason.error.len() + reason.print.len()).sum();
        texts
            + self.text.capacity()
            + self.print.capacity()
            + self.reasons.capacity() * (size_of::<Reason>() + 1)
    }

    /// The end: everything with its label, in order.
    #[must_use]
    pub fn into_counts<'a>(self, info: impl Fn(SeriesIndex) -> &'a SeriesInfo) -> FailureCounts {
        let named = |Reason { series, code, error, varies, count, .. }| {
            let SeriesInfo { label, kind, .. } = info(series);
            Failure {
                label: label.to_string(),
                kind: *kind,
                code: code_name(code),
                error: error.into(),
                varies,
                count,
                trace: None,
            }
        };
        let mut reasons: Vec<Failure> = self.reasons.into_iter().map(named).collect();
        reasons.sort_unstable_by(|a, b| {
            let rest = |it: &Failure| (it.kind, it.code.clone(), it.error.clone());
            b.count.cmp(&a.count).then_with(|| a.label.cmp(&b.label)).then_with(|| rest(a).cmp(&rest(b)))
        });
        FailureCounts { reasons, others: self.others }
    }
}

/// An error text on one line, as it is shown.
#[must_use]
pub fn tidied(error: &[u8]) -> String {
    let mut tidied = String::new();
    text::tidy(error, &mut tidied);
    tidied
}

impl FailureCounts {
    /// All failed samples.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.others + self.reasons.iter().map(|reason| reason.count).sum::<u64>()
    }
}

/// As in the summary's `codes`, and `none`, which has no place there.
fn code_name(code: Option<Code>) -> String {
    code.map_or_else(|| "none".to_owned(), |code| code.to_string())
}

#[cfg(test)]
mod tests;
