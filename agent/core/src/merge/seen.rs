//! Which points were merged already, in bounded memory.

use super::POINTS_REMEMBERED_MAX;
use hashbrown::HashSet;

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
