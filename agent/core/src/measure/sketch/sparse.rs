//! The sparse form: one sorted `u32` a bucket, 12 bits of index above 20 bits of count.
//!
//! An entry's count is never 0. A count beyond 20 bits does not fit: [`Sparse::try_add`] says so and changes nothing.

use super::SPARSE_BUCKETS_MAX;
use super::layout::BUCKET_INDEX_MAX;

const COUNT_BITS: u32 = 20;
const ENTRY_COUNT_MAX: u32 = (1 << COUNT_BITS) - 1;
const _: () = assert!((BUCKET_INDEX_MAX as u32) < 1 << (u32::BITS - COUNT_BITS));

#[derive(Debug, Clone)]
pub(super) struct Sparse {
    entries: Vec<u32>,
}

impl Sparse {
    pub(super) const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Adds `n` > 0 to a bucket; `false`, and no change, when this form cannot hold the result.
    #[inline]
    pub(super) fn try_add(&mut self, index: u16, n: u64) -> bool {
        let Some(n) = u32::try_from(n).ok().filter(|n| *n <= ENTRY_COUNT_MAX) else {
            return false;
        };
        let key = u32::from(index) << COUNT_BITS;
        let at = self.entries.partition_point(|entry| *entry < key);
        if let Some(entry) = self.entries.get_mut(at)
            && *entry >> COUNT_BITS == u32::from(index)
        {
            let fits = (*entry & ENTRY_COUNT_MAX) + n <= ENTRY_COUNT_MAX;
            if fits {
                *entry += n;
            }
            return fits;
        }
        let fits = self.entries.len() < SPARSE_BUCKETS_MAX;
        if fits {
            self.entries.insert(at, key | n);
        }
        fits
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn count(&self) -> u64 {
        self.entries.iter().map(|entry| u64::from(entry & ENTRY_COUNT_MAX)).sum()
    }

    #[inline]
    pub(super) fn touch(&self) -> u64 {
        let middle = self.entries.get(self.entries.len() / 2);
        u64::from(middle.copied().unwrap_or(0) ^ self.entries.first().copied().unwrap_or(0))
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<u32>()
    }

    pub(super) fn buckets(&self) -> SparseBuckets<'_> {
        SparseBuckets { entries: self.entries.iter() }
    }
}

#[derive(Debug, Clone)]
pub(super) struct SparseBuckets<'a> {
    entries: std::slice::Iter<'a, u32>,
}

impl Iterator for SparseBuckets<'_> {
    type Item = (u16, u64);

    #[inline]
    fn next(&mut self) -> Option<(u16, u64)> {
        let entry = *self.entries.next()?;
        Some(((entry >> COUNT_BITS) as u16, u64::from(entry & ENTRY_COUNT_MAX)))
    }
}
