//! Load senders and benchmarks: figures are ratios, measured in one run against what a user would otherwise take.
//!
//! `tests/bench/run` is the command; the programs here are its parts. Nothing here passes or fails by time.

pub mod clock;
pub mod corpus;
pub mod datagrams;
pub mod job;
pub mod pairs;
pub mod plain;
