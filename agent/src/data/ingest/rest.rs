//! How long the sockets are left alone after they were emptied.
//!
//! A sender pays for waking whoever waits on its socket, some 60 µs of the load generator's CPU on a virtual machine, so while
//! datagrams come nobody waits there: the clock wakes the thread instead.

use crate::data::udp::{Fill, RECEIVE_BUFFER_BYTES_LOW};
use gridnode_core::base::time::{Mono, NS_PER_MS};

/// A sample without a time of its own is stamped that much later at worst.
const REST_NS_MAX: u64 = 10 * NS_PER_MS;
/// Shorter ones save nobody anything.
const REST_NS_MIN: u64 = NS_PER_MS;
/// The part of a buffer that may fill during a rest, as long as they come as fast as they last did: what comes faster
/// has seven times that much.
const FILL_PARTS: u64 = 8;

/// What the last round found, and what follows for the next wait.
#[derive(Debug)]
pub(super) struct Rest {
    next_ns: u64,
    emptied: Option<Mono>,
    goes_on: bool,
}

impl Rest {
    pub(super) fn new() -> Self {
        Self { next_ns: REST_NS_MAX, emptied: None, goes_on: false }
    }

    /// How full a buffer is as the thread wakes up: at this pace, so long until it is as full as it may be.
    pub(super) fn woken(&mut self, now: Mono, fills: impl Iterator<Item = Fill>) {
        let Some(since_ns) = self.emptied.map(|emptied| now.since_ns(emptied)) else { return };
        let until_full_enough = |fill: Fill| {
            let wanted = fill.room_bytes / FILL_PARTS;
            since_ns.saturating_mul(wanted).checked_div(fill.used_bytes).unwrap_or(REST_NS_MAX)
        };
        let shortest_ns = fills.map(until_full_enough).min().unwrap_or(REST_NS_MAX);
        self.next_ns = shortest_ns.clamp(REST_NS_MIN, REST_NS_MAX);
    }

    /// What a round has brought: whether anything, and whether it has left something behind, for want of time.
    pub(super) fn received(&mut self, now: Mono, any: bool, is_left: bool) {
        self.goes_on = is_left;
        self.emptied = (any && !is_left).then_some(now);
    }

    /// Something is still there: no wait at all.
    pub(super) fn goes_on(&self) -> bool {
        self.goes_on
    }

    /// For how long nobody need look at the sockets; `None`: whoever sends is to wake this thread. `granted_bytes`: of the smallest
    /// buffer, and a small one has no room for what comes meanwhile.
    pub(super) fn ns(&self, granted_bytes: usize) -> Option<u64> {
        (self.emptied.is_some() && granted_bytes >= RECEIVE_BUFFER_BYTES_LOW).then_some(self.next_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: usize = RECEIVE_BUFFER_BYTES_LOW;

    fn after_a_rest_of(rest_ns: u64, used_bytes: u64) -> Option<u64> {
        let mut rest = Rest::new();
        rest.received(Mono(0), true, false);
        rest.woken(Mono(rest_ns), std::iter::once(Fill { used_bytes, room_bytes: 8_000 }));
        rest.received(Mono(rest_ns), true, false);
        rest.ns(LARGE)
    }

    #[test]
    fn the_fuller_the_buffer_was_the_shorter_is_the_next_rest() {
        assert_eq!(after_a_rest_of(10 * NS_PER_MS, 0), Some(REST_NS_MAX));
        assert_eq!(after_a_rest_of(10 * NS_PER_MS, 1_000), Some(10 * NS_PER_MS));
        assert_eq!(after_a_rest_of(10 * NS_PER_MS, 4_000), Some(10 * NS_PER_MS / 4));
        assert_eq!(after_a_rest_of(4 * NS_PER_MS, 500), Some(8 * NS_PER_MS));
        assert_eq!(after_a_rest_of(NS_PER_MS, 8_000), Some(REST_NS_MIN));
        assert_eq!(after_a_rest_of(u64::MAX / 2, 1), Some(REST_NS_MAX));
    }

    #[test]
    fn the_fullest_of_several_buffers_counts() {
        let mut rest = Rest::new();
        rest.received(Mono(0), true, false);
        let fills = [500, 2_000, 0].map(|used_bytes| Fill { used_bytes, room_bytes: 8_000 });
        rest.woken(Mono(10 * NS_PER_MS), fills.into_iter());
        rest.received(Mono(10 * NS_PER_MS), true, false);
        assert_eq!(rest.ns(LARGE), Some(5 * NS_PER_MS));
    }

    #[test]
    fn what_was_not_emptied_is_not_left_alone() {
        let mut rest = Rest::new();
        assert_eq!((rest.goes_on(), rest.ns(LARGE)), (false, None));
        rest.received(Mono(0), true, true);
        assert_eq!((rest.goes_on(), rest.ns(LARGE)), (true, None));
        rest.received(Mono(0), true, false);
        assert_eq!((rest.goes_on(), rest.ns(LARGE)), (false, Some(REST_NS_MAX)));
        assert_eq!(rest.ns(LARGE - 1), None);
        rest.received(Mono(0), false, false);
        assert_eq!(rest.ns(LARGE), None);
    }
}
