//! Points of simulated nodes over time, against what the merge of all of them says.

use super::*;
use crate::merge::{Merge, Runs};

/// The points of one label of one node in one window; times in µs.
fn points(
    label: &str,
    run: i64,
    time_ns: i64,
    window_s: u64,
    times_us: &[u64],
    failed: usize,
) -> Vec<String> {
    let mut sketch = Sketch::new();
    times_us.iter().for_each(|us| sketch.record(*us));
    let ms = |us: u64| us as f64 / 1_000.0;
    let (min, max) = (ms(*times_us.iter().min().unwrap()), ms(*times_us.iter().max().unwrap()));
    let sum: f64 = times_us.iter().map(|us| ms(*us)).sum();
    let (n, tags) = (times_us.len(), format!("flood=7,label_id={label:0>16}"));
    vec![
        format!(
            "response_time_mean,{tags} value=1.0,sum={sum:?},min={min:?},max={max:?},stddev=0.0,count={n}i {time_ns}"
        ),
        format!("response_time_sketch,{tags} value=\"{}\" {time_ns}", sketch.to_base64()),
        format!(
            "transaction_rate_mean,{tags} value=1.0,count={n}i,passed={}i,failed={failed}i,window_s={window_s}.0,label=\"{label}\",\
             kind=\"{}\",run={run}i {time_ns}",
            n - failed,
            if label == "t" { "transaction" } else { "request" }
        ),
    ]
}

fn users(node: &str, time_ns: i64, active: u32) -> String {
    format!("concurrency_max,flood=7 value={active}.0,mean=1.0,last=1.0,node=\"{node}\",run=1i {time_ns}")
}

fn ledger(node: &str) -> String {
    // Its stamp has the node in it, as every point's.
    let stamp_ns = node.trim_start_matches('n');
    format!("ledger_sum,flood=7 sent=1i,node=\"{node}\",run=1i {stamp_ns}")
}

fn series(lines: &[String]) -> TimeSeries {
    let mut merge = Merge::new();
    lines.iter().for_each(|line| merge.add_line(line.as_bytes()).expect(line));
    let summary = merge.summary_of(Runs::Apart);
    of(&summary.floods[0], lines)
}

fn of(flood: &FloodSummary, lines: &[String]) -> TimeSeries {
    let mut timeline = Timeline::of(flood);
    lines.iter().for_each(|line| timeline.learn_line(line.as_bytes()));
    lines.iter().for_each(|line| timeline.add_line(line.as_bytes()));
    timeline.finish()
}

const S: i64 = 1_000_000_000;

#[test]
fn a_window_has_the_percentile_of_all_nodes_samples_and_no_mean_of_theirs() {
    // A fast node with many samples and a slow one with few: the mean of their medians would be some 500 ms.
    let mut lines = points("a", 1, 100 * S + 1, 1, &[1_000; 90], 3);
    lines.extend(points("a", 1, 100 * S + 2, 1, &[1_000_000; 10], 1));
    lines.extend(points("b", 1, 102 * S + 1, 1, &[5_000], 0));
    lines.extend(points("t", 1, 102 * S + 1, 1, &[9_000], 1));
    let time = series(&lines);
    assert_eq!((time.period_s, time.window_s, time.start_s), (1, 1, 100));
    let counts: Vec<(u64, u64)> = time.total.iter().map(|window| (window.count, window.failed)).collect();
    assert_eq!(counts, [(100, 4), (0, 0), (1, 0)], "transactions are not in the total");
    let p = |permille| time.total[0].percentile_ms(permille).unwrap();
    assert_eq!((p(500).round(), p(900).round(), p(950).round()), (1.0, 1.0, 1_000.0));
    assert_eq!(time.total[1].percentile_ms(500), None);
    let labels: Vec<(usize, u64)> = time
        .labels
        .iter()
        .map(|label| (label.at, label.windows.iter().map(|window| window.count).sum()))
        .collect();
    assert_eq!(labels, [(0, 100), (1, 1), (2, 1)]);
}

#[test]
fn order_and_repetition_change_nothing() {
    let mut lines = Vec::new();
    for second in 0..40 {
        for run in [1, 2] {
            lines.extend(points("a", run, second * S + run, 1, &[1_000, 2_000 * run.unsigned_abs()], 1));
        }
    }
    let counts = |time: &TimeSeries| -> Vec<_> {
        time.total.iter().map(|w| (w.count, w.failed, w.span_us, w.percentile_ms(950))).collect()
    };
    let once = series(&lines);
    assert_eq!(once.total.iter().map(|window| window.count).sum::<u64>(), 80, "of the first run only");
    let mut merge = Merge::new();
    lines.iter().for_each(|line| merge.add_line(line.as_bytes()).unwrap());
    let flood = &merge.summary().floods[0];
    let mut again: Vec<String> = lines.iter().chain(&lines).cloned().collect();
    again.sort();
    assert_eq!(counts(&of(flood, &again)), counts(&once));
    again.reverse();
    assert_eq!(counts(&of(flood, &again)), counts(&once));
}

#[test]
fn users_are_added_over_nodes_and_not_over_a_nodes_own_points() {
    let mut lines = points("a", 1, 0, 15, &[1_000], 0);
    lines.extend(points("a", 1, 31 * S, 15, &[1_000], 0));
    lines.extend([users("n1", 1, 10), users("n1", 2, 12), users("n2", 3, 5), users("n2", 31 * S, 7)]);
    assert_eq!(series(&lines).users, [Some(17.0), None, Some(7.0)]);
}

#[test]
fn a_long_run_has_no_more_windows_than_a_screen() {
    for (length_s, window_s) in [(300, 1), (361, 2), (3_600, 10), (21_600, 60), (864_000, 2_460)] {
        let mut lines = points("a", 1, 1, 1, &[1_000], 0);
        lines.extend(points("a", 1, (length_s - 1) * S, 1, &[1_000], 0));
        let time = series(&lines);
        assert_eq!(time.window_s, window_s, "{length_s} s");
        assert!(time.total.len() as u64 <= WINDOWS_MAX, "{length_s} s: {}", time.total.len());
        assert_eq!(time.total.iter().map(|window| window.count).sum::<u64>(), 2, "{length_s} s");
        assert_eq!(time.covered_s.iter().sum::<u64>(), length_s.unsigned_abs(), "{length_s} s");
    }
}

#[test]
fn what_was_folded_is_known_and_does_not_make_windows_longer() {
    let mut lines = Vec::new();
    for second in 0..30 {
        lines.extend(points("a", 1, second * S, if second == 20 { 4 } else { 1 }, &[1_000], 0));
    }
    let time = series(&lines);
    assert_eq!(time.window_s, 1);
    let folded: Vec<usize> = (0..30).filter(|at| time.folded[*at]).collect();
    assert_eq!(folded, [17, 18, 19, 20]);
}

#[test]
fn health_is_of_the_floods_nodes_and_its_time() {
    let mut lines = points("a", 1, 20 * S, 1, &[1_000], 0);
    lines.extend([ledger("n1"), ledger("n2")]);
    let health = |node: &str, at_s: i64, cpu: &str, saturated: &str| {
        let reason = if saturated == "t" { "cpu" } else { "" };
        format!(
            "node_health_mean,grid=9 node=\"{node}\",cpu_percent={cpu},memory_used_percent=40.0,runs=1i,saturated={saturated},\
             reason=\"{reason}\" {}",
            at_s * S
        )
    };
    lines.extend([
        health("n1", 16, "50.0", "f"),
        health("n2", 17, "97.5", "t"),
        health("n3", 18, "99.0", "t"),
    ]);
    lines.extend([health("n1", 5_000, "99.0", "t"), health("n1", 1, "99.0", "t")]);
    let time = series(&lines);
    let [moment] = &time.health[..] else { panic!("{:?}", time.health) };
    assert_eq!((moment.start_s, moment.readings, moment.saturated), (15, 2, 1));
    assert_eq!((moment.cpu_percent_max, moment.memory_percent_max), (Some(97.5), Some(40.0)));
    let nodes: Vec<(&str, u64, u64)> =
        time.nodes.iter().map(|(name, all)| (name.as_str(), all.readings, all.saturated)).collect();
    assert_eq!(nodes, [("n1", 1, 0), ("n2", 1, 1)]);
}

#[test]
fn hostile_times_and_garbage_are_survived() {
    let mut lines = points("a", 1, i64::MIN, 1, &[1_000], 0);
    lines.extend(points("a", 1, i64::MAX, 3_600, &[1_000], 0));
    let time = series(&lines);
    assert!(time.total.len() as u64 <= 2 * WINDOWS_MAX, "{}", time.total.len());
    let mut timeline = Timeline::of(&{
        let mut merge = Merge::new();
        lines.iter().for_each(|line| merge.add_line(line.as_bytes()).unwrap());
        merge.summary().floods.remove(0)
    });
    for line in [
        "",
        "#",
        "x",
        "transaction_rate_mean,flood=7 count=1i 1",
        "response_time_sketch,flood=7,label_id=0 value=\"A\" 1",
    ] {
        timeline.learn_line(line.as_bytes());
        timeline.add_line(line.as_bytes());
    }
    drop(timeline.finish());
}

#[test]
fn windows_can_be_cut_longer_and_other_labels_be_chosen() {
    let lines: Vec<String> = (0..100)
        .flat_map(|s| ["a", "b"].map(|label| points(label, 1, (30 + s) * S, 1, &[1_000, 3_000], 1)).concat())
        .collect();
    let mut merge = Merge::new();
    lines.iter().for_each(|line| merge.add_line(line.as_bytes()).expect(line));
    let flood = &merge.summary().floods[0];
    let cut = |labels: &[usize], window_s_min, windows_max| {
        let mut timeline = Timeline::cut(flood, Cut { labels: labels.to_vec(), window_s_min, windows_max });
        lines.iter().for_each(|line| timeline.learn_line(line.as_bytes()));
        lines.iter().for_each(|line| timeline.add_line(line.as_bytes()));
        timeline.finish()
    };
    let time = cut(&[1, 7], 15, 160);
    assert_eq!((time.window_s, time.total.len(), time.covered_s.iter().sum::<u64>()), (15, 7, 100));
    assert_eq!(time.labels.iter().map(|label| label.at).collect::<Vec<_>>(), [1], "the other is not there");
    let first = &time.labels[0].windows[0];
    assert_eq!((first.count, first.measured, first.sum_us, first.mean_ms()), (30, 30, 60_000, Some(2.0)));
    let mut whole = WindowNumbers::default();
    time.total.iter().for_each(|window| whole.add(window));
    assert_eq!((whole.count, whole.failed, whole.span_us), (400, 200, Some((1_000, 3_000))));
    assert_eq!((whole.percentile_ms(500), WindowNumbers::default().mean_ms()), (flood.total.p50_ms, None));
    assert_eq!(cut(&[], 1, 86_400).total.len(), 100);
    assert!(cut(&[], 15, 5).total.len() <= 10);
}
