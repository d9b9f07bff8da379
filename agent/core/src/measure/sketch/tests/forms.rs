//! Sparse and dense: memory, limits, saturation, and that no result tells them apart.

use super::*;
use crate::measure::sketch::layout::CHUNK_BUCKETS;
use crate::measure::sketch::{COUNT_MAX, SPARSE_BUCKETS_MAX};

const CHUNK_BYTES: usize = CHUNK_BUCKETS * 4;

#[test]
fn an_empty_sketch_is_small_and_owns_nothing() {
    assert!(size_of::<Sketch>() <= 24, "{} bytes", size_of::<Sketch>());
    assert_eq!(Sketch::new().heap_bytes(), 0);
    assert!(Sketch::new().is_empty());
    assert_eq!(Sketch::new().count(), 0);
    let mut sketch = Sketch::default();
    sketch.record_n(5, 0);
    assert!(sketch.is_empty(), "no value was recorded");
    assert_eq!(sketch.heap_bytes(), 0);
}

#[test]
fn the_form_changes_at_its_limits_only() {
    let mut sketch = Sketch::new();
    let buckets_max = SPARSE_BUCKETS_MAX as u64;
    for value_us in 0..buckets_max {
        sketch.record_n(value_us, (1 << 20) - 1);
    }
    assert!(is_sparse(&sketch));
    let mut one_count_more = sketch.clone();
    one_count_more.record(3);
    assert!(!is_sparse(&one_count_more));
    assert_eq!(one_count_more.buckets().nth(3), Some((3, 1 << 20)));
    let mut one_bucket_more = sketch.clone();
    one_bucket_more.record(buckets_max);
    assert!(!is_sparse(&one_bucket_more));
    assert_eq!(one_bucket_more.count(), buckets_max * ((1 << 20) - 1) + 1);
    assert_eq!(one_bucket_more.buckets().last(), Some((128, 1)));
}

#[test]
fn dense_memory_follows_the_span_of_the_values() {
    let narrow: Vec<u64> = (1_000..9_000).collect();
    let sketch = sketch_of(&narrow);
    assert!(!is_sparse(&sketch));
    // 512..16384 are five powers of two.
    assert!(sketch.heap_bytes() <= 5 * CHUNK_BYTES + 256, "{} bytes", sketch.heap_bytes());
}

#[test]
fn counts_go_beyond_32_bits() {
    let mut sketch = Sketch::new();
    sketch.record_n(7, u64::from(u32::MAX));
    sketch.record(7);
    sketch.record(5_000);
    sketch.record_n(3, 1 << 40);
    sketch.record_n(7, 1 << 33);
    let counts: Vec<u64> = sketch.buckets().map(|(_, count)| count).collect();
    assert_eq!(counts, [1 << 40, (1 << 32) + (1 << 33), 1]);
    assert_eq!(sketch.count(), counts.iter().sum::<u64>());
    assert_eq!(Sketch::decode_v2(&encoded(&sketch)), Ok(sketch));
}

#[test]
fn counts_saturate_instead_of_wrapping() {
    let mut sketch = Sketch::new();
    sketch.record_n(1, COUNT_MAX - 1);
    sketch.record(1);
    sketch.record(1);
    sketch.record_n(1, u64::MAX);
    sketch.record_n(2, u64::MAX);
    assert_eq!(sketch.buckets().collect::<Vec<_>>(), [(1, COUNT_MAX), (2, COUNT_MAX)]);
    assert_eq!(sketch.count(), COUNT_MAX);
    assert_eq!(sketch.percentile_us(1000, 1, 2), 1);
    let mut twice = sketch.clone();
    twice.merge(&sketch);
    assert_eq!(twice, sketch);
    assert_eq!(Sketch::decode_v2(&encoded(&sketch)), Ok(sketch));
}

/// Log-normal response times: median 100 ms, half of them between 50 and 200 ms; the generator is a fixed
/// splitmix64, so that the figure is the same on every machine.
#[test]
fn fifty_thousand_labels_fit_a_few_megabytes() {
    let mut state = 42_u64;
    let mut uniform = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut value_us = || {
        // Box and Muller.
        let normal = (-2.0 * (1.0 - uniform()).ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos();
        (100_000.0 * normal.exp()) as u64
    };
    let labels = 50_000;
    let sketches: Vec<Sketch> = (0..labels)
        .map(|_| {
            let mut sketch = Sketch::new();
            (0..10).for_each(|_| sketch.record(value_us()));
            sketch
        })
        .collect();
    let heap: usize = sketches.iter().map(Sketch::heap_bytes).sum();
    let structs = labels * size_of::<Sketch>();
    println!("{labels} labels, 10 samples each: {heap} B heap + {structs} B structs");
    assert!(sketches.iter().all(|sketch| sketch.count() == 10 && is_sparse(sketch)));
    assert!(heap <= labels * 64);
    assert!(heap + structs <= 5_000_000);
}

proptest! {
    #[test]
    fn the_forms_are_indistinguishable(values_us in values_us(), permille in 0_u32..=1000) {
        let (sketch, dense) = (sketch_of(&values_us), dense_of(&values_us));
        prop_assert!(!is_sparse(&dense));
        prop_assert!(sketch == dense);
        prop_assert_eq!(sketch.count(), values_us.len() as u64);
        prop_assert_eq!(dense.count(), values_us.len() as u64);
        prop_assert_eq!(sketch.is_empty(), dense.is_empty());
        prop_assert_eq!(sketch.percentile_us(permille, 0, u64::MAX), dense.percentile_us(permille, 0, u64::MAX));
        prop_assert_eq!(encoded(&sketch), encoded(&dense));
    }

    #[test]
    fn record_n_is_record_n_times(value_us in value_us(), n in 0_u64..2_000) {
        let mut at_once = Sketch::new();
        at_once.record_n(value_us, n);
        let one_by_one = sketch_of(&vec![value_us; n as usize]);
        prop_assert_eq!(at_once, one_by_one);
    }

    /// Counts near every limit of width, in two orders and two groupings.
    #[test]
    fn wide_counts_add_up_in_any_order(
        adds in vec((0_u64..6, prop_oneof![0_u64..4, any::<u64>(), Just(1 << 20), Just(u64::from(u32::MAX))]), 0..30),
        split in 0_usize..30,
    ) {
        let sum = |adds: &[(u64, u64)]| {
            let mut sketch = Sketch::new();
            adds.iter().for_each(|(value_us, n)| sketch.record_n(*value_us, *n));
            sketch
        };
        let mut backwards = adds.clone();
        backwards.reverse();
        let (left, right) = adds.split_at(split.min(adds.len()));
        let mut merged = sum(right);
        merged.merge(&sum(left));
        let forwards = sum(&adds);
        for (value_us, count) in forwards.buckets() {
            let exact: u128 =
                adds.iter().filter(|add| add.0 == u64::from(value_us)).map(|add| u128::from(add.1)).sum();
            prop_assert_eq!(u128::from(count), exact.min(u128::from(COUNT_MAX)));
        }
        prop_assert_eq!(encoded(&forwards), encoded(&sum(&backwards)));
        prop_assert_eq!(encoded(&forwards), encoded(&merged));
        prop_assert_eq!(forwards.count(), merged.count());
    }
}
