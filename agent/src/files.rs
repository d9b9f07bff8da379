//! A run's files: fetched, checked, cached by digest, unpacked.

pub(crate) mod archive;
mod archive_fault;
pub mod cache;
mod error;
pub mod fetch;
mod names;
mod source;
mod staging;

pub use archive_fault::ArchiveFault;
pub use error::{FetchError, Shown};
pub use source::{Object, ObjectSource, Opening, SourceError};
