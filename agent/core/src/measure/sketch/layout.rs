//! Which values share a bucket: HdrHistogram's layout for unit 1 µs and 2 significant digits.
//!
//! Values below 256 have a bucket each; from there on every power of two is cut into 128 equal buckets. In chunks of
//! 128 indices: chunk 0 is 0..=127, chunk 1 is 128..=255, chunk `k` is 2^(k+6) .. 2^(k+7) in steps of 2^(k-1).

use crate::base::limits::SKETCH_US_MAX;

/// Significant decimal digits that the buckets keep apart.
pub const SIGNIFICANT_DIGITS: u32 = 2;
/// Lowest value that is told from 0, µs.
pub const LOWEST_US: u64 = 1;
/// Buckets of one power of two.
pub const CHUNK_BUCKETS: usize = 1 << CHUNK_BITS;
/// Index of the bucket of [`SKETCH_US_MAX`]: nothing is ever counted above.
pub const BUCKET_INDEX_MAX: u16 = bucket_index(SKETCH_US_MAX);
/// Chunks that reach up to [`SKETCH_US_MAX`].
pub const CHUNKS: usize = slots_for(SKETCH_US_MAX) / CHUNK_BUCKETS;

const CHUNK_BITS: u32 = 7;
/// The values below 2^8 that have a bucket each.
const EXACT_MASK: u64 = (2 << CHUNK_BITS) - 1;

/// Index of the bucket that counts `value_us`. Defined for every value; the sketch uses those up to
/// [`BUCKET_INDEX_MAX`].
#[inline]
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "56 powers of two of 128 buckets and 256 fit 13 bits")]
pub const fn bucket_index(value_us: u64) -> u16 {
    let shift = (64 - CHUNK_BITS - 1) - (value_us | EXACT_MASK).leading_zeros();
    ((shift as u64) << CHUNK_BITS) as u16 + (value_us >> shift) as u16
}

/// Lowest value, µs, that is counted in this bucket.
#[must_use]
pub const fn lowest_equivalent_us(index: u16) -> u64 {
    (index as u64 - ((shift_of(index) as u64) << CHUNK_BITS)) << shift_of(index)
}

/// Highest value, µs, that is counted in this bucket.
#[must_use]
pub const fn highest_equivalent_us(index: u16) -> u64 {
    lowest_equivalent_us(index) + ((1 << shift_of(index)) - 1)
}

/// Length of the counts array of a histogram that tracks up to `highest`, as every implementation computes it: whole
/// powers of two, at least the 256 exact ones.
#[must_use]
pub(super) const fn slots_for(highest: u64) -> usize {
    (bucket_index(highest | CHUNK_BUCKETS as u64) as usize / CHUNK_BUCKETS + 1) * CHUNK_BUCKETS
}

/// Width of a bucket as a power of two.
const fn shift_of(index: u16) -> u32 {
    ((index >> CHUNK_BITS) as u32).saturating_sub(1)
}
