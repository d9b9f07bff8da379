//! Copies that are hashed on their way: what was checked is what was written.

use gridnode_core::node::command::Sha256;
use ring::digest::{Context, SHA256};
use std::io::{self, Read, Write};
use tokio_util::sync::CancellationToken;

/// A SHA-256 in the making.
pub(crate) struct Hasher(Context);

impl Hasher {
    pub(crate) fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> Sha256 {
        let mut digest = [0; 32];
        digest.copy_from_slice(self.0.finish().as_ref());
        Sha256(digest)
    }
}

/// How a copy ended.
#[derive(Debug)]
pub(crate) enum Copied {
    /// All of it, with this digest and size.
    Whole(Sha256, u64),
    /// It was called off.
    Cancelled,
    /// The source could not be read.
    Unreadable(io::Error),
    /// The target could not be written.
    Unwritable(io::Error),
}

/// Large enough that system calls do not count, small enough that a cancellation is heard at once.
const CHUNK_BYTES: usize = 128 * 1024;

/// Copies until the end of `from`.
pub(crate) fn copy(from: &mut impl Read, to: &mut impl Write, cancel: &CancellationToken) -> Copied {
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut hasher = Hasher::new();
    let mut bytes = 0;
    while !cancel.is_cancelled() {
        let read = match from.read(&mut chunk) {
            Ok(0) => return Copied::Whole(hasher.finish(), bytes),
            Ok(read) => &chunk[..read],
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Copied::Unreadable(e),
        };
        hasher.update(read);
        bytes += read.len() as u64;
        if let Err(e) = to.write_all(read) {
            return Copied::Unwritable(e);
        }
    }
    Copied::Cancelled
}

/// The digest of a text.
#[cfg(test)]
pub(crate) fn digest_of(bytes: &[u8]) -> Sha256 {
    let mut hasher = Hasher::new();
    hasher.update(bytes);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_copies_and_hashes_or_stops() {
        let text = vec![7; 3 * CHUNK_BYTES + 1];
        let (mut to, cancel) = (Vec::new(), CancellationToken::new());
        let copied = copy(&mut text.as_slice(), &mut to, &cancel);
        assert!(matches!(copied, Copied::Whole(digest, 393_217) if digest == digest_of(&text)));
        assert_eq!(to, text);
        cancel.cancel();
        assert!(matches!(copy(&mut text.as_slice(), &mut to, &cancel), Copied::Cancelled));
    }
}
