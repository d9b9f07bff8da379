use super::*;
use crate::merge::label::Times;

fn transactions(run: i64, count: u64, kind: &str) -> Change {
    let (label, kind) = ("login".to_owned(), kind.to_owned());
    Change::Transactions { count, passed: count, failed: 0, window_s: 1, label, kind, run: Some(run) }
}

fn times(count: u64) -> Change {
    Change::ResponseTime(Times { count, ..Times::default() })
}

/// Run, kind, samples and response times of each side, and how many points are undecided.
fn counts(sides: &Sides) -> (Vec<(i64, String, u64, u64)>, u64) {
    let Sorted { labels, undecided_points } = sides.sorted(false);
    let count =
        |(run, label): (Option<i64>, Label)| (run.unwrap_or(0), label.kind, label.count, label.times.count);
    (labels.into_iter().map(count).collect(), undecided_points)
}

fn row(run: i64, kind: &str, count: u64) -> (i64, String, u64, u64) {
    (run, kind.to_owned(), count, count)
}

#[test]
fn points_join_their_kind_by_time_whichever_comes_first() {
    let mut sides = Sides::default();
    sides.change(times(3), 10, None);
    sides.change(times(1), 20, None);
    sides.change(transactions(1, 1, "transaction"), 20, None);
    sides.change(transactions(1, 3, "request"), 10, None);
    sides.change(Change::Throughput { rx: 5, tx: 0 }, 20, None);
    assert_eq!(counts(&sides), (vec![row(1, "request", 3), row(1, "transaction", 1)], 0));
    assert_eq!(sides.sorted(false).labels[1].1.rx, 5);
}

#[test]
fn with_one_kind_nothing_depends_on_the_order() {
    let mut sides = Sides::default();
    (0..100).for_each(|time| sides.change(times(1), time, None));
    (0..100).for_each(|time| sides.change(transactions(1, 1, "transaction"), time, None));
    assert_eq!(counts(&sides), (vec![row(1, "transaction", 100)], 0));
}

#[test]
fn runs_are_apart_by_time_and_what_may_be_of_several_is_in_none_and_counted() {
    let mut sides = Sides::default();
    for (time, run) in [(1, 1), (2, 2), (3, 1)] {
        sides.change(times(time), time as i64, None);
        sides.change(transactions(run, time, "request"), time as i64, None);
    }
    assert_eq!(counts(&sides), (vec![row(1, "request", 4), row(2, "request", 2)], 0));
    sides.change(times(9), 99, None);
    assert_eq!(counts(&sides), (vec![row(1, "request", 4), row(2, "request", 2)], 1));
    let added = sides.sorted(true);
    assert_eq!((added.labels.len(), added.undecided_points), (1, 0));
    assert_eq!((added.labels[0].1.count, added.labels[0].1.times.count), (6, 15));
}
