//! `file://`: a file of this machine, for laptops and tests. Symlinks in the path are followed: it is the user's own.

use crate::files::source::{Object, SourceError};
use nix::fcntl::OFlag;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Opens a regular file.
pub(super) async fn open(path: &Path) -> Result<Object, SourceError> {
    // Without it, a pipe would hold the thread until somebody writes.
    let flags = OFlag::O_NONBLOCK.bits();
    let file = tokio::fs::OpenOptions::from({
        let mut options = std::fs::OpenOptions::new();
        options.read(true).custom_flags(flags);
        options
    });
    let file = file.open(path).await.map_err(source_error)?;
    let metadata = file.metadata().await.map_err(source_error)?;
    if !metadata.is_file() {
        return Err(SourceError::Refused { why: "it is not a regular file".to_owned() });
    }
    Ok(Object { bytes: Some(metadata.len()), body: Box::pin(file) })
}

fn source_error(error: io::Error) -> SourceError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => SourceError::NotFound,
        _ => SourceError::Refused { why: error.to_string() },
    }
}
