//! Files that are there completely or not at all, also after a power cut.

use super::SpoolError;
use gridnode_core::outbound::spool::TEMPORARY;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Temporary name, fsync, rename over `path`, fsync of the directory. On an error nothing of it stays.
pub(crate) fn write_durably(path: &Path, content: &[u8]) -> Result<(), SpoolError> {
    let temporary = &temporary_of(path);
    let written = write_and_sync(temporary, content)
        .and_then(|()| std::fs::rename(temporary, path))
        .map_err(|e| SpoolError::io("write", path, e))
        .and_then(|()| path.parent().map_or(Ok(()), sync_dir));
    if written.is_err() {
        drop(std::fs::remove_file(temporary));
    }
    written
}

/// Its name until it is complete.
pub(super) fn temporary_of(path: &Path) -> PathBuf {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(TEMPORARY);
    temporary.into()
}

/// Makes renames and deletions in `dir` durable.
pub(super) fn sync_dir(dir: &Path) -> Result<(), SpoolError> {
    File::open(dir).and_then(|d| d.sync_all()).map_err(|e| SpoolError::io("sync the directory", dir, e))
}

/// Also to another file system, as where one of the directories is a disk of its own: then the copy is durable before the original
/// goes, and a crash in between leaves both.
pub(super) fn move_file(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {}
        renamed => return renamed,
    }
    let temporary = &temporary_of(to);
    let copied = std::fs::copy(from, temporary)
        .and_then(|_| File::open(temporary)?.sync_all())
        .and_then(|()| std::fs::rename(temporary, to))
        .and_then(|()| to.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all()));
    if let Err(error) = copied {
        drop(std::fs::remove_file(temporary));
        return Err(error);
    }
    std::fs::remove_file(from)
}

fn write_and_sync(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// A file that has room of its own and another one beside it gets a new content without taking any: both change their names.
pub(super) fn replace_in_place(path: &Path, content: &[u8]) -> Result<(), SpoolError> {
    let dir = path.parent().unwrap_or(path);
    // First: the one that is written over must not be the one that a crash would leave.
    sync_dir(dir)?;
    let spare = &temporary_of(path);
    write_over(spare, content, 0)
        .and_then(|()| File::open(spare)?.sync_all())
        .and_then(|()| exchange(spare, path))
        .map_err(|e| SpoolError::io("write", path, e))?;
    sync_dir(dir)
}

/// Only pages that change are written, so that a small change costs the disk little.
pub(super) fn write_over(path: &Path, body: &[u8], room_bytes: u64) -> io::Result<()> {
    const PAGE_BYTES: usize = 4_096;
    let mut file = open_to_write_over(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file: move it away"));
    }
    let mut before = Vec::new();
    file.read_to_end(&mut before)?;
    let room_bytes = usize::try_from(room_bytes).unwrap_or(usize::MAX);
    let mut wanted = body.to_vec();
    wanted.resize(body.len().max(before.len()).max(room_bytes), b' ');
    for (page, new) in wanted.chunks(PAGE_BYTES).enumerate() {
        let at = page * PAGE_BYTES;
        let old = before.get(at..(at + PAGE_BYTES).min(before.len())).unwrap_or_default();
        if old == new {
            continue;
        }
        match file.write_all_at(new, at as u64) {
            // The room that is there is enough for this time.
            Err(error) if at >= body.len().max(before.len()) && is_full(&error) => {
                return file.set_len(at as u64);
            }
            written => written?,
        }
    }
    Ok(())
}

/// One that may not be written, because somebody has changed its mode, is replaced where the directory allows that.
fn open_to_write_over(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && path.is_file() => {
            std::fs::remove_file(path).map_err(|_| error)?;
            options.open(path)
        }
        opened => opened,
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

#[cfg(target_env = "gnu")]
pub(super) fn exchange(from: &Path, to: &Path) -> io::Result<()> {
    use nix::errno::Errno;
    use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
    match renameat2(AT_FDCWD, from, AT_FDCWD, to, RenameFlags::RENAME_EXCHANGE) {
        Err(Errno::ENOENT | Errno::EINVAL | Errno::ENOSYS | Errno::EOPNOTSUPP) => std::fs::rename(from, to),
        done => Ok(done?),
    }
}

#[cfg(not(target_env = "gnu"))]
pub(super) fn exchange(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)
}
