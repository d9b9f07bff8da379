//! A batch's file name, which carries what is needed after a restart:
//!
//! ```text
//! {created_ms}-{incarnation}-{number}-{samples}-{points}[-of{incarnation}.{number}].lp.gz
//! ```
//!
//! `of` names the batch that it is a part of.

use gridnode_core::outbound::delivery::{BatchId, SpooledBatch};
use std::fmt;

const SUFFIX: &str = ".lp.gz";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileName {
    pub(super) created_ms: i64,
    pub(super) batch: BatchId,
    pub(super) samples: u64,
    pub(super) points: u32,
    pub(super) parent: Option<BatchId>,
}

impl FileName {
    /// The name of a batch that is not a part.
    pub(super) fn of(batch: &SpooledBatch) -> Self {
        Self {
            created_ms: batch.created.0 / 1_000_000,
            batch: batch.batch,
            samples: batch.samples,
            points: batch.points,
            parent: None,
        }
    }

    /// `None` for any other name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let mut words = name.strip_suffix(SUFFIX)?.split('-');
        let mut word = || words.next();
        let parsed = Self {
            created_ms: number(word()?)?,
            batch: BatchId { incarnation: number(word()?)?, number: number(word()?)? },
            samples: number(word()?)?,
            points: number(word()?)?,
            parent: match word() {
                None => None,
                Some(of) => {
                    let (incarnation, of_number) = of.strip_prefix("of")?.split_once('.')?;
                    Some(BatchId { incarnation: number(incarnation)?, number: number(of_number)? })
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
        if let Some(BatchId { incarnation, number }) = parent {
            write!(f, "-of{incarnation}.{number}")?;
        }
        f.write_str(SUFFIX)
    }
}

fn number<N: std::str::FromStr>(word: &str) -> Option<N> {
    word.parse().ok()
}
