use super::*;
use crate::measure::series::SeriesIndex;
use proptest::prelude::*;
use std::collections::HashMap;

fn at(wall_ns: i64) -> Wall {
    Wall(wall_ns)
}

const S: i64 = 1_000_000_000;

fn windows(period_s: u32, wall_ns: i64) -> Windows {
    Windows::new(WindowSettings { period_s, grace_ms: 2_000 }, at(wall_ns))
}

fn count(windows: &mut Windows, now: i64, time: i64) -> Timing {
    let (window, timing) = windows.window_for(Wall(now), Some(time));
    window.accumulator(SeriesIndex(0)).count += 1;
    timing
}

fn emitted(closed: Vec<OpenWindow>) -> Vec<(i64, u32, u64)> {
    let total = |window: OpenWindow| {
        let (start_s, part_n) = (window.start_ns / S, window.part_n);
        (start_s, part_n, window.into_accumulators().iter().map(|(_, a)| a.count).sum())
    };
    closed.into_iter().map(total).collect()
}

#[test]
fn a_window_closes_at_its_end_plus_grace() {
    let mut w = windows(15, 100 * S);
    assert_eq!(count(&mut w, 100 * S, 99 * S), Timing::Regular);
    assert!(w.close_due(at(107 * S - 1)).is_empty());
    assert_eq!(emitted(w.close_due(at(107 * S))), [(90, 0, 1)]);
    assert_eq!(w.next_close(), Wall(122 * S));
}

#[test]
fn an_idle_window_still_closes_and_a_long_gap_does_not_flood() {
    let mut w = windows(1, 100 * S);
    assert_eq!(emitted(w.close_due(at(103 * S))), [(100, 0, 0)]);
    assert_eq!(emitted(w.close_due(at(10_000 * S))), [(9_997, 0, 0)]);
}

#[test]
fn a_late_sample_becomes_another_part_at_the_next_close() {
    let mut w = windows(15, 100 * S);
    count(&mut w, 100 * S, 100 * S);
    w.close_due(at(107 * S));
    assert_eq!(count(&mut w, 108 * S, 100 * S), Timing::Late);
    assert_eq!(count(&mut w, 109 * S, 101 * S), Timing::Late);
    assert_eq!(emitted(w.close_due(at(122 * S))), [(90, 1, 2), (105, 0, 0)]);
}

#[test]
fn the_future_counts_now_and_the_distant_past_in_the_oldest_window() {
    let mut w = windows(1, 5_000 * S);
    assert_eq!(count(&mut w, 5_000 * S, 6_000 * S), Timing::Restamped);
    assert_eq!(count(&mut w, 5_000 * S, 10 * S), Timing::Restamped);
    assert_eq!(emitted(w.close_due(at(5_003 * S))), [(5_000, 0, 2)]);
}

#[test]
fn at_most_eight_late_windows_are_open() {
    let mut w = windows(1, 100 * S);
    let timings: Vec<_> = (80..90).map(|s| count(&mut w, 100 * S, s * S)).collect();
    assert_eq!(timings.iter().filter(|&&t| t == Timing::Late).count(), LATE_WINDOWS_MAX);
    assert_eq!(timings[8..], [Timing::Restamped, Timing::Restamped]);
}

#[test]
fn a_step_back_closes_what_is_open_and_gives_new_parts() {
    let mut w = windows(15, 1_000 * S);
    count(&mut w, 1_000 * S, 1_000 * S);
    assert_eq!(emitted(w.close_due(at(1_007 * S))), [(990, 0, 1)]);
    count(&mut w, 1_008 * S, 1_008 * S);
    // The clock goes back by 20 s: the open window closes, the earlier one opens again as part 1.
    assert_eq!(emitted(w.close_due(at(989 * S))), [(1_005, 0, 1)]);
    assert_eq!(count(&mut w, 995 * S, 995 * S), Timing::Regular);
    assert_eq!(emitted(w.close_all(at(996 * S))), [(990, 1, 1)]);
}

proptest! {
    /// Whatever the clock and the samples do: every sample comes out once, and no (window, part) twice.
    #[test]
    fn nothing_is_lost_or_doubled(
        period in prop::sample::select(vec![1_u32, 5, 15]),
        steps in prop::collection::vec((-40_000_i64..60_000, -30_000_i64..5_000), 1..300),
    ) {
        let mut now = 1_000_000 * S;
        let mut w = windows(period, now);
        let mut seen = HashMap::new();
        let mut total = 0;
        let mut keep = |closed: Vec<OpenWindow>| -> Result<(), TestCaseError> {
            for (start, part, n) in emitted(closed) {
                prop_assert!(seen.insert((start, part), n).is_none(), "window {start} part {part} twice");
                total += n;
            }
            Ok(())
        };
        for &(step_ms, sample_ms) in &steps {
            now += step_ms * 1_000_000;
            keep(w.close_due(at(now)))?;
            count(&mut w, now, now + sample_ms * 1_000_000);
            prop_assert!(w.open().iter().filter(|window| window.late).count() <= LATE_WINDOWS_MAX);
        }
        keep(w.close_all(at(now)))?;
        prop_assert_eq!(total, steps.len() as u64);
    }
}
