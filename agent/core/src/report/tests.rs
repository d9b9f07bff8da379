//! Whole reports of simulated results.

use super::*;
use crate::measure::sketch::Sketch;
use crate::merge::{Merge, Timeline};
use serde_json::{Value, json};

/// Rollups of a node: seven samples, two of which failed, in the seconds 100 and 101.
fn lines(node: &str, stamp_ns: i64) -> Vec<String> {
    let mut lines = Vec::new();
    for (second, times_us, failed) in
        [(100, &[1_000, 2_000, 3_000][..], 0), (101, &[5_000, 6_000, 7_000, 8_000], 2)]
    {
        let mut sketch = Sketch::new();
        times_us.iter().for_each(|us| sketch.record(*us));
        let (n, time_ns, tags) =
            (times_us.len(), second * 1_000_000_000 + stamp_ns, "flood=shop,label_id=0a");
        let ms = |us: u64| us as f64 / 1_000.0;
        let sum: f64 = times_us.iter().map(|us| ms(*us)).sum();
        let (min, max) = (ms(times_us[0]), ms(times_us[n - 1]));
        lines.push(format!(
            "response_time_mean,{tags} value=1.0,sum={sum:?},min={min:?},max={max:?},stddev=0.0,count={n}i {time_ns}"
        ));
        lines.push(format!("response_time_sketch,{tags} value=\"{}\" {time_ns}", sketch.to_base64()));
        lines.push(format!(
            "transaction_rate_mean,{tags} value=1.0,count={n}i,passed={}i,failed={failed}i,window_s=1.0,label=\"buy\",\
             kind=\"request\",run=1i {time_ns}",
            n - failed
        ));
    }
    lines.push(format!(
        "ledger_sum,flood=shop sent=7i,received=7i,aggregated=7i,node=\"{node}\",run=1i {stamp_ns}"
    ));
    lines
}

fn flood(lines: &[String]) -> (FloodSummary, TimeSeries) {
    let mut merge = Merge::new();
    lines.iter().for_each(|line| merge.add_line(line.as_bytes()).expect(line));
    let flood = merge.summary().floods.remove(0);
    let mut timeline = Timeline::of(&flood);
    lines.iter().for_each(|line| timeline.learn_line(line.as_bytes()));
    lines.iter().for_each(|line| timeline.add_line(line.as_bytes()));
    (flood, timeline.finish())
}

fn document(node: &str) -> Value {
    json!({
        "version": 1,
        "receipt": {
            "version": 1, "node": node, "flood": "shop", "run": 1, "outcome": "completed", "sent_exact": true,
            "ledger": { "sent": 7, "received": 7, "aggregated": 7 }, "delivery": { "delivered": 7 },
            "failures": [{ "label": "buy", "kind": "request", "code": "500", "error": "no", "count": 2 }],
        },
        "doubts": [],
        "load_model": "closed",
        "summary": { "floods": [], "points": 0, "duplicate_points": 0, "other_points": 0 },
    })
}

fn report(nodes: &[&str], documents: &[Value]) -> Report {
    let all: Vec<String> = nodes.iter().zip(1..).flat_map(|(node, stamp_ns)| lines(node, stamp_ns)).collect();
    let (flood, time) = flood(&all);
    let results: Vec<Results> =
        documents.iter().map(|one| Results::parse(one.to_string().as_bytes()).unwrap()).collect();
    let mut stretches = Threshold::stretches(&super::asked_of_several(&results));
    if let Some(stretches) = &mut stretches {
        all.iter().for_each(|line| stretches.add_line(line.as_bytes()));
        stretches.end();
    }
    Report::of(Material { flood, results, time, stretches, refused_lines: 0 })
}

fn tones(report: &Report) -> [Tone; 3] {
    let Verdict { ran, whole, came, .. } = &report.verdict;
    [ran.tone, whole.tone, came.tone]
}

#[test]
fn a_run_that_is_whole_is_said_to_be() {
    let report = report(&["n"], &[document("n")]);
    assert_eq!(tones(&report), [Tone::Good, Tone::Good, Tone::Doubtful], "some requests failed");
    assert_eq!(report.load_model, LoadModel::Closed);
    assert_eq!(
        report.ledger,
        [
            "sent 7 + unattributed 0 = received 7 + lost 0",
            "received 7 = aggregated 7 + rejected 0",
            "aggregated 7 = delivered 7 + spooled 0"
        ]
    );
    assert_eq!(
        (report.chart.total.count.clone(), report.chart.total.failed.clone()),
        (vec![3, 4], vec![0, 2])
    );
    assert_eq!(report.chart.total.rate, [3.0, 4.0]);
    assert_eq!(report.chart.total.histogram.iter().map(|bar| bar.2).sum::<u64>(), 7);
}

#[test]
fn rollups_alone_do_not_say_how_it_ended() {
    let report = report(&["n"], &[]);
    assert_eq!(tones(&report)[..2], [Tone::Unknown, Tone::Unknown]);
    assert_eq!((report.load_model, report.nodes[0].outcome.as_deref()), (LoadModel::Unknown, None));
    assert!(report.load_model.meaning().contains("not known"));
}

#[test]
fn one_node_of_many_can_spoil_it() {
    let mut bad = document("b");
    bad["receipt"]["outcome"] = json!("failed");
    bad["receipt"]["reason"] = json!("it crashed");
    bad["receipt"]["ledger"] = json!({ "sent": 9, "received": 7, "aggregated": 7, "lost": 2 });
    bad["receipt"]["health"] = json!({ "windows": 4, "saturated": 1, "reasons": { "cpu": 1 } });
    let report = report(&["a", "b"], &[document("a"), bad]);
    let verdict = &report.verdict;
    assert_eq!(tones(&report)[..2], [Tone::Bad, Tone::Bad]);
    assert_eq!(verdict.ran.text, "no: it came to its own end on 1 of 2 nodes");
    assert_eq!(verdict.ran.why, ["b: it crashed"]);
    assert_eq!(verdict.whole.why[0], "b: 2 samples were sent and never arrived");
    assert!(
        verdict
            .whole
            .why
            .iter()
            .any(|why| why.starts_with("b: in 1 of 4 windows the machine was saturated (cpu)"))
    );
    assert_eq!((report.failures.len(), report.failures[0].failure.count), (1, 4), "one reason on two nodes");
    assert_eq!(report.nodes.iter().map(|node| node.saturated).collect::<Vec<_>>(), [None, Some((1, 4))]);
    let missing = super::tests::report(&["a", "b"], &[document("a")]);
    assert_eq!(missing.verdict.whole.text, "not known: the results of 1 of 2 nodes are not given");
}

#[test]
fn thresholds_of_one_node_stay_and_those_of_many_are_judged_on_all() {
    let mut one = document("a");
    one["thresholds"] = json!([{ "threshold": "count > 7", "value": 7.0, "holds": true }]);
    let alone = report(&["a"], &[one.clone()]);
    assert!(alone.verdict.thresholds[0].holds && alone.verdict.came.tone == Tone::Good);
    // In each second a node has half of it; together they break it in the second one.
    let mut over = document("a");
    over["thresholds"] = json!([{ "threshold": "failures > 3 over 1s", "value": 2.0, "holds": true }]);
    let judged = &report(&["a", "b"], &[over, document("b")]).verdict.thresholds;
    assert_eq!((judged.len(), judged[0].value, judged[0].holds), (1, Some(4.0), false), "{judged:?}");
    let both = report(&["a", "b"], &[one.clone(), document("b")]);
    assert_eq!((both.verdict.thresholds[0].value, both.verdict.thresholds[0].holds), (Some(14.0), false));
    assert_eq!(both.verdict.came.tone, Tone::Bad);
    one["thresholds_refused"] = json!("the numbers are not whole");
    assert_eq!(report(&["a"], &[one]).verdict.came.text, "the thresholds are no verdict");
}

#[test]
fn thresholds_are_drawn_where_a_chart_has_their_number() {
    let mut one = document("a");
    let judged = |text: &str| json!({ "threshold": text, "label": "buy", "value": 1.0, "holds": true });
    let texts = [
        "p95(buy) > 800ms",
        "rate(buy) < 5",
        "failures(buy) > 1%",
        "mean(buy) > 1s",
        "count(buy) < 1",
        "no threshold",
    ];
    one["thresholds"] = texts.iter().map(|text| judged(text)).collect();
    let lines = report(&["a"], &[one]).chart.lines;
    let drawn: Vec<(LineOf, f64)> = lines.iter().map(|line| (line.of, line.bound)).collect();
    assert_eq!(drawn, [(LineOf::Time, 800.0), (LineOf::Rate, 5.0), (LineOf::FailedShare, 1.0)]);
}

#[test]
fn a_document_that_cannot_be_read_says_what_to_do() {
    let said = |bytes: &[u8]| Results::parse(bytes).unwrap_err().to_string();
    assert!(said(b"{\"version\":1,").starts_with("it is not JSON"), "{}", said(b"{\"version\":1,"));
    let newer = said(b"{\"version\":2,\"receipt\":7}");
    assert!(newer.starts_with("it has version 2, and this gridnode reads 1"), "{newer}");
    for other in [&b"{}"[..], b"[]", b"7", b"{\"version\":1,\"receipt\":{}}"] {
        assert!(said(other).starts_with("it is not what a run leaves as its summary"), "{}", said(other));
    }
}

#[test]
fn a_table_has_room_for_the_busiest_labels() {
    let label = report(&["n"], &[]).flood.labels.remove(0);
    let all: Vec<LabelSummary> =
        (0..LABELS_MAX as u64 + 5).map(|count| LabelSummary { count, ..label.clone() }).collect();
    let (shown, left_out) = labels(&all);
    assert_eq!((shown.len(), shown[0], left_out), (LABELS_MAX, 5, 5));
}
