//! How often each response code came within one window of one series.
//!
//! One code is the rule, for most labels answer 200 and nothing else: it lies inline, so that 50,000 labels cost no block of heap
//! and no cache miss each.

use crate::wire::sump::Code;

/// Codes in ascending order, [`Code::Other`] last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codes {
    first: Option<(Code, u64)>,
    /// Those above the first; `None` as long as there are none.
    #[expect(
        clippy::box_collection,
        reason = "16 bytes less in each of 50,000 accumulators, which mostly have none"
    )]
    others: Option<Box<Vec<(Code, u64)>>>,
}

impl Codes {
    /// Counts `code` `n` times.
    #[inline]
    pub fn add(&mut self, code: Code, n: u64) {
        match &mut self.first {
            Some((first, count)) if *first == code => *count += n,
            Some(_) => self.add_other(code, n),
            first => *first = Some((code, n)),
        }
    }

    /// All that came.
    pub fn iter(&self) -> impl Iterator<Item = (Code, u64)> + '_ {
        self.first.into_iter().chain(self.others.iter().flat_map(|others| others.iter().copied()))
    }

    /// Whether none came.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// How many different ones came.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.others.as_ref().map_or(0, |others| others.len())
    }

    /// Heap behind this value, bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.others
            .as_ref()
            .map_or(0, |others| size_of::<Vec<(Code, u64)>>() + others.capacity() * size_of::<(Code, u64)>())
    }

    fn add_other(&mut self, code: Code, n: u64) {
        let others = self.others.get_or_insert_default();
        let mut new = (code, n);
        if let Some(first) = &mut self.first
            && code < first.0
        {
            std::mem::swap(first, &mut new);
        }
        match others.binary_search_by_key(&new.0, |&(code, _)| code) {
            Ok(at) => others[at].1 += new.1,
            Err(at) => others.insert(at, new),
        }
    }
}

impl FromIterator<(Code, u64)> for Codes {
    fn from_iter<I: IntoIterator<Item = (Code, u64)>>(codes: I) -> Self {
        let mut all = Self::default();
        codes.into_iter().for_each(|(code, n)| all.add(code, n));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn code() -> impl Strategy<Value = Code> {
        prop_oneof![(100..600_u16).prop_map(Code::Http), Just(Code::Other), Just(Code::Http(200))]
    }

    proptest! {
        #[test]
        fn they_are_those_of_a_map(added in prop::collection::vec((code(), 1..1_000_u64), 0..40)) {
            let mut map = BTreeMap::new();
            added.iter().for_each(|(code, n)| *map.entry(*code).or_insert(0) += n);
            let codes: Codes = added.into_iter().collect();
            prop_assert_eq!(codes.iter().collect::<Vec<_>>(), map.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(codes.len(), codes.iter().count());
            prop_assert_eq!(codes.is_empty(), codes.iter().next().is_none());
        }
    }

    #[test]
    fn one_code_owns_no_heap() {
        let codes: Codes = [(Code::Http(200), 3), (Code::Http(200), 4)].into_iter().collect();
        assert_eq!((codes.heap_bytes(), codes.iter().next()), (0, Some((Code::Http(200), 7))));
    }
}
