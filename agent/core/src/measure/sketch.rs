//! The percentile sketch: how response times spread, in a few bytes a label, merged without error.
//!
//! Buckets are those of an HdrHistogram with lowest 1 µs, highest 1 h and 2 significant digits ([`layout`]): the
//! highest value of a bucket is less than 0.8 % above any other in it. The bytes that cross the wall are standard
//! compressed V2 ([`encode`] writes, [`decode`] reads), so every HdrHistogram package can read them.
//!
//! Two forms in memory, invisible from outside:
//! - *sparse*: a sorted vector of 4-byte entries. A new sketch owns no heap; ten samples need 64 bytes.
//! - *dense*: per power of two a chunk of 128 counters, allocated when touched, so memory follows the span of the
//!   values. Taken by the first bucket beyond [`SPARSE_BUCKETS_MAX`] or the first count beyond 20 bits; kept from
//!   then on.
//!
//! Counts saturate at [`COUNT_MAX`], which keeps merging associative and commutative even there. What was recorded
//! in which order, or in which form it is held, shows in no result and in no byte.

pub mod decode;
mod dense;
pub mod encode;
pub mod layout;
mod sparse;

#[cfg(test)]
mod tests;

pub use decode::SketchError;

use crate::base::limits::SKETCH_US_MAX;
use dense::{Dense, DenseBuckets};
use layout::{bucket_index, highest_equivalent_us};
use sparse::{Sparse, SparseBuckets};

/// Largest count of a bucket and of a sketch: the most that a V2 encoding can express. Reaching it takes 29,000
/// years of ten million samples a second; beyond it, counts stay where they are.
pub const COUNT_MAX: u64 = i64::MAX.unsigned_abs();

/// Distinct buckets of the sparse form: as many entries as fill one dense chunk, past which it saves little.
pub const SPARSE_BUCKETS_MAX: usize = 128;

/// A histogram of times in µs with bounded relative error; see the module for bounds and forms.
#[derive(Debug, Clone)]
pub struct Sketch {
    form: Form,
}

/// `Vec`'s niche carries the tag: 24 bytes in all.
#[derive(Debug, Clone)]
enum Form {
    Sparse(Sparse),
    Dense(Box<Dense>),
}

impl Sketch {
    /// An empty sketch; allocates nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { form: Form::Sparse(Sparse::new()) }
    }

    /// Counts one value, µs. 0 is a value like any other; values above [`SKETCH_US_MAX`] count as that.
    #[inline]
    pub fn record(&mut self, value_us: u64) {
        self.add(bucket_index(value_us.min(SKETCH_US_MAX)), 1);
    }

    /// Counts `n` equal values, µs.
    #[inline]
    pub fn record_n(&mut self, value_us: u64, n: u64) {
        if n > 0 {
            self.add(bucket_index(value_us.min(SKETCH_US_MAX)), n);
        }
    }

    /// Adds all counts of `other`: the result is that of one sketch that saw both sets of values.
    pub fn merge(&mut self, other: &Self) {
        for (index, count) in other.buckets() {
            self.add(index, count);
        }
    }

    /// What was counted since `earlier`, a state of the same sketch; what that has more of counts as nothing.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let mut since = Self::new();
        let mut before = earlier.buckets().peekable();
        for (index, count) in self.buckets() {
            while before.next_if(|(lower, _)| *lower < index).is_some() {}
            let known = before.next_if(|(same, _)| *same == index).map_or(0, |(_, n)| n);
            if count > known {
                since.add(index, count - known);
            }
        }
        since
    }

    /// How many values were recorded, at most [`COUNT_MAX`].
    #[must_use]
    pub fn count(&self) -> u64 {
        match &self.form {
            Form::Sparse(sparse) => sparse.count(),
            Form::Dense(dense) => dense.count(),
        }
    }

    /// Whether nothing was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.form {
            Form::Sparse(sparse) => sparse.is_empty(),
            Form::Dense(dense) => dense.count() == 0,
        }
    }

    /// The value, µs, at the nearest rank, rank = (count · permille + 999) div 1000: the highest equivalent value of
    /// its bucket, clamped to the exact `min_us` and `max_us`, which the caller keeps. Ranks outside `1..=count` are
    /// moved to the nearer end; an empty sketch answers 0.
    #[must_use]
    pub fn percentile_us(&self, permille: u32, min_us: u64, max_us: u64) -> u64 {
        let count = self.count();
        if count == 0 {
            return 0;
        }
        let rank = (u128::from(count) * u128::from(permille)).div_ceil(1000).clamp(1, u128::from(count));
        let mut seen = 0_u128;
        let mut value_us = 0;
        for (index, count) in self.buckets() {
            seen += u128::from(count);
            if seen >= rank {
                value_us = highest_equivalent_us(index);
                break;
            }
        }
        value_us.min(max_us).max(min_us)
    }

    /// All buckets that hold something, as (index, count), ascending; [`layout`] knows which values an index means.
    #[must_use]
    pub fn buckets(&self) -> Buckets<'_> {
        Buckets(match &self.form {
            Form::Sparse(sparse) => AnyBuckets::Sparse(sparse.buckets()),
            Form::Dense(dense) => AnyBuckets::Dense(dense.buckets()),
        })
    }

    /// Reads from where most values will be counted.
    #[inline]
    #[must_use]
    pub fn touch(&self) -> u64 {
        match &self.form {
            Form::Sparse(sparse) => sparse.touch(),
            Form::Dense(dense) => dense.count(),
        }
    }

    /// Bytes requested from the allocator, without its own overhead and without the sketch itself.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        match &self.form {
            Form::Sparse(sparse) => sparse.heap_bytes(),
            Form::Dense(dense) => size_of::<Dense>() + dense.heap_bytes(),
        }
    }

    /// `index` comes from [`bucket_index`] or is checked against the top bucket; `n` is not 0.
    #[inline]
    fn add(&mut self, index: u16, n: u64) {
        match &mut self.form {
            Form::Dense(dense) => dense.add(index, n),
            Form::Sparse(sparse) => {
                if !sparse.try_add(index, n) {
                    self.add_densely(index, n);
                }
            }
        }
    }

    /// Changes to the dense form, where there is room for `n` more of `index`.
    #[cold]
    fn add_densely(&mut self, index: u16, n: u64) {
        let mut dense = Box::<Dense>::default();
        for (index, count) in self.buckets() {
            dense.add(index, count);
        }
        dense.add(index, n);
        self.form = Form::Dense(dense);
    }
}

impl Default for Sketch {
    fn default() -> Self {
        Self::new()
    }
}

/// Equal counts in equal buckets, whatever the form.
impl PartialEq for Sketch {
    fn eq(&self, other: &Self) -> bool {
        self.buckets().eq(other.buckets())
    }
}

impl Eq for Sketch {}

/// What [`Sketch::buckets`] returns.
#[derive(Debug, Clone)]
pub struct Buckets<'a>(AnyBuckets<'a>);

#[derive(Debug, Clone)]
enum AnyBuckets<'a> {
    Sparse(SparseBuckets<'a>),
    Dense(DenseBuckets<'a>),
}

impl Iterator for Buckets<'_> {
    type Item = (u16, u64);

    #[inline]
    fn next(&mut self) -> Option<(u16, u64)> {
        match &mut self.0 {
            AnyBuckets::Sparse(buckets) => buckets.next(),
            AnyBuckets::Dense(buckets) => buckets.next(),
        }
    }
}
