//! Memory files as the place of notes: left when there is no room in them, and tried again from time to time.

use super::Carry;
use super::again::Pauses;
use gridnode_core::base::time::Mono;
use gridnode_core::measure::ingest::RunProgress;
use std::path::Path;

/// See the module's head.
pub(super) struct Memory {
    carry: Carry,
    /// The last note is not there.
    is_left: bool,
    /// When a note is tried there again.
    due: Option<Mono>,
    pauses: Pauses,
    /// That there is no room has been said, and not yet that there is again.
    is_said: bool,
}

impl Memory {
    pub(super) fn new(carry: Carry) -> Self {
        Self { carry, is_left: false, due: None, pauses: Pauses::new(), is_said: false }
    }

    pub(super) fn has_last(&self) -> bool {
        !self.is_left
    }

    /// Whether it is time to try again. The first who asks after a failure sets the time.
    pub(super) fn is_due(&mut self, now: Mono) -> bool {
        if !self.is_left {
            return false;
        }
        let pauses = &mut self.pauses;
        now >= *self.due.get_or_insert_with(|| now.plus_ns(pauses.next_ns()))
    }

    /// Whether the note is there now. After a failure, only if it is to be tried `again`.
    pub(super) fn write(&mut self, number: u64, runs: &[RunProgress], again: bool, instead: &Path) -> bool {
        if self.is_left && !again {
            return false;
        }
        let Err(error) = self.carry.progress(number, runs) else {
            self.is_left = false;
            return true;
        };
        // The last one that was whole stays: until the disk has a newer one, a start knows that much.
        self.carry.drop_unfinished_progress();
        (self.is_left, self.due) = (true, None);
        if !std::mem::replace(&mut self.is_said, true) {
            tracing::warn!(
                "how far sources are cannot be kept in {}: {error}; it is kept in {} until there is room again. Nor is there room for \
                 what is in open windows: should this process be killed before, that is lost, counted",
                self.carry.dir.display(),
                instead.display()
            );
        }
        false
    }

    /// There is room for the windows, too: whether anybody was told that there was none. Not before that: a note is small, and the
    /// windows could fill the place again, once a second.
    pub(super) fn has_room(&mut self) -> bool {
        self.pauses = Pauses::new();
        std::mem::replace(&mut self.is_said, false)
    }
}
