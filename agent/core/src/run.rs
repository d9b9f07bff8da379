//! One run: its life with staged stops, how it ended, and the receipt that states it.

pub mod flood;
pub mod outcome;
pub mod progress;
pub mod receipt;
pub mod silence;
pub mod trace_index;
pub mod verdict;
