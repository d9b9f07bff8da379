//! The accounting of every sample of a run, up to the closed window. What happens to a sample after that (delivered,
//! spooled, …) is [`crate::outbound`]'s account; the receipt joins the two.
//!
//! ```text
//! per source   sent = received + lost              (datagrams are deduplicated by their number first)
//! per run      received = aggregated + rejected    (received = attributed to a source + unattributed)
//! ```

mod past;
mod source;
mod source_book;

pub use source::{Source, SourceMark, Verdict};
pub use source_book::SourceBook;

use crate::wire::sump::Reject;
use serde::{Deserialize, Serialize};

/// Counters of one run; they only grow. A *line* of dialect 1a or of garbage has no source and is `unattributed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SampleAccount {
    /// Samples that the sources say they have sent.
    pub sent: u64,
    /// Samples that arrived: sample lines, transactions of dialect 1a, and every rejected line.
    pub received: u64,
    /// Of `received`: without a source that vouches for them.
    pub unattributed: u64,
    /// Samples that are in a window.
    pub aggregated: u64,
    /// Lines that could not be used, by reason.
    pub rejected: Rejected,
    /// `sent` less what arrived; judged when the run closes, 0 until then.
    pub lost: u64,
    /// Samples that a source never sent because they did not fit; in neither `sent` nor `lost`.
    pub truncated: u64,
    /// Of `aggregated`: went into a late part.
    pub late: u64,
    /// Of `aggregated`: their time could not be used.
    pub restamped: u64,
    /// Of `aggregated`: counted in `__other__` because of the label cap.
    pub folded_samples: u64,
    /// Labels that were folded (upper bound).
    pub folded_labels: u64,
    /// Datagrams that came twice and were counted once.
    pub duplicate_datagrams: u64,
    /// Datagrams the kernel dropped before the agent could read them.
    pub kernel_dropped: u64,
    /// `trace` and `object` lines that arrived.
    pub traces: u64,
}

/// Rejected lines by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rejected {
    /// Not line protocol.
    pub syntax: u64,
    /// Something required is absent.
    pub missing_field: u64,
    /// NaN or infinite.
    pub not_finite: u64,
    /// Negative or over 24 h.
    pub out_of_range: u64,
    /// Longer than any honest line.
    pub too_long: u64,
    /// A measurement of neither dialect.
    pub unknown_measurement: u64,
    /// No run for this identity.
    pub unknown_flood: u64,
}

impl Rejected {
    /// Counts one line, and gives how many of its reason there are with it.
    pub fn count(&mut self, reason: Reject) -> u64 {
        let count = match reason {
            Reject::Syntax => &mut self.syntax,
            Reject::MissingField => &mut self.missing_field,
            Reject::NotFinite => &mut self.not_finite,
            Reject::OutOfRange => &mut self.out_of_range,
            Reject::TooLong => &mut self.too_long,
            Reject::UnknownMeasurement => &mut self.unknown_measurement,
            Reject::UnknownFlood => &mut self.unknown_flood,
        };
        *count += 1;
        *count
    }

    /// All reasons with their counts, in the contract's order.
    #[must_use]
    pub fn by_reason(&self) -> [(&'static str, u64); 7] {
        [
            ("syntax", self.syntax),
            ("missing_field", self.missing_field),
            ("not_finite", self.not_finite),
            ("out_of_range", self.out_of_range),
            ("too_long", self.too_long),
            ("unknown_measurement", self.unknown_measurement),
            ("unknown_flood", self.unknown_flood),
        ]
    }

    /// In words: `3 lines could not be used (2 syntax, 1 too_long)`.
    #[must_use]
    pub fn said(&self) -> Option<String> {
        let lines = match self.total() {
            0 => return None,
            1 => "1 line".to_owned(),
            n => format!("{n} lines"),
        };
        let counts = self.by_reason().into_iter().filter(|&(_, n)| n > 0);
        let counts: Vec<String> = counts.map(|(reason, n)| format!("{n} {reason}")).collect();
        Some(format!("{lines} could not be used ({})", counts.join(", ")))
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let sum = u64::saturating_add;
        Self {
            syntax: sum(self.syntax, other.syntax),
            missing_field: sum(self.missing_field, other.missing_field),
            not_finite: sum(self.not_finite, other.not_finite),
            out_of_range: sum(self.out_of_range, other.out_of_range),
            too_long: sum(self.too_long, other.too_long),
            unknown_measurement: sum(self.unknown_measurement, other.unknown_measurement),
            unknown_flood: sum(self.unknown_flood, other.unknown_flood),
        }
    }

    /// Lines rejected for any reason.
    #[must_use]
    pub fn total(&self) -> u64 {
        // Receipts come from outside, too.
        self.by_reason().into_iter().fold(0, |sum, (_, n)| sum.saturating_add(n))
    }
}

impl SampleAccount {
    /// All counters by the names they have in `ledger_sum`, in a fixed order.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, u64)> {
        let mut fields = vec![
            ("sent", self.sent),
            ("received", self.received),
            ("unattributed", self.unattributed),
            ("aggregated", self.aggregated),
            ("lost", self.lost),
            ("truncated", self.truncated),
            ("late", self.late),
            ("restamped", self.restamped),
            ("folded_samples", self.folded_samples),
            ("folded_labels", self.folded_labels),
            ("duplicate_datagrams", self.duplicate_datagrams),
            ("kernel_dropped", self.kernel_dropped),
            ("traces", self.traces),
            ("rejected", self.rejected.total()),
        ];
        fields.extend(self.rejected.by_reason());
        fields
    }

    /// What was added since `earlier`, field by field. All counters grow, so nothing is negative.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Vec<(&'static str, u64)> {
        let before = earlier.fields();
        let now = self.fields();
        now.iter().zip(before).map(|(&(name, n), (_, m))| (name, n.saturating_sub(m))).collect()
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let sum = u64::saturating_add;
        Self {
            sent: sum(self.sent, other.sent),
            received: sum(self.received, other.received),
            unattributed: sum(self.unattributed, other.unattributed),
            aggregated: sum(self.aggregated, other.aggregated),
            rejected: self.rejected.plus(&other.rejected),
            lost: sum(self.lost, other.lost),
            truncated: sum(self.truncated, other.truncated),
            late: sum(self.late, other.late),
            restamped: sum(self.restamped, other.restamped),
            folded_samples: sum(self.folded_samples, other.folded_samples),
            folded_labels: sum(self.folded_labels, other.folded_labels),
            duplicate_datagrams: sum(self.duplicate_datagrams, other.duplicate_datagrams),
            kernel_dropped: sum(self.kernel_dropped, other.kernel_dropped),
            traces: sum(self.traces, other.traces),
        }
    }

    /// Whether the two equations of the module's head hold.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.received == self.aggregated.saturating_add(self.rejected.total())
            && self.sent.saturating_add(self.unattributed) == self.received.saturating_add(self.lost)
    }
}
