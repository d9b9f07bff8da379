//! The end of a text file of any size, for a person to see why something failed.

use crate::cage::foreign_file;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// At most the last `bytes_max` bytes, without white space around them; what is not UTF-8 becomes U+FFFD.
///
/// # Errors
/// When it is no regular file or cannot be read.
pub fn tail(path: &Path, bytes_max: u64) -> io::Result<String> {
    let mut file = foreign_file::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(bytes_max)))?;
    let mut bytes = Vec::new();
    // It may grow while it is read.
    file.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bytes_are_read_and_no_more() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        std::fs::write(&path, b"first\nsecond\n\xff third\n").unwrap();
        assert_eq!(tail(&path, 1_000).unwrap(), "first\nsecond\n\u{fffd} third");
        assert_eq!(tail(&path, 6).unwrap(), "third");
        assert!(tail(&dir.path().join("none"), 6).is_err());
    }

    #[test]
    fn a_file_too_large_for_memory_is_no_trouble() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        // Sparse: it takes no room on disk, and could not be read as a whole.
        std::fs::File::create(&path).unwrap().set_len(1 << 42).unwrap();
        assert_eq!(tail(&path, 4).unwrap(), "\0\0\0\0");
    }
}
