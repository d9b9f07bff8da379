//! Receipts of simulated nodes, honest ones and others.

use super::*;
use crate::base::ids::LabelId;
use crate::measure::accumulator::Accumulator;
use crate::measure::run_totals::RunTotals;
use crate::measure::series::{SeriesIndex, SeriesInfo};
use crate::report::Results;
use proptest::prelude::*;
use serde_json::json;
use std::sync::Arc;

/// Label, whether it is a transaction, time in µs, whether it passed.
type Sample = (u32, bool, u64, bool);

fn totals(samples: &[Sample]) -> StatedTotals {
    let mut totals = RunTotals::default();
    totals.add_window(10, 20, samples.len() as u64);
    for &(n, is_transaction, us, ok) in samples {
        let label = format!("label {n}");
        let kind = if is_transaction { Kind::Transaction } else { Kind::Request };
        let info = SeriesInfo { label_id: LabelId::of(&label), label: label.into(), kind, alternate: false };
        let mut numbers = Accumulator { count: 1, ..Accumulator::default() };
        *if ok { &mut numbers.passed } else { &mut numbers.failed } = 1;
        numbers.rt.add(us);
        numbers.sketch.record(us);
        totals.add_series(SeriesIndex(n * 2 + u32::from(is_transaction)), &Arc::new(info), &numbers);
    }
    StatedTotals::of(&totals)
}

/// A node's receipt of these samples.
fn receipt(samples: &[Sample]) -> Value {
    let requests = samples.iter().filter(|sample| !sample.1).count();
    let failed: Vec<&Sample> = samples.iter().filter(|sample| !sample.3).collect();
    let failures: Vec<Value> = failed.iter().map(|sample| failure(sample.0, "no")).collect();
    let n = samples.len();
    let mut receipt = serde_json::to_value(totals(samples)).unwrap();
    let more = json!({
        "version": 1, "sent_exact": true, "users_max": 5, "requests": requests, "failed": failed.len(),
        "ledger": {"sent": n, "received": n, "aggregated": n}, "delivery": {"delivered": n}, "labels_whole": true,
        "failures": failures.iter().take(20).collect::<Vec<_>>(), "failures_others": failures.len().saturating_sub(20),
    });
    let fields = more.as_object().unwrap().clone();
    receipt.as_object_mut().unwrap().extend(fields);
    receipt
}

fn failure(label: u32, error: &str) -> Value {
    json!({"label": format!("label {label}"), "kind": "request", "code": "500", "error": error, "count": 1})
}

fn completed() -> NodeEnd {
    NodeEnd::Finished { outcome: "completed".to_owned(), reason: None }
}

fn end(nodes: &[(&str, NodeEnd)]) -> GridEnd {
    let flood = Ident::near("shop");
    GridEnd {
        identity: RunIdentity { account: None, flood, project: None, grid: None, region: None, run: 7 },
        tags: Tags::new([("build".to_owned(), "1234".to_owned())]).unwrap(),
        nodes: nodes.iter().map(|(node, end)| ((*node).to_owned(), end.clone())).collect(),
        unanswered: 0,
        accepts_saturated: false,
    }
}

/// Nodes that completed.
fn concluded(receipts: &[(&str, Value)], thresholds: &[&str]) -> GridReport {
    let mut run = GridRun::default();
    receipts.iter().for_each(|(node, receipt)| run.add(node, receipt));
    let nodes: Vec<_> = receipts.iter().map(|(node, _)| (*node, completed())).collect();
    run.conclude(end(&nodes), &parsed(thresholds))
}

fn parsed(texts: &[&str]) -> Vec<Threshold> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn refused(report: &GridReport) -> &str {
    report.judged.refused.as_deref().unwrap_or_default()
}

proptest! {
    #[test]
    fn nodes_together_are_one_node_that_has_all_samples(
        samples in prop::collection::vec((0..9_u32, any::<bool>(), 0..9_000_000_u64, any::<bool>(), 0..4_usize), 0..200),
    ) {
        let of = |node: usize| -> Vec<Sample> {
            let own = samples.iter().filter(|sample| sample.4 == node);
            own.map(|&(label, kind, us, ok, _)| (label, kind, us, ok)).collect()
        };
        let all: Vec<Sample> = samples.iter().map(|&(label, kind, us, ok, _)| (label, kind, us, ok)).collect();
        let thresholds = ["p95 > 1s", "failures(label 1) > 3", "mean(label *) > 2s", "p99(label 77) > 1s"];
        let names = ["a", "b", "c", "d"];
        let split: Vec<(&str, Value)> = (0..4).map(|node| (names[node], receipt(&of(node)))).collect();
        let reversed: Vec<(&str, Value)> = split.iter().rev().cloned().collect();
        let whole = concluded(&[("a", receipt(&all))], &thresholds);
        for nodes in [split, reversed] {
            let report = concluded(&nodes, &thresholds);
            prop_assert_eq!(&report.flood.total, &whole.flood.total);
            prop_assert_eq!(&report.flood.labels, &whole.flood.labels);
            prop_assert_eq!(&report.judged, &whole.judged);
            prop_assert_eq!(&report.flood.ledger, &whole.flood.ledger);
            let failed = |report: &GridReport| {
                report.failures.iter().map(|failure| failure.count).sum::<u64>() + report.failures_others
            };
            prop_assert_eq!(failed(&report), failed(&whole));
        }
    }

    #[test]
    fn nothing_that_may_stand_in_a_receipt_is_a_panic(
        field in prop::sample::select(vec![
            "ledger", "delivery", "total", "labels", "labels_others", "failures", "times", "health", "windows_end_s", "users_max",
            "requests", "total_codes",
        ]),
        number in prop::sample::select(vec![json!(0), json!(u64::MAX), json!(i64::MIN), json!(-1), json!("x"), json!([]), json!({})]),
        is_inside in any::<bool>(),
    ) {
        let mut hostile = receipt(&[(1, false, 5, true), (2, true, 5, false)]);
        hostile["times"] = json!({"start_at_ns": i64::MIN, "tool_started_ns": i64::MAX});
        match hostile[field].as_object_mut().filter(|_| is_inside) {
            Some(inside) => inside.values_mut().for_each(|value| *value = number.clone()),
            None => hostile[field] = number,
        }
        let honest = receipt(&[(1, false, 5, true)]);
        let report = concluded(&[("a", hostile), ("b", honest)], &["p95 > 1s", "rate > 1"]);
        serde_json::to_string(&report.document(0)).unwrap();
        prop_assert!(report.nodes[1].is_merged, "a stranger's receipt costs no other node's numbers");
    }
}

#[test]
fn a_load_that_went_quiet_before_its_end_has_no_verdict() {
    let mut quiet = receipt(&[(1, false, 5_000, true)]);
    quiet["silent_end_s"] = json!(9);
    let report = concluded(&[("a", quiet), ("b", receipt(&[(1, false, 5_000, true)]))], &["p95 > 1s"]);
    assert!(refused(&report).starts_with("a: no request ended in the last 9 s"), "{}", refused(&report));
    assert!(report.nodes[0].is_merged && !report.nodes[0].has_account_doubts);
}

#[test]
fn all_that_is_well_is_a_verdict() {
    let nodes = [("a", receipt(&[(1, false, 5_000, true)])), ("b", receipt(&[(1, false, 9_000, true); 3]))];
    let report = concluded(&nodes, &["max(label 1) > 8ms", "count < 4", "p95(nothing) > 1s"]);
    assert_eq!(report.judged.refused, None);
    let holds: Vec<bool> = report.judged.thresholds.iter().map(|one| one.holds).collect();
    assert_eq!(holds, [false, true, false], "{:?}", report.judged);
    assert!(report.judged.thresholds[2].why.ends_with("no label of this run is nothing"));
    assert_eq!((report.complaints(), report.doubts(), report.outcome()), (vec![], vec![], "completed"));
    let shares: Vec<_> = report.nodes.iter().map(|node| node.share_percent).collect();
    assert_eq!(shares, [Some(25.0), Some(75.0)]);
}

#[test]
fn a_node_that_was_lost_refuses_the_verdict_and_its_share_is_said() {
    let mut run = GridRun::default();
    run.add("a", &receipt(&[(1, false, 5_000, true)]));
    let ends = [("a", completed()), ("b", NodeEnd::Lost)];
    let report = run.conclude(end(&ends), &parsed(&["p95 > 1s"]));
    assert_eq!(
        refused(&report),
        "b: it was lost: it took the start and did not say that it is done; b: about 50 % of the load, as it was asked for, is not in \
         these numbers"
    );
    assert!(report.judged.thresholds[0].holds, "what it came to is there all the same");
    assert_eq!((report.outcome(), report.complaints().len(), report.doubts().len()), ("failed", 1, 1));
}

#[test]
fn what_keeps_a_node_out_of_the_numbers_is_said() {
    let whole = receipt(&[(1, false, 5, true)]);
    let with = |change: fn(&mut Value)| {
        let mut receipt = whole.clone();
        change(&mut receipt);
        let report = concluded(&[("a", receipt), ("b", whole.clone())], &["p95 > 1s"]);
        let node = &report.nodes[0];
        assert!(!node.is_merged && report.nodes[1].is_merged);
        assert_eq!(
            node.doubts.last().unwrap(),
            "about 50 % of the load, as it was asked for, is not in these numbers"
        );
        assert!(refused(&report).starts_with("a: "), "{}", refused(&report));
        node.doubts[0].clone()
    };
    let older = with(|receipt| drop(receipt.as_object_mut().unwrap().remove("total")));
    assert_eq!(older, "its receipt states no labels: an older agent, or one that had to start again");
    let part = with(|receipt| {
        receipt.as_object_mut().unwrap().remove("total");
        receipt["labels_whole"] = json!(false);
    });
    assert_eq!(part, "its receipt states no labels, for windows of its run are missing");
    let broken = with(|receipt| receipt["labels"][0]["sketch"] = json!("no sketch"));
    let contradicts = "the numbers of its receipt contradict each other: ";
    assert!(broken.starts_with(&format!("{contradicts}a sketch cannot be read: ")), "{broken}");
    let two = with(|receipt| receipt["requests"] = json!(7));
    assert_eq!(two, format!("{contradicts}it has two numbers of requests"));
    let more = with(|receipt| {
        receipt["ledger"] = json!({"sent": 7, "received": 7, "aggregated": 7});
        receipt["delivery"] = json!({"delivered": 7});
    });
    assert_eq!(more, format!("{contradicts}its labels have 1 samples, and its ledger 7"));
    let strange = with(|receipt| receipt["labels"] = json!(7));
    assert!(strange.starts_with("the labels of its receipt cannot be read: "), "{strange}");
    let no_receipt = with(|receipt| *receipt = json!([]));
    assert!(no_receipt.starts_with("its receipt cannot be read: "), "{no_receipt}");
}

#[test]
fn lost_samples_and_a_busy_machine_refuse_the_verdict() {
    let mut lossy = receipt(&[(1, false, 5, true)]);
    (lossy["ledger"]["sent"], lossy["ledger"]["lost"]) = (json!(4), json!(3));
    let report = concluded(&[("a", lossy)], &["p95 > 1s"]);
    assert_eq!(refused(&report), "a: 3 samples were sent and never arrived");
    assert!(report.nodes[0].has_account_doubts && report.nodes[0].is_merged);

    let mut busy = receipt(&[(1, false, 5, true)]);
    busy["health"] = json!({"windows": 4, "saturated": 3, "reasons": {"cpu": 3}});
    let report = concluded(&[("a", busy.clone())], &["p95 > 1s"]);
    assert_eq!(refused(&report), "a: it was too busy to measure in 3 of 4 windows (cpu)");
    assert_eq!((report.complaints(), report.doubts()), (vec![], vec![]), "its samples are all there");

    // Who wants it all the same has a verdict, and is told what it is worth; lost samples are another matter.
    let accepted = |receipt: &Value| {
        let mut run = GridRun::default();
        run.add("a", receipt);
        let end = GridEnd { accepts_saturated: true, ..end(&[("a", completed())]) };
        run.conclude(end, &parsed(&["p95 > 1s"])).judged
    };
    let judged = accepted(&busy);
    assert_eq!((judged.refused, judged.thresholds.len()), (None, 1));
    assert_eq!(judged.caveat.unwrap(), "a: it was too busy to measure in 3 of 4 windows (cpu)");
    (busy["ledger"]["sent"], busy["ledger"]["lost"]) = (json!(4), json!(3));
    assert_eq!(accepted(&busy).refused.unwrap(), "a: 3 samples were sent and never arrived");
}

#[test]
fn a_label_that_a_node_may_have_unnamed_is_judged_by_nobody() {
    let many: Vec<Sample> = (0..201).map(|n| (n, false, 5, true)).chain([(0, false, 5, true)]).collect();
    let nodes = [("a", receipt(&many)), ("b", receipt(&[(0, false, 5, true), (500, false, 5, true)]))];
    let of = |threshold: &str| concluded(&nodes, &[threshold]).judged.refused;
    assert_eq!(of("p95 > 1s"), None, "all requests are whole");
    assert_eq!(of("p95(label 0) > 1s"), None, "both name it");
    let partial = of("p95(label 500) > 1s").unwrap();
    assert_eq!(
        partial,
        "p95(label 500) > 1s: a node may have label 500 among the labels that it does not name"
    );
    for open in ["p95(label 999) > 1s", "p95(label 0*) > 1s"] {
        assert_eq!(of(open).unwrap(), format!("{open}: it may be of labels that a node does not name"));
    }
    let report = concluded(&nodes, &[]);
    assert_eq!((report.partial.len(), report.unnamed_max), (1, 1), "{:?}", report.partial);
    assert!(report.is_partial("label 500", "request") && !report.is_partial("label 0", "request"));
}

#[test]
fn the_first_receipt_of_a_node_counts() {
    let mut run = GridRun::default();
    run.add("a", &receipt(&[(1, false, 5, true)]));
    run.add("a", &receipt(&[(1, false, 5, true); 9]));
    run.add_missing("a", "gone".to_owned());
    let report = run.conclude(end(&[("a", completed())]), &[]);
    assert_eq!((report.flood.total.count, report.doubts()), (1, vec![]));
}

#[test]
fn starts_are_measured_from_what_there_is() {
    let at = |times: Value| {
        let mut receipt = receipt(&[(1, false, 5, true)]);
        receipt["times"] = times;
        receipt
    };
    let ms = |ms: i64| ms * 1_000_000;
    let skews = |receipts: &[(&str, Value)]| -> Vec<_> {
        let report = concluded(receipts, &[]);
        report.nodes.iter().map(|node| node.start_skew_ms.zip(node.start_skew_to)).collect()
    };
    let started =
        |start_ms: i64| json!({"tool_started_ns": ms(start_ms), "first_sample_ns": ms(start_ms + 900)});
    assert_eq!(
        skews(&[("a", at(started(5_030))), ("b", at(started(5_000))), ("c", at(json!({})))]),
        [Some((30, SkewTo::FirstStart)), Some((0, SkewTo::FirstStart)), None]
    );
    let agreed = json!({"start_at_ns": ms(5_000), "tool_started_ns": ms(4_990)});
    assert_eq!(skews(&[("a", at(agreed))]), [Some((-10, SkewTo::StartAt))]);
    let samples = |first_ms: i64| at(json!({"first_sample_ns": ms(first_ms)}));
    assert_eq!(
        skews(&[("a", samples(7)), ("b", samples(9))]),
        [Some((0, SkewTo::FirstSample)), Some((2, SkewTo::FirstSample))]
    );
}

#[test]
fn a_rate_is_of_the_time_that_has_samples() {
    let at = |first_s: i64, last_s: i64| {
        let mut receipt = receipt(&[(1, false, 5, true); 8]);
        receipt["times"] =
            json!({"first_sample_ns": first_s * 1_000_000_000, "last_sample_ns": last_s * 1_000_000_000});
        (receipt["windows_start_s"], receipt["windows_end_s"]) = (json!(0), json!(45));
        receipt
    };
    let rate = |receipts: &[(&str, Value)]| concluded(receipts, &[]).flood.total.rate_per_s;
    assert!((rate(&[("a", at(14, 34)), ("b", at(16, 30))]) - 0.8).abs() < 1e-9, "16 in 20 s");
    // A time that cannot be is none.
    for times in [(14, 14), (34, 14), (0, 400), (i64::MIN / 1_000_000_000, 5)] {
        assert!((rate(&[("a", at(times.0, times.1))]) - 8.0 / 45.0).abs() < 1e-9, "{times:?}");
    }
}

#[test]
fn reasons_that_differ_in_numbers_only_are_one_over_all_nodes() {
    let with = |errors: &[&str]| {
        let mut receipt = receipt(&[(1, false, 5, true)]);
        receipt["failures"] = errors.iter().map(|error| failure(1, error)).collect();
        (receipt["failures_others"], receipt["failures_kinds"]) = (json!(4), json!(2));
        receipt
    };
    let nodes = [("a", with(&["session 17 is gone", "refused"])), ("b", with(&["session 4 is gone"]))];
    let report = concluded(&nodes, &[]);
    let said: Vec<_> =
        report.failures.iter().map(|one| (one.count, one.error.as_str(), one.varies)).collect();
    assert_eq!(said, [(2, "session 17 is gone", true), (1, "refused", false)]);
    assert_eq!((report.failures_others, report.failures_kinds), (8, 2));
}

#[test]
fn more_reasons_than_an_honest_receipt_has_are_counted() {
    let mut many = receipt(&[(1, false, 5, true)]);
    many["failures"] = (0..5_000_u32).map(|n| failure(n, "no")).collect();
    let report = concluded(&[("a", many)], &[]);
    assert_eq!((report.failures.len(), report.failures_others), (20, 4_980));
}

#[test]
fn nobody_is_no_verdict() {
    let report = GridRun::default().conclude(GridEnd { unanswered: 2, ..end(&[]) }, &parsed(&["count < 1"]));
    assert_eq!(refused(&report), "2 nodes of those expected did not answer; no node answered");
    assert!(!report.judged.all_hold());
    assert_eq!(report.outcome(), "failed");
}

#[test]
fn the_document_is_read_as_that_of_a_run() {
    let mut run = GridRun::default();
    run.add("a", &receipt(&[(1, false, 5_000, true), (1, false, 7_000, false)]));
    let failed = NodeEnd::Finished { outcome: "failed".to_owned(), reason: Some("no Java".to_owned()) };
    run.add("b", &receipt(&[(1, false, 9_000, true)]));
    let report = run.conclude(end(&[("a", completed()), ("b", failed)]), &parsed(&["p95 > 1s"]));
    let json = serde_json::to_string(&report.document(5)).unwrap();
    let results = Results::parse(json.as_bytes()).unwrap();
    assert_eq!((results.node(), results.run(), results.outcome()), ("2 nodes", Some(7), "failed"));
    assert_eq!(results.reason(), Some("b: failed: no Java"));
    assert_eq!((results.ledger().sent, results.delivery().delivered), (3, 3));
    assert_eq!((results.failures().len(), results.doubts.len()), (1, 1));
    assert_eq!(results.thresholds_refused.as_deref(), Some("b: failed: no Java"));
    assert_eq!(results.summary.floods[0].total.count, 3);
    assert_eq!(results.tags().get("build").map(String::as_str), Some("1234"));
    let value: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&value["type"], &value["exit"]), (&json!("grid.summary"), &json!(5)));
    assert_eq!(value["nodes"][1]["outcome"], "failed");
}
