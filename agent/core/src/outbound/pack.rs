//! Line protocol of a batch: compressed, read back with a bound, halved, counted.

use crate::base::limits::{BATCH_BYTES_MAX, BATCH_POINTS_MAX};
use crate::wire::line::{Line, Value};
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use flate2::{Compression, Crc};
use std::io::{Read, Write};
use std::sync::Arc;

/// Decompressed bytes of one batch: beyond any that we write (5,000 points of at most some 10 KiB each).
const LINES_BYTES_MAX: u64 = (BATCH_POINTS_MAX * 16 * 1024) as u64;

/// A batch as it is stored and posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Gzipped line protocol.
    pub body: Arc<[u8]>,
    /// Lines.
    pub points: u32,
    /// Samples that travel with it: the sum of `count` of its `transaction_rate_mean` points.
    pub samples: u64,
}

impl Packed {
    /// By what it is known again: the first 16 hex digits of the SHA-256 of its body.
    #[must_use]
    pub fn content(&self) -> String {
        let digest = ring::digest::digest(&ring::digest::SHA256, &self.body);
        digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Of a body: by it a file is known to be what was written.
#[must_use]
pub fn checksum(body: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(body);
    crc.sum()
}

/// Whether a file's content is what was written: by the checksum of its writer, or, where that is not known, by what its name
/// says.
///
/// # Errors
/// What is wrong with it.
pub fn prove(body: &[u8], written: Option<u32>, points: u32, samples: u64) -> Result<(), String> {
    match written {
        Some(written) if written == checksum(body) => Ok(()),
        Some(_) => Err("it is not what was written: somebody has changed it since".to_owned()),
        None => verify(&unpack(body)?, points, samples),
    }
}

/// Packs lines into as many batches as the bounds ask for ([`BATCH_POINTS_MAX`], [`BATCH_BYTES_MAX`] compressed; a single
/// line is never refused), in their order. `samples` is what the caller has counted: several batches share it by the lines
/// that count them, and what the lines do not say goes with the last.
#[must_use]
pub fn pack(lines: &[u8], samples: u64) -> Vec<Packed> {
    let mut packed = Vec::with_capacity(1);
    pack_into(lines, samples, &mut packed);
    packed
}

/// Something that is one thing, whatever its lines are: it is never halved. `samples` travel with it.
#[must_use]
pub fn whole(content: &[u8], samples: u64) -> Packed {
    Packed { body: compress(content).into(), points: 1, samples }
}

fn pack_into(lines: &[u8], samples: u64, packed: &mut Vec<Packed>) {
    let points = count_points(lines);
    let body = (points <= BATCH_POINTS_MAX).then(|| compress(lines));
    if let Some(body) = body.filter(|body| body.len() <= BATCH_BYTES_MAX || points < 2) {
        let points = u32::try_from(points).unwrap_or(u32::MAX);
        return packed.push(Packed { body: body.into(), points, samples });
    }
    let (first, second) = halves(lines);
    let in_first = count_samples(first).min(samples);
    pack_into(first, in_first, packed);
    pack_into(second, samples - in_first, packed);
}

/// The same lines as two batches (or more, where a half is beyond the bounds).
///
/// # Errors
/// Why the body cannot be read, or that it has no two lines.
pub fn halve(body: &[u8], samples: u64) -> Result<Vec<Packed>, String> {
    let lines = decompress(body)?;
    if count_points(&lines) < 2 {
        return Err("its name says several lines, it has one".to_owned());
    }
    let (first, second) = halves(&lines);
    let in_first = count_samples(first).min(samples);
    let mut packed = pack(first, in_first);
    packed.extend(pack(second, samples - in_first));
    Ok(packed)
}

/// The lines of a body.
///
/// # Errors
/// Why it cannot be read.
pub fn unpack(body: &[u8]) -> Result<Vec<u8>, String> {
    decompress(body)
}

/// Whether lines are what was once written as so many lines and samples: somebody may have changed them since.
///
/// # Errors
/// What is wrong with them.
pub fn verify(lines: &[u8], points: u32, samples: u64) -> Result<(), String> {
    let found = count_points(lines);
    if found as u64 != u64::from(points) {
        return Err(format!("its name says {points} lines, it has {found}"));
    }
    let found = count_samples(lines);
    if found != samples {
        return Err(format!("its name says {samples} samples, its lines count {found}"));
    }
    Ok(())
}

/// Level 2: 22 % fewer bytes of rollups than level 1, which looks for no match that is worth it, for a twentieth more of the time that a
/// window takes; level 5 has 9 % fewer still for a fifth more. The header has no time, so equal lines give equal bytes.
#[must_use]
pub fn compress(lines: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(lines.len() / 4), Compression::new(2));
    // Writing to a vector cannot fail; were it to, an empty body would be set aside as corrupt, not lost unseen.
    encoder.write_all(lines).and_then(|()| encoder.finish()).unwrap_or_default()
}

/// The lines of a compressed batch, checked to its end.
fn decompress(body: &[u8]) -> Result<Vec<u8>, String> {
    let mut lines = Vec::new();
    let mut decoder = GzDecoder::new(body);
    let read = decoder.by_ref().take(LINES_BYTES_MAX + 1).read_to_end(&mut lines);
    let rest = decoder.into_inner().len();
    match read {
        Err(error) => Err(format!("its gzip stream is broken ({error})")),
        Ok(_) if lines.len() as u64 > LINES_BYTES_MAX => Err("it holds more than any batch".to_owned()),
        Ok(0) => Err("it is empty".to_owned()),
        Ok(_) if rest > 0 => Err(format!("{rest} bytes follow its end")),
        Ok(_) => Ok(lines),
    }
}

/// Lines that are not empty.
#[must_use]
pub fn count_points(lines: &[u8]) -> usize {
    each_line(lines).count()
}

/// Samples travel with the `transaction_rate_mean` point that counts them.
#[must_use]
pub fn count_samples(lines: &[u8]) -> u64 {
    each_line(lines).filter(|line| line.starts_with(b"transaction_rate_mean")).map(samples_of).sum()
}

/// Two halves by lines; the first has one more where the number is odd.
fn halves(lines: &[u8]) -> (&[u8], &[u8]) {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// `n` points, each of which counts 10 samples, with labels that try to mislead.
    fn lines(n: usize) -> Vec<u8> {
        let line = |i| {
            format!(
                "transaction_rate_mean,flood=7,label_id={i:016x} value=1.0,count=10i,label=\"a,count=99i b\\\" count=5i\" {i}\n"
            )
        };
        (0..n).map(line).collect::<String>().into_bytes()
    }

    fn joined(packed: &[Packed]) -> Vec<u8> {
        packed.iter().flat_map(|one| decompress(&one.body).unwrap()).collect()
    }

    #[test]
    fn halves_keep_every_line_and_every_sample() {
        let whole = pack(&lines(5), 53);
        let halves = halve(&whole[0].body, whole[0].samples).unwrap();
        assert_eq!(joined(&halves), lines(5));
        assert!(halves.iter().map(|half| (half.points, half.samples)).eq([(3, 30), (2, 23)]));
        assert!(halve(&pack(&lines(1), 10)[0].body, 10).is_err());
    }

    #[test]
    fn more_than_a_batch_may_hold_becomes_several() {
        let packed = pack(&lines(BATCH_POINTS_MAX + 1), 50_010);
        assert!(packed.iter().map(|one| one.points).eq([2_501, 2_500]));
        assert_eq!(packed.iter().map(|one| one.samples).sum::<u64>(), 50_010);
        let mut noise = 1_u64;
        let mut line = |i: usize| {
            let text: String = (0..64 * 1024)
                .map(|_| {
                    noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    char::from(b'!' + (noise >> 58) as u8)
                })
                .filter(|c| *c != '"')
                .collect();
            format!("m,i={i} text=\"{text}\" {i}\n")
        };
        let bulky: String = (0..40).map(&mut line).collect();
        let packed = pack(bulky.as_bytes(), 0);
        assert!(packed.len() > 1 && packed.iter().all(|one| one.body.len() <= BATCH_BYTES_MAX));
        assert_eq!(joined(&packed), bulky.as_bytes());
    }

    #[test]
    fn a_body_cut_short_is_told() {
        let whole = pack(&lines(50), 500).remove(0);
        for length in [0, 1, 9, 10, whole.body.len() / 2, whole.body.len() - 1] {
            assert!(unpack(&whole.body[..length]).is_err(), "{length}");
        }
        unpack(&whole.body).unwrap();
    }

    proptest::proptest! {
        #[test]
        fn halves_are_the_whole(text in "[a\n \r]{0,60}") {
            let (a, b) = halves(text.as_bytes());
            proptest::prop_assert_eq!([a, b].concat(), text.as_bytes());
            let (na, nb) = (count_points(a), count_points(b));
            proptest::prop_assert!(na == nb || na == nb + 1, "{} and {}", na, nb);
        }
    }
}
