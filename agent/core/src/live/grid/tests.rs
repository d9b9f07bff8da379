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

/// Heard as soon as its last window is closed.
fn hear(grid: &mut GridLive, node: &str, word: &Progress) -> Result<(), String> {
    grid.add(node, word, word.totals.windows_end_s)
}

fn row(rows: &[Row], label: &str) -> (u64, Option<[u64; 3]>) {
    let row = rows.iter().find(|row| &*row.label == label).unwrap();
    (row.count, row.percentiles_us)
}

#[test]
fn counts_are_of_all_and_times_of_lately() {
    let mut grid = GridLive::new(15, 15);
    hear(&mut grid, "n1", &progress(15, &[9_000; 30], &[])).unwrap();
    hear(&mut grid, "n2", &progress(15, &[9_000; 30], &[1_000])).unwrap();
    assert_eq!(grid.period(), Some(1));
    let figures = grid.figures();
    assert_eq!((figures.users, figures.passed, figures.labels), (20, 61, 1));
    assert!((figures.rate_per_s - 61.0 / 15.0).abs() < 1e-9, "{}", figures.rate_per_s);
    assert_eq!(figures.latest.map(|latest| latest.p95_us), Some(9_000));

    let faster: Vec<u64> = [9_000; 30].iter().chain(&[2_000; 90]).copied().collect();
    hear(&mut grid, "n1", &progress(30, &faster, &[])).unwrap();
    assert_eq!(grid.period(), Some(1), "the other one has not spoken");
    hear(&mut grid, "n2", &progress(30, &[9_000; 30], &[1_000])).unwrap();
    assert_eq!(grid.period(), Some(2));
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
        hear(&mut grid, "n1", word).unwrap();
    }
    assert_eq!(grid.figures().passed, 9);
    assert_eq!(row(&grid.labels(), "a").0, 9);
}

#[test]
fn a_label_that_was_among_the_others_is_counted_and_has_no_rate_from_nowhere() {
    let mut grid = GridLive::new(15, 15);
    hear(&mut grid, "n1", &progress(15, &[], &[1; 90])).unwrap();
    hear(&mut grid, "n1", &progress(30, &[1; 90], &[])).unwrap();
    assert!(grid.labels().iter().all(|row| &*row.label != "a"), "when it happened is not known");
    hear(&mut grid, "n1", &progress(45, &[1; 105], &[])).unwrap();
    let rows = grid.labels();
    assert_eq!(row(&rows, "a").0, 105);
    let rate = rows.iter().find(|row| &*row.label == "a").unwrap().rate_per_s;
    assert!(rate <= 1.0, "{rate}");
}

#[test]
fn who_is_over_stays_in_the_sums_and_is_not_waited_for() {
    let mut grid = GridLive::new(15, 15);
    hear(&mut grid, "n1", &progress(15, &[1; 10], &[])).unwrap();
    hear(&mut grid, "n2", &progress(15, &[1; 10], &[])).unwrap();
    grid.over("n2");
    hear(&mut grid, "n1", &progress(30, &[1; 20], &[])).unwrap();
    assert_eq!(grid.period(), Some(2));
    assert_eq!((grid.figures().users, grid.figures().passed), (10, 30));
    grid.over("n1");
    assert!(grid.figures().rate_per_s.abs() < 1e-9);
}

#[test]
fn who_is_silent_for_long_is_not_waited_for_either() {
    let mut grid = GridLive::new(15, 15);
    hear(&mut grid, "silent", &progress(15, &[1; 10], &[])).unwrap();
    for n in 1..6 {
        hear(&mut grid, "n1", &progress(15 * n, &vec![1; n as usize], &[])).unwrap();
    }
    assert_eq!(grid.period(), Some(2), "the latest but three");
}

#[test]
fn what_cannot_be_true_changes_nothing() {
    let mut grid = GridLive::new(15, 15);
    let mut wrong = progress(15, &[1; 10], &[]);
    wrong.totals.total.count = 99;
    assert!(hear(&mut grid, "n1", &wrong).unwrap_err().starts_with("the samples of its labels"));
    assert_eq!((grid.figures(), grid.period()), (Figures::default(), None));
}

#[test]
fn saturated_nodes_are_named_and_what_is_broken_for_good_is_told() {
    let mut grid = GridLive::new(15, 15);
    for n in 0..5 {
        let word =
            Progress { saturated: (n > 0).then(|| "cpu".to_owned()), ..progress(15, &[7_000; 30], &[]) };
        hear(&mut grid, &format!("n{n}"), &word).unwrap();
    }
    assert_eq!(grid.figures().alarms(), ["4 saturated: n1 (cpu), n2 (cpu), n3 (cpu), …"]);
    let thresholds: Vec<Threshold> =
        ["p95 > 1ms", "count(a) > 150", "max > 5ms"].iter().map(|text| text.parse().unwrap()).collect();
    assert_eq!(grid.broken(&thresholds).unwrap().why, "max > 5ms: it is 7 ms");
    assert!(grid.broken(&thresholds[..2]).is_none());
}

#[test]
fn a_clock_that_is_hours_off_or_is_set_puts_nothing_elsewhere() {
    let mut grid = GridLive::new(15, 15);
    // `far` is an hour ahead; both are heard at the same time.
    for n in 1..8 {
        let now_s = 15 * n + 3;
        grid.add("n1", &progress(15 * n, &vec![1; 15 * n as usize], &[]), now_s).unwrap();
        // In the middle its clock is set back by two hours.
        let off_s = if n < 5 { 3_600 } else { -3_600 };
        grid.add("far", &progress(15 * n + off_s, &vec![1; 15 * n as usize], &[]), now_s).unwrap();
        let figures = grid.figures();
        assert_eq!((figures.passed, grid.period()), (30 * n as u64, Some(n)), "{n}");
        assert!((figures.rate_per_s - 2.0).abs() < 1e-9, "{n}: {}", figures.rate_per_s);
    }
}

#[test]
fn whatever_times_a_stranger_states_there_is_an_answer() {
    let mut grid = GridLive::new(600, 60);
    for (n, end_s) in [i64::MAX, i64::MIN, 0, -1, i64::MAX - 1].into_iter().enumerate() {
        let word = progress(end_s, &vec![1; n + 1], &[]);
        for now_s in [i64::MAX, 1_772_357_400, i64::MIN] {
            grid.add(&format!("n{n}"), &word, now_s).unwrap();
            let _ = (grid.figures(), grid.labels(), grid.nodes(), grid.period());
        }
    }
    assert_eq!(grid.figures().passed, 15);
}
