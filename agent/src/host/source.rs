//! Bounded reading of the kernel's small text files, with one buffer for all.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// What is read of a file: a machine with 192 processors has 16 KiB of them at the top of its `/proc/stat`.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// A `/proc` to read from.
pub(super) struct Source {
    root: PathBuf,
    buffer: Vec<u8>,
}

impl Source {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root, buffer: Vec::with_capacity(16 << 10) }
    }

    /// Where it lies.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The whole lines of the first [`FILE_BYTES_MAX`] bytes of a file below the root (or of any other, if `path` is
    /// absolute). None where it cannot be read.
    pub(super) fn read(&mut self, path: impl AsRef<Path>) -> Option<&[u8]> {
        self.buffer.clear();
        let file = File::open(self.root.join(path)).ok()?;
        let length = file.take(FILE_BYTES_MAX).read_to_end(&mut self.buffer).ok()?;
        if u64::try_from(length).ok()? == FILE_BYTES_MAX {
            // A number that is cut in two is another number.
            let whole = self.buffer.iter().rposition(|byte| *byte == b'\n')?;
            self.buffer.truncate(whole);
        }
        Some(&self.buffer)
    }
}

/// The lines of `text` that are UTF-8; others are none of those that are looked for.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &str> {
    text.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok())
}

/// The number behind `name` in a file of `name number` lines.
pub(super) fn value(text: &[u8], name: &str) -> Option<u64> {
    lines(text).find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        (words.next()? == name).then(|| words.next()?.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_is_cut_at_a_line() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("large"), "0123456789 12\n".repeat(10_000)).unwrap();
        std::fs::write(dir.path().join("one_line"), "1".repeat(100_000)).unwrap();
        let mut source = Source::new(dir.path().to_owned());
        let text = source.read("large").unwrap();
        assert!(text.len() > 60_000 && text.len() < 65_536 && text.ends_with(b" 12"));
        assert_eq!(source.read("one_line"), None);
        assert_eq!(source.read("absent"), None);
    }

    #[test]
    fn a_value_is_found_by_its_whole_name() {
        assert_eq!(value(b"anon_thp 7\nanon 5\n", "anon"), Some(5));
        assert_eq!(value(b"anon\nanon x\n", "anon"), None);
        assert_eq!(value(b"\xff 1\nanon 5", "anon"), Some(5));
    }
}
