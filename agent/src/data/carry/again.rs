//! When what has failed is tried again: a place that is full has room again some time, and nobody says so.

use gridnode_core::base::time::NS_PER_S;

const FIRST_NS: u64 = NS_PER_S;
/// What is counted meanwhile is lost if this process is killed: not much longer than what is lost anyway.
const LAST_NS: u64 = 10 * NS_PER_S;

/// The pauses between two attempts, twice as long each time.
#[derive(Debug)]
pub(super) struct Pauses {
    next_ns: u64,
}

impl Pauses {
    pub(super) fn new() -> Self {
        Self { next_ns: FIRST_NS }
    }

    /// After an attempt that has failed.
    pub(super) fn next_ns(&mut self) -> u64 {
        let pause_ns = self.next_ns;
        self.next_ns = pause_ns.saturating_mul(2).min(LAST_NS);
        pause_ns
    }
}
