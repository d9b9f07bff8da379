//! Frames of several sizes, and what hostile labels make of them.

use super::*;
use gridnode_core::live::{Key, Latest};
use gridnode_core::wire::sump::Kind;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

fn figures() -> Figures {
    Figures {
        flood: "checkout".to_owned(),
        elapsed_s: 12,
        planned_s: Some(60),
        users: 10,
        rate_per_s: 143.2,
        passed: 1_720,
        failed: 12,
        latest: Some(Latest { p50_us: 12_000, p95_us: 84_400, p99_us: 120_000 }),
        labels: 3,
        ..Figures::default()
    }
}

fn row(label: &str, count: u64, failed: u64) -> Row {
    let mut curve_us = [0; 30];
    (20..30).for_each(|at| curve_us[at] = 1_000 * (at as u64 % 5 + 1));
    let kind = if label.starts_with("buy") { Kind::Transaction } else { Kind::Request };
    let percentiles_us = (count > 0).then_some([1_200, 84_400, 843_000]);
    Row { label: label.into(), kind, count, failed, rate_per_s: 35.5, percentiles_us, curve_us }
}

fn rows() -> Vec<Row> {
    vec![row("Front page", 1_100, 0), row("buy", 1_095, 56), row("Search", 0, 0)]
}

fn frame(size: (u16, u16), rows: &[Row], notes: &[String], view: &mut View) -> String {
    let figures = figures();
    let board = Board {
        figures: &figures,
        rows,
        nodes: None,
        cpu_percent: Some(43.2),
        memory_percent: Some(96.0),
        notes,
        has_keys: true,
        has_colour: true,
    };
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    terminal.draw(|frame| _ = draw(frame, &board, view)).unwrap();
    let text = terminal.backend().to_string();
    text.lines().map(|line| line.trim_matches('"').trim_end()).collect::<Vec<_>>().join("\n")
}

fn shown(size: (u16, u16)) -> String {
    let notes = ["warning: something is odd".to_owned(), "\x1b[32m INFO\x1b[0m said".to_owned()];
    frame(size, &rows(), &notes, &mut View::default())
}

#[test]
fn on_a_common_screen() {
    insta::assert_snapshot!(shown((80, 24)), @r"
    checkout                                                  00:12 gone, 00:48 left
    10 users  143.2/s  ok 1,720  failed 12 (0.7 %)
    p50 12 ms  p95 84 ms  p99 120 ms  cpu 43 %  memory 96 %
    label (3)                        count   rate/s   failed  p50 ms  p95 ms  p99 ms
    Front page                       1,100     35.5        0     1.2      84     843
    Search                               0     35.5        0       –       –       –
    [T] buy                          1,095     35.5       56     1.2      84     843













    ────────────────────────────────────────────────────────────────────────────────
    warning: something is odd
     INFO said
    ? help  q stop  s sort  / filter  ↑↓ scroll
    ");
}

#[test]
fn on_a_large_screen() {
    insta::assert_snapshot!(shown((120, 40)), @r"
    checkout                                                                                          00:12 gone, 00:48 left
    10 users  143.2/s  ok 1,720  failed 12 (0.7 %)
    p50 12 ms  p95 84 ms  p99 120 ms  cpu 43 %  memory 96 %
    label (3)                                 count   rate/s   failed  p50 ms  p95 ms  p99 ms p95 lately
    Front page                                1,100     35.5        0     1.2      84     843                     ▁▂▄▆█▁▂▄▆█
    Search                                        0     35.5        0       –       –       –                     ▁▂▄▆█▁▂▄▆█
    [T] buy                                   1,095     35.5       56     1.2      84     843                     ▁▂▄▆█▁▂▄▆█





























    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    warning: something is odd
     INFO said
    ? help  q stop  s sort  / filter  ↑↓ scroll
    ");
}

#[test]
fn on_a_small_screen() {
    insta::assert_snapshot!(shown((40, 12)), @r"
    checkout          00:12 gone, 00:48 left
    10 users  143.2/s  ok 1,720
    failed 12 (0.7 %)
    p50 12 ms  p95 84 ms  p99 120 ms
    cpu 43 %  memory 96 %
    label (1–2 of…   rate/s   failed  p95 ms
    Front page         35.5        0      84
    Search             35.5        0       –
    ────────────────────────────────────────
    warning: something is odd
     INFO said
    ? help  q stop  s sort  / filter  ↑↓ sc…
    ");
}

#[test]
fn where_there_is_no_room_it_is_the_plain_line() {
    insta::assert_snapshot!(shown((20, 5)), @r"
    00:12  10 users  143
    .2/s  ok 1,720  fail
    ed 12 (0.7 %)  p95 8
    4 ms
     INFO said
    ");
}

#[test]
fn what_is_wrong_is_red_and_in_words() {
    let mut wrong = figures();
    wrong.account.kernel_dropped = 7;
    wrong.saturated = Some("cpu".to_owned());
    let mut terminal = Terminal::new(TestBackend::new(100, 12)).unwrap();
    let draw_it = |has_colour| Board {
        figures: &wrong,
        rows: &[],
        nodes: None,
        cpu_percent: Some(85.0),
        memory_percent: None,
        notes: &[],
        has_keys: false,
        has_colour,
    };
    terminal.draw(|frame| _ = draw(frame, &draw_it(true), &mut View::default())).unwrap();
    let buffer = terminal.backend().buffer().clone();
    let line = |y: u16| (0..100).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    assert!(
        line(3).starts_with("7 datagrams dropped by the kernel  this machine is saturated (cpu)"),
        "{}",
        line(3)
    );
    let at =
        |word: &str, y: u16| u16::try_from(line(y).chars().collect::<String>().find(word).unwrap()).unwrap();
    assert_eq!(buffer[(0, 3)].fg, Color::Red);
    assert_eq!(buffer[(at("failed", 1), 1)].fg, Color::Red);
    assert_eq!(buffer[(at("cpu", 2), 2)].fg, Color::Yellow);
    terminal.draw(|frame| _ = draw(frame, &draw_it(false), &mut View::default())).unwrap();
    let plain = terminal.backend().buffer();
    assert!(plain.content().iter().all(|cell| cell.fg == Color::Reset), "NO_COLOR");
}

#[test]
fn five_thousand_labels_are_scrolled_and_found() {
    let rows: Vec<Row> = (0..5_000).map(|n| row(&format!("label {n:04}"), n, 0)).collect();
    let mut view = View::default();
    let first = frame((80, 24), &rows, &[], &mut view);
    assert!(first.contains("label (1–19 of 5000)") && first.contains("label 0018"), "{first}");
    let _ = view.press(Key::End, 19);
    let last = frame((80, 24), &rows, &[], &mut view);
    assert!(last.contains("label (4982–5000 of 5000)") && last.contains("label 4999"), "{last}");
    "/4711".chars().for_each(|c| _ = view.press(Key::Char(c), 19));
    let one = frame((80, 24), &rows, &[], &mut view);
    assert!(
        one.contains("label (1 of 5000)") && one.contains("label 4711") && one.contains("/4711▏"),
        "{one}"
    );
}

#[test]
fn help_is_in_the_place_of_the_table() {
    let mut view = View::default();
    let _ = view.press(Key::Char('?'), 19);
    let shown = frame((80, 24), &rows(), &[], &mut view);
    assert!(shown.contains("s           sort by name") && !shown.contains("Front page"), "{shown}");
}

#[test]
fn hostile_labels_stay_in_their_place() {
    let texts = [
        "\x1b[2J\x1b[31mred\n\r\0\u{7}",
        "購物車購物車購物車購物車購物車購物車購物車購物車",
        "עגלת קניות \u{202e}evil\u{2066}",
        "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
        "👩\u{200d}👩\u{200d}👧 🇩🇪 \u{fe0f}",
        "\u{115f}\u{3164}\u{ad}\u{feff}",
        "",
    ];
    let long = "x\u{301}".repeat(10_000);
    let all: Vec<Row> = texts.iter().chain([&long.as_str()]).map(|text| row(text, 7_777, 3)).collect();
    for size in [(120, 40), (80, 24), (40, 12), (20, 5), (1, 1), (0, 0), (40, 8), (300, 9), (41, 100)] {
        let figures = figures();
        let notes = texts.map(str::to_owned);
        let board = Board {
            figures: &Figures { flood: long.clone(), note: texts[0].to_owned(), ..figures },
            rows: &all,
            nodes: None,
            cpu_percent: Some(f64::NAN),
            memory_percent: Some(f64::INFINITY),
            notes: &notes,
            has_keys: true,
            has_colour: true,
        };
        let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
        terminal.draw(|frame| _ = draw(frame, &board, &mut View::default())).unwrap();
        let buffer = terminal.backend().buffer();
        assert!(buffer.content().iter().all(|cell| !cell.symbol().chars().any(char::is_control)), "{size:?}");
        if size == (80, 24) {
            let count = |y: u16| (0..80).map(|x| buffer[(x, y)].symbol()).collect::<String>();
            let rows = (0..24).filter(|y| count(*y).contains("7,777")).count();
            assert_eq!(rows, all.len(), "each label has its figures");
        }
    }
}

#[test]
fn nodes_of_a_grid_take_the_place_of_labels() {
    let figures = Figures { beside: vec!["1 saturated: node-b (cpu)".to_owned()], ..figures() };
    let (labels, nodes) = (rows(), [row("node-a", 1_200, 0), row("node-b", 1_188, 12)]);
    let board = Board {
        figures: &figures,
        rows: &labels,
        nodes: Some(&nodes),
        cpu_percent: None,
        memory_percent: None,
        notes: &[],
        has_keys: true,
        has_colour: true,
    };
    let frame = |view: &mut View| {
        let mut terminal = Terminal::new(TestBackend::new(80, 11)).unwrap();
        terminal.draw(|frame| _ = draw(frame, &board, view)).unwrap();
        let text = terminal.backend().to_string();
        text.lines().map(|line| line.trim_matches('"').trim_end()).collect::<Vec<_>>().join("\n")
    };
    let mut view = View::default();
    assert!(frame(&mut view).contains("Front page"), "labels come first");
    let _ = view.press(Key::Char('n'), 5);
    insta::assert_snapshot!(frame(&mut view), @r"
    checkout                                                  00:12 gone, 00:48 left
    10 users  143.2/s  ok 1,720  failed 12 (0.7 %)
    p50 12 ms  p95 84 ms  p99 120 ms  2 nodes
    1 saturated: node-b (cpu)
    node (2)                         count   rate/s   failed  p50 ms  p95 ms  p99 ms
    node-a                           1,200     35.5        0     1.2      84     843
    node-b                           1,188     35.5       12     1.2      84     843



    ? help  q leave  n nodes  s sort  / filter  ↑↓ scroll
    ");
    let _ = view.press(Key::Char('?'), 5);
    assert!(frame(&mut view).contains("leave: the load test goes on"));
}
