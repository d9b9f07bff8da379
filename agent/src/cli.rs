//! The command line, one command a file.

pub mod drain;
pub mod merge;
