//! A batch that is to be posted, wherever to: read back from the disk or memory, and what became of it.

use crate::base::file_threads::FILES;
use crate::data::spool::{SpoolError, prove, read_body};
use gridnode_core::outbound::Posting;
use gridnode_core::outbound::delivery::Answer;
use std::path::Path;
use std::time::Duration;

/// For a batch to be read from the disk.
const READ_WAIT: Duration = Duration::from_secs(10);

/// What became of a post.
#[derive(Debug)]
pub enum Posted {
    /// For delivery.
    Answer(Answer),
    /// It is an object in a store, of this id, and the lines that say where are to be kept before it counts as delivered.
    Stored(String, Vec<u8>),
    /// The file is not a batch, for this reason: to be set aside.
    Unreadable(String),
    /// The file could not be read now, for this reason: nothing was posted.
    NotRead(String),
}

/// The compressed body of a batch of the state directory `root`.
///
/// # Errors
/// [`Posted::Unreadable`] or [`Posted::NotRead`].
pub async fn read(root: &Path, posting: &Posting) -> Result<Vec<u8>, Posted> {
    if let Some(held) = &posting.body {
        return Ok(held.to_vec());
    }
    let path = root.join(&posting.path);
    let (checksum, points, samples) = (posting.checksum, posting.points, posting.samples);
    let shown = path.display().to_string();
    let read = move || -> Result<Vec<u8>, SpoolError> {
        let body = read_body(&path)?;
        prove(&body, checksum, points, samples).map_err(|why| SpoolError::Corrupt { path, why })?;
        Ok(body)
    };
    match FILES.within(READ_WAIT, read).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(error @ SpoolError::Corrupt { .. })) => Err(Posted::Unreadable(error.to_string())),
        Ok(Err(error)) => Err(Posted::NotRead(error.to_string())),
        Err(error) => Err(Posted::NotRead(format!("failed to read {shown}: {error}"))),
    }
}
