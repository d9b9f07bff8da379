//! What the files of one run may take together.

use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that are left; shared by the downloads of a run.
#[derive(Debug)]
pub(super) struct Budget(AtomicU64);

impl Budget {
    pub(super) fn new(bytes_max: u64) -> Self {
        Self(AtomicU64::new(bytes_max))
    }

    /// Takes `bytes`, or nothing when they are not there.
    #[must_use]
    pub(super) fn take(&self, bytes: u64) -> bool {
        let taken = |left: u64| left.checked_sub(bytes);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).is_ok()
    }

    pub(super) fn give_back(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}
