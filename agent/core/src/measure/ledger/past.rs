//! Sources that have closed and made room for new ones: a test whose every iteration is a process of its own has thousands.

use super::source::Source;
use crate::base::limits::PAST_SOURCES_MAX;
use foldhash::fast::FixedState;
use std::collections::HashSet;
use std::hash::BuildHasher;

/// Their counts, added up, and by what each is known again.
#[derive(Debug, Default)]
pub(super) struct Past {
    total: Option<Source>,
    /// Hashes: a last word that is repeated, by datagram or from its file, is not a new source.
    names: HashSet<u64, FixedState>,
}

impl Past {
    /// Whether another one can be taken in.
    pub(super) fn has_room(&self) -> bool {
        self.names.len() < PAST_SOURCES_MAX
    }

    /// Takes in one that has closed.
    pub(super) fn add(&mut self, source: &Source) {
        self.names.insert(hash(&source.raw_name));
        let total = self.total.get_or_insert_with(Source::none_yet);
        total.sent += source.sent_total();
        total.received += source.received;
        total.datagrams += source.datagrams;
        total.seq_max += source.seq_max;
        total.truncated += source.truncated;
        total.processes += source.processes;
        total.name = format!("{} that closed earlier", total.processes);
    }

    pub(super) fn knows(&self, name: &[u8]) -> bool {
        !self.names.is_empty() && self.names.contains(&hash(name))
    }

    /// Enters what came after a source's last word: a second process of that name. It must not vanish; what it has sent is a guess.
    pub(super) fn enter(&mut self, sample_lines: u64) {
        if let Some(total) = &mut self.total {
            total.received += sample_lines;
            total.sent += sample_lines;
            total.datagrams += 1;
            total.inconsistent = true;
        }
    }

    /// All of them as one.
    pub(super) fn total(&self) -> Option<&Source> {
        self.total.as_ref()
    }
}

pub(super) fn hash(name: &[u8]) -> u64 {
    FixedState::default().hash_one(name)
}
