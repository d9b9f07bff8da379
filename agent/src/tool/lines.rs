//! Files of a tool's words, read line by line; what a plan prints may have no end.

use crate::cage::foreign_file;
use gridnode_launch::jmeter::verdict::scan::LINE_BYTES_MAX;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// Bytes of a log that are read to judge a run; the log of a broken plan can be endless.
const LOG_BYTES_MAX: u64 = 256 << 20;

/// Gives each line to `take`. Blocks.
pub fn scan_file(path: &Path, mut take: impl FnMut(&[u8])) {
    let Ok(file) = foreign_file::open(path) else { return };
    let mut reader = BufReader::new(file.take(LOG_BYTES_MAX));
    let mut line = Vec::new();
    while matches!(next_line(&mut reader, &mut line), Ok(1..)) {
        take(&line);
    }
}

/// As much of the next line as is looked at, for what a plan prints may have no end, and its length; 0 when there is none.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    line.clear();
    let length = reader.by_ref().take(LINE_BYTES_MAX as u64).read_until(b'\n', line)?;
    if length == LINE_BYTES_MAX && !line.ends_with(b"\n") {
        reader.skip_until(b'\n')?;
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_end_is_not_collected() {
        let endless = io::repeat(b'x').take(16 << 20).chain(&b"\nshort\n"[..]);
        let (mut reader, mut line) = (BufReader::new(endless), Vec::new());
        assert_eq!(next_line(&mut reader, &mut line).unwrap(), LINE_BYTES_MAX);
        assert!(line.capacity() <= 2 * LINE_BYTES_MAX);
        assert_eq!(next_line(&mut reader, &mut line).unwrap(), 6);
        assert_eq!(line, b"short\n");
        assert_eq!(next_line(&mut reader, &mut line).unwrap(), 0);
    }

    #[test]
    fn the_line_after_a_long_one_is_whole() {
        for length in LINE_BYTES_MAX - 2..LINE_BYTES_MAX + 3 {
            let text = format!("{}\nnext\n\nlast", "x".repeat(length));
            let (mut reader, mut line) = (text.as_bytes(), Vec::new());
            let kept = next_line(&mut reader, &mut line).unwrap();
            assert_eq!(kept, LINE_BYTES_MAX.min(length + 1), "{length}");
            for wanted in ["next\n", "\n", "last", ""] {
                next_line(&mut reader, &mut line).unwrap();
                assert_eq!(line, wanted.as_bytes(), "{length}");
            }
        }
    }
}
