//! Files that a slip or a stranger may have replaced by something else: a pipe of their name must not hold up a start.

use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// The first bytes of one, at most `bytes_max`.
///
/// # Errors
/// As opening and reading any file; also when it is something else.
pub fn read(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    read_opened(path, libc::O_NONBLOCK, bytes_max)
}

/// The same, of one that no link leads to.
///
/// # Errors
/// As [`read`].
pub fn read_itself(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    read_opened(path, libc::O_NONBLOCK | libc::O_NOFOLLOW, bytes_max)
}

fn read_opened(path: &Path, flags: i32, bytes_max: u64) -> io::Result<Vec<u8>> {
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    file.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(bytes)
}
