//! What the cache has, what is in use, and what has to go: no I/O.

use gridnode_core::base::time::Wall;
use gridnode_core::node::command::Sha256;
use std::collections::BTreeMap;

/// Tiny files must not make the index large; a file more costs about 150 bytes of memory.
const FILES_MAX: usize = 10_000;

/// See the module's head.
#[derive(Debug)]
pub(super) struct Index {
    entries: BTreeMap<Sha256, Entry>,
    bytes: u64,
    bytes_max: u64,
    next_generation: u64,
}

#[derive(Debug)]
struct Entry {
    bytes: u64,
    used: Wall,
    pins: u32,
    /// Tells this file from one of the same digest that was thrown away before.
    generation: u64,
}

impl Index {
    pub(super) fn new(bytes_max: u64) -> Self {
        Self { entries: BTreeMap::new(), bytes: 0, bytes_max, next_generation: 0 }
    }

    /// Enters a file that nobody uses yet, instead of one of the same digest.
    pub(super) fn insert(&mut self, digest: Sha256, bytes: u64, used: Wall) {
        self.remove(digest);
        let entry = Entry { bytes, used, pins: 0, generation: self.next_generation };
        self.entries.insert(digest, entry);
        self.next_generation += 1;
        self.bytes += bytes;
    }

    /// Forgets a file, in use or not.
    pub(super) fn remove(&mut self, digest: Sha256) {
        if let Some(entry) = self.entries.remove(&digest) {
            self.bytes -= entry.bytes;
        }
    }

    /// Protects a file from eviction: its size and generation, for [`Self::unpin`].
    pub(super) fn pin(&mut self, digest: Sha256, now: Wall) -> Option<(u64, u64)> {
        let entry = self.entries.get_mut(&digest)?;
        entry.pins += 1;
        entry.used = entry.used.max(now);
        Some((entry.bytes, entry.generation))
    }

    pub(super) fn unpin(&mut self, digest: Sha256, generation: u64) {
        let entry = self.entries.get_mut(&digest).filter(|entry| entry.generation == generation);
        if let Some(entry) = entry {
            entry.pins = entry.pins.saturating_sub(1);
        }
    }

    /// Whether this very file is still there.
    pub(super) fn has(&self, digest: Sha256, generation: u64) -> bool {
        self.entries.get(&digest).is_some_and(|entry| entry.generation == generation)
    }

    /// Forgets the least recently used files until there is room for `bytes` more, or all that is left is in use.
    pub(super) fn make_room(&mut self, bytes: u64) -> Vec<Sha256> {
        let fits = |index: &Self| {
            index.bytes.saturating_add(bytes) <= index.bytes_max && index.entries.len() < FILES_MAX
        };
        if fits(self) {
            return Vec::new();
        }
        let idle = self.entries.iter().filter(|(_, entry)| entry.pins == 0);
        let mut idle: Vec<(Wall, Sha256)> = idle.map(|(digest, entry)| (entry.used, *digest)).collect();
        idle.sort_unstable();
        let mut gone = Vec::new();
        for (_, digest) in idle {
            if fits(self) {
                break;
            }
            self.remove(digest);
            gone.push(digest);
        }
        gone
    }

    /// Files and their bytes.
    pub(super) fn size(&self) -> (usize, u64) {
        (self.entries.len(), self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn digest(n: u8) -> Sha256 {
        Sha256([n; 32])
    }

    #[test]
    fn the_least_recently_used_goes_first_and_never_what_is_in_use() {
        let mut index = Index::new(100);
        for n in 0..4 {
            index.insert(digest(n), 25, Wall(n.into()));
        }
        assert_eq!(index.make_room(0), []);
        let (_, generation) = index.pin(digest(0), Wall(9)).unwrap();
        assert_eq!(index.make_room(30), [digest(1), digest(2)]);
        assert_eq!(index.make_room(1_000), [digest(3)]);
        assert_eq!(index.size(), (1, 25));
        index.unpin(digest(0), generation);
        assert_eq!(index.make_room(1_000), [digest(0)]);
    }

    #[test]
    fn an_old_pin_does_not_unpin_a_new_file() {
        let mut index = Index::new(10);
        index.insert(digest(1), 10, Wall(1));
        let (_, old) = index.pin(digest(1), Wall(2)).unwrap();
        index.insert(digest(1), 10, Wall(3));
        index.pin(digest(1), Wall(4)).unwrap();
        assert!(!index.has(digest(1), old));
        index.unpin(digest(1), old);
        assert_eq!(index.make_room(10), []);
    }

    #[test]
    fn the_number_of_files_has_a_cap_too() {
        let mut index = Index::new(u64::MAX);
        for n in 0..FILES_MAX {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&n.to_be_bytes());
            index.insert(Sha256(bytes), 0, Wall(0));
        }
        assert_eq!(index.make_room(0).len(), 1);
    }

    proptest! {
        #[test]
        fn its_sum_is_right_and_pins_hold(steps in prop::collection::vec((0..5_u8, 0..6_u8, 0..60_u64), 0..60)) {
            let mut index = Index::new(100);
            let mut pins: Vec<(Sha256, u64)> = Vec::new();
            for (now, (what, n, bytes)) in (0_i64..).zip(steps) {
                let pinned = pins.iter().any(|pin| index.has(pin.0, pin.1) && pin.0 == digest(n));
                match what {
                    0 | 1 if !pinned => index.insert(digest(n), bytes, Wall(now)),
                    2 => pins.extend(index.pin(digest(n), Wall(now)).map(|(_, generation)| (digest(n), generation))),
                    3 => pins.pop().into_iter().for_each(|(digest, generation)| index.unpin(digest, generation)),
                    _ => drop(index.make_room(bytes)),
                }
                prop_assert_eq!(index.bytes, index.entries.values().map(|entry| entry.bytes).sum::<u64>());
                prop_assert!(pins.iter().all(|(digest, generation)| index.has(*digest, *generation)));
            }
        }
    }
}
