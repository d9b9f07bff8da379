//! From a datagram to a closed window: which run and label a sample belongs to, what is kept of it, when its window
//! closes, and the account of every sample on the way.
//!
//! [`ingest`] is the door: it owns the runs, routes datagrams to them and hands out what has closed.

pub mod accumulator;
pub mod codes;
pub mod failures;
pub mod ingest;
pub mod ledger;
mod run_settings;
pub mod run_totals;
pub mod series;
pub mod sketch;
pub mod stat;
pub mod stated_totals;
pub mod users;
pub mod window;

pub use run_settings::RunSettings;
