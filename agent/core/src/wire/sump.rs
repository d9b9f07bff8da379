//! The two dialects of the sump: what one line of a datagram means.
//!
//! ```text
//! sample,flood=7,label=GET+%2Fcart rt=123.4,ok=t,code="200" 1700000000123000000       one line a sample
//! response_time,flood=7,label=GET+%2Fcart value=123,response_code="200"               one line a metric
//! ```
//!
//! Rules that the contract leaves open:
//! - A line may have 32 KiB ([`LINE_BYTES_MAX`]); `trace` and `object` fill a datagram.
//! - `label=` without a value is taken (a page without a title gives one), though line protocol forbids it.
//! - Any number type will do for any number (`5`, `5i`, `5u`, `5.0`); fractions of a count are rounded half up.
//! - A known field of the wrong type is `missing_field`, even an optional one: a sender's mistake should show (but an
//!   `error` that is no text is no reason to lose the sample). Unknown fields are ignored, but must be well formed. Of repeated fields the last counts, of repeated tags the first.
//! - Bad syntax goes before an unknown measurement, NaN and infinity anywhere before everything but bad syntax in front
//!   of them.
//! - Tags are not looked into here, for speed: [`Tags::decode`] reads them once a distinct tag set, and
//!   [`Record::require`] tells whether one will do.

mod convert;
mod parse;
mod tags;
#[cfg(test)]
mod tests;
mod unit;
mod why;

pub use parse::{is_known_measurement, is_sample_line, peek_ledger};
pub use unit::TimeUnit;
pub use why::{Complaint, why};

use serde::{Deserialize, Serialize};
use std::fmt;

/// No honest line but a trace is longer. Our own lines have under 4 KiB, but others need not cut labels themselves: one of
/// 8 KiB, each byte of it URL-encoded, and 8 KiB for all the rest, an escaped error text of 1 KiB among it.
pub const LINE_BYTES_MAX: usize = 3 * 8 * 1_024 + 8 * 1_024;
/// A `passed`, `failed`, `transaction_rate` or a number of users above this is a sender's mistake.
pub const COUNT_MAX: u64 = 1_000_000_000;
/// Bytes of one sample, and cumulative counts of a ledger line: above this (10¹⁵) it is a sender's mistake; up to it sums
/// of millions of lines fit into 64 bits and every integer is a double.
pub const TOTAL_MAX: u64 = 1_000_000_000_000_000;

/// What one accepted line says. `tags` are the line's raw tag bytes: a cheap, unambiguous hash key; decoded by
/// [`Tags`] on first sight only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Record<'a> {
    /// Dialect 1b: one finished sample.
    Sample(Sample<'a>),
    /// Dialect 1a: one metric of a transaction.
    Metric(Metric<'a>),
    /// Dialect 1b: how many users a source runs.
    Users(Users<'a>),
    /// Dialect 1b: a source's account of what it has sent.
    Ledger(LedgerMark<'a>),
    /// Dialect 1a: `trace` or `object`: base64(gzip(JSON)), taken later.
    Trace(TraceLine<'a>),
}

/// One finished sample. Times in µs, rounded half up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample<'a> {
    /// Raw tag bytes.
    pub tags: &'a [u8],
    /// Response time, µs.
    pub rt_us: u64,
    /// Whether the tool calls it a success.
    pub ok: bool,
    /// Response code, when one was given.
    pub code: Option<Code>,
    /// Time to first byte, µs.
    pub lat_us: Option<u64>,
    /// Time to connect, µs.
    pub conn_us: Option<u64>,
    /// Bytes received.
    pub rx_bytes: Option<u64>,
    /// Bytes sent.
    pub tx_bytes: Option<u64>,
    /// Active users when it ended.
    pub users: Option<u64>,
    /// Request or transaction, by the field; [`Tags::kind`] may say it too, see [`Kind::or_tag`].
    pub kind: Kind,
    /// Why it failed, still escaped; empty when the line does not say.
    pub error: &'a [u8],
    /// End of the sample, wall clock, ns.
    pub time_ns: i64,
}

/// What a sample is: both are counted, but a reader must not add them up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One request.
    Request,
    /// A group of requests (JMeter's transaction controller, Gatling's group, Selenium's transaction).
    Transaction,
}

impl Kind {
    /// What the text means: `transaction`, or anything else, which is a request.
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        if text == b"transaction" { Self::Transaction } else { Self::Request }
    }

    /// This kind, unless the tags say that it is a transaction.
    #[must_use]
    pub fn or_tag(self, tag: Option<Self>) -> Self {
        if tag == Some(Self::Transaction) { Self::Transaction } else { self }
    }
}

/// A response code as it is counted: `c100`…`c599`, or `cother`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// 100..=599
    Http(u16),
    /// Anything else, text included.
    Other,
}

/// As summaries and receipts name it: `503`, or `other`.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(status) => status.fmt(f),
            Self::Other => f.write_str("other"),
        }
    }
}

/// One line of dialect 1a.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric<'a> {
    /// Raw tag bytes.
    pub tags: &'a [u8],
    /// Which metric, with its value.
    pub what: MetricValue,
    /// `response_code`, when given and not empty (counted on `transaction_rate` only).
    pub code: Option<Code>,
    /// Timestamp; usually absent: arrival time counts.
    pub time_ns: Option<i64>,
}

/// The metrics of dialect 1a.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MetricValue {
    /// `response_time`, µs.
    ResponseTimeUs(u64),
    /// `latency`, µs.
    LatencyUs(u64),
    /// `passed`: 0 or 1 (a count).
    Passed(u64),
    /// `failed`: 0 or 1 (a count).
    Failed(u64),
    /// `transaction_rate`: a count.
    Transactions(u64),
    /// `concurrency`: active users on the node.
    Concurrency(u64),
    /// `throughput`: bytes received.
    RxBytes(u64),
}

/// `users` line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Users<'a> {
    /// Raw tag bytes.
    pub tags: &'a [u8],
    /// Tag `source`, still escaped; empty when absent.
    pub source: &'a [u8],
    /// Running now.
    pub active: u64,
    /// Started so far.
    pub started: u64,
    /// Finished so far.
    pub finished: u64,
    /// When, ns; arrival time counts when absent.
    pub time_ns: Option<i64>,
}

/// `ledger` line: the last of each datagram of a plug-in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LedgerMark<'a> {
    /// Raw tag bytes.
    pub tags: &'a [u8],
    /// Tag `source`, still escaped.
    pub source: &'a [u8],
    /// Number of this datagram, from 1.
    pub seq: u64,
    /// `sample` lines sent so far, this datagram's included.
    pub samples: u64,
    /// Samples never sent because they did not fit; in neither of the two.
    pub truncated: u64,
    /// Whether the source says that it is closed.
    pub last: bool,
}

/// `trace` or `object` line of dialect 1a.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TraceLine<'a> {
    /// Raw tag bytes.
    pub tags: &'a [u8],
    /// The quoted base64, without the quotes.
    pub value: &'a [u8],
    /// `error_count`, a field or a tag, when there is one; public clients have it inside `value` only.
    pub error_count: Option<u64>,
    /// `response_code`, when there is one; public clients have it inside `value`.
    pub code: Option<Code>,
}

/// Why a line was rejected; the names are those of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reject {
    /// Not line protocol.
    Syntax,
    /// A required tag or field is absent, or a known field has the wrong type.
    MissingField,
    /// NaN or infinite.
    NotFinite,
    /// Negative, over 24 h, or a count that makes no sense.
    OutOfRange,
    /// Longer than any honest line.
    TooLong,
    /// Neither dialect knows the measurement.
    UnknownMeasurement,
    /// No run may be opened for this identity.
    UnknownFlood,
}

impl Reject {
    /// All reasons, in the order of the contract.
    pub const ALL: [Self; 7] = [
        Self::Syntax,
        Self::MissingField,
        Self::NotFinite,
        Self::OutOfRange,
        Self::TooLong,
        Self::UnknownMeasurement,
        Self::UnknownFlood,
    ];

    /// The name of the contract: `missing_field`, ….
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::MissingField => "missing_field",
            Self::NotFinite => "not_finite",
            Self::OutOfRange => "out_of_range",
            Self::TooLong => "too_long",
            Self::UnknownMeasurement => "unknown_measurement",
            Self::UnknownFlood => "unknown_flood",
        }
    }
}

/// What the tags of a line say, decoded: unescaped, URL-decoded, the label normalised.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tags {
    /// Label as it will be shown (never empty, ≤ 512 bytes, `__other__` protected); `None` when there is no such tag.
    pub label: Option<String>,
    /// `account`, decoded, unchecked.
    pub account: Option<String>,
    /// `project`
    pub project: Option<String>,
    /// `flood`
    pub flood: Option<String>,
    /// `grid`
    pub grid: Option<String>,
    /// `region`
    pub region: Option<String>,
    /// `node`
    pub node: Option<String>,
    /// `kind`: some foreign senders make it a tag.
    pub kind: Option<Kind>,
}
