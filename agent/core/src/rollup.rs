//! What a closed window becomes: thin points with the aggregation in their names, in batches.
//!
//! Tags say *whose* (account, flood, project, grid, region) and, on label data, *which* (`label_id`); there is no node
//! tag and no label text as a tag (unless somebody asks for it), so that series in the store do not grow with nodes. All points of one label in one
//! window share one timestamp; [`crate::rollup::timestamp`] keeps nodes and parts apart.
//!
//! A sample travels with the `transaction_rate_mean` point that counts it: [`Batch::samples`] is the sum of those.
//!
//! Two series that share a label (a transaction and a request of the same name) share the `label_id`. The later of
//! them is stamped with part numbers from [`ALTERNATE_PART`] up, so that both points are kept and still add up.

mod points;
pub mod timestamp;
mod trace_point;

pub use trace_point::trace_point;

use crate::base::ids::{Ident, LabelId};
use crate::base::limits::{BATCH_BYTES_MAX, BATCH_POINTS_MAX};
use crate::base::run::RunIdentity;
use crate::measure::ingest::ClosedWindow;
use crate::measure::window::ALTERNATE_PART;
use crate::rollup::timestamp::{Stamper, part};
use crate::wire::encode::{PointWriter, push_tag};
use std::borrow::Cow;

/// One node's settings for rendering.
#[derive(Debug, Clone)]
pub struct RollupSettings {
    /// This node.
    pub node: Ident,
    /// This start of the agent, made durable before.
    pub incarnation: u64,
    /// Key of the timestamps.
    pub timestamp_key: Vec<u8>,
    /// Whether the label's text is a tag, too, `label_name`: for people with a store of their own.
    pub label_tag: bool,
}

/// Lines for one write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Line protocol, every line with its `\n`.
    pub body: Vec<u8>,
    /// Lines in it.
    pub points: u32,
    /// Samples that its `transaction_rate_mean` points count.
    pub samples: u64,
}

/// Room left for one label's points, so that a batch is cut before it is too large: a sketch of 3,456 counts of 9
/// bytes in base64, 500 codes, and tags and texts of full length come to 60 KB.
const LABEL_BYTES_RESERVE: usize = 64 << 10;
/// Points one label can have.
const LABEL_POINTS_MAX: u32 = 10;

/// Renders one closed window, batch by batch, so that whoever calls can do other things in between.
pub struct Rollup<'a> {
    window: &'a ClosedWindow,
    settings: &'a RollupSettings,
    tags: RunTags,
    delivery_fields: Vec<(&'static str, u64)>,
    stamper: Stamper,
    next_series: usize,
    run_points_done: bool,
}

impl<'a> Rollup<'a> {
    /// Starts to render `window`.
    #[must_use]
    pub fn new(settings: &'a RollupSettings, window: &'a ClosedWindow) -> Self {
        let identity = &window.identity;
        let node = settings.node.as_str();
        let flood = Some(identity.flood.as_str());
        Self {
            window,
            settings,
            tags: RunTags::new(identity),
            delivery_fields: Vec::new(),
            stamper: Stamper::new(&settings.timestamp_key, node, flood, Some(identity.run)),
            next_series: 0,
            run_points_done: false,
        }
    }

    /// Adds integer fields to the window's `ledger_sum` point, where it has one: what became of samples after their
    /// windows, which only the caller knows.
    #[must_use]
    pub fn with_ledger_fields(mut self, fields: Vec<(&'static str, u64)>) -> Self {
        self.delivery_fields = fields;
        self
    }

    /// The next batch; `None` when everything is rendered. A batch's body is at most [`BATCH_BYTES_MAX`] before
    /// compression, so it cannot be larger after it by more than a few bytes.
    pub fn next_batch(&mut self) -> Option<Batch> {
        let mut out = PointWriter::default();
        let mut points = 0;
        let mut samples = 0;
        if !self.run_points_done {
            self.run_points_done = true;
            points += self.run_points(&mut out);
        }
        // A window that took older ones in covers their time too.
        let covered_ns = self.window.period_ns * (1 + u64::from(self.window.degraded));
        let bytes_max = BATCH_BYTES_MAX - LABEL_BYTES_RESERVE;
        while let Some(series) = self.window.series.get(self.next_series) {
            if points + LABEL_POINTS_MAX > BATCH_POINTS_MAX as u32 || out.body.len() > bytes_max {
                break;
            }
            self.next_series += 1;
            let n = u64::from(self.window.part_n) + if series.info.alternate { ALTERNATE_PART } else { 0 };
            let stamp_ns = self.stamp(Some(series.info.label_id), part(self.settings.incarnation, n));
            let text = self.settings.label_tag.then_some(&*series.info.label);
            let tags = self.tags.with_label(series.info.label_id, text);
            let of_run = (self.window.identity.run, covered_ns);
            points += points::label_points(&mut out, tags, series, of_run, stamp_ns);
            samples += series.numbers.count;
        }
        (points > 0).then_some(Batch { body: out.body, points, samples })
    }

    fn run_points(&mut self, out: &mut PointWriter) -> u32 {
        let (node, run) = (self.settings.node.as_str(), self.window.identity.run);
        let mut points = 0;
        if let Some(users) = &self.window.users {
            // A gauge is one value a window, whatever incarnation saw it: part 0 only.
            let stamp_ns = self.stamp(None, 0);
            points::concurrency(out, &self.tags.run, users, node, run, stamp_ns);
            points += 1;
        }
        if let Some(account) = &self.window.account {
            let stamp_ns = self.stamp(None, part(self.settings.incarnation, u64::from(self.window.part_n)));
            let more = &self.delivery_fields;
            points::ledger(out, &self.tags.run, account, node, run, more, stamp_ns);
            points += 1;
        }
        points
    }

    fn stamp(&mut self, label: Option<LabelId>, part: u64) -> i64 {
        self.stamper.stamp_ns(label, self.window.start_ns, self.window.period_ns, part)
    }
}

/// Tags of run and of label data, in the alphabetical order that stores like best.
struct RunTags {
    run: Vec<u8>,
    /// Where `label_id` stands between the others.
    label_at: usize,
    label: Vec<u8>,
}

impl RunTags {
    fn new(identity: &RunIdentity) -> Self {
        let mut run = Vec::with_capacity(160);
        push_tag(&mut run, "account", identity.account.as_ref().map(Ident::as_str));
        push_tag(&mut run, "flood", Some(identity.flood.as_str()));
        push_tag(&mut run, "grid", identity.grid.as_ref().map(Ident::as_str));
        let label_at = run.len();
        push_tag(&mut run, "project", identity.project.as_ref().map(Ident::as_str));
        push_tag(&mut run, "region", identity.region.as_ref().map(Ident::as_str));
        Self { run, label_at, label: Vec::with_capacity(200) }
    }

    fn with_label(&mut self, label_id: LabelId, text: Option<&str>) -> &[u8] {
        self.label.clear();
        self.label.extend_from_slice(&self.run[..self.label_at]);
        push_tag(&mut self.label, "label_id", Some(&label_id.to_string()));
        push_tag(&mut self.label, "label_name", text.map(as_tag).as_deref());
        self.label.extend_from_slice(&self.run[self.label_at..]);
        &self.label
    }
}

/// What a tag can hold of a text: a backslash at its end would take the character behind it along.
fn as_tag(text: &str) -> Cow<'_, str> {
    let kept = text.trim_end_matches('\\');
    if kept.len() == text.len() && !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let ends = "/".repeat(text.len() - kept.len());
    Cow::Owned(kept.replace(char::is_control, " ") + &ends)
}

#[cfg(test)]
mod tests;
