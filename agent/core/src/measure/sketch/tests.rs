//! The sketch against the `hdrhistogram` crate, against exact sorted values, and against itself.

mod codec;
mod forms;
mod garbage;
mod values;

use super::Sketch;
use crate::base::limits::SKETCH_US_MAX;
use hdrhistogram::Histogram;
use proptest::collection::vec;
use proptest::prelude::*;

fn sketch_of(values_us: &[u64]) -> Sketch {
    let mut sketch = Sketch::new();
    for value_us in values_us {
        sketch.record(*value_us);
    }
    sketch
}

/// The same values forced into the dense form.
fn dense_of(values_us: &[u64]) -> Sketch {
    let mut sketch = Sketch { form: super::Form::Dense(Box::default()) };
    for value_us in values_us {
        sketch.record(*value_us);
    }
    sketch
}

fn is_sparse(sketch: &Sketch) -> bool {
    matches!(sketch.form, super::Form::Sparse(_))
}

fn encoded(sketch: &Sketch) -> Vec<u8> {
    let mut bytes = Vec::new();
    sketch.encode_v2(&mut bytes);
    bytes
}

/// The oracle, with the contract's configuration. It does not clamp by itself: its array goes on to 2^32 − 1.
fn crate_histogram(values_us: &[u64]) -> Histogram<u64> {
    let mut histogram = Histogram::new_with_bounds(1, SKETCH_US_MAX, 2).unwrap();
    for value_us in values_us {
        histogram.record((*value_us).min(SKETCH_US_MAX)).unwrap();
    }
    histogram
}

/// Values of every magnitude, with the edges of buckets and of the range more often than chance would.
fn value_us() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => (0_u32..33, any::<u64>()).prop_map(|(bits, any)| any & ((1 << bits) - 1)),
        1 => (0_u32..33).prop_map(|bits| 1 << bits),
        1 => (1_u32..33).prop_map(|bits| (1 << bits) - 1),
        1 => Just(0),
        1 => Just(SKETCH_US_MAX),
        1 => SKETCH_US_MAX..=u64::MAX,
    ]
}

fn values_us() -> impl Strategy<Value = Vec<u64>> {
    vec(value_us(), 0..400)
}
