//! InfluxDB line protocol, one line at a time, without allocation: finds where the parts are and checks that they are
//! well formed; what the parts mean is [`crate::wire::sump`]'s business.
//!
//! ```text
//! measurement,tag=value,tag=value field=1.5,field=2i,field="text",field=t 1700000000123000000
//! ```
//!
//! - A backslash escapes `,` `=` and space in names and tag values, `"` and `\` in a quoted text. In front of anything
//!   else it stands for itself: `two\\ words` is `two\ words`, and a name cannot end with a backslash.
//! - Names hold no control character; a tag value holds no tab and is not empty (the sump is more lenient there, see
//!   [`crate::wire::sump`]).
//! - Numbers are decimal: `-`, digits with a point among them, before or behind them, and optionally an exponent; or
//!   digits and `i` or `u`. What is not finite is an error of its own ([`LineError::is_not_finite`]).
//! - Lines end at `\n`, wherever it stands: [`lines`] looks for it before it looks at quotes.
//!
//! Valid is what InfluxDB's own decoder takes; `tests/interop` runs its corpus. Some of what that refuses is taken:
//!
//! - bytes that are not UTF-8, and control characters in tag values: a label with one is shown with U+FFFD, and no
//!   sample is lost over it;
//! - a tag twice, and `=` in a tag's value: to look for either costs time on every line and helps nobody.
//!
//! No limit on the length of a line is set here: one pass over the bytes, so time is linear in it and memory constant.

mod escape;
mod number;
mod scan;
mod split;
#[cfg(test)]
mod tests;

pub use escape::{unescape_measurement, unescape_tag, unescape_text};
pub use scan::{Fields, Pairs};
pub use split::{Lines, lines};

pub(crate) use scan::{EmptyTags, head, scan};

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

impl<'a> Line<'a> {
    /// Checks one line, without its line end.
    ///
    /// # Errors
    /// When it is not line protocol; says what was wrong and where.
    pub fn parse(line: &'a [u8]) -> Result<Self, LineError> {
        Self::parse_with(line, |_, _| ())
    }

    /// Checks one line and hands every field (key still escaped, value checked) to `field` on the way, in their order
    /// and in the same pass. Should the line turn out to be wrong further on, fields before that were already handed
    /// out.
    ///
    /// # Errors
    /// As [`Line::parse`].
    pub fn parse_with(line: &'a [u8], field: impl FnMut(&'a [u8], Value<'a>)) -> Result<Self, LineError> {
        scan(line, EmptyTags::Refused, field)
    }

    /// Tags in their order, key and value still escaped ([`unescape_tag`]).
    #[must_use]
    pub fn tags(&self) -> Pairs<'a> {
        Pairs::of(self.tags)
    }

    /// Fields in their order, keys still escaped. Reads the fields once more: [`Line::parse_with`] does not.
    #[must_use]
    pub fn fields(&self) -> Fields<'a> {
        Fields::of(self.fields)
    }
}

/// A field's value, checked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// `1.5`, `1e3`, also a bare `123`. Always finite.
    Float(f64),
    /// `123i`
    Int(i64),
    /// `123u`
    UInt(u64),
    /// `t`, `true`, `F`, …
    Bool(bool),
    /// The text between the quotes, still escaped ([`unescape_text`]).
    Text(&'a [u8]),
}

impl Value<'_> {
    /// The number, whatever its type; `None` for a boolean or a text. Integers beyond 2⁵³ are rounded.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match *self {
            Self::Float(v) => Some(v),
            Self::Int(v) => Some(v as f64),
            Self::UInt(v) => Some(v as f64),
            Self::Bool(_) | Self::Text(_) => None,
        }
    }
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

impl LineError {
    /// Whether a number was NaN, infinite or too large for a float, in an otherwise well-formed place.
    #[must_use]
    pub fn is_not_finite(&self) -> bool {
        self.what == NOT_FINITE
    }
}

/// The one error that is told apart from bad syntax.
const NOT_FINITE: &str = "number is not finite";
