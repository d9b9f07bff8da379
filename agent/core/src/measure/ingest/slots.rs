//! The runs that are open, by slot. Slots are never used twice: a late message about an old run must not hit a new one.

use super::run::RunIngest;

/// Open runs, in order of their slots. A list, not a map: there are one or two runs, 64 on an open socket, and the
/// list is looked into for every line. Closed runs leave nothing behind.
#[derive(Default)]
pub(super) struct Slots {
    runs: Vec<(u32, Box<RunIngest>)>,
    next: u32,
}

impl Slots {
    /// Adds what `make` makes of its slot.
    pub(super) fn add(&mut self, make: impl FnOnce(u32) -> RunIngest) -> u32 {
        let slot = self.next;
        self.next = self.next.saturating_add(1);
        self.runs.push((slot, Box::new(make(slot))));
        slot
    }

    pub(super) fn remove(&mut self, slot: u32) -> Option<RunIngest> {
        let at = self.at(slot)?;
        Some(*self.runs.remove(at).1)
    }

    #[inline]
    pub(super) fn get(&self, slot: u32) -> Option<&RunIngest> {
        self.at(slot).map(|at| &*self.runs[at].1)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut RunIngest> {
        self.at(slot).map(|at| &mut *self.runs[at].1)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &RunIngest)> {
        self.runs.iter().map(|(slot, run)| (*slot, &**run))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut RunIngest> {
        self.runs.iter_mut().map(|(_, run)| &mut **run)
    }

    #[inline]
    fn at(&self, slot: u32) -> Option<usize> {
        self.runs.binary_search_by_key(&slot, |(slot, _)| *slot).ok()
    }
}
