//! Rollups of simulated nodes, merged in any order and with repetitions, against the samples themselves.

use super::*;
use crate::measure::sketch::Sketch;
use proptest::prelude::*;

/// The rollup lines of one node's samples (µs) of one label and window.
fn rollup(flood: &str, node: u32, label: &str, window: i64, samples: &[u64]) -> Vec<String> {
    if samples.is_empty() {
        return Vec::new();
    }
    let mut sketch = Sketch::new();
    samples.iter().for_each(|&us| sketch.record(us));
    let n = samples.len();
    let ms = |us: u64| us as f64 / 1_000.0;
    let sum: f64 = samples.iter().map(|&us| ms(us)).sum();
    let mean = sum / n as f64;
    let squares: f64 = samples.iter().map(|&us| (ms(us) - mean).powi(2)).sum();
    let stddev = (squares / n as f64).sqrt();
    let (min, max) = (ms(*samples.iter().min().unwrap()), ms(*samples.iter().max().unwrap()));
    let tags = format!("account=1,flood={flood},project=5,grid=9,region=eu,label_id={label:0>16}");
    let time = window * 15_000_000_000 + i64::from(node) * 1_001;
    let sketch = sketch.to_base64();
    let failed = n / 3;
    let passed = n - failed;
    vec![
        format!(
            "response_time_mean,{tags} value={mean:?},sum={sum:?},min={min:?},max={max:?},stddev={stddev:?},count={n}i {time}"
        ),
        format!("response_time_sketch,{tags} value=\"{sketch}\" {time}"),
        format!(
            "transaction_rate_mean,{tags} value=1.0,count={n}i,passed={passed}i,failed={failed}i,window_s=15.0,label=\"{label} \\\"x\\\"\",kind=\"request\",run=1i {time}"
        ),
        format!("response_codes_count,{tags} c200={passed}i,c503={failed}i {time}"),
        format!("throughput_sum,{tags} rx={}i,tx={n}i {time}", 100 * n),
        format!("latency_mean,{tags} value={mean:?},sum={sum:?},min={min:?},max={max:?},count={n}i {time}"),
        format!("passed_count,{tags} value={passed}i {time}"),
    ]
}

fn merged(lines: &[String]) -> Merge {
    let mut merge = Merge::new();
    lines.iter().for_each(|line| merge.add_line(line.as_bytes()).expect(line));
    merge
}

#[test]
fn many_nodes_merge_to_the_numbers_of_all_samples() {
    let mut all: Vec<u64> = Vec::new();
    let mut lines = Vec::new();
    let mut state = 7_u64;
    for node in 0..90 {
        let samples: Vec<u64> = (0..50)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                1_000 + (state >> 44) * u64::from(node % 7 + 1)
            })
            .collect();
        lines.extend(rollup("7", node, "a", i64::from(node) / 30, &samples));
        all.extend(samples);
    }
    all.sort_unstable();
    let summary = merged(&lines).summary();
    let flood = &summary.floods[0];
    let label = &flood.labels[0];
    assert_eq!((label.count, label.passed, label.failed), (4_500, 3_060, 1_440));
    assert_eq!((label.label.as_str(), label.codes["503"], label.rx_bytes), ("a \"x\"", 1_440, 450_000));
    assert_eq!((flood.start_s, flood.end_s), (0, 45));
    assert!((label.rate_per_s - 100.0).abs() < 1e-9);
    assert!(label.percentiles_complete);
    for (permille, got) in
        [(500, label.p50_ms), (950, label.p95_ms), (990, label.p99_ms), (999, label.p999_ms)]
    {
        let got = got.expect("measured");
        let exact = all[(all.len() * permille).div_ceil(1_000) - 1] as f64 / 1_000.0;
        assert!((got - exact).abs() / exact < 0.008, "p{permille}: {got} instead of {exact}");
    }
    let mean = all.iter().sum::<u64>() as f64 / all.len() as f64 / 1_000.0;
    let spread = all.iter().map(|&us| (us as f64 / 1_000.0 - mean).powi(2)).sum::<f64>() / all.len() as f64;
    assert!((label.response_time.mean_ms.unwrap() - mean).abs() / mean < 1e-12);
    let stddev = label.response_time.stddev_ms.expect("response times carry it");
    assert!((stddev - spread.sqrt()).abs() / spread.sqrt() < 1e-9);
    assert_eq!(label.response_time.min_ms, Some(all[0] as f64 / 1_000.0));
    let latency = label.latency.expect("measured");
    assert_eq!((latency.count, latency.stddev_ms), (4_500, None));
    assert!(label.connect_time.is_none());
}

proptest! {
    #[test]
    fn order_and_repetition_change_nothing(
        samples in prop::collection::vec((0_u32..4, 0_i64..3, 0_u64..2_000_000), 1..60),
        seed: u64,
    ) {
        let mut lines = Vec::new();
        for node in 0..4 {
            for window in 0..3 {
                let of_node: Vec<u64> =
                    samples.iter().filter(|s| (s.0, s.1) == (node, window)).map(|s| s.2).collect();
                lines.extend(rollup("7", node, "b", window, &of_node));
            }
        }
        let once = merged(&lines).summary();
        let mut shuffled: Vec<String> = lines.iter().chain(&lines).cloned().collect();
        shuffled.sort_by_key(|line| seen::identity(line.as_bytes(), b"", seed as i64));
        let mut again = merged(&shuffled).summary();
        prop_assert_eq!(again.duplicate_points, lines.len() as u64);
        again.duplicate_points = 0;
        let (a, b) = (&once.floods[0].labels[0], &again.floods[0].labels[0]);
        prop_assert!((a.response_time.sum_ms - b.response_time.sum_ms).abs() < 1e-6);
        let stddev = |l: &LabelSummary| l.response_time.stddev_ms.unwrap_or(f64::NAN);
        prop_assert!((stddev(a) - stddev(b)).abs() < 1e-6);
        let exact = |l: &LabelSummary| (l.count, l.failed, l.p50_ms, l.p99_ms, l.codes.clone(), l.rx_bytes);
        prop_assert_eq!(exact(a), exact(b));
        prop_assert_eq!(a.count, samples.len() as u64);
    }

    #[test]
    fn any_bytes_are_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut merge = Merge::new();
        drop(merge.add_line(&bytes));
        let mut ours = b"transaction_rate_mean,label_id=0 ".to_vec();
        ours.extend(&bytes);
        drop(merge.add_line(&ours));
        drop(merge.summary());
    }
}

#[test]
fn floods_and_accounts_are_kept_apart_and_grids_merged() {
    let mut lines = rollup("7", 1, "a", 0, &[1_000]);
    lines.extend(rollup("8", 1, "a", 0, &[1_000]));
    lines.extend(rollup("7", 2, "a", 0, &[1_000]).into_iter().map(|l| l.replace("grid=9", "grid=10")));
    lines.extend(rollup("7", 1, "a", 0, &[1_000]).into_iter().map(|l| l.replace("account=1", "account=2")));
    let counts: Vec<_> = merged(&lines)
        .summary()
        .floods
        .iter()
        .map(|f| (f.account.clone(), f.flood.clone(), f.total.count))
        .collect();
    let expected = [("1", "7", 2), ("1", "8", 1), ("2", "7", 1)].map(|(a, f, n)| (a.into(), f.into(), n));
    assert_eq!(counts, expected);
}

#[test]
fn the_total_leaves_transactions_out() {
    let mut lines = rollup("7", 1, "a", 0, &[1_000, 2_000]);
    lines.extend(
        rollup("7", 1, "b", 0, &[3_000]).into_iter().map(|l| l.replace("\"request\"", "\"transaction\"")),
    );
    let summary = merged(&lines).summary();
    assert_eq!((summary.floods[0].labels.len(), summary.floods[0].total.count), (2, 2));
    assert_eq!(summary.floods[0].total.response_time.max_ms, Some(2.0));
}

#[test]
fn users_are_added_over_nodes_and_the_greatest_window_counts() {
    let mut lines = rollup("7", 1, "a", 0, &[1_000]);
    for (window, node, users) in [(0_i64, 1, 10), (0, 2, 20), (1, 1, 25), (1, 2, 1)] {
        let time = window * 15_000_000_000 + node;
        lines.push(format!(
            "concurrency_max,account=1,flood=7,project=5 value={users}.0,mean=1.0,last=1.0,node=\"n{node}\",run=1i {time}"
        ));
    }
    assert_eq!(merged(&lines).summary().floods[0].concurrency_max, 30.0);
}

#[test]
fn runs_of_one_flood_are_apart_unless_asked_for() {
    let of_run = |run: u32, node: u32, samples: &[u64]| -> Vec<String> {
        let mut lines = rollup("7", node, "a", 0, samples);
        let time = i64::from(node);
        lines.push(format!("concurrency_max,account=1,flood=7,project=5 value=5.0,node=\"n\",run=1i {time}"));
        lines.push(format!("ledger_sum,account=1,flood=7,project=5 sent=10i,node=\"n\",run=1i {time}"));
        lines.into_iter().map(|line| line.replace("run=1i", &format!("run={run}i"))).collect()
    };
    let merge = merged(&[of_run(1, 1, &[1_000, 2_000]), of_run(2, 2, &[9_000])].concat());
    let row = |f: &FloodSummary| {
        (
            f.run,
            f.runs.clone(),
            f.total.count,
            f.total.p50_ms.map(f64::round),
            f.ledger["sent"],
            f.concurrency_max,
        )
    };
    let apart: Vec<_> = merge.summary().floods.iter().map(row).collect();
    let of_two = [(Some(1), vec![1], 2, Some(1.0), 10, 5.0), (Some(2), vec![2], 1, Some(9.0), 10, 5.0)];
    assert_eq!(apart, of_two);
    let added: Vec<_> = merge.summary_of(Runs::AddedUp).floods.iter().map(row).collect();
    assert_eq!(added, [(None, vec![1, 2], 3, Some(2.0), 20, 10.0)]);
}

#[test]
fn points_of_an_older_node_are_of_the_only_run() {
    let mut lines: Vec<String> =
        rollup("7", 1, "a", 0, &[1_000]).into_iter().map(|line| line.replace(",run=1i", "")).collect();
    lines.push("ledger_sum,account=1,flood=7,project=5 sent=10i,node=\"n\",run=3i 1".to_owned());
    let floods = merged(&lines).summary().floods;
    assert_eq!((floods.len(), floods[0].run, floods[0].total.count, floods[0].nodes), (1, Some(3), 1, 1));
}

#[test]
fn what_holds_no_sample_has_no_percentiles() {
    let ledger = "ledger_sum,flood=7 sent=0i,node=\"n\",run=1i 1".to_owned();
    let total = merged(&[ledger]).summary().floods.remove(0).total;
    assert_eq!((total.p50_ms, total.p999_ms, total.response_time.mean_ms), (None, None, None));
    assert_eq!((total.response_time.max_ms, total.response_time.stddev_ms), (None, None));
}

#[test]
fn a_node_whose_windows_became_longer_is_not_added_to_itself() {
    let mut lines = rollup("7", 1, "a", 0, &[1_000]);
    for (at_s, users) in [(1, 10), (6, 12), (11, 11)] {
        lines.push(format!(
            "concurrency_max,account=1,flood=7,project=5 value={users}.0,node=\"n\",run=1i {at_s}000000000"
        ));
    }
    assert_eq!(merged(&lines).summary().floods[0].concurrency_max, 12.0);
}

#[test]
fn ledgers_are_added_for_each_node_and_in_all() {
    let line = |node: &str, time: i64, labels: i64| {
        format!(
            "ledger_sum,account=1,flood=7,project=5 sent=10i,lost=1i,labels={labels}i,node=\"{node}\",run=1i {time}"
        )
    };
    let flood = merged(&[line("a", 1, 3), line("a", 2, 5), line("b", 3, 4)]).summary().floods.remove(0);
    assert_eq!((flood.nodes, flood.ledgers.len()), (2, 2));
    assert_eq!((flood.ledger["sent"], flood.ledger["lost"], flood.ledger["labels"]), (30, 3, 5));
    assert_eq!(flood.ledgers[0].amounts["sent"], 20);
}

#[test]
fn what_the_ledger_has_counted_and_no_label_has_is_missing() {
    let mut lines = rollup("7", 1, "a", 0, &[5, 6, 7]);
    let ledger = |aggregated: u64| {
        format!("ledger_sum,account=1,flood=7,project=5 aggregated={aggregated}i,node=\"n\",run=1i 1")
    };
    for (aggregated, missing) in [(2, 0), (3, 0), (10, 7)] {
        lines.push(ledger(aggregated));
        assert_eq!(merged(&lines).summary().floods[0].missing(), missing, "{aggregated}");
        lines.pop();
    }
}

#[test]
fn what_a_point_says_of_its_own_delivery_is_left_out() {
    let line =
        "ledger_sum,flood=7 sent=10i,delivered=0i,spooled=10i,evicted=2i,node=\"n\",run=1i 1".to_owned();
    let ledger = merged(&[line]).summary().floods.remove(0).ledger;
    assert_eq!((ledger.get("delivered"), ledger.get("spooled")), (None, None));
    assert_eq!((ledger["sent"], ledger["evicted"]), (10, 2));
}

#[test]
fn what_is_wrong_is_said_and_changes_nothing() {
    let cases = [
        ("response_time_mean,label_id=0 sum=1.0,min=1.0,max=1.0,count=1i", "a timestamp is missing"),
        ("response_time_mean sum=1.0,min=1.0,max=1.0,count=1i 1", "the tag `label_id` is missing"),
        ("response_time_mean,label_id=0 sum=1.0,min=1.0,max=1.0 1", "count is missing"),
        (
            "response_time_mean,label_id=0 sum=1.0,min=1.0,max=1.0,count=1.0 1",
            "field `count` must be an integer, 0 or above",
        ),
        (
            "response_time_mean,label_id=0 sum=1.0,min=1.0,max=1.0,count=-1i 1",
            "field `count` must be an integer, 0 or above",
        ),
        ("response_time_mean,label_id=0 sum=t,min=1.0,max=1.0,count=1i 1", "field `sum` must be a number"),
        ("response_time_sketch,label_id=0 value=\"AAAA\" 1", "field `value` is no sketch"),
        ("ledger_sum,flood=7 sent=1i,run=1i 1", "node is missing"),
        ("response_time_mean,label_id=0", "unable to parse"),
    ];
    let mut merge = Merge::new();
    for (line, expected) in cases {
        let error = merge.add_line(line.as_bytes()).expect_err(line).to_string();
        assert!(error.starts_with(expected), "{line}: {error}");
    }
    let summary = merge.summary();
    assert_eq!((summary.floods.len(), summary.points), (0, 0));
    merge.add_line(b"cpu,host=a value=1 1").expect("not ours, but fine");
    merge.add_line(b"  ").expect("empty");
    merge.add_line(b"# comment").expect("comment");
    assert_eq!(merge.summary().other_points, 1);
}
