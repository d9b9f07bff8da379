//! Files that are there completely or not at all, also after a power cut.

use super::SpoolError;
use gridnode_core::outbound::spool::TEMPORARY;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

/// Temporary name, fsync, rename over `path`, fsync of the directory. On an error nothing of it stays.
pub(crate) fn write_durably(path: &Path, content: &[u8]) -> Result<(), SpoolError> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(TEMPORARY);
    let temporary = Path::new(&temporary);
    let written = write_and_sync(temporary, content)
        .and_then(|()| std::fs::rename(temporary, path))
        .map_err(|e| SpoolError::io("write", path, e))
        .and_then(|()| path.parent().map_or(Ok(()), sync_dir));
    if written.is_err() {
        drop(std::fs::remove_file(temporary));
    }
    written
}

/// Makes renames and deletions in `dir` durable.
pub(super) fn sync_dir(dir: &Path) -> Result<(), SpoolError> {
    File::open(dir).and_then(|d| d.sync_all()).map_err(|e| SpoolError::io("sync the directory", dir, e))
}

fn write_and_sync(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
