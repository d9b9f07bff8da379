//! V2 HdrHistogram bytes, from whomever → sketch. Everything is suspect: lengths, checksums, counts.
//!
//! Read: compressed and plain V2 with 2 significant digits and lowest 1, whatever its highest value; what it counts
//! above [`SKETCH_US_MAX`] lands in the top bucket, as it would have when recorded here. Refused: everything else, with
//! a reason. Bounds: [`ENCODED_BYTES_MAX`] in, [`V2_BYTES_MAX`] after inflating, however small the input.
//!
//! [`SKETCH_US_MAX`]: crate::base::limits::SKETCH_US_MAX

use super::encode::{V2_COMPRESSED_COOKIE, V2_COOKIE, V2_HEADER_BYTES, VARINT_BYTES_MAX};
use super::layout::{BUCKET_INDEX_MAX, LOWEST_US, SIGNIFICANT_DIGITS, slots_for};
use super::{COUNT_MAX, Sketch};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::bufread::ZlibDecoder;
use std::io::Read as _;
use thiserror::Error;

/// The longest encoding that is looked at: twice what the largest honest histogram of this layout needs uncompressed.
pub const ENCODED_BYTES_MAX: usize = 2 * V2_BYTES_MAX;
/// The largest histogram of this layout (highest value 2^63 − 1, every count of full length).
pub const V2_BYTES_MAX: usize = V2_HEADER_BYTES + slots_for(HIGHEST_MAX) * VARINT_BYTES_MAX;

/// The other implementations hold values in signed 64 bits.
const HIGHEST_MAX: u64 = i64::MAX.unsigned_abs();

/// Why bytes are not a sketch.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum SketchError {
    /// Not base64.
    #[error("sketch is not standard base64: {0}")]
    Base64(String),
    /// Longer than any honest encoding.
    #[error(
        "sketch of {bytes} bytes is longer than any of its layout ({ENCODED_BYTES_MAX}, or {V2_BYTES_MAX} inflated)"
    )]
    TooLong {
        /// Length found, or the bound plus one where reading stopped there.
        bytes: usize,
    },
    /// Not V2.
    #[error(
        "sketch starts with {0:#010x}, not with the cookie of a V2 HdrHistogram (0x1c849313, compressed 0x1c849314)"
    )]
    Cookie(u32),
    /// Ends early.
    #[error("sketch ends within its {0}")]
    Truncated(&'static str),
    /// Goes on after its end.
    #[error("sketch has {bytes} bytes after its end")]
    Trailing {
        /// How many.
        bytes: usize,
    },
    /// Broken zlib stream or checksum.
    #[error("sketch does not inflate: {0}")]
    Inflate(String),
    /// Another resolution.
    #[error(
        "sketch has {0} significant digits, only {SIGNIFICANT_DIGITS} can be merged: record with {SIGNIFICANT_DIGITS}"
    )]
    Digits(u32),
    /// Another unit.
    #[error("sketch has lowest value {0}, only {LOWEST_US} (µs) can be merged: record in µs from 1")]
    Lowest(u64),
    /// No histogram has this.
    #[error("sketch has highest value {0}, which is not in 2..=2^63-1")]
    Highest(u64),
    /// A shifted histogram: its indices mean other values.
    #[error("sketch has normalizing index offset {0}, only 0 is supported")]
    Offset(u32),
    /// A histogram of scaled doubles.
    #[error("sketch has integer-to-double ratio {0}, only 1.0 is supported")]
    Ratio(f64),
    /// More counts than its own header allows.
    #[error("sketch has counts beyond the {slots} buckets up to its highest value")]
    Buckets {
        /// Buckets that there are.
        slots: usize,
    },
}

impl Sketch {
    /// Reads a V2 encoding, compressed or not, which must be all of `bytes`.
    ///
    /// # Errors
    /// [`SketchError`] for anything that is not a V2 histogram of this layout.
    pub fn decode_v2(bytes: &[u8]) -> Result<Self, SketchError> {
        if bytes.len() > ENCODED_BYTES_MAX {
            return Err(SketchError::TooLong { bytes: bytes.len() });
        }
        let mut reader = Reader { rest: bytes };
        match reader.u32("cookie")? {
            V2_COOKIE => decode_plain(bytes),
            V2_COMPRESSED_COOKIE => {
                let length = reader.u32("length")? as usize;
                decode_plain(&inflate(reader.exactly(length, "compressed part")?)?)
            }
            other => Err(SketchError::Cookie(other)),
        }
    }

    /// Reads what [`Sketch::to_base64`] or another implementation wrote.
    ///
    /// # Errors
    /// [`SketchError`], as [`Sketch::decode_v2`].
    pub fn from_base64(text: &[u8]) -> Result<Self, SketchError> {
        if text.len() > ENCODED_BYTES_MAX.div_ceil(3) * 4 {
            return Err(SketchError::TooLong { bytes: text.len() / 4 * 3 });
        }
        let bytes = STANDARD.decode(text).map_err(|error| SketchError::Base64(error.to_string()))?;
        Self::decode_v2(&bytes)
    }
}

/// One zlib stream, checksum checked, nothing behind it.
fn inflate(compressed: &[u8]) -> Result<Vec<u8>, SketchError> {
    let mut inflated = Vec::new();
    let mut decoder = ZlibDecoder::new(compressed);
    // One byte more than is allowed, to tell "just fits" from "goes on".
    (&mut decoder)
        .take(V2_BYTES_MAX as u64 + 1)
        .read_to_end(&mut inflated)
        .map_err(|error| SketchError::Inflate(error.to_string()))?;
    if inflated.len() > V2_BYTES_MAX {
        return Err(SketchError::TooLong { bytes: inflated.len() });
    }
    match decoder.into_inner().len() {
        0 => Ok(inflated),
        bytes => Err(SketchError::Trailing { bytes }),
    }
}

fn decode_plain(bytes: &[u8]) -> Result<Sketch, SketchError> {
    let mut reader = Reader { rest: bytes };
    match reader.u32("cookie")? {
        V2_COOKIE => {}
        other => return Err(SketchError::Cookie(other)),
    }
    let counts_len = reader.u32("header")? as usize;
    let slots = decode_config(&mut reader)?;
    decode_counts(reader.exactly(counts_len, "counts")?, slots)
}

/// The rest of the header; returns how many buckets the histogram has.
fn decode_config(reader: &mut Reader<'_>) -> Result<usize, SketchError> {
    let offset = reader.u32("header")?;
    let digits = reader.u32("header")?;
    let lowest = reader.u64("header")?;
    let highest = reader.u64("header")?;
    let ratio = f64::from_bits(reader.u64("header")?);
    if digits != SIGNIFICANT_DIGITS {
        return Err(SketchError::Digits(digits));
    }
    if lowest != LOWEST_US {
        return Err(SketchError::Lowest(lowest));
    }
    if !(2..=HIGHEST_MAX).contains(&highest) {
        return Err(SketchError::Highest(highest));
    }
    if offset != 0 {
        return Err(SketchError::Offset(offset));
    }
    if ratio.to_bits() != 1.0_f64.to_bits() {
        return Err(SketchError::Ratio(ratio));
    }
    Ok(slots_for(highest))
}

fn decode_counts(counts: &[u8], slots: usize) -> Result<Sketch, SketchError> {
    let mut sketch = Sketch::new();
    let mut reader = Reader { rest: counts };
    let mut index = 0_usize;
    while !reader.rest.is_empty() {
        let number = un_zig_zag(reader.varint()?);
        let left = slots - index;
        if number < 0 {
            let zeros = usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX);
            if zeros > left {
                return Err(SketchError::Buckets { slots });
            }
            index += zeros;
            continue;
        }
        if left == 0 {
            return Err(SketchError::Buckets { slots });
        }
        if number > 0 {
            let index = u16::try_from(index).unwrap_or(u16::MAX).min(BUCKET_INDEX_MAX);
            sketch.add(index, number.unsigned_abs().min(COUNT_MAX));
        }
        index += 1;
    }
    Ok(sketch)
}

fn un_zig_zag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

/// What is left of the input.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn u32(&mut self, what: &'static str) -> Result<u32, SketchError> {
        self.array(what).map(u32::from_be_bytes)
    }

    fn u64(&mut self, what: &'static str) -> Result<u64, SketchError> {
        self.array(what).map(u64::from_be_bytes)
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], SketchError> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(SketchError::Truncated(what))?;
        self.rest = rest;
        Ok(*array)
    }

    /// The rest, which must be `length` bytes.
    fn exactly(&self, length: usize, what: &'static str) -> Result<&'a [u8], SketchError> {
        match self.rest.len().checked_sub(length) {
            Some(0) => Ok(self.rest),
            Some(bytes) => Err(SketchError::Trailing { bytes }),
            None => Err(SketchError::Truncated(what)),
        }
    }

    /// LEB128 whose ninth byte carries eight bits.
    fn varint(&mut self) -> Result<u64, SketchError> {
        let mut number = 0_u64;
        for at in 0..VARINT_BYTES_MAX {
            let [byte] = self.array("counts")?;
            if at == VARINT_BYTES_MAX - 1 || byte < 0x80 {
                return Ok(number | u64::from(byte) << (7 * at));
            }
            number |= u64::from(byte & 0x7f) << (7 * at);
        }
        Ok(number)
    }
}
