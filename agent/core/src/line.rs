//! InfluxDB line protocol, one line at a time, without allocation: finds where the parts are and checks that they are
//! well formed; what the parts mean is [`crate::sump`]'s business.
//!
//! PLACEHOLDER: signatures that others already build on; the body is being written.

use thiserror::Error;

/// One well-formed line; every slice points into the input and is still escaped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line<'a> {
    /// Measurement, still escaped.
    pub measurement: &'a [u8],
    /// All tags as they came (`a=b,c=d`), without the comma in front; empty when there are none.
    pub tags: &'a [u8],
    /// All fields as they came.
    pub fields: &'a [u8],
    /// Timestamp as it came (ns), when there is one.
    pub timestamp: Option<i64>,
}

/// A field's value, checked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// `1.5`, `1e3`, also a bare `123`.
    Float(f64),
    /// `123i`
    Int(i64),
    /// `123u`
    UInt(u64),
    /// `t`, `true`, `F`, …
    Bool(bool),
    /// The text between the quotes, still escaped.
    Text(&'a [u8]),
}

/// Why a line is not line protocol; the position is a byte offset into the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{what} at byte {at}")]
pub struct LineError {
    /// What was expected or wrong.
    pub what: &'static str,
    /// Byte offset into the line.
    pub at: usize,
}
