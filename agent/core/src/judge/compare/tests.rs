//! What is found between runs, and what is not.

mod simulated;

use super::*;
use crate::measure::sketch::Sketch;
use crate::merge::{Merge, Timeline};
use std::fmt::Write as _;

const START_S: i64 = 1_700_000_010;
const NS_PER_S: i64 = 1_000_000_000;

/// A label's windows as (time in µs, samples, of them failed).
type Windows = Vec<(u64, u64, u64)>;

/// A window's rollups of 15 s; all times are the same, and one in 20 is twice as long.
fn lines(labels: &[(&str, Windows)]) -> String {
    let mut text = String::new();
    for (id, (label, windows)) in labels.iter().enumerate() {
        for (at, (us, count, failed)) in windows.iter().enumerate().filter(|(_, window)| window.1 > 0) {
            let mut sketch = Sketch::new();
            let slow = count / 10;
            sketch.record_n(*us, count - slow);
            sketch.record_n(2 * us, slow);
            let ms = *us as f64 / 1_000.0;
            let sum = ms * (count + slow) as f64;
            let time_ns = (START_S + 15 * at as i64) * NS_PER_S + id as i64;
            let tags = format!("flood=shop,label_id={id:016x}");
            writeln!(
                text,
                "response_time_mean,{tags} value=1.0,sum={sum:?},min={ms:?},max={:?},stddev=0.0,count={count}i {time_ns}\n\
                 response_time_sketch,{tags} value=\"{}\" {time_ns}\n\
                 transaction_rate_mean,{tags} value=1.0,count={count}i,passed={}i,failed={failed}i,window_s=15.0,label=\"{label}\",\
                 kind=\"request\",run=1i {time_ns}",
                2.0 * ms,
                sketch.to_base64(),
                count - failed
            )
            .unwrap();
        }
    }
    text
}

fn flood(text: &str) -> FloodSummary {
    let mut merge = Merge::new();
    text.lines().for_each(|line| merge.add_line(line.as_bytes()).expect(line));
    merge.summary().floods.remove(0)
}

fn side(text: &str, cut: Cut) -> RunSide {
    let flood = flood(text);
    let mut timeline = Timeline::cut(&flood, cut);
    text.lines().for_each(|line| timeline.learn_line(line.as_bytes()));
    text.lines().for_each(|line| timeline.add_line(line.as_bytes()));
    RunSide { time: timeline.finish(), flood }
}

fn compared(a: &[(&str, Windows)], b: &[(&str, Windows)], settings: CompareSettings) -> Comparison {
    let (a, b) = (lines(a), lines(b));
    let [cut_a, cut_b] = cuts(&flood(&a), &flood(&b), None);
    Comparison::of(&side(&a, cut_a), &side(&b, cut_b), settings)
}

/// Windows that differ by up to 4 %, in no order that matters.
fn uneven(us: u64, n: usize, failed: u64) -> Windows {
    (0..n).map(|at| (us * (100 + (at as u64 * 7) % 5) / 100, 200, failed)).collect()
}

fn findings(row: &Row) -> [Finding; 5] {
    row.changes.iter().map(|change| change.finding).collect::<Vec<_>>().try_into().unwrap()
}

#[test]
fn equal_runs_have_no_change_and_unequal_ones_do() {
    let label = |us, failed| vec![("buy", uneven(us, 20, failed))];
    let same = compared(&label(10_000, 2), &label(10_000, 2), CompareSettings::default());
    assert_eq!(findings(&same.labels[0]), [Finding::Noise; 5]);
    assert!(!same.cannot_tell() && same.rows_that_are(Finding::Worse) == 0);
    let slower = compared(&label(10_000, 2), &label(13_000, 20), CompareSettings::default());
    assert_eq!(findings(&slower.labels[0]), [Finding::Worse; 5], "{:#?}", slower.labels[0]);
    assert_eq!(slower.rows_that_are(Finding::Worse), 2, "and the total");
    let mean = &slower.labels[0].changes[1];
    let (low, high) = (mean.low.unwrap(), mean.high.unwrap());
    assert!(low < 3.366 && 3.366 < high && low > 3.0, "{mean:?}");
    let quicker = compared(&label(13_000, 20), &label(10_000, 2), CompareSettings::default());
    assert_eq!(findings(&quicker.labels[0]), [Finding::Better; 5]);
}

#[test]
fn what_is_certain_and_tiny_is_small() {
    let label = |us| vec![("buy", uneven(us, 20, 0))];
    let settings = CompareSettings { least_percent: 5.0, ..CompareSettings::default() };
    let found = compared(&label(10_000), &label(10_400), settings);
    assert_eq!(found.labels[0].changes[1].finding, Finding::Small, "{:#?}", found.labels[0]);
    let settings = CompareSettings { least_percent: 1.0, ..settings };
    assert_eq!(
        compared(&label(10_000), &label(10_400), settings).labels[0].changes[1].finding,
        Finding::Worse
    );
}

#[test]
fn too_few_windows_are_no_verdict() {
    let label = |us, n| vec![("buy", uneven(us, n, 0))];
    let few = compared(&label(10_000, 7), &label(90_000, 40), CompareSettings::default());
    assert!(few.cannot_tell() && few.windows == [7, 40], "{few:#?}");
    assert_eq!(
        few.labels[0].changes[1].difference_percent.map(|percent| (percent / 10.0).round()),
        Some(80.0),
        "it is shown all the same"
    );
    assert!(!compared(&label(10_000, 8), &label(90_000, 40), CompareSettings::default()).cannot_tell());
    let skipped = CompareSettings { skip_s: 30, ..CompareSettings::default() };
    assert!(compared(&label(10_000, 9), &label(90_000, 40), skipped).cannot_tell());
    let all = CompareSettings { skip_s: 86_400, ..CompareSettings::default() };
    let nothing = compared(&label(10_000, 9), &label(90_000, 40), all);
    assert_eq!((nothing.windows, nothing.total.a.count, nothing.total.a.mean_ms), ([0, 0], 0, None));
}

#[test]
fn the_start_can_be_left_out() {
    let mut cold = uneven(10_000, 20, 0);
    cold[0] = (900_000, 200, 200);
    let settings = CompareSettings { skip_s: 1, ..CompareSettings::default() };
    let found = compared(&[("buy", cold)], &[("buy", uneven(10_000, 20, 0))], settings);
    assert_eq!((found.windows, found.total.a.count, found.total.a.failed), ([19, 19], 3_800, 0));
    assert!(found.total.a.p99_ms < Some(30.0));
}

#[test]
fn one_bad_window_is_one_event() {
    let mut bad = uneven(10_000, 20, 0);
    bad[7] = (10_000, 200, 200);
    let found = compared(&[("buy", uneven(10_000, 20, 0))], &[("buy", bad)], CompareSettings::default());
    assert_eq!(found.labels[0].changes[0].finding, Finding::Noise, "{:#?}", found.labels[0]);
    let always = compared(
        &[("buy", uneven(10_000, 20, 0))],
        &[("buy", uneven(10_000, 20, 200))],
        CompareSettings::default(),
    );
    assert_eq!(always.labels[0].changes[0].finding, Finding::Worse);
}

#[test]
fn few_samples_say_nothing_of_a_high_percentile() {
    let few = |us: u64| -> Windows { (0..20).map(|_| (us, 10, 0)).collect() };
    let found = compared(&[("buy", few(1_000))], &[("buy", few(9_000))], CompareSettings::default());
    let found = findings(&found.labels[0]);
    assert_eq!((found[2], found[3], found[4]), (Finding::Worse, Finding::Worse, Finding::CannotTell));
}

#[test]
fn labels_of_one_side_and_those_beyond_the_bound_are_listed() {
    let names: Vec<String> = (0..LABELS_MAX + 5).map(|n| format!("label {n:03}")).collect();
    let one = |n: usize| vec![(10_000, if n < 5 { 1 } else { 30 }, 0)];
    let mut a: Vec<(&str, Windows)> =
        names.iter().enumerate().map(|(n, name)| (name.as_str(), one(n))).collect();
    let mut b = a.clone();
    a.push(("gone", one(9)));
    b.push(("new", one(9)));
    let found = compared(&a, &b, CompareSettings::default());
    assert_eq!((found.labels.len(), found.counted.len()), (LABELS_MAX, 5));
    assert_eq!(found.counted[0].label, "label 000");
    let only: Vec<(&str, [Option<u64>; 2])> =
        found.only_one_side.iter().map(|row| (row.label.as_str(), row.count)).collect();
    assert_eq!(only, [("gone", [Some(30), None]), ("new", [None, Some(30)])]);
    let asked = cuts(&flood(&lines(&a)), &flood(&lines(&b)), Some("label 00"));
    assert_eq!(asked[0].labels.len(), LABELS_MAX + 5, "those that were asked for, too");
}
