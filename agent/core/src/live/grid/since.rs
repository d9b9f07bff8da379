//! What was counted between two words of a node.

use crate::measure::accumulator::Accumulator;
use crate::measure::sketch::Sketch;
use crate::measure::stated_totals::StatedNumbers;

/// What `now` has more than `before`; what it has less of (a label went to the others) is nothing. Smallest and largest time are those
/// of the whole run: what happened since lies between them.
///
/// # Errors
/// When a sketch cannot be read, a clause.
pub(super) fn since(now: &StatedNumbers, before: Option<&StatedNumbers>) -> Result<Accumulator, String> {
    let read = |numbers: &StatedNumbers| {
        numbers.read_sketch().map_err(|error| format!("a sketch cannot be read: {error}"))
    };
    let earlier = before.map_or_else(|| Ok(Sketch::new()), read)?;
    let known = |number: fn(&StatedNumbers) -> u64| number(now).saturating_sub(before.map_or(0, number));
    let mut numbers = Accumulator {
        count: known(|numbers| numbers.count),
        passed: known(|numbers| numbers.passed),
        failed: known(|numbers| numbers.failed),
        sketch: read(now)?.since(&earlier),
        ..Accumulator::default()
    };
    numbers.rt.count = known(|numbers| numbers.response_time_count);
    numbers.rt.sum_us = known(|numbers| numbers.response_time_sum_us);
    numbers.rt.min_us = now.response_time_min_us.unwrap_or(u64::MAX);
    numbers.rt.max_us = now.response_time_max_us.unwrap_or(0);
    Ok(numbers)
}
