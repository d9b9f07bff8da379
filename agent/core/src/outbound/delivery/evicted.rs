//! What left the spool undelivered is said: at once when it begins, then once in a while with how much it was.

use super::account::Amount;
use super::settings::Destination;
use crate::base::time::Mono;

/// See the module's head.
#[derive(Debug, Default)]
pub(super) struct Evicted {
    unsaid: Amount,
    /// Some of it for its age.
    has_aged: bool,
    /// Some of it for want of room.
    had_no_room: bool,
    may_say: Mono,
}

/// Why a batch goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    Age,
    Room,
}

impl Evicted {
    pub(super) fn add(&mut self, samples: u64, why: Why) {
        self.unsaid = self.unsaid.plus(Amount { batches: 1, samples });
        self.has_aged |= why == Why::Age;
        self.had_no_room |= why == Why::Room;
    }

    /// When there is something to say.
    pub(super) fn due(&self) -> Option<Mono> {
        (self.unsaid.batches > 0).then_some(self.may_say)
    }

    /// The sentence, if it is time; not again for so long.
    pub(super) fn say(&mut self, now: Mono, pause_ns: u64, destination: Destination) -> Option<String> {
        if self.due().is_none_or(|due| due > now) {
            return None;
        }
        let why = match (self.has_aged, self.had_no_room) {
            (true, false) => "they were older than the spool keeps anything",
            (false, _) => "the spool has no room for more",
            (true, true) => "they were older than the spool keeps anything, or it has no room for more",
        };
        let Amount { batches, samples } = self.unsaid;
        *self = Self { may_say: now.plus_ns(pause_ns), ..Self::default() };
        let (what, keys) = match destination {
            Destination::Drain => {
                (format!("{samples} samples in {batches} batches"), "spool.bytes_max and spool.age_max_s")
            }
            Destination::ObjectStore => {
                (format!("{batches} error traces"), "traces.spool_bytes_max and traces.age_max_s")
            }
        };
        Some(format!(
            "{what} are given up undelivered, counted as evicted: {why}. See to it that what was spooled can be delivered, or raise \
             {keys}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_up_is_called_by_its_name() {
        for (destination, words) in [
            (Destination::Drain, ["7 samples in 1 batches", "spool.bytes_max"]),
            (Destination::ObjectStore, ["1 error traces are", "traces.spool_bytes_max"]),
        ] {
            let mut evicted = Evicted::default();
            evicted.add(7, Why::Room);
            let sentence = evicted.say(Mono::default(), 1, destination).unwrap();
            assert!(words.iter().all(|word| sentence.contains(word)), "{sentence}");
        }
    }
}
