//! V2 bytes out and in, with the `hdrhistogram` crate at the other end.

use super::*;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer, V2Serializer};

/// What the crate writes, compressed and plain.
fn crate_encodings(histogram: &Histogram<u64>) -> [Vec<u8>; 2] {
    let (mut compressed, mut plain) = (Vec::new(), Vec::new());
    V2DeflateSerializer::new().serialize(histogram, &mut compressed).unwrap();
    V2Serializer::new().serialize(histogram, &mut plain).unwrap();
    [compressed, plain]
}

#[test]
fn encode_appends() {
    let sketch = sketch_of(&[1, 2, 3]);
    let mut bytes = b"before".to_vec();
    sketch.encode_v2(&mut bytes);
    assert_eq!(bytes.strip_prefix(b"before"), Some(encoded(&sketch).as_slice()));
}

#[test]
fn a_full_sketch_fits_one_stored_block() {
    let mut sketch = Sketch::new();
    for index in 0..=crate::measure::sketch::layout::BUCKET_INDEX_MAX {
        sketch.record_n(
            crate::measure::sketch::layout::lowest_equivalent_us(index),
            u64::MAX - u64::from(index),
        );
    }
    let bytes = encoded(&sketch);
    assert!(bytes.len() > 29_000, "every bucket with the longest count: {} bytes", bytes.len());
    assert_eq!(Sketch::decode_v2(&bytes), Ok(sketch));
}

#[test]
fn histograms_with_another_highest_value_are_read() {
    for highest in [2, 100, 255, 10_000, SKETCH_US_MAX, 1 << 50, u64::MAX >> 1] {
        let mut histogram = Histogram::<u64>::new_with_bounds(1, highest, 2).unwrap();
        let values_us = [0, 1, 2, 60, highest / 2, highest];
        values_us.iter().for_each(|value_us| histogram.record(*value_us.min(&highest)).unwrap());
        let expected = sketch_of(&values_us.map(|value_us| value_us.min(highest)));
        for bytes in crate_encodings(&histogram) {
            assert_eq!(Sketch::decode_v2(&bytes), Ok(expected.clone()), "highest {highest}");
        }
    }
}

#[test]
fn what_is_above_an_hour_lands_in_the_top_bucket() {
    let mut histogram = Histogram::<u64>::new_with_bounds(1, 1 << 50, 2).unwrap();
    for value_us in [SKETCH_US_MAX - 1_000_000_000, SKETCH_US_MAX, SKETCH_US_MAX + 100_000_000, 1 << 50] {
        histogram.record(value_us).unwrap();
    }
    let [bytes, _] = crate_encodings(&histogram);
    let sketch = Sketch::decode_v2(&bytes).unwrap();
    let expected = sketch_of(&[SKETCH_US_MAX - 1_000_000_000, SKETCH_US_MAX, SKETCH_US_MAX, SKETCH_US_MAX]);
    assert_eq!(sketch, expected);
}

proptest! {
    #[test]
    fn the_crate_reads_what_we_write(values_us in values_us()) {
        let bytes = encoded(&sketch_of(&values_us));
        let histogram: Histogram<u64> = Deserializer::new().deserialize(&mut bytes.as_slice()).unwrap();
        prop_assert_eq!(histogram.low(), 1);
        prop_assert_eq!(histogram.high(), SKETCH_US_MAX);
        prop_assert_eq!(histogram.sigfig(), 2);
        prop_assert!(histogram == crate_histogram(&values_us));
    }

    /// Inside its zlib wrapper ours is the crate's plain encoding, byte for byte.
    #[test]
    fn the_stored_bytes_are_those_of_the_crate(values_us in values_us()) {
        let ours = encoded(&sketch_of(&values_us));
        let [_, plain] = crate_encodings(&crate_histogram(&values_us));
        prop_assert_eq!(&ours[15..ours.len() - 4], plain.as_slice());
    }

    #[test]
    fn we_read_what_the_crate_writes(values_us in values_us()) {
        let sketch = sketch_of(&values_us);
        for bytes in crate_encodings(&crate_histogram(&values_us)) {
            let decoded = Sketch::decode_v2(&bytes).unwrap();
            prop_assert!(decoded == sketch);
            prop_assert_eq!(decoded.count(), sketch.count());
        }
    }

    #[test]
    fn we_read_what_we_write(values_us in values_us()) {
        let sketch = sketch_of(&values_us);
        prop_assert_eq!(Sketch::decode_v2(&encoded(&sketch)), Ok(sketch.clone()));
        prop_assert_eq!(Sketch::from_base64(sketch.to_base64().as_bytes()), Ok(sketch));
    }

    /// Values dealt to several nodes and merged in any order give the bytes of one sketch that saw them all.
    #[test]
    fn merging_in_any_order_gives_the_same_bytes(
        dealt in vec((0_usize..5, value_us()), 0..600),
        order in Just([0_usize, 1, 2, 3, 4]).prop_shuffle(),
        dense_first in any::<bool>(),
    ) {
        let mut nodes = vec![Sketch::new(); 5];
        dealt.iter().for_each(|(node, value_us)| nodes[*node].record(*value_us));
        let mut merged = if dense_first { dense_of(&[]) } else { Sketch::new() };
        for node in order {
            let arrived = Sketch::decode_v2(&encoded(&nodes[node])).unwrap();
            merged.merge(&arrived);
        }
        let all: Vec<u64> = dealt.iter().map(|(_, value_us)| *value_us).collect();
        prop_assert_eq!(encoded(&merged), encoded(&sketch_of(&all)));
        prop_assert_eq!(merged.count(), all.len() as u64);
    }
}
