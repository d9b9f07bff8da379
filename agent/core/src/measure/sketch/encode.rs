//! Sketch → compressed V2 HdrHistogram bytes, straight from the buckets, without a compressor.
//!
//! | bytes | what (big endian where not said otherwise) |
//! |---|---|
//! | 4, 4 | compressed cookie, length of the rest |
//! | 2 | zlib header `78 01` |
//! | 1, 2, 2 | the one stored block: final, its length and the complement (little endian) |
//! | 4, 4 | V2 cookie, length of the counts |
//! | 4, 4, 8, 8, 8 | normalizing offset 0, digits, lowest, highest, conversion ratio 1.0 |
//! | … | counts up to the last that is not 0: zig-zag LEB128 of at most 9 bytes; −n stands for n zeros |
//! | 4 | Adler-32 of the stored bytes |
//!
//! The zlib stream is *stored* because bodies are gzipped as a whole: compressing twice would make them larger and
//! depend on a compressor's version. So equal counts are equal bytes, on every node, for ever.

use super::Sketch;
use super::layout::{LOWEST_US, SIGNIFICANT_DIGITS, slots_for};
use crate::base::limits::SKETCH_US_MAX;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Starts an uncompressed encoding.
pub(super) const V2_COOKIE: u32 = 0x1c84_9313;
/// Starts a compressed encoding.
pub(super) const V2_COMPRESSED_COOKIE: u32 = 0x1c84_9314;
/// V2 header, its cookie and length included.
pub(super) const V2_HEADER_BYTES: usize = 40;
/// Longest count.
pub(super) const VARINT_BYTES_MAX: usize = 9;

/// Bytes in front of the V2 header: outer header, zlib header, stored block header.
const PREFIX_BYTES: usize = 15;
// One stored block is always enough.
const _: () = assert!(V2_HEADER_BYTES + slots_for(SKETCH_US_MAX) * VARINT_BYTES_MAX <= u16::MAX as usize);

impl Sketch {
    /// Appends the compressed V2 encoding to `out`.
    pub fn encode_v2(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&[0; PREFIX_BYTES]);
        push_v2_header(out);
        self.push_counts(out);
        let body = start + PREFIX_BYTES;
        let counts_len = len32(out.len() - body - V2_HEADER_BYTES);
        out[body + 4..body + 8].copy_from_slice(&counts_len.to_be_bytes());
        let checksum = adler32(&out[body..]);
        let prefix = prefix(out.len() - body);
        out[start..body].copy_from_slice(&prefix);
        out.extend_from_slice(&checksum.to_be_bytes());
    }

    /// The compressed V2 encoding in standard base64 with padding: the `value` of a `response_time_sketch` point.
    #[must_use]
    pub fn to_base64(&self) -> String {
        let mut bytes = Vec::with_capacity(128);
        self.encode_v2(&mut bytes);
        STANDARD.encode(bytes)
    }

    fn push_counts(&self, out: &mut Vec<u8>) {
        if self.is_empty() {
            // What the other implementations write: they never leave the counts empty.
            out.push(0);
            return;
        }
        let mut next = 0;
        for (index, count) in self.buckets() {
            match index - next {
                0 => {}
                1 => out.push(0),
                gap => push_varint(out, zig_zag(-i64::from(gap))),
            }
            push_varint(out, zig_zag(count.cast_signed()));
            next = index + 1;
        }
    }
}

fn push_v2_header(out: &mut Vec<u8>) {
    out.extend_from_slice(&V2_COOKIE.to_be_bytes());
    out.extend_from_slice(&[0; 8]);
    out.extend_from_slice(&SIGNIFICANT_DIGITS.to_be_bytes());
    out.extend_from_slice(&LOWEST_US.to_be_bytes());
    out.extend_from_slice(&SKETCH_US_MAX.to_be_bytes());
    out.extend_from_slice(&1.0_f64.to_be_bytes());
}

/// Everything in front of a V2 encoding of `v2_len` bytes.
#[expect(clippy::cast_possible_truncation, reason = "asserted at the top: a stored block holds every sketch")]
fn prefix(v2_len: usize) -> [u8; PREFIX_BYTES] {
    let mut prefix = [0; PREFIX_BYTES];
    prefix[..4].copy_from_slice(&V2_COMPRESSED_COOKIE.to_be_bytes());
    prefix[4..8].copy_from_slice(&len32(PREFIX_BYTES - 8 + v2_len + 4).to_be_bytes());
    prefix[8..11].copy_from_slice(&[0x78, 0x01, 0x01]);
    prefix[11..13].copy_from_slice(&(v2_len as u16).to_le_bytes());
    prefix[13..15].copy_from_slice(&(!(v2_len as u16)).to_le_bytes());
    prefix
}

#[expect(clippy::cast_possible_truncation, reason = "asserted at the top: below 2^16")]
fn len32(len: usize) -> u32 {
    len as u32
}

/// 0, −1, 1, −2 … become 0, 1, 2, 3 …
fn zig_zag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

/// LEB128, but the ninth byte carries eight bits, so that it is the last.
#[expect(clippy::cast_possible_truncation, reason = "takes the lowest byte")]
fn push_varint(out: &mut Vec<u8>, mut number: u64) {
    for _ in 1..VARINT_BYTES_MAX {
        if number < 0x80 {
            break;
        }
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn adler32(bytes: &[u8]) -> u32 {
    const BASE: u32 = 65_521;
    // The most bytes whose sums cannot overflow 32 bits.
    const RUN: usize = 5_552;
    let (mut a, mut b) = (1_u32, 0_u32);
    for run in bytes.chunks(RUN) {
        for byte in run {
            a += u32::from(*byte);
            b += a;
        }
        a %= BASE;
        b %= BASE;
    }
    b << 16 | a
}
