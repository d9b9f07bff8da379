//! Tags, decoded on first sight of a distinct tag set; rare, so it may allocate.

use super::{Kind, MetricValue, Record, Reject, Tags};
use crate::wire::label;
use crate::wire::line::{Pairs, unescape_tag};

impl Tags {
    /// Reads the raw tag bytes of a record. Never fails: what is no tag is passed over, what is not UTF-8 becomes
    /// U+FFFD, a `%` without two hex digits stays. The first of repeated tags counts. An empty tag is `None`, but an
    /// empty label is a label (`__empty__`).
    #[must_use]
    pub fn decode(raw: &[u8]) -> Self {
        let mut tags = Self::default();
        for (key, value) in Pairs::of(raw) {
            let slot = match unescape_tag(key).as_ref() {
                b"label" => {
                    tags.label.get_or_insert_with(|| label::normalise(decoded(value)));
                    continue;
                }
                b"kind" => {
                    tags.kind.get_or_insert_with(|| Kind::of(decoded(value).as_bytes()));
                    continue;
                }
                b"account" => &mut tags.account,
                b"project" => &mut tags.project,
                b"flood" => &mut tags.flood,
                b"grid" => &mut tags.grid,
                b"region" => &mut tags.region,
                b"node" => &mut tags.node,
                _ => continue,
            };
            if slot.is_none() && !value.is_empty() {
                *slot = Some(decoded(value));
            }
        }
        tags
    }
}

impl Record<'_> {
    /// Whether its tags are enough: a sample needs `flood` and `label`, a metric `label` unless it is `concurrency`.
    ///
    /// # Errors
    /// [`Reject::MissingField`]
    pub fn require(&self, tags: &Tags) -> Result<(), Reject> {
        let complete = match self {
            Self::Sample(_) => tags.label.is_some() && tags.flood.is_some(),
            Self::Metric(metric) => {
                tags.label.is_some() || matches!(metric.what, MetricValue::Concurrency(_))
            }
            Self::Users(_) | Self::Ledger(_) | Self::Trace(_) => true,
        };
        if complete { Ok(()) } else { Err(Reject::MissingField) }
    }
}

/// Unescaped, then URL-decoded.
fn decoded(raw: &[u8]) -> String {
    let escaped = unescape_tag(raw);
    let mut bytes = Vec::with_capacity(escaped.len());
    let mut rest: &[u8] = &escaped;
    while let [b, tail @ ..] = rest {
        rest = tail;
        match (b, tail) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) if let (Some(high), Some(low)) = (hex(*high), hex(*low)) => {
                bytes.push(high << 4 | low);
                rest = after;
            }
            _ => bytes.push(*b),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
