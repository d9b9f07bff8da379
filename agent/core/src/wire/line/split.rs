//! From a datagram to its lines.

/// The lines of a datagram: split at `\n` before anything looks at quotes, `\r` at the end and spaces or tabs at the
/// start taken off; empty lines and comments (`#`) are left out.
#[must_use]
pub fn lines(datagram: &[u8]) -> Lines<'_> {
    Lines { rest: datagram }
}

/// See [`lines`].
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        while !self.rest.is_empty() {
            let end = newline(self.rest);
            let (line, rest) = self.rest.split_at(end);
            self.rest = rest.get(1..).unwrap_or_default();
            let line = trimmed(line);
            if !line.is_empty() && line[0] != b'#' {
                return Some(line);
            }
        }
        None
    }
}

/// Without spaces and tabs in front and a carriage return behind.
fn trimmed(mut line: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = line {
        line = rest;
    }
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Offset of the first `\n`, or the length. Blocks are tested as a whole, which the compiler turns into vector
/// compares: a byte at a time this costs as much as parsing the line.
fn newline(bytes: &[u8]) -> usize {
    const BLOCK: usize = 32;
    let mut at = 0;
    for block in bytes.chunks_exact(BLOCK) {
        if block.iter().fold(false, |found, &b| found | (b == b'\n')) {
            break;
        }
        at += BLOCK;
    }
    let rest = &bytes[at..];
    at + rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len())
}
