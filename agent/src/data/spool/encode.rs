//! Line protocol of a batch: compressed, read back with a bound, halved, counted.

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use gridnode_core::base::limits::BATCH_POINTS_MAX;
use gridnode_core::wire::line::{Line, Value};
use std::io::{Read, Write};

/// Decompressed bytes of one batch: beyond any that we write (5,000 points of at most some 10 KiB each).
const LINES_BYTES_MAX: u64 = (BATCH_POINTS_MAX * 16 * 1024) as u64;

/// Level 1: half of the time of the default for a tenth more bytes. The header has no time, so equal lines give equal
/// bytes.
pub(super) fn compress(lines: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(lines.len() / 4), Compression::new(1));
    // Writing to a vector cannot fail; were it to, an empty body would be set aside as corrupt, not lost unseen.
    encoder.write_all(lines).and_then(|()| encoder.finish()).unwrap_or_default()
}

/// The lines of a compressed batch, checked to its end.
pub(super) fn decompress(body: &[u8]) -> Result<Vec<u8>, String> {
    let mut lines = Vec::new();
    let mut decoder = GzDecoder::new(body);
    let read = decoder.by_ref().take(LINES_BYTES_MAX + 1).read_to_end(&mut lines);
    match read {
        Err(error) => Err(format!("its gzip stream is broken ({error})")),
        Ok(_) if lines.len() as u64 > LINES_BYTES_MAX => Err("it holds more than any batch".to_owned()),
        Ok(0) => Err("it is empty".to_owned()),
        Ok(_) => Ok(lines),
    }
}

pub(super) fn count_points(lines: &[u8]) -> usize {
    each_line(lines).count()
}

/// Samples travel with the `transaction_rate_mean` point that counts them.
pub(super) fn count_samples(lines: &[u8]) -> u64 {
    each_line(lines).filter(|line| line.starts_with(b"transaction_rate_mean")).map(samples_of).sum()
}

/// Two halves by lines; the first has one more where the number is odd.
pub(super) fn halves(lines: &[u8]) -> (&[u8], &[u8]) {
    let middle = count_points(lines).div_ceil(2);
    let first_bytes: usize = lines
        .split_inclusive(|&b| b == b'\n')
        .scan(0, |points, line| {
            if line.trim_ascii().is_empty() {
                return Some(line.len());
            }
            *points += 1;
            (*points <= middle).then_some(line.len())
        })
        .sum();
    lines.split_at(first_bytes)
}

fn each_line(lines: &[u8]) -> impl Iterator<Item = &[u8]> {
    lines.split(|&b| b == b'\n').filter(|line| !line.trim_ascii().is_empty())
}

fn samples_of(line: &[u8]) -> u64 {
    let mut count = 0;
    let parsed = Line::parse_with(line, |key, value| {
        if let (b"count", Value::Int(n)) = (key, value) {
            count = u64::try_from(n).unwrap_or(0);
        }
    });
    if parsed.is_ok_and(|l| l.measurement == b"transaction_rate_mean") { count } else { 0 }
}
