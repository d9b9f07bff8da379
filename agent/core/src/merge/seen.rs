//! Which points were merged already, in bounded memory.

use super::POINTS_REMEMBERED_MAX;
use super::sides::Side;
use hashbrown::{HashMap, HashSet};

/// The first 16 bytes of a SHA-256: two of a billion points are the same by chance once in 10²⁰ merges.
pub(super) type Identity = [u8; 16];

pub(super) fn identity(measurement: &[u8], tags: &[u8], time_ns: i64) -> Identity {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for part in [measurement, b"\0", tags, b"\0", &time_ns.to_be_bytes()] {
        context.update(part);
    }
    let mut id = [0; 16];
    id.copy_from_slice(&context.finish().as_ref()[..16]);
    id
}

/// Two generations: when the young one is full, it becomes the old one, and the old one is forgotten.
#[derive(Debug, Default)]
pub(super) struct Seen {
    young: HashSet<Identity, foldhash::fast::FixedState>,
    old: HashSet<Identity, foldhash::fast::FixedState>,
}

impl Seen {
    pub(super) fn has(&self, id: &Identity) -> bool {
        self.young.contains(id) || self.old.contains(id)
    }

    pub(super) fn insert(&mut self, id: Identity) {
        if self.young.len() >= POINTS_REMEMBERED_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(id);
    }
}

/// Of which run and kind labels are at their times, as far as it was learned beforehand: at most
/// [`POINTS_REMEMBERED_MAX`] times, some 64 to 128 MiB.
#[derive(Debug, Default)]
pub(super) struct Told(HashMap<Identity, Side, foldhash::fast::FixedState>);

impl Told {
    pub(super) fn insert(&mut self, moment: Identity, side: Side) {
        if self.0.len() < POINTS_REMEMBERED_MAX {
            self.0.insert(moment, side);
        }
    }

    /// The moment is only made where something was learned: nearly no merge needs it.
    pub(super) fn get(&self, moment: impl FnOnce() -> Identity) -> Option<Side> {
        if self.0.is_empty() { None } else { self.0.get(&moment()).copied() }
    }
}
