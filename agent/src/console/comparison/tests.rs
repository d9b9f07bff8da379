//! The comparison as it is printed.

use super::*;
use gridnode_core::judge::compare::{CompareSettings, CountedRow, SideNumbers};

fn side(count: u64, p95_ms: f64) -> SideNumbers {
    SideNumbers {
        count,
        failed: count / 100,
        failed_percent: Some(1.0),
        rate_per_s: count as f64 / 600.0,
        mean_ms: Some(p95_ms * 0.5),
        p50_ms: Some(p95_ms * 0.4),
        p95_ms: Some(p95_ms),
        p99_ms: None,
        windows: 40,
    }
}

fn row(label: &str, a: SideNumbers, b: SideNumbers, p95: Finding) -> Row {
    let change = |measure, a: Option<f64>, b: Option<f64>, finding| {
        let difference = a.zip(b).map(|(a, b)| b - a);
        let is_time = measure != Measure::FailedPercent;
        Change {
            measure,
            a,
            b,
            difference,
            difference_percent: difference
                .zip(a)
                .filter(|_| is_time)
                .map(|(difference, a)| difference * 100.0 / a),
            low: difference.map(|difference| difference - 8.0),
            high: difference.map(|difference| difference + 8.0),
            chance: Some(0.001),
            finding,
        }
    };
    Row {
        label: label.to_owned(),
        kind: "request".to_owned(),
        a,
        b,
        changes: vec![
            change(Measure::FailedPercent, a.failed_percent, b.failed_percent, Finding::Noise),
            change(Measure::MeanMs, a.mean_ms, b.mean_ms, Finding::Small),
            change(Measure::P50Ms, a.p50_ms, b.p50_ms, Finding::Noise),
            change(Measure::P95Ms, a.p95_ms, b.p95_ms, p95),
            change(Measure::P99Ms, a.p99_ms, b.p99_ms, Finding::CannotTell),
        ],
    }
}

pub(in crate::console) fn comparison(label: &str) -> Comparison {
    let counted = |label: &str, count| CountedRow {
        label: label.to_owned(),
        kind: "request".to_owned(),
        count,
        failed: [None, None],
    };
    Comparison {
        window_s: [15, 15],
        windows: [40, 41],
        settings: CompareSettings::default(),
        total: row("all requests", side(36_000, 90.0), side(36_100, 91.0), Finding::Noise),
        labels: vec![
            row("Front page", side(30_000, 40.0), side(30_000, 39.5), Finding::Noise),
            row("Search", side(2_000, 700.0), side(2_100, 600.0), Finding::Better),
            row(label, side(4_000, 812.0), side(4_000, 903.2), Finding::Worse),
        ],
        counted: vec![counted("rare", [Some(1), Some(2)])],
        only_one_side: vec![counted("gone\x1b[31m", [Some(1), None]), counted("new", [None, Some(3)])],
    }
}

pub(in crate::console) fn likeness(warnings: &[&str]) -> Likeness {
    Likeness { warnings: warnings.iter().map(|text| (*text).to_owned()).collect(), is_trustworthy: [true; 2] }
}

#[test]
fn what_changed_comes_first() {
    let text = render_comparison(
        &Screen::PLAIN,
        &comparison("checkout"),
        &likeness(&["another load: A had 1, B 2"]),
    );
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[..5],
        [
            "⚠ another load: A had 1, B 2",
            "beyond noise: 1 label worse, 1 label better",
            "  worse  p95 of checkout: 812 ms → 903 ms (+11.2 %, +83 to +99 ms)",
            "  better p95 of Search: 700 ms → 600 ms (-14.3 %, -108 to -92 ms)",
            "",
        ]
    );
    let first = |at: usize| lines[at].split("  ").next().unwrap_or_default();
    assert_eq!([5, 6, 7, 8, 10].map(first), ["label", "checkout", "Search", "Front page", "all requests"]);
    assert!(lines[6].contains("812→903 ▲") && lines[7].contains("700→600 ▼"), "{text}");
    assert!(text.contains("only in A: gone\u{fffd}[31m") && text.contains("only in B: new"), "{text}");
    assert!(text.contains("1 label with fewer samples: only counted"), "{text}");
}

#[test]
fn a_narrow_screen_loses_the_least_first() {
    let screen = Screen { width: 70, ..Screen::PLAIN };
    let text =
        render_comparison(&screen, &comparison("checkout 購物車 with a long label\x1b[2J"), &likeness(&[]));
    let table: Vec<&str> = text.lines().skip_while(|line| !line.is_empty()).take(6).collect();
    assert!(table.iter().all(|line| width(line) <= 70), "{table:#?}");
    assert!(text.contains("p95") && !text.contains("rate/s") && !text.contains('\x1b'), "{text}");
}

#[test]
fn too_few_windows_say_how_long_to_run() {
    let mut few = comparison("checkout");
    few.windows = [3, 41];
    few.labels.clear();
    few.total.changes.iter_mut().for_each(|change| change.finding = Finding::CannotTell);
    assert_eq!(
        headline(&few),
        "cannot tell: A has 3 windows and B 41 windows, and noise is known from 8 on: run each for 135 s or longer"
    );
    few.windows = [40, 40];
    assert_eq!(headline(&few), "cannot tell: no label has samples in 8 windows of each side");
}

#[test]
fn numbers_have_the_digits_that_mean_something() {
    assert_eq!([0.0, 0.04, 0.1, 1.25, 5.0, 99.99].map(short), ["0", "0.04", "0.1", "1.2", "5", "100"]);
    assert_eq!(signed(-3.0, ms), "-3.0");
    assert_eq!(value(Measure::P95Ms, None), "–");
}
