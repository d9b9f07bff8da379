use super::*;
use crate::base::ids::{Ident, LabelId};
use crate::base::run::RunIdentity;
use crate::measure::ingest::{ClosedWindow, SeriesWindow};
use crate::measure::run_totals::LABELS_KEPT_MAX;
use crate::measure::series::{SeriesIndex, SeriesInfo};
use crate::wire::sump::Code;
use std::sync::Arc;

fn series(index: u32, kind: Kind, times_us: &[u64]) -> SeriesWindow {
    let label = format!("label {index}");
    let info = SeriesInfo { label_id: LabelId::of(&label), label: label.into(), kind, alternate: false };
    let mut numbers = Accumulator::default();
    for us in times_us {
        numbers.count += 1;
        numbers.passed += 1;
        numbers.rt.add(*us);
        numbers.sketch.record(*us);
        numbers.codes.add(Code::Http(200), 1);
    }
    SeriesWindow { index: SeriesIndex(index), info: Arc::new(info), numbers }
}

fn window(start_s: i64, series: Vec<SeriesWindow>) -> ClosedWindow {
    let identity = RunIdentity {
        account: None,
        flood: Ident::near("7"),
        project: None,
        grid: None,
        region: None,
        run: 1,
    };
    ClosedWindow {
        run: 0,
        identity: Arc::new(identity),
        start_ns: start_s * 1_000_000_000,
        period_ns: 5_000_000_000,
        part_n: 0,
        samples: series.iter().map(|series| series.numbers.count).sum(),
        series,
        users: None,
        account: None,
        degraded: 0,
        covers: Vec::new(),
    }
}

fn stated(windows: Vec<ClosedWindow>) -> StatedTotals {
    let mut totals = RunTotals::default();
    windows.iter().for_each(|window| window.add_to(&mut totals));
    StatedTotals::of(&totals)
}

#[test]
fn the_busiest_are_named_and_nothing_is_uncounted() {
    let many = (0..250).map(|n| series(n, Kind::Request, if n == 249 { &[9, 9] } else { &[5] })).collect();
    let late = window(5, vec![series(249, Kind::Request, &[7]), series(300, Kind::Transaction, &[80; 4])]);
    let stated = stated(vec![window(10, many), late]);
    assert_eq!((stated.windows_start_s, stated.windows_end_s), (5, 15));
    assert_eq!((stated.total.count, stated.total.response_time_max_us), (252, Some(9)), "requests only");
    assert_eq!(stated.total_codes, BTreeMap::from([("200".to_owned(), 252)]));
    let names: Vec<&str> = stated.labels.iter().take(4).map(|label| &*label.label).collect();
    assert_eq!(names, ["label 300", "label 249", "label 0", "label 1"], "ties by name");
    let others = &stated.labels_others;
    assert_eq!((stated.labels.len(), others.labels, others.numbers.count), (200, 51, 51));
    assert_eq!(others.numbers.read_sketch().unwrap().count(), 51);
}

#[test]
fn labels_beyond_those_that_are_kept_are_in_the_total_and_the_others() {
    let beyond = 500_u32;
    let n = u32::try_from(LABELS_KEPT_MAX).unwrap() + beyond;
    let all = || (0..n).map(|n| series(n, Kind::Request, &[1])).collect();
    let stated = stated(vec![window(0, all()), window(5, all())]);
    let named: u64 = stated.labels.iter().map(|label| label.numbers.count).sum();
    assert_eq!(named + stated.labels_others.numbers.count, stated.total.count);
    assert_eq!(stated.labels_others.labels, u64::from(n) - 200);
}

#[test]
fn a_receipt_gets_smaller_and_its_sums_stay() {
    let many = (0..200).map(|n| series(n, Kind::Request, &[u64::from(n), 5_000])).collect();
    let whole = stated(vec![window(10, many)]);
    let mut receipt = serde_json::to_value(&whole).unwrap();
    let mut steps = 0;
    while shorten_json(&mut receipt) {
        steps += 1;
    }
    let least: StatedTotals = serde_json::from_value(receipt).unwrap();
    assert_eq!((steps, least.labels.len(), least.labels_others.labels), (8, 0, 200));
    assert_eq!(least.labels_others.numbers, whole.total);
}

#[test]
fn what_is_no_totals_is_left_as_it_is() {
    let broken = |change: fn(&mut Value)| {
        let whole = stated(vec![window(10, vec![series(0, Kind::Request, &[1])])]);
        let mut receipt = serde_json::to_value(whole).unwrap();
        change(&mut receipt);
        let before = receipt.clone();
        assert!(!shorten_json(&mut receipt));
        assert_eq!(receipt, before);
    };
    broken(|receipt| *receipt = Value::Null);
    broken(|receipt| receipt["labels"][0]["sketch"] = "no sketch".into());
    broken(|receipt| receipt["labels_others"]["sketch"] = "AAAA".into());
    broken(|receipt| receipt["labels"] = Value::from(7));
}
