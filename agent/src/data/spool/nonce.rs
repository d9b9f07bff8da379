//! The nonce of a state directory: made once, never used by another one. A node that has lost its directory, and counts
//! its starts from 1 again, is told from what it was before by this.

use super::durable::write_durably;
use super::survey::read_file;
use super::{SpoolContents, SpoolError};
use crate::base::entropy::random_hex;
use std::io;
use std::path::Path;

/// 64 random bits; two of the same among the lives of one node are not to be expected.
const HEX_DIGITS: usize = 16;
pub(super) const NONCE: &str = "nonce";

/// 16 hex digits, durable before they are used. One that cannot be understood is replaced: then this is a new life.
pub(super) fn keep_nonce(state_dir: &Path, found: &mut SpoolContents) -> Result<String, SpoolError> {
    let path = state_dir.join(NONCE);
    match read_file(&path) {
        Ok(bytes) => {
            if let Some(nonce) = parse(&bytes) {
                return Ok(nonce);
            }
            found.remarks.push(format!("{} is unreadable; a new one is made", path.display()));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(SpoolError::io("read", &path, error)),
    }
    let none = |error| SpoolError::io("find random numbers for", &path, io::Error::other(error));
    let nonce = random_hex().map_err(none)?;
    write_durably(&path, nonce.as_bytes())?;
    Ok(nonce)
}

fn parse(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes).trim().to_owned();
    (text.len() == HEX_DIGITS && text.bytes().all(|b| b.is_ascii_hexdigit())).then_some(text)
}

/// What names the batches of one start, also among those of other directories and of this one's other lives: a directory that was
/// restored counts the same starts again. Never 0, which says nothing.
pub(super) fn writer(state_dir: &Path) -> Result<u32, SpoolError> {
    let random = random_hex()
        .map_err(|error| SpoolError::io("find random numbers for", state_dir, io::Error::other(error)))?;
    Ok(random.get(..8).and_then(|half| u32::from_str_radix(half, 16).ok()).unwrap_or(0).max(1))
}

/// That of a directory, from outside.
pub(in crate::data) fn read(state_dir: &Path) -> Option<String> {
    parse(&read_file(&state_dir.join(NONCE)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_made_once_for_a_directory() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut found = SpoolContents::default();
        let nonce = keep_nonce(one.path(), &mut found).unwrap();
        assert_eq!(keep_nonce(one.path(), &mut found).unwrap(), nonce);
        assert_ne!(keep_nonce(other.path(), &mut found).unwrap(), nonce);
        assert!(found.remarks.is_empty());
        std::fs::write(one.path().join("nonce"), "?").unwrap();
        assert_ne!(keep_nonce(one.path(), &mut found).unwrap(), nonce);
        assert_eq!(found.remarks.len(), 1);
    }
}
