//! A kind of disk job that failed, and when it is tried again.

use crate::base::time::Mono;

/// See the module's head.
#[derive(Debug, Default)]
pub(super) struct Retry {
    at: Option<Mono>,
    said: bool,
}

impl Retry {
    /// From when on the next attempt may be made.
    pub(super) fn at(&self) -> Mono {
        self.at.unwrap_or_default()
    }

    /// Since the last success, or the beginning, there was a failure.
    pub(super) fn is_failing(&self) -> bool {
        self.said
    }

    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// True for the first failure since a success: that one is said.
    pub(super) fn failed(&mut self, now: Mono, pause_ns: u64) -> bool {
        self.at = Some(now.plus_ns(pause_ns));
        !std::mem::replace(&mut self.said, true)
    }
}
