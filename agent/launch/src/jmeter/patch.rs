//! Changes to a byte text that touch nothing but their own ranges.

use std::ops::Range;

/// Replaces `range` by `text`; an empty range inserts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Patch {
    /// Bytes of the original that go.
    pub range: Range<usize>,
    /// What stands there instead.
    pub text: Vec<u8>,
}

impl Patch {
    /// A replacement.
    pub fn replace(range: Range<usize>, text: impl Into<Vec<u8>>) -> Self {
        Self { range, text: text.into() }
    }

    /// An insertion before byte `at`.
    pub fn insert(at: usize, text: impl Into<Vec<u8>>) -> Self {
        Self { range: at..at, text: text.into() }
    }
}

/// Applies `patches` in order of position; those with the same position in the order given. Ranges must lie inside
/// `bytes` and must not overlap: they come from one outline of these very bytes.
pub(super) fn apply(bytes: &[u8], mut patches: Vec<Patch>) -> Vec<u8> {
    patches.sort_by_key(|patch| patch.range.start);
    let mut out = Vec::with_capacity(bytes.len() + patches.iter().map(|p| p.text.len()).sum::<usize>());
    let mut copied = 0;
    for patch in patches {
        debug_assert!(copied <= patch.range.start && patch.range.end <= bytes.len(), "patches overlap");
        out.extend_from_slice(&bytes[copied..patch.range.start]);
        out.extend_from_slice(&patch.text);
        copied = patch.range.end;
    }
    out.extend_from_slice(&bytes[copied..]);
    out
}
