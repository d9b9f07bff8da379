//! Batches that have come to an end without a file while they lie in a second place: they are wanted there until the accounts that
//! say what became of them are durable. Should a kill come after that and before they are gone there, the next start knows them by
//! their content.

use super::types::Output;
use super::{Origin, Outbound};
use crate::outbound::pack::Packed;

/// So many wait for accounts that cannot be made durable; beyond, the oldest go at once: memory is finite.
const WAITING_MAX: usize = 256;
/// Their compressed bytes.
const WAITING_BYTES_MAX: usize = 64 << 20;

/// See the module's head.
#[derive(Debug, Default)]
pub(super) struct Releasing {
    ended: Vec<Ended>,
}

#[derive(Debug)]
struct Ended {
    origin: Origin,
    content: String,
    bytes: usize,
    is_being_saved: bool,
}

impl Releasing {
    /// As the next start knows them.
    pub(super) fn to_save(&self) -> Vec<String> {
        self.ended.iter().map(|ended| ended.content.clone()).collect()
    }

    pub(super) fn being_saved(&mut self) {
        self.ended.iter_mut().for_each(|ended| ended.is_being_saved = true);
    }

    pub(super) fn were_saved(&mut self) -> impl Iterator<Item = Output> {
        self.ended.extract_if(.., |ended| ended.is_being_saved).map(|ended| Output::Released(ended.origin))
    }

    pub(super) fn were_not_saved(&mut self) {
        self.ended.iter_mut().for_each(|ended| ended.is_being_saved = false);
    }
}

impl Outbound {
    /// The batch is counted as what became of it.
    pub(super) fn releases(&mut self, origin: Origin, packed: &Packed) {
        let (content, bytes) = (packed.content(), packed.body.len());
        let ended = &mut self.releasing.ended;
        ended.push(Ended { origin, content, bytes, is_being_saved: false });
        self.saving.dirty = true;
        let mut in_all: usize = ended.iter().map(|ended| ended.bytes).sum();
        while ended.len() > WAITING_MAX || in_all > WAITING_BYTES_MAX {
            let oldest = ended.remove(0);
            in_all -= oldest.bytes;
            self.outputs.push_back(Output::Released(oldest.origin));
        }
    }
}
