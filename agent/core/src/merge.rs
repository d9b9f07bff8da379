//! Merges rollups of many nodes, windows and late parts into the numbers of a whole flood: counts and sums are added,
//! sketches merged, percentiles computed from the merged sketch and never averaged.
//!
//! - **Scope**: (account, project, flood, run). Grids and regions of a flood are merged, its runs only on request
//!   ([`Runs`]). Of a label's points only `transaction_rate_mean` names the run: the others have it from the one with
//!   the same timestamp.
//! - **Identity** of a point is (measurement, tags, timestamp), as in the store: a repeated one changes nothing, so a
//!   retried batch is not counted twice. The last [`POINTS_REMEMBERED_MAX`] points or more are remembered, 16 bytes
//!   each; one repeated after that many others would count again. That is a day of a grid of 100 nodes with 50 labels.
//! - **Transactions** are kept apart from requests, also where both have one label: the total is of requests only, or
//!   each would count twice.
//! - Measurements that are not ours are counted as `other_points` and ignored.

mod error;
mod fields;
pub mod hlog;
mod label;
mod nodes;
mod scope;
mod seen;
mod sides;
mod stretches;
mod summary;
#[cfg(test)]
mod tests;
mod timeline;

pub use error::MergeError;
pub use nodes::NodesMerge;
pub use stretches::{Edges, LabelKey, Shorter, Stretch, Stretches};
pub use summary::{FloodSummary, LabelSummary, LedgerSummary, Measured, Summary};
pub use timeline::{
    Cut, HEALTH_S, HealthMoment, LabelSeries, NodeReadings, TimeSeries, Timeline, WindowNumbers,
};

use crate::wire::line::{Line, unescape_tag};
use fields::Fields;
use scope::Scope;
use seen::{Seen, Told};
use std::collections::{BTreeMap, BTreeSet};

/// At least so many of the latest points are remembered to recognise repeated ones: 32 to 64 MiB.
pub const POINTS_REMEMBERED_MAX: usize = 2_000_000;
/// Floods of one merge: identities come from outside.
pub const FLOODS_MAX: usize = 1_000;
/// Labels of one flood, all nodes together: the most a node may have.
pub const LABELS_MAX: usize = crate::base::limits::LABELS_MAX;
/// Nodes and runs of one flood in the ledger.
pub const NODES_MAX: usize = 10_000;
/// Runs of one flood.
pub const RUNS_MAX: usize = 1_000;
/// `concurrency_max` points of one flood: 100 nodes for 40 hours at 15 s. More are counted and ignored.
pub const CONCURRENCY_POINTS_MAX: usize = 1_000_000;

/// What becomes of a flood's runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    /// Each has numbers of its own.
    Apart,
    /// All are one.
    AddedUp,
}

/// What was merged so far.
#[derive(Debug, Default)]
pub struct Merge {
    scopes: BTreeMap<ScopeKey, Scope>,
    seen: Seen,
    points: u64,
    duplicates: u64,
    other_points: u64,
    told: Told,
    /// The only flood that is wanted, if one is.
    only: Option<String>,
    /// Others that points were of, by name.
    passed_over: BTreeSet<String>,
}

/// Whose data a point is; empty where a tag is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct ScopeKey {
    account: String,
    project: String,
    flood: String,
}

/// A point's tags as far as they matter.
#[derive(Debug, Default)]
struct Tags {
    scope: ScopeKey,
    label_id: Option<String>,
}

impl ScopeKey {
    /// One label of this flood at one time.
    fn moment(&self, label_id: &str, time_ns: i64) -> seen::Identity {
        let scope = [&self.account, &self.project, &self.flood].map(String::as_str).join("\0");
        seen::identity(scope.as_bytes(), label_id.as_bytes(), time_ns)
    }
}

impl Merge {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing yet, and nothing of another flood than this one is ever merged.
    #[must_use]
    pub fn of_flood(flood: &str) -> Self {
        Self { only: Some(flood.to_owned()), ..Self::default() }
    }

    /// Other floods whose points were left out, by name; at most [`FLOODS_MAX`].
    #[must_use]
    pub fn passed_over(&self) -> &BTreeSet<String> {
        &self.passed_over
    }

    /// Takes one line without its line end; an empty one or a comment is nothing.
    ///
    /// # Errors
    /// When it is not line protocol, or one of our measurements without what it must have. Then nothing has changed.
    pub fn add_line(&mut self, line: &[u8]) -> Result<(), MergeError> {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            return Ok(());
        }
        let mut fields = Fields::default();
        let parsed = Line::parse_with(line, |key, value| fields.set(key, value))?;
        let Some(kind) = Measurement::of(parsed.measurement) else {
            self.other_points += 1;
            return Ok(());
        };
        let time_ns = parsed.timestamp.ok_or(MergeError::Missing { what: "a timestamp" })?;
        let tags = Tags::of(&parsed);
        if self.only.as_ref().is_some_and(|only| *only != tags.scope.flood) {
            self.pass_over(tags.scope.flood);
            return Ok(());
        }
        let id = seen::identity(parsed.measurement, parsed.tags, time_ns);
        if self.seen.has(&id) {
            self.duplicates += 1;
            return Ok(());
        }
        self.apply(kind, tags, &fields, time_ns)?;
        self.seen.insert(id);
        self.points += 1;
        Ok(())
    }

    /// Remembers of which run and kind a line's label is at its time, and merges nothing. With all lines learned before the
    /// first is merged, their order does not matter, however they are sorted.
    pub fn learn_line(&mut self, line: &[u8]) {
        let line = line.trim_ascii();
        let mut fields = Fields::default();
        let Ok(parsed) = Line::parse_with(line, |key, value| fields.set(key, value)) else { return };
        let Some(what @ label::What::Transactions) = label::What::of(parsed.measurement) else { return };
        let tags = Tags::of(&parsed);
        let (Some(label_id), Some(time_ns)) = (&tags.label_id, parsed.timestamp) else { return };
        if let Ok(change) = label::Change::read(what, &fields)
            && let Some(side) = sides::Side::of(&change)
        {
            self.told.insert(tags.scope.moment(label_id, time_ns), side);
        }
    }

    /// The numbers of everything merged so far, each run of a flood for itself.
    #[must_use]
    pub fn summary(&self) -> Summary {
        self.summary_of(Runs::Apart)
    }

    /// The numbers of everything merged so far.
    #[must_use]
    pub fn summary_of(&self, runs: Runs) -> Summary {
        let floods = self.scopes.iter().flat_map(|(key, scope)| scope.summaries(key, runs)).collect();
        Summary {
            floods,
            points: self.points,
            duplicate_points: self.duplicates,
            other_points: self.other_points,
        }
    }

    /// What is of no flood, as a node's health, has no name.
    fn pass_over(&mut self, flood: String) {
        if !flood.is_empty() && self.passed_over.len() < FLOODS_MAX {
            self.passed_over.insert(flood);
        }
    }

    fn apply(
        &mut self,
        kind: Measurement,
        tags: Tags,
        fields: &Fields<'_>,
        time_ns: i64,
    ) -> Result<(), MergeError> {
        if !self.scopes.contains_key(&tags.scope) && self.scopes.len() >= FLOODS_MAX {
            return Err(MergeError::TooMany { what: "floods", max: FLOODS_MAX });
        }
        let label_id = tags.label_id.ok_or(MergeError::Missing { what: "the tag `label_id`" });
        match kind {
            Measurement::Label(what) => {
                // Nothing is opened for a point that is refused.
                let change = label::Change::read(what, fields)?;
                let label_id = label_id?;
                let told = self.told.get(|| tags.scope.moment(&label_id, time_ns));
                self.scopes.entry(tags.scope).or_default().change_label(label_id, change, time_ns, told)
            }
            Measurement::Concurrency => {
                let point = scope::Users::read(fields, time_ns)?;
                self.scopes.entry(tags.scope).or_default().add_users(point)
            }
            Measurement::Ledger => {
                let entry = scope::LedgerEntry::read(fields)?;
                self.scopes.entry(tags.scope).or_default().add_ledger(entry)
            }
            Measurement::Trace => {
                let run = fields.run()?;
                self.scopes.entry(tags.scope).or_default().add_trace(run)
            }
            // It belongs to no flood.
            Measurement::Health => Ok(()),
        }
    }
}

/// Our measurements.
#[derive(Debug, Clone, Copy)]
enum Measurement {
    Label(label::What),
    Concurrency,
    Ledger,
    Trace,
    Health,
}

impl Measurement {
    fn of(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"concurrency_max" => Self::Concurrency,
            b"ledger_sum" => Self::Ledger,
            b"trace" => Self::Trace,
            b"node_health_mean" => Self::Health,
            _ => Self::Label(label::What::of(name)?),
        })
    }
}

impl Tags {
    fn of(line: &Line<'_>) -> Self {
        let mut tags = Self::default();
        for (key, value) in line.tags() {
            let text = || String::from_utf8_lossy(&unescape_tag(value)).into_owned();
            match key {
                b"account" => tags.scope.account = text(),
                b"project" => tags.scope.project = text(),
                b"flood" => tags.scope.flood = text(),
                b"label_id" => tags.label_id = Some(text()),
                _ => {}
            }
        }
        tags
    }
}
