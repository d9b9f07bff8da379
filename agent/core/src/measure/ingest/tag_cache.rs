//! From raw tag bytes to the place where a line counts: tags are decoded on first sight only.
//!
//! What a sender writes is not ours to trust: a script that puts a thread's name into a tag makes every line's tags
//! new. The cache is therefore bounded in entries and bytes and starts over when it is full; series are not in it, so
//! nothing is counted differently, only slower.

use crate::measure::series::SeriesIndex;
use crate::wire::sump::Reject;
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Where lines with these tags count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// In a series of a run.
    Series {
        /// The run's slot.
        run: u32,
        /// The series.
        series: SeriesIndex,
        /// Whether that is `__other__`.
        folded: bool,
    },
    /// In a run, no series needed.
    Run(u32),
    /// Nowhere.
    Rejected(Reject),
}

/// What was asked for: the same tags may mean different things on different lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// Series of a request sample.
    Request,
    /// Series of a transaction sample.
    Transaction,
    /// Series of a metric of dialect 1a, which needs no flood in its tags.
    Metric,
    /// Only the run.
    Run,
}

/// Average raw tags that the byte bound allows for.
const TAG_BYTES_TYPICAL: usize = 192;

/// Of the usual processors.
const CACHE_LINE_BYTES: usize = 64;

/// The cache of one socket.
pub struct TagCache {
    entries: HashTable<Entry>,
    bytes: Vec<u8>,
    hasher: FixedState,
    entries_max: usize,
    resets: u64,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    start: u32,
    len: u32,
    wanted: Wanted,
    route: Route,
}

/// What a hash alone says of a line.
#[derive(Debug, Clone, Copy)]
pub struct Guess {
    /// Slot of the run.
    pub run: u32,
    /// The series.
    pub series: SeriesIndex,
    start: u32,
    len: u32,
}

impl TagCache {
    /// For about `labels_max` labels in two spellings each.
    #[must_use]
    pub fn new(labels_max: usize, seed: u64) -> Self {
        let entries_max = labels_max.saturating_mul(2).saturating_add(1_024);
        Self {
            entries: HashTable::new(),
            bytes: Vec::new(),
            hasher: FixedState::with_seed(seed),
            entries_max,
            resets: 0,
        }
    }

    /// The route of a line with these raw tags, if it was seen before.
    #[inline]
    #[must_use]
    pub fn get(&self, tags: &[u8], wanted: Wanted) -> Option<Route> {
        let same = |entry: &Entry| entry.wanted == wanted && self.raw(entry) == tags;
        self.entries.find(self.hash(tags, wanted), same).map(|entry| entry.route)
    }

    /// Remembers a route.
    pub fn put(&mut self, tags: &[u8], wanted: Wanted, route: Route) {
        let bytes_max = self.entries_max.saturating_mul(TAG_BYTES_TYPICAL);
        if self.entries.len() >= self.entries_max || self.bytes.len() + tags.len() > bytes_max {
            self.clear();
            self.resets += 1;
        }
        let (Ok(start), Ok(len)) = (u32::try_from(self.bytes.len()), u32::try_from(tags.len())) else {
            return;
        };
        let hash = self.hash(tags, wanted);
        self.bytes.extend_from_slice(tags);
        let (bytes, hasher) = (&self.bytes, &self.hasher);
        self.entries.insert_unique(hash, Entry { start, len, wanted, route }, |entry| {
            hash_of(hasher, slice(bytes, entry), entry.wanted)
        });
    }

    /// Forgets everything, because a run has gone.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.bytes.clear();
    }

    /// Tags that are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The entry that a line with tags of this hash may have; it has them or it does not.
    #[inline]
    #[must_use]
    pub fn guess(&self, hash: u64) -> Option<Guess> {
        let &Entry { start, len, route, .. } = self.entries.find(hash, |_| true)?;
        match route {
            Route::Series { run, series, .. } => Some(Guess { run, series, start, len }),
            Route::Run(_) | Route::Rejected(_) => None,
        }
    }

    /// Reads a byte of each cache line of its tags.
    #[inline]
    #[must_use]
    pub fn touch(&self, guess: &Guess) -> u64 {
        let raw = self.bytes.get(guess.start as usize..).unwrap_or_default();
        let raw = &raw[..raw.len().min(guess.len as usize)];
        raw.iter()
            .step_by(CACHE_LINE_BYTES)
            .chain(raw.last())
            .fold(0, |touched, &byte| touched ^ u64::from(byte))
    }

    /// How often it was full and started over.
    #[must_use]
    pub fn resets(&self) -> u64 {
        self.resets
    }

    /// Heap behind the cache, bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.entries.capacity() * (size_of::<Entry>() + 1) + self.bytes.capacity()
    }

    /// A number that tells datagrams apart, by the cache's own seed.
    #[must_use]
    pub fn digest(&self, bytes: &[u8]) -> u64 {
        self.hasher.hash_one(bytes)
    }

    fn raw(&self, entry: &Entry) -> &[u8] {
        slice(&self.bytes, entry)
    }

    /// By which [`Self::get`] looks for it.
    #[inline]
    #[must_use]
    pub fn hash(&self, tags: &[u8], wanted: Wanted) -> u64 {
        hash_of(&self.hasher, tags, wanted)
    }
}

fn slice<'a>(bytes: &'a [u8], entry: &Entry) -> &'a [u8] {
    &bytes[entry.start as usize..(entry.start + entry.len) as usize]
}

fn hash_of(hasher: &FixedState, tags: &[u8], wanted: Wanted) -> u64 {
    hasher.hash_one((tags, wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_and_starts_over() {
        let mut cache = TagCache::new(0, 7);
        for i in 0..5_000_u32 {
            cache.put(format!("label=a,thread={i}").as_bytes(), Wanted::Request, Route::Run(i));
        }
        assert!(cache.resets() > 0 && cache.entries.len() <= 1_024);
        assert_eq!(cache.get(b"label=a,thread=4999", Wanted::Request), Some(Route::Run(4_999)));
        assert_eq!(cache.get(b"label=a,thread=4999", Wanted::Run), None);
    }
}
