//! Why a line was not merged.

use crate::measure::sketch::SketchError;
use crate::wire::line::LineError;

/// Why a line was not merged; the words fit into an answer of InfluxDB's kind.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum MergeError {
    /// Not line protocol.
    #[error("unable to parse: {0}")]
    Line(#[from] LineError),
    /// One of our measurements without what it must have.
    #[error("{what} is missing")]
    Missing {
        /// What.
        what: &'static str,
    },
    /// A field of another type or out of range.
    #[error("field `{field}` must be {expected}")]
    Field {
        /// Its key.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// The sketch cannot be read.
    #[error("field `value` is no sketch: {0}")]
    Sketch(#[from] SketchError),
    /// A cap.
    #[error("more than {max} {what}: this merge is full")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many fit.
        max: usize,
    },
}

impl MergeError {
    /// Byte offset into the (trimmed) line, where one is known.
    #[must_use]
    pub fn at(&self) -> Option<usize> {
        if let Self::Line(error) = self { Some(error.at) } else { None }
    }
}
