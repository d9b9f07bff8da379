//! The dense form: an array of counters per power of two, allocated when touched.
//!
//! Counters are `u32`: half the memory and cache of `u64`. What overflows goes into `carries`, a short sorted list of
//! high halves, empty until a bucket has seen 2^32 values.

use super::COUNT_MAX;
use super::layout::{CHUNK_BUCKETS, CHUNKS};

type Chunk = [u32; CHUNK_BUCKETS];

#[derive(Debug, Clone, Default)]
pub(super) struct Dense {
    chunks: [Option<Box<Chunk>>; CHUNKS],
    /// Sum of all buckets, at most [`COUNT_MAX`].
    count: u64,
    carries: Vec<Carry>,
}

/// The upper 32 bits of a bucket's count.
#[derive(Debug, Clone, Copy)]
struct Carry {
    index: u16,
    high: u32,
}

impl Dense {
    /// Adds `n` to a bucket, saturating at [`COUNT_MAX`].
    #[inline]
    pub(super) fn add(&mut self, index: u16, n: u64) {
        self.count = self.count.saturating_add(n).min(COUNT_MAX);
        let index = usize::from(index);
        let slot = match &mut self.chunks[index / CHUNK_BUCKETS] {
            Some(chunk) => &mut chunk[index % CHUNK_BUCKETS],
            empty => &mut new_chunk(empty)[index % CHUNK_BUCKETS],
        };
        match u32::try_from(n).ok().and_then(|n| slot.checked_add(n)) {
            Some(sum) => *slot = sum,
            None => self.add_wide(index, n),
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.chunks.iter().flatten().count() * size_of::<Chunk>()
            + self.carries.capacity() * size_of::<Carry>()
    }

    pub(super) fn buckets(&self) -> DenseBuckets<'_> {
        DenseBuckets { dense: self, next: 0, carries: self.carries.iter() }
    }

    /// The sum does not fit the counter: splits it into counter and carry. The chunk exists.
    #[cold]
    #[expect(clippy::cast_possible_truncation, reason = "splits a u64 into its halves")]
    fn add_wide(&mut self, index: usize, n: u64) {
        let Some(chunk) = &mut self.chunks[index / CHUNK_BUCKETS] else { return };
        let slot = &mut chunk[index % CHUNK_BUCKETS];
        let at = self.carries.partition_point(|carry| usize::from(carry.index) < index);
        let known = self.carries.get_mut(at).filter(|carry| usize::from(carry.index) == index);
        let old = known.as_ref().map_or(0, |carry| u64::from(carry.high) << 32) | u64::from(*slot);
        let sum = old.saturating_add(n).min(COUNT_MAX);
        *slot = sum as u32;
        let high = (sum >> 32) as u32;
        match known {
            Some(carry) => carry.high = high,
            None => self.carries.insert(at, Carry { index: index as u16, high }),
        }
    }
}

#[cold]
fn new_chunk(place: &mut Option<Box<Chunk>>) -> &mut Chunk {
    place.insert(Box::new([0; CHUNK_BUCKETS]))
}

#[derive(Debug, Clone)]
pub(super) struct DenseBuckets<'a> {
    dense: &'a Dense,
    /// Index to look at next; the start of a chunk unless within one that exists.
    next: usize,
    /// Those at or above `next`.
    carries: std::slice::Iter<'a, Carry>,
}

impl Iterator for DenseBuckets<'_> {
    type Item = (u16, u64);

    #[expect(clippy::cast_possible_truncation, reason = "an index has 12 bits")]
    fn next(&mut self) -> Option<(u16, u64)> {
        while let Some(chunk) = self.dense.chunks.get(self.next / CHUNK_BUCKETS) {
            let Some(chunk) = chunk else {
                self.next += CHUNK_BUCKETS;
                continue;
            };
            let start = self.next % CHUNK_BUCKETS;
            for (slot, low) in chunk.iter().enumerate().skip(start) {
                let index = self.next - start + slot;
                let high = match self.carries.as_slice().first() {
                    Some(carry) if usize::from(carry.index) == index => {
                        self.carries.next();
                        carry.high
                    }
                    _ => 0,
                };
                if *low > 0 || high > 0 {
                    self.next = index + 1;
                    return Some((index as u16, u64::from(high) << 32 | u64::from(*low)));
                }
            }
            self.next += CHUNK_BUCKETS - start;
        }
        None
    }
}
