//! Bounds and pauses of the way out.

use crate::base::time::{NS_PER_MS, NS_PER_S};
use crate::outbound::delivery;

/// The defaults suit a grid node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundSettings {
    /// Of delivery.
    pub delivery: delivery::Settings,
    /// Compressed bytes that may be held in memory before upstream is asked to wait. Default 32 MiB: three windows of
    /// 50,000 labels.
    pub held_bytes_max: u64,
    /// Batches that may be held. Default 1,024.
    pub held_batches_max: usize,
    /// How soon a disk that failed is tried again, ns. Default 0.5 s.
    pub disk_retry_ns: u64,
    /// How often the accounts are made durable at most, ns. Default 1 s; in a flush, at once.
    pub save_every_ns: u64,
    /// Room that is kept for the accounts, twice. Default 64 KiB: some 200 runs. More is taken where more is needed.
    pub accounts_room_bytes: u64,
    /// How long upstream is asked to wait for a full disk before batches are evicted, ns. Default 60 s.
    pub push_back_ns_max: u64,
    /// How long a write may take until the batch is posted from memory, ns. Default 5 s.
    pub disk_patience_ns: u64,
    /// Files that the quarantine may have, reasons included, and files that the directory `corrupt` may have. Default 1,000.
    pub aside_files_max: usize,
    /// Bytes that either may have. Default 128 MiB.
    pub aside_bytes_max: u64,
}

impl Default for OutboundSettings {
    fn default() -> Self {
        Self {
            delivery: delivery::Settings::default(),
            held_bytes_max: 32 << 20,
            held_batches_max: 1_024,
            disk_retry_ns: 500 * NS_PER_MS,
            save_every_ns: NS_PER_S,
            accounts_room_bytes: 64 << 10,
            push_back_ns_max: 60 * NS_PER_S,
            disk_patience_ns: 5 * NS_PER_S,
            aside_files_max: 1_000,
            aside_bytes_max: 128 << 20,
        }
    }
}
