//! Buckets and percentiles.

use super::*;
use crate::measure::sketch::layout::{
    BUCKET_INDEX_MAX, bucket_index, highest_equivalent_us, lowest_equivalent_us, slots_for,
};

#[test]
fn buckets_tile_the_range_without_gap_or_overlap() {
    assert_eq!(lowest_equivalent_us(0), 0);
    for index in 0..=BUCKET_INDEX_MAX {
        let (lowest, highest) = (lowest_equivalent_us(index), highest_equivalent_us(index));
        assert_eq!(bucket_index(lowest), index);
        assert_eq!(bucket_index(highest), index);
        assert_eq!(bucket_index(highest + 1), index + 1);
    }
    assert!(highest_equivalent_us(BUCKET_INDEX_MAX) >= SKETCH_US_MAX);
}

#[test]
fn number_of_buckets_is_that_of_the_crate() {
    for highest in [2, 127, 128, 255, 256, 1_000, SKETCH_US_MAX - 1, SKETCH_US_MAX, 1 << 40, u64::MAX >> 1] {
        let histogram = Histogram::<u8>::new_with_bounds(1, highest, 2).unwrap();
        assert_eq!(slots_for(highest), histogram.distinct_values(), "highest {highest}");
    }
}

#[test]
fn nearest_rank_by_hand() {
    let ten: Vec<u64> = (1..=10).collect();
    let sketch = sketch_of(&ten);
    let at = |permille| sketch.percentile_us(permille, 1, 10);
    assert_eq!([at(0), at(1), at(100), at(101), at(500), at(501)], [1, 1, 1, 2, 5, 6]);
    assert_eq!([at(900), at(901), at(999), at(1000), at(5000)], [9, 10, 10, 10, 10]);
}

#[test]
fn an_empty_sketch_has_no_percentile() {
    assert_eq!(Sketch::new().percentile_us(500, 0, 0), 0);
    assert_eq!(Sketch::new().percentile_us(500, 7, 9), 0);
}

#[test]
fn percentiles_stay_within_the_exact_extremes() {
    let slow = sketch_of(&[1_000_001]);
    assert_eq!(slow.percentile_us(500, 1_000_001, 1_000_001), 1_000_001);
    let two_hours = 2 * SKETCH_US_MAX;
    let slower = sketch_of(&[two_hours, two_hours]);
    assert_eq!(slower.percentile_us(990, two_hours, two_hours), two_hours);
    assert_eq!(slower, sketch_of(&[SKETCH_US_MAX, SKETCH_US_MAX]));
}

#[test]
fn contradictory_extremes_do_not_panic() {
    assert_eq!(sketch_of(&[5]).percentile_us(500, 9, 3), 9);
}

proptest! {
    #[test]
    fn a_bucket_is_what_the_crate_calls_equivalent(value_us in 0..=SKETCH_US_MAX) {
        let histogram = Histogram::<u8>::new_with_bounds(1, SKETCH_US_MAX, 2).unwrap();
        let index = bucket_index(value_us);
        prop_assert_eq!(highest_equivalent_us(index), histogram.highest_equivalent(value_us));
        prop_assert_eq!(lowest_equivalent_us(index), histogram.lowest_equivalent(value_us));
    }

    #[test]
    fn counts_are_those_of_the_crate(values_us in values_us()) {
        let ours: Vec<_> =
            sketch_of(&values_us).buckets().map(|(index, count)| (highest_equivalent_us(index), count)).collect();
        let histogram = crate_histogram(&values_us);
        let theirs: Vec<_> = histogram
            .iter_recorded()
            .map(|at| (histogram.highest_equivalent(at.value_iterated_to()), at.count_at_value()))
            .collect();
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn a_percentile_is_the_bucket_of_the_nearest_rank(mut values_us in values_us(), permille in 0_u32..=1000) {
        prop_assume!(!values_us.is_empty());
        for value_us in &mut values_us {
            *value_us = (*value_us).min(SKETCH_US_MAX);
        }
        values_us.sort_unstable();
        let count = values_us.len();
        let rank = (count * permille as usize).div_ceil(1000).max(1);
        let exact = values_us[rank - 1];
        let (min, max) = (values_us[0], values_us[count - 1]);
        for sketch in [sketch_of(&values_us), dense_of(&values_us)] {
            let value = sketch.percentile_us(permille, min, max);
            prop_assert_eq!(value, highest_equivalent_us(bucket_index(exact)).clamp(min, max));
            prop_assert!(value >= exact);
            prop_assert!((value - exact) * 1000 < exact * 8 || value == exact, "{} for {}", value, exact);
        }
    }
}

proptest! {
    #[test]
    fn what_came_since_is_what_was_recorded_since(
        before in vec(0..=SKETCH_US_MAX, 0..300), after in vec(0..=SKETCH_US_MAX, 0..300),
    ) {
        for earlier in [sketch_of(&before), dense_of(&before)] {
            let mut now = earlier.clone();
            after.iter().for_each(|us| now.record(*us));
            prop_assert_eq!(now.since(&earlier), sketch_of(&after));
            prop_assert!(earlier.since(&now).is_empty());
        }
    }
}
