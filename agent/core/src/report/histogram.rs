//! A sketch as the bars of a histogram: each is some neighbouring buckets, so that no sample is split between two.

use crate::measure::sketch::Sketch;
use crate::measure::sketch::layout::{highest_equivalent_us, lowest_equivalent_us};
use serde::Serialize;

/// Bars of a histogram: as many as can be told apart.
pub const BARS_MAX: u16 = 60;

/// Samples between two times, of which the upper one is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bar(pub f64, pub f64, pub u64);

/// Lower and upper edge in ms, and samples; empty ones between others are there. From 256 µs on, where buckets grow with their
/// values, bars are as wide as their times are long, so that they are even on a logarithmic axis.
#[must_use]
pub fn bars(sketch: &Sketch) -> Vec<Bar> {
    let mut span = sketch.buckets().map(|(index, _)| index);
    let Some(first) = span.next() else { return Vec::new() };
    let last = span.last().unwrap_or(first);
    let buckets = (last - first) / BARS_MAX + 1;
    let edge_ms = |us: u64| us as f64 / 1_000.0;
    let bar = |from: u16| {
        let to = from.saturating_add(buckets - 1).min(last);
        Bar(edge_ms(lowest_equivalent_us(from)), edge_ms(highest_equivalent_us(to) + 1), 0)
    };
    let mut bars: Vec<Bar> = (first..=last).step_by(usize::from(buckets)).map(bar).collect();
    for (index, count) in sketch.buckets() {
        if let Some(bar) = bars.get_mut(usize::from((index - first) / buckets)) {
            bar.2 = bar.2.saturating_add(count);
        }
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::limits::SKETCH_US_MAX;
    use proptest::prelude::*;

    #[test]
    fn nothing_has_no_bars_and_one_value_has_one() {
        assert_eq!(bars(&Sketch::new()), []);
        let mut sketch = Sketch::new();
        sketch.record_n(100, 7);
        assert_eq!(bars(&sketch), [Bar(0.1, 0.101, 7)]);
    }

    proptest! {
        #[test]
        fn every_sample_is_in_one_bar_and_bars_follow_each_other(
            values in prop::collection::vec(0..=SKETCH_US_MAX, 1..200),
        ) {
            let mut sketch = Sketch::new();
            values.iter().for_each(|us| sketch.record(*us));
            let bars = bars(&sketch);
            prop_assert!(bars.len() <= usize::from(BARS_MAX));
            prop_assert_eq!(bars.iter().map(|bar| bar.2).sum::<u64>(), values.len() as u64);
            prop_assert!(bars.iter().all(|bar| bar.0 < bar.1));
            prop_assert!(bars.windows(2).all(|two| two[0].1 == two[1].0));
        }
    }
}
