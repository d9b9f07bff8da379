//! A batch's file name, which carries what is needed after a restart:
//!
//! ```text
//! {created_ms}-{incarnation}-{number}-{samples}-{points}[-of{incarnation}.{number}[.{writer}]][-by{writer}].lp.gz
//! ```
//!
//! `by` says whose it is, in hexadecimal digits; `of` names the batch that it is a part of, which may be somebody else's.

use crate::outbound::delivery::{BatchId, SpooledBatch};
use std::fmt;

const SUFFIX: &str = ".lp.gz";

/// See the module's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileName {
    /// When it was written first, wall clock, ms.
    pub created_ms: i64,
    /// Its number.
    pub batch: BatchId,
    /// Samples that travel with it.
    pub samples: u64,
    /// Lines.
    pub points: u32,
    /// Which batch it is a part of.
    pub parent: Option<BatchId>,
}

impl FileName {
    /// The name of a batch that is not a part.
    #[must_use]
    pub fn of(batch: &SpooledBatch) -> Self {
        Self {
            created_ms: batch.created.0 / 1_000_000,
            batch: batch.batch,
            samples: batch.samples,
            points: batch.points,
            parent: None,
        }
    }

    /// As the accounts name a batch that is leaving: part or not.
    #[must_use]
    pub fn whole(self) -> String {
        Self { parent: None, ..self }.to_string()
    }

    /// `None` for any other name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let stem = name.strip_suffix(SUFFIX)?;
        let (stem, writer) = match stem.rsplit_once("-by") {
            Some((stem, writer)) => (stem, hexadecimal(writer)?),
            None => (stem, 0),
        };
        let mut words = stem.split('-');
        let mut word = || words.next();
        let parsed = Self {
            created_ms: number(word()?)?,
            batch: BatchId { incarnation: number(word()?)?, number: number(word()?)?, writer },
            samples: number(word()?)?,
            points: number(word()?)?,
            parent: match word() {
                None => None,
                Some(of) => {
                    let (incarnation, rest) = of.strip_prefix("of")?.split_once('.')?;
                    let (of_number, writer) = match rest.split_once('.') {
                        Some((of_number, writer)) => (of_number, hexadecimal(writer)?),
                        None => (rest, writer),
                    };
                    Some(BatchId { incarnation: number(incarnation)?, number: number(of_number)?, writer })
                }
            },
        };
        // One spelling only: no leading zeros, signs or further words.
        (words.next().is_none() && parsed.to_string() == name).then_some(parsed)
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { created_ms, batch, samples, points, parent } = self;
        write!(f, "{created_ms}-{batch}-{samples}-{points}")?;
        if let Some(BatchId { incarnation, number, writer }) = parent {
            write!(f, "-of{incarnation}.{number}")?;
            if *writer != batch.writer {
                write!(f, ".{writer:x}")?;
            }
        }
        if batch.writer != 0 {
            write!(f, "-by{:x}", batch.writer)?;
        }
        f.write_str(SUFFIX)
    }
}

fn hexadecimal(word: &str) -> Option<u32> {
    u32::from_str_radix(word, 16).ok()
}

fn number<N: std::str::FromStr>(word: &str) -> Option<N> {
    word.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn file_names_say_back_what_they_were_told(
            created_ms in 0..i64::MAX / 1_000_000, incarnation: u32, number: u64, samples: u64, points: u32,
            parent in proptest::option::of((0..u32::MAX, 0..u64::MAX, 0..2_u32)), writer in 0..3_u32,
        ) {
            let parent = parent.map(|(incarnation, number, writer)| BatchId { incarnation, number, writer });
            let batch = BatchId { incarnation, number, writer };
            let name = FileName { created_ms, batch, samples, points, parent };
            proptest::prop_assert_eq!(FileName::parse(&name.to_string()), Some(name));
        }

        #[test]
        fn any_text_is_a_file_name_or_not(text in "[-0-9ofby.lpgz+ ]{0,40}") {
            if let Some(name) = FileName::parse(&text) {
                proptest::prop_assert_eq!(name.to_string(), text);
            }
        }
    }
}
