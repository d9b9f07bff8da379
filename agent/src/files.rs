//! A run's files: fetched, checked, cached by digest, unpacked.

pub mod archive;
pub mod cache;
pub mod fetch;
