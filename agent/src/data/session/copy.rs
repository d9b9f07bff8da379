//! The file that gets a copy of all lines.

use super::SessionError;
use std::fs::File;
use std::path::PathBuf;

/// Makes it, where one is wanted.
pub(super) fn open(path: Option<PathBuf>) -> Result<Option<(PathBuf, File)>, SessionError> {
    let Some(path) = path else { return Ok(None) };
    match File::create(&path) {
        Ok(file) => Ok(Some((path, file))),
        Err(source) => Err(SessionError::Copy { path, source }),
    }
}
