//! Load senders and benchmarks.
