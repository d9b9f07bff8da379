//! Bytes that are no sketch: each refused for its own reason, none with a panic.

use super::*;
use crate::measure::sketch::SketchError;
use crate::measure::sketch::decode::{ENCODED_BYTES_MAX, V2_BYTES_MAX};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::io::Write as _;

/// A plain V2 encoding with one part of the header replaced.
fn plain_with(at: usize, part: &[u8]) -> Vec<u8> {
    let compressed = encoded(&sketch_of(&[1, 2, 3, 1_000]));
    let mut plain = compressed[15..compressed.len() - 4].to_vec();
    plain[at..at + part.len()].copy_from_slice(part);
    plain
}

fn plain_with_counts(counts: &[u8]) -> Vec<u8> {
    let length = u32::try_from(counts.len()).unwrap();
    let mut plain = plain_with(4, &length.to_be_bytes());
    plain.truncate(40);
    plain.extend_from_slice(counts);
    plain
}

fn deflated(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    let zlib = encoder.finish().unwrap();
    let mut bytes = 0x1c84_9314_u32.to_be_bytes().to_vec();
    bytes.extend_from_slice(&u32::try_from(zlib.len()).unwrap().to_be_bytes());
    bytes.extend_from_slice(&zlib);
    bytes
}

fn refusal(bytes: &[u8]) -> SketchError {
    Sketch::decode_v2(bytes).expect_err("must be refused")
}

#[test]
fn the_unchanged_plain_encoding_is_read() {
    let sketch = sketch_of(&[1, 2, 3, 1_000]);
    assert_eq!(Sketch::decode_v2(&plain_with(0, &[])), Ok(sketch.clone()));
    assert_eq!(Sketch::decode_v2(&deflated(&plain_with(0, &[]))), Ok(sketch));
}

#[test]
fn other_configurations_are_refused_by_name() {
    assert_eq!(refusal(&plain_with(12, &3_u32.to_be_bytes())), SketchError::Digits(3));
    assert_eq!(refusal(&plain_with(16, &1000_u64.to_be_bytes())), SketchError::Lowest(1000));
    assert_eq!(refusal(&plain_with(24, &1_u64.to_be_bytes())), SketchError::Highest(1));
    assert_eq!(refusal(&plain_with(24, &(1_u64 << 63).to_be_bytes())), SketchError::Highest(1 << 63));
    assert_eq!(refusal(&plain_with(8, &128_u32.to_be_bytes())), SketchError::Offset(128));
    assert_eq!(refusal(&plain_with(32, &2.0_f64.to_be_bytes())), SketchError::Ratio(2.0));
    assert_eq!(
        refusal(&plain_with(12, &3_u32.to_be_bytes())).to_string(),
        "sketch has 3 significant digits, only 2 can be merged: record with 2"
    );
}

#[test]
fn foreign_bytes_are_refused_by_their_cookie() {
    assert_eq!(refusal(b"hello, world"), SketchError::Cookie(0x6865_6c6c));
    assert_eq!(refusal(&plain_with(0, &0x1c84_9303_u32.to_be_bytes())), SketchError::Cookie(0x1c84_9303));
    assert_eq!(refusal(&deflated(b"hello")), SketchError::Cookie(0x6865_6c6c));
    let nested = deflated(&encoded(&Sketch::new()));
    assert_eq!(refusal(&nested), SketchError::Cookie(0x1c84_9314), "only one layer of compression");
}

#[test]
fn every_cut_is_noticed() {
    let compressed = encoded(&sketch_of(&[1, 2, 3, 1_000]));
    let really_compressed = deflated(&plain_with(0, &[]));
    for whole in [plain_with(0, &[]), compressed, really_compressed] {
        for length in 0..whole.len() {
            assert!(Sketch::decode_v2(&whole[..length]).is_err(), "cut to {length} of {}", whole.len());
        }
    }
    assert_eq!(refusal(b""), SketchError::Truncated("cookie"));
}

#[test]
fn trailing_bytes_are_refused() {
    let mut plain = plain_with(0, &[]);
    plain.push(0);
    assert_eq!(refusal(&plain), SketchError::Trailing { bytes: 1 });
    assert_eq!(refusal(&deflated(&plain)), SketchError::Trailing { bytes: 1 });
    let mut outer = encoded(&Sketch::new());
    outer.push(0);
    assert_eq!(refusal(&outer), SketchError::Trailing { bytes: 1 });
    // Counted by the outer length, but behind the end of the zlib stream.
    let length = u32::try_from(outer.len() - 8).unwrap();
    outer[4..8].copy_from_slice(&length.to_be_bytes());
    assert_eq!(refusal(&outer), SketchError::Trailing { bytes: 1 });
}

#[test]
fn a_wrong_checksum_is_noticed() {
    let mut bytes = encoded(&sketch_of(&[1, 2, 3]));
    let at = bytes.len() - 6;
    bytes[at] ^= 2;
    assert!(matches!(refusal(&bytes), SketchError::Inflate(_)));
}

#[test]
fn counts_beyond_the_highest_value_are_refused() {
    let slots = 3_328;
    // −3328 zeros fill the histogram; one more count of anything has no place.
    let fill = [0xff, 0x33];
    assert_eq!(Sketch::decode_v2(&plain_with_counts(&fill)), Ok(Sketch::new()));
    assert_eq!(refusal(&plain_with_counts(&[0x81, 0x34])), SketchError::Buckets { slots });
    assert_eq!(
        refusal(&plain_with_counts(&[fill.as_slice(), &[2]].concat())),
        SketchError::Buckets { slots }
    );
    assert_eq!(
        refusal(&plain_with_counts(&[fill.as_slice(), &[0]].concat())),
        SketchError::Buckets { slots }
    );
    let most_zeros = [0xff; 9];
    assert_eq!(refusal(&plain_with_counts(&most_zeros)), SketchError::Buckets { slots });
    assert_eq!(refusal(&plain_with_counts(&[0x80])), SketchError::Truncated("counts"));
}

#[test]
fn the_largest_count_is_read() {
    // 2^63 − 1 in zig-zag is 2^64 − 2: nine bytes.
    let most = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let sketch = Sketch::decode_v2(&plain_with_counts(&most)).unwrap();
    assert_eq!(sketch.buckets().collect::<Vec<_>>(), [(0, crate::measure::sketch::COUNT_MAX)]);
}

#[test]
fn a_decompression_bomb_is_stopped() {
    let bomb = deflated(&vec![0; 50_000_000]);
    assert!(bomb.len() < ENCODED_BYTES_MAX);
    assert_eq!(refusal(&bomb), SketchError::TooLong { bytes: V2_BYTES_MAX + 1 });
    assert_eq!(
        refusal(&vec![0; ENCODED_BYTES_MAX + 1]),
        SketchError::TooLong { bytes: ENCODED_BYTES_MAX + 1 }
    );
}

#[test]
fn base64_is_standard_and_bounded() {
    assert!(matches!(Sketch::from_base64(b"not base64!"), Err(SketchError::Base64(_))));
    assert!(matches!(Sketch::from_base64("ÄÖÜ".as_bytes()), Err(SketchError::Base64(_))));
    assert_eq!(Sketch::from_base64(b""), Err(SketchError::Truncated("cookie")));
    let long = vec![b'A'; ENCODED_BYTES_MAX * 2];
    assert!(matches!(Sketch::from_base64(&long), Err(SketchError::TooLong { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_are_survived(bytes in vec(any::<u8>(), 0..200)) {
        let _ = Sketch::decode_v2(&bytes);
        let _ = Sketch::decode_v2(&deflated(&bytes));
        let _ = Sketch::from_base64(&bytes);
    }

    /// Whatever the counts say, what is read from them can be written and read again.
    #[test]
    fn any_counts_are_survived(counts in vec(any::<u8>(), 0..60)) {
        if let Ok(sketch) = Sketch::decode_v2(&plain_with_counts(&counts)) {
            prop_assert_eq!(Sketch::decode_v2(&encoded(&sketch)), Ok(sketch));
        }
    }

    #[test]
    fn flipped_bytes_are_survived(values_us in vec(value_us(), 0..30), flips in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let compressed = encoded(&sketch_of(&values_us));
        for mut bytes in [compressed[15..compressed.len() - 4].to_vec(), compressed] {
            for (at, byte) in &flips {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            let _ = Sketch::decode_v2(&bytes);
        }
    }
}
