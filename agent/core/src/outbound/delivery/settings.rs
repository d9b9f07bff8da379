//! Settings of delivery, validated at the edge.

use crate::base::time::{NS_PER_MS, NS_PER_S};

/// Where batches go: it decides what an operator is told, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Destination {
    /// Rollups, to the Drain.
    #[default]
    Drain,
    /// Error traces, to an object store.
    ObjectStore,
}

/// How delivery behaves; the defaults suit a grid node with 15 s windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where to. Default the Drain.
    pub destination: Destination,
    /// Entropy for the jitter; two nodes must not share it.
    pub seed: u64,
    /// Delay of every fresh batch, ns: [`super::phase_ns`] of the node. Default 0.
    pub phase_ns: u64,
    /// Posts at once, at least 1. Default 4: hides the round trip, and 900 nodes stay below 4,000 connections.
    pub in_flight_max: usize,
    /// Compressed bytes the spool may hold. Default 1 GiB: hours of 50,000 labels at 15 s.
    pub spool_bytes_max: u64,
    /// Batches the spool may hold. Default 100,000: bounds memory (some 200 bytes each) and the directory's size.
    pub spool_batches_max: usize,
    /// Age at which a batch is evicted, ns. Default 24 h: no one waits longer for the results of a load test.
    pub spool_age_ns_max: u64,
    /// First bound of the exponential backoff, ns. Default 0.5 s.
    pub retry_base_ns: u64,
    /// Last bound of the exponential backoff, ns. Default 60 s.
    pub retry_cap_ns: u64,
    /// The same for the one probe at a time while the Drain is away, ns: a run's figures are looked at while it goes on. Default 15 s.
    pub probe_cap_ns: u64,
    /// Wait after an answer that an operator has to mend, ns; jittered by half. Default 60 s.
    pub slow_ns: u64,
    /// The longest `Retry-After` that is obeyed, ns. Default 5 min.
    pub retry_after_ns_max: u64,
    /// Last bound of the backoff during a flush, ns. Default 1 s.
    pub flush_retry_cap_ns: u64,
    /// The same warning at most this often, ns. Default 60 s.
    pub warn_every_ns: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            destination: Destination::Drain,
            seed: 0,
            phase_ns: 0,
            in_flight_max: 4,
            spool_bytes_max: 1 << 30,
            spool_batches_max: 100_000,
            spool_age_ns_max: 24 * 3_600 * NS_PER_S,
            retry_base_ns: 500 * NS_PER_MS,
            retry_cap_ns: 60 * NS_PER_S,
            probe_cap_ns: 15 * NS_PER_S,
            slow_ns: 60 * NS_PER_S,
            retry_after_ns_max: 300 * NS_PER_S,
            flush_retry_cap_ns: NS_PER_S,
            warn_every_ns: 60 * NS_PER_S,
        }
    }
}
