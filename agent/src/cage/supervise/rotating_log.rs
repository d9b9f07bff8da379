//! A log of bounded size: the current file and one older, each at most half the bound. Joined, they are the stream's
//! last bytes without a gap.

use crate::cage::foreign_file;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Where log bytes go.
pub(super) trait Sink: Send + 'static {
    /// Takes `bytes`; returns how many of them were lost and the error that lost them.
    fn put(&mut self, bytes: &[u8]) -> Option<(u64, io::Error)>;
}

/// Two files on disk.
pub(super) struct RotatingLog {
    current: PathBuf,
    older: PathBuf,
    /// None after a failed rotation: opened again with the next bytes.
    file: Option<File>,
    written_bytes: u64,
    half_bytes: u64,
}

impl RotatingLog {
    /// Empties `current` and removes the older file.
    pub(super) fn create(current: &Path, bytes_max: u64) -> io::Result<Self> {
        let mut older = OsString::from(current);
        older.push(".1");
        let older = PathBuf::from(older);
        let file = open(current)?;
        match fs::remove_file(&older) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let half_bytes = (bytes_max / 2).max(1);
        Ok(Self { current: current.to_owned(), older, file: Some(file), written_bytes: 0, half_bytes })
    }

    /// The file to write to and how many bytes it still takes.
    fn room(&mut self) -> io::Result<(&mut File, usize)> {
        if self.written_bytes >= self.half_bytes {
            fs::rename(&self.current, &self.older)?;
            self.file = None;
            self.written_bytes = 0;
        }
        let file = match self.file.take() {
            Some(file) => file,
            None => open(&self.current)?,
        };
        let room = usize::try_from(self.half_bytes - self.written_bytes).unwrap_or(usize::MAX);
        Ok((self.file.insert(file), room))
    }
}

impl Sink for RotatingLog {
    fn put(&mut self, mut bytes: &[u8]) -> Option<(u64, io::Error)> {
        while !bytes.is_empty() {
            let written = self.room().and_then(|(file, room)| file.write(&bytes[..bytes.len().min(room)]));
            match written {
                Ok(0) => return Some((bytes.len() as u64, io::ErrorKind::WriteZero.into())),
                Ok(n) => {
                    self.written_bytes += n as u64;
                    bytes = &bytes[n..];
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Some((bytes.len() as u64, e)),
            }
        }
        None
    }
}

/// An empty regular file. Anything else at the path would be renamed away by a rotation: a device, a pipe.
fn open(path: &Path) -> io::Result<File> {
    if fs::symlink_metadata(path).is_ok_and(|meta| !meta.is_file()) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it exists and is not a regular file"));
    }
    foreign_file::create(path)
}

#[cfg(test)]
mod tests;
