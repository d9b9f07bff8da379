//! The table as it is printed.

use super::*;

const FILE: &str = "summary.json";

fn row(label: &str, count: u64, failed: u64, p95_ms: f64) -> SummaryRow {
    SummaryRow {
        label: label.to_owned(),
        kind: Kind::Request,
        count,
        failed,
        mean_ms: p95_ms * 0.6,
        p50_ms: p95_ms * 0.5,
        p95_ms,
        p99_ms: p95_ms * 1.4,
        max_ms: p95_ms * 3.0,
        rate_per_s: count as f64 / 30.0,
        is_partial: false,
    }
}

fn shop() -> Vec<SummaryRow> {
    vec![
        row("GET /", 12_041, 0, 3.2),
        row("GET /slow", 4_300, 0, 412.0),
        row("GET /flaky?very=long&query=string&that=goes&on=and&on=until&it=is&cut=off", 4_071, 203, 4.4),
        row("購物車\x1b[31m", 12, 12, 9.96),
        SummaryRow { kind: Kind::Transaction, ..row("checkout", 2_035, 99, 420.0) },
    ]
}

fn table(columns: usize) -> String {
    let screen = Screen { width: columns, ..Screen::PLAIN };
    let text =
        render_summary(&screen, &shop(), &row("all requests", 20_424, 215, 96.0), &BTreeMap::new(), FILE);
    let wide: Vec<&str> = text.lines().filter(|line| width(line) > columns.max(76)).collect();
    assert_eq!(wide, [""; 0]);
    text
}

#[test]
fn a_wide_table() {
    insta::assert_snapshot!(table(120), @r"
    label                                                          count  failed    %  mean  p50  p95  p99    max  rate/s
    GET /                                                         12,041       0    0   1.9  1.6  3.2  4.5    9.6   401.4
    GET /slow                                                      4,300       0    0   247  206  412  577  1,236   143.3
    GET /flaky?very=long&query=string&that=goes&on=and&on=until…   4,071     203  5.0   2.6  2.2  4.4  6.2     13   135.7
    購物車�[31m                                                       12      12  100   6.0  5.0   10   14     30    0.40
    [T] checkout                                                   2,035      99  4.9   252  210  420  588  1,260    67.8
    ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    all requests                                                  20,424     215  1.1    58   48   96  134    288   680.8
    Times in ms. [T], transactions and page timings, are not in the total.
    ");
}

#[test]
fn at_eighty_columns_labels_are_cut() {
    insta::assert_snapshot!(table(80), @r"
    label                     count  failed    %  mean  p50  p95  p99    max  rate/s
    GET /                    12,041       0    0   1.9  1.6  3.2  4.5    9.6   401.4
    GET /slow                 4,300       0    0   247  206  412  577  1,236   143.3
    GET /flaky?very=long&q…   4,071     203  5.0   2.6  2.2  4.4  6.2     13   135.7
    購物車�[31m                  12      12  100   6.0  5.0   10   14     30    0.40
    [T] checkout              2,035      99  4.9   252  210  420  588  1,260    67.8
    ────────────────────────────────────────────────────────────────────────────────
    all requests             20,424     215  1.1    58   48   96  134    288   680.8
    Times in ms. [T], transactions and page timings, are not in the total.
    ");
}

#[test]
fn at_forty_columns_the_essentials_remain() {
    insta::assert_snapshot!(table(40), @r"
    label                 count  failed  p95
    GET /                12,041       0  3.2
    GET /slow             4,300       0  412
    GET /flaky?very=lo…   4,071     203  4.4
    購物車�[31m              12      12   10
    [T] checkout          2,035      99  420
    ────────────────────────────────────────
    all requests         20,424     215   96
    Times in ms. [T], transactions and page timings, are not in the total.
    ");
}

#[test]
fn failures_are_red_and_transactions_explained_only_where_there_are_some() {
    let screen = Screen { colour: true, ..Screen::PLAIN };
    let text = render_summary(
        &screen,
        &[row("a", 10, 1, 5.0)],
        &row("all requests", 10, 1, 5.0),
        &BTreeMap::new(),
        FILE,
    );
    assert!(!text.contains("[T]"));
    insta::assert_snapshot!(text.replace('\x1b', "ESC"), @r"
    ESC[1mlabel         count  failed     %  mean  p50  p95  p99  max  rate/sESC[0m
    a                10  ESC[31m     1ESC[0m  ESC[31m10.0ESC[0m   3.0  2.5  5.0  7.0   15    0.33
    ───────────────────────────────────────────────────────────────────
    all requests     10  ESC[31m     1ESC[0m  ESC[31m10.0ESC[0m   3.0  2.5  5.0  7.0   15    0.33
    ESC[2mTimes in ms.ESC[0m
    ");
}

#[test]
fn of_many_labels_the_most_failing_and_the_slowest_are_shown() {
    let rows: Vec<SummaryRow> = (0..10_000u64)
        .map(|n| row(&format!("label {n}"), 10, u64::from(n < 3) * (3 - n.min(3)), n as f64))
        .collect();
    let text = render_summary(
        &Screen::PLAIN,
        &rows,
        &row("all requests", 100_000, 6, 9_500.0),
        &BTreeMap::new(),
        FILE,
    );
    let labels: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("label ")?.split(' ').next()).collect();
    let mut expected = vec!["0".to_owned(), "1".to_owned(), "2".to_owned()];
    expected.extend((9_963..10_000).map(|n| n.to_string()));
    assert_eq!(labels[1..], expected);
    assert!(text.contains("\n… and 9,960 more labels in summary.json\n"), "{text}");
}

#[test]
fn failures_take_no_more_than_half_of_the_places() {
    let rows: Vec<SummaryRow> =
        (0..100u64).map(|n| row(&format!("r{n}"), 100, if n < 50 { n + 1 } else { 0 }, n as f64)).collect();
    let shown = most_interesting(&rows);
    assert_eq!(shown.len(), LABELS_SHOWN_MAX);
    assert_eq!(shown.iter().filter(|row| row.failed > 0).count(), LABELS_SHOWN_MAX / 2);
}

#[test]
fn no_samples_is_a_sentence() {
    let nothing =
        render_summary(&Screen::PLAIN, &[], &row("all requests", 0, 0, 0.0), &BTreeMap::new(), FILE);
    assert_eq!(nothing, "No samples.");
}

#[test]
fn codes_are_shown_where_requests_have_failed() {
    let codes = BTreeMap::from([("200".to_owned(), 1_009), ("503".to_owned(), 1), ("other".to_owned(), 2)]);
    let last = |count, failed| {
        let total = row("all requests", count, failed, 5.0);
        let text = render_summary(&Screen::PLAIN, &[row("a", count, failed, 5.0)], &total, &codes, FILE);
        text.lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(last(1_012, 0), "Times in ms.");
    assert_eq!(last(1_012, 3), "response codes: 200 × 1,009 · 503 × 1 · other × 2");
    // Samples without a code are in no count; with them the numbers add up to all requests.
    assert_eq!(last(1_015, 6), "response codes: 200 × 1,009 · 503 × 1 · other × 2 · none × 3");
}

#[test]
fn a_label_of_which_there_may_be_more_is_marked() {
    let rows = [SummaryRow { is_partial: true, ..row("a", 10, 0, 5.0) }, row("b", 10, 0, 5.0)];
    let text =
        render_summary(&Screen::PLAIN, &rows, &row("all requests", 25, 0, 5.0), &BTreeMap::new(), FILE);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[1].starts_with("≥ a ") && lines[2].starts_with("b "), "{text}");
    assert!(lines[6].starts_with("≥: at least; a node may have more of it"), "{text}");
}
