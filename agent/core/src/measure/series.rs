//! The labels of one run: every (label, kind) seen gets a small number, up to a cap; what comes after the cap folds
//! into `__other__`, so a customer with a label per session id costs memory once and totals stay exact.
//!
//! The same label may be used by a request and by the transaction around it. They are two series here (a reader must
//! be able to count requests alone) and share one `label_id` outside; the one that came second is `alternate` and is
//! stamped with part numbers of its own.

use crate::base::ids::LabelId;
use crate::wire::label::OTHER;
use crate::wire::sump::Kind;
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;
use std::sync::Arc;

/// What is known of a series; shared with the closed windows that mention it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesInfo {
    /// Normalised label text.
    pub label: Box<str>,
    /// Its id.
    pub label_id: LabelId,
    /// Request or transaction.
    pub kind: Kind,
    /// Whether the label was already in use by the other kind.
    pub alternate: bool,
}

/// Number of a series within its run, counting from 0 in order of first sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SeriesIndex(pub u32);

/// All series of a run.
pub struct SeriesTable {
    by_text: HashTable<u32>,
    infos: Vec<Arc<SeriesInfo>>,
    /// Once more, for who asks with every sample: a byte each, and no way to an info.
    kinds: Vec<Kind>,
    hasher: FixedState,
    labels: usize,
    labels_max: usize,
    folded_labels: u64,
    other: [Option<SeriesIndex>; 2],
}

/// Where a label ended up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// The series to count in.
    pub series: SeriesIndex,
    /// Whether that is `__other__` because the cap was reached.
    pub folded: bool,
}

impl SeriesTable {
    /// Room for `labels_max` distinct labels; `seed` keeps a hostile script from choosing labels that collide.
    #[must_use]
    pub fn new(labels_max: usize, seed: u64) -> Self {
        Self {
            by_text: HashTable::new(),
            infos: Vec::new(),
            kinds: Vec::new(),
            hasher: FixedState::with_seed(seed),
            labels: 0,
            labels_max,
            folded_labels: 0,
            other: [None; 2],
        }
    }

    /// The series of a normalised label; makes it on first sight, or folds.
    pub fn place(&mut self, label: &str, kind: Kind) -> Placed {
        if let Some(series) = self.find(label, kind) {
            return Placed { series, folded: false };
        }
        let alternate = self.find(label, other_kind(kind)).is_some();
        if !alternate && self.labels >= self.labels_max {
            self.folded_labels += 1;
            return Placed { series: self.other_series(kind), folded: true };
        }
        self.labels += usize::from(!alternate);
        Placed { series: self.insert(label, kind, alternate), folded: false }
    }

    /// What is known of `series`.
    #[must_use]
    pub fn info(&self, series: SeriesIndex) -> &Arc<SeriesInfo> {
        &self.infos[series.0 as usize]
    }

    /// Request or transaction.
    #[inline]
    #[must_use]
    pub fn kind(&self, series: SeriesIndex) -> Kind {
        self.kinds[series.0 as usize]
    }

    /// Series made so far, `__other__` included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.infos.len()
    }

    /// Whether nothing was seen yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.infos.is_empty()
    }

    /// Distinct labels with a series of their own.
    #[must_use]
    pub fn labels(&self) -> usize {
        self.labels
    }

    /// Heap behind the table, bytes (about: the allocator's own share is not in it).
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let texts: usize = self.infos.iter().map(|info| info.label.len()).sum();
        let each = size_of::<Kind>()
            + size_of::<Arc<SeriesInfo>>()
            + size_of::<SeriesInfo>()
            + 2 * size_of::<usize>();
        texts + self.infos.capacity() * each + self.by_text.capacity() * (size_of::<u32>() + 1)
    }

    /// The cap on labels.
    #[must_use]
    pub fn labels_max(&self) -> usize {
        self.labels_max
    }

    /// How often a label without a series was folded; a label that comes again after its raw form was forgotten
    /// counts again, so this is an upper bound on the number of labels.
    #[must_use]
    pub fn folded_labels(&self) -> u64 {
        self.folded_labels
    }

    fn other_series(&mut self, kind: Kind) -> SeriesIndex {
        if let Some(series) = self.other[slot(kind)] {
            return series;
        }
        let alternate = self.other[slot(other_kind(kind))].is_some();
        let series = self.insert(OTHER, kind, alternate);
        self.other[slot(kind)] = Some(series);
        series
    }

    fn insert(&mut self, label: &str, kind: Kind, alternate: bool) -> SeriesIndex {
        let index = u32::try_from(self.infos.len()).unwrap_or(u32::MAX);
        let info = SeriesInfo { label: label.into(), label_id: LabelId::of(label), kind, alternate };
        let hash = hash(&self.hasher, label, kind);
        self.infos.push(Arc::new(info));
        self.kinds.push(kind);
        let infos = &self.infos;
        self.by_text.insert_unique(hash, index, |&i| {
            let info = &infos[i as usize];
            hash_of(&self.hasher, info)
        });
        SeriesIndex(index)
    }

    fn find(&self, label: &str, kind: Kind) -> Option<SeriesIndex> {
        let same = |&i: &u32| {
            let info = &self.infos[i as usize];
            info.kind == kind && *info.label == *label
        };
        self.by_text.find(hash(&self.hasher, label, kind), same).map(|&i| SeriesIndex(i))
    }
}

fn hash_of(hasher: &FixedState, info: &SeriesInfo) -> u64 {
    hash(hasher, &info.label, info.kind)
}

fn hash(hasher: &FixedState, label: &str, kind: Kind) -> u64 {
    hasher.hash_one((label, kind))
}

fn slot(kind: Kind) -> usize {
    usize::from(kind == Kind::Transaction)
}

fn other_kind(kind: Kind) -> Kind {
    match kind {
        Kind::Request => Kind::Transaction,
        Kind::Transaction => Kind::Request,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_over_the_cap_fold_and_old_ones_stay() {
        let mut table = SeriesTable::new(2, 1);
        let a = table.place("a", Kind::Request);
        let b = table.place("b", Kind::Request);
        let c = table.place("c", Kind::Request);
        assert!(!a.folded && !b.folded && c.folded);
        assert_eq!(&*table.info(c.series).label, OTHER);
        assert_eq!(table.place("a", Kind::Request), a);
        assert_eq!(table.place("d", Kind::Request).series, c.series);
        assert_eq!((table.labels(), table.len(), table.folded_labels()), (2, 3, 2));
    }

    #[test]
    fn one_label_of_both_kinds_is_two_series_and_one_label() {
        let mut table = SeriesTable::new(1, 1);
        let request = table.place("login", Kind::Request).series;
        let transaction = table.place("login", Kind::Transaction).series;
        assert_ne!(request, transaction);
        assert!(!table.info(request).alternate && table.info(transaction).alternate);
        assert_eq!(table.info(request).label_id, table.info(transaction).label_id);
        assert_eq!(table.labels(), 1);
    }
}
