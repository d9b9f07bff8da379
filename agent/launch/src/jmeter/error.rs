//! Why a file cannot be run as a JMeter plan.

use std::fmt;
use thiserror::Error;

/// A place in a plan as editors show it: both count from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
}

impl Position {
    /// The position of byte `at` of `bytes`, one past the end allowed; `newlines` are the offsets of all its line feeds.
    pub(super) fn of(bytes: &[u8], newlines: &[u32], at: usize) -> Self {
        let at = at.min(bytes.len());
        let line = newlines.partition_point(|newline| (*newline as usize) < at);
        let line_start = if line == 0 { 0 } else { newlines[line - 1] as usize + 1 };
        // UTF-8 continuation bytes and the byte-order mark are no characters of their own.
        let text = &bytes[line_start..at];
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        Self { line: line + 1, column: 1 + text.iter().filter(|b| **b & 0xC0 != 0x80).count() }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a file is not a plan that can be run. Every message ends with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The file has no bytes, or only white space.
    #[error("the plan is empty: give the .jmx file that JMeter saved")]
    Empty,
    /// Larger than [`super::PLAN_BYTES_MAX`], or more elements than [`super::PLAN_ELEMENTS_MAX`].
    #[error("the plan is too large ({what}): move large bodies and data into files beside the plan")]
    TooLarge {
        /// The measure that was exceeded and its cap.
        what: String,
    },
    /// An encoding that JMeter itself cannot read.
    #[error(
        "the plan is encoded as {encoding}, but JMeter reads plans as UTF-8: convert it \
         (`iconv -f {encoding} -t UTF-8`) and correct the encoding in its first line"
    )]
    Encoding {
        /// The encoding that was recognised.
        encoding: String,
    },
    /// Not well-formed XML.
    #[error(
        "the plan is not well-formed XML at {at}: {what}; open it in JMeter, correct it and save it again"
    )]
    NotXml {
        /// Where the reader gave up.
        at: Position,
        /// The reader's complaint.
        what: String,
    },
    /// XML, but of something else.
    #[error(
        "this is not a JMeter plan: its outermost element, at {at}, is <{root}> and not <jmeterTestPlan>; \
         give the .jmx file that JMeter saved"
    )]
    NotAPlan {
        /// Where the outermost element starts.
        at: Position,
        /// Its name.
        root: String,
    },
    /// A `jmeterTestPlan` without a Test Plan inside: a fragment, or a file of JMeter 2.1 or older.
    #[error(
        "there is no <TestPlan> in the tree that starts at {at}: a test fragment cannot run alone, include it from a \
         plan; a plan of JMeter 2.1 or older must be opened in a current JMeter and saved again"
    )]
    NoTestPlan {
        /// Where the tree starts that should hold it.
        at: Position,
    },
    /// There is no `<hashTree>` after a Test Plan, or none in the outermost element.
    #[error(
        "the <{element}> at {at} has no <hashTree> for what belongs to it: open the plan in JMeter and save it again"
    )]
    NoHashTree {
        /// The element that should have a tree.
        element: String,
        /// Where that element starts.
        at: Position,
    },
    /// What was to be spliced in is not one ASCII element: a fault of the caller, not of the plan.
    #[error("what was to be spliced into the plan is not one well-formed ASCII element: {what}")]
    Element {
        /// What is wrong with it.
        what: String,
    },
}
