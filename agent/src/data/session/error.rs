//! Why there is no session.

use crate::base::entropy::NoEntropy;
use crate::data::drain::ClientError;
use crate::data::ingest::IngestThreadError;
use crate::data::spool::SpoolError;
use std::path::PathBuf;
use thiserror::Error;

/// Why a session could not be set up.
#[derive(Debug, Error)]
pub enum SessionError {
    /// The state directory.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// Error traces are no lines for a Drain.
    #[error(
        "{} holds error traces, for S3: `gridnode agent` on the directory above sends them", .0.display()
    )]
    TraceSpool(PathBuf),
    /// The client of the Drain.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The ingest thread.
    #[error(transparent)]
    Ingest(#[from] IngestThreadError),
    /// Another thread.
    #[error("failed to start a thread: {0}")]
    Thread(std::io::Error),
    /// The copy of all lines.
    #[error("failed to create {path}: {source}")]
    Copy {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No random numbers.
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
}
