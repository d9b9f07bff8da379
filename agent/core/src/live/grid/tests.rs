//! Nodes that speak, late, twice, or not at all.

use super::*;
use crate::measure::sketch::Sketch;
use crate::measure::stated_totals::StatedLabel;

fn numbers(times_us: &[u64], failed: u64) -> StatedNumbers {
    let mut sketch = Sketch::new();
    times_us.iter().for_each(|us| sketch.record(*us));
    let n = times_us.len() as u64;
    StatedNumbers {
        count: n,
        passed: n - failed,
        failed,
        response_time_count: n,
        response_time_sum_us: times_us.iter().sum(),
        response_time_min_us: times_us.iter().min().copied(),
        response_time_max_us: times_us.iter().max().copied(),
        sketch: sketch.to_base64(),
    }
}

/// Up to that second: all times of label `a`, and of what is not named.
fn progress(end_s: i64, a: &[u64], others: &[u64]) -> Progress {
    let all: Vec<u64> = a.iter().chain(others).copied().collect();
    let named = |label: &str, times: &[u64]| StatedLabel {
        label: label.to_owned(),
        kind: Kind::Request,
        numbers: numbers(times, 0),
    };
    let mut totals = StatedTotals {
        windows_start_s: 0,
        windows_end_s: end_s,
        total: numbers(&all, 0),
        labels: if a.is_empty() { vec![] } else { vec![named("a", a)] },
        ..StatedTotals::default()
    };
    totals.labels_others.labels = u64::from(!others.is_empty());
    totals.labels_others.numbers = numbers(others, 0);
    Progress { users: 10, totals, ..Progress::default() }
}

fn row(rows: &[Row], label: &str) -> (u64, Option<[u64; 3]>) {
    let row = rows.iter().find(|row| &*row.label == label).unwrap();
    (row.count, row.percentiles_us)
}

#[test]
fn counts_are_of_all_and_times_of_lately() {
    let mut grid = GridLive::new(15, 15);
    grid.add("n1", &progress(15, &[9_000; 30], &[])).unwrap();
    grid.add("n2", &progress(15, &[9_000; 30], &[1_000])).unwrap();
    assert_eq!(grid.period(), Some(0));
    let figures = grid.figures();
    assert_eq!((figures.users, figures.passed, figures.labels), (20, 61, 1));
    assert!((figures.rate_per_s - 61.0 / 15.0).abs() < 1e-9, "{}", figures.rate_per_s);
    assert_eq!(figures.latest.map(|latest| latest.p95_us), Some(9_000));

    let faster: Vec<u64> = [9_000; 30].iter().chain(&[2_000; 90]).copied().collect();
    grid.add("n1", &progress(30, &faster, &[])).unwrap();
    assert_eq!(grid.period(), Some(0), "the other one has not spoken");
    grid.add("n2", &progress(30, &[9_000; 30], &[1_000])).unwrap();
    assert_eq!(grid.period(), Some(1));
    let figures = grid.figures();
    assert_eq!((figures.passed, figures.latest.map(|latest| latest.p95_us)), (151, Some(2_007)));
    assert!((figures.rate_per_s - 6.0).abs() < 1e-9, "{}", figures.rate_per_s);
    let rows = grid.labels();
    assert_eq!(row(&rows, "a").0, 150);
    assert_eq!(row(&rows, UNNAMED).0, 1);
    let nodes = grid.nodes();
    assert_eq!((row(&nodes, "n1").0, row(&nodes, "n2").0), (120, 31));
}

#[test]
fn a_word_that_comes_late_or_twice_or_not_at_all_changes_no_sum() {
    let mut grid = GridLive::new(5, 2);
    let words = [progress(6, &[1; 3], &[]), progress(12, &[1; 5], &[]), progress(18, &[1; 9], &[])];
    for word in [&words[0], &words[2], &words[1], &words[2], &words[0]] {
        grid.add("n1", word).unwrap();
    }
    assert_eq!(grid.figures().passed, 9);
    assert_eq!(row(&grid.labels(), "a").0, 9);
}

#[test]
fn a_label_that_was_among_the_others_is_counted_and_has_no_rate_from_nowhere() {
    let mut grid = GridLive::new(15, 15);
    grid.add("n1", &progress(15, &[], &[1; 90])).unwrap();
    grid.add("n1", &progress(30, &[1; 90], &[])).unwrap();
    assert!(grid.labels().iter().all(|row| &*row.label != "a"), "when it happened is not known");
    grid.add("n1", &progress(45, &[1; 105], &[])).unwrap();
    let rows = grid.labels();
    assert_eq!(row(&rows, "a").0, 105);
    let rate = rows.iter().find(|row| &*row.label == "a").unwrap().rate_per_s;
    assert!(rate <= 1.0, "{rate}");
}

#[test]
fn who_is_over_stays_in_the_sums_and_is_not_waited_for() {
    let mut grid = GridLive::new(15, 15);
    grid.add("n1", &progress(15, &[1; 10], &[])).unwrap();
    grid.add("n2", &progress(15, &[1; 10], &[])).unwrap();
    grid.over("n2");
    grid.add("n1", &progress(30, &[1; 20], &[])).unwrap();
    assert_eq!(grid.period(), Some(1));
    assert_eq!((grid.figures().users, grid.figures().passed), (10, 30));
    grid.over("n1");
    assert!(grid.figures().rate_per_s.abs() < 1e-9);
}

#[test]
fn who_is_silent_for_long_is_not_waited_for_either() {
    let mut grid = GridLive::new(15, 15);
    grid.add("silent", &progress(15, &[1; 10], &[])).unwrap();
    for n in 1..6 {
        grid.add("n1", &progress(15 * n, &vec![1; n as usize], &[])).unwrap();
    }
    assert_eq!(grid.period(), Some(1), "the latest but three");
}

#[test]
fn what_cannot_be_true_changes_nothing() {
    let mut grid = GridLive::new(15, 15);
    let mut wrong = progress(15, &[1; 10], &[]);
    wrong.totals.total.count = 99;
    assert!(grid.add("n1", &wrong).unwrap_err().starts_with("the samples of its labels"));
    assert_eq!((grid.figures(), grid.period()), (Figures::default(), None));
}

#[test]
fn saturated_nodes_are_named_and_what_is_broken_for_good_is_told() {
    let mut grid = GridLive::new(15, 15);
    for n in 0..5 {
        let word =
            Progress { saturated: (n > 0).then(|| "cpu".to_owned()), ..progress(15, &[7_000; 30], &[]) };
        grid.add(&format!("n{n}"), &word).unwrap();
    }
    assert_eq!(grid.figures().alarms(), ["4 saturated: n1 (cpu), n2 (cpu), n3 (cpu), …"]);
    let thresholds: Vec<Threshold> =
        ["p95 > 1ms", "count(a) > 150", "max > 5ms"].iter().map(|text| text.parse().unwrap()).collect();
    assert_eq!(grid.broken(&thresholds).unwrap().why, "max > 5ms: it is 7 ms");
    assert!(grid.broken(&thresholds[..2]).is_none());
}
