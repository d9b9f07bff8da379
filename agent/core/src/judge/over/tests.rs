use super::*;
use crate::measure::sketch::Sketch;

/// One window of a label: its number, its length, s, how many, of which failed, and how long each took, ms.
type Window<'a> = (i64, &'a str, u64, u64, u64);

fn lines(window_s: i64, windows: &[Window<'_>]) -> Vec<String> {
    let of_one = |&(window, label, count, failed, ms): &Window<'_>| {
        let time_ns = (1_000 + window) * window_s * 1_000_000_000 + 500;
        let tags = format!("flood=7,label_id={label}");
        let mut sketch = Sketch::new();
        sketch.record_n(ms * 1_000, count);
        let (passed, sum) = (count - failed, ms * count);
        [
            format!(
                "transaction_rate_mean,{tags} label=\"{label}\",count={count}i,passed={passed}i,failed={failed}i,window_s={window_s}.0,\
                 run=1i,kind=\"request\" {time_ns}"
            ),
            format!(
                "response_time_mean,{tags} value=1.0,sum={sum}.0,min={ms}.0,max={ms}.0,stddev=0.0,count={count}i {time_ns}"
            ),
            format!("response_time_sketch,{tags} value=\"{}\" {time_ns}", sketch.to_base64()),
        ]
    };
    windows.iter().flat_map(of_one).collect()
}

fn judged(text: &str, lines: &[String]) -> Vec<Judgement> {
    let thresholds: Vec<Threshold> = vec![text.parse().unwrap()];
    let mut stretches = Threshold::stretches(&thresholds).unwrap();
    lines.iter().for_each(|line| stretches.add_line(line.as_bytes()));
    stretches.end();
    thresholds[0].judge(None, Some(&stretches))
}

fn whys(text: &str, lines: &[String]) -> Vec<String> {
    judged(text, lines).into_iter().map(|judgement| judgement.why).collect()
}

#[test]
fn a_bad_stretch_breaks_it_where_the_whole_run_is_fine() {
    let windows: Vec<Window<'_>> = (0..60)
        .map(|n| (n, "a", 10, u64::from(n == 20) * 3, 50 + 850 * u64::from((30..40).contains(&n))))
        .collect();
    let lines = lines(1, &windows);
    assert_eq!(
        whys("min > 800ms over 10s", &lines),
        ["min > 800ms over 10s: it is 900 ms from 00:30 to 00:40"]
    );
    // Half of the samples are enough, and the first of stretches that are equally bad is named.
    assert_eq!(
        whys("p50 > 800ms over 10s", &lines),
        ["p50 > 800ms over 10s: it is 900 ms from 00:26 to 00:36"]
    );
    assert_eq!(whys("p50(a) > 800ms over 21s", &lines), [""]);
    assert_eq!(whys("p50 > 800ms over 1m", &lines), [""]);
    assert_eq!(
        whys("failures(a) > 9% over 3s", &lines),
        ["failures(a) > 9% over 3s: it is 10 % of a from 00:18 to 00:21"]
    );
    assert_eq!(whys("failures > 10% over 3s", &lines), [""]);
    assert_eq!(whys("failures > 2 over 1s", &lines), ["failures > 2 over 1s: it is 3 from 00:20 to 00:21"]);
    let holds = judged("max > 1s over 5s", &lines).remove(0);
    assert_eq!((holds.holds, holds.value, holds.from_s, holds.to_s), (true, Some(900.0), Some(26), Some(31)));
}

#[test]
fn a_time_is_rounded_up_to_whole_windows_and_a_short_run_is_judged_whole() {
    let lines = lines(15, &[(0, "a", 10, 0, 5), (1, "a", 10, 4, 5), (2, "a", 10, 0, 5)]);
    assert_eq!(
        whys("failures >= 20% over 16s", &lines),
        ["failures >= 20% over 16s: it is 20 % from 00:00 to 00:30"]
    );
    assert_eq!(whys("failures >= 40% over 16s", &lines), [""]);
    assert_eq!(
        whys("failures > 13% over 10m", &lines),
        ["failures > 13% over 10m: it is 13.333 % from 00:00 to 00:45"]
    );
}

#[test]
fn rates_are_not_falsely_low_at_the_edges_and_gaps_count() {
    let edges = [(0, "a", 1, 0, 5), (1, "a", 100, 0, 5), (2, "a", 100, 0, 5), (3, "a", 2, 0, 5)];
    assert_eq!(whys("rate < 50/s over 1s", &lines(1, &edges)), [""]);
    assert_eq!(whys("rate < 50/s over 1m", &lines(1, &edges)), [""]);
    assert_eq!(
        whys("rate > 90/s over 1s", &lines(1, &edges)).concat(),
        "rate > 90/s over 1s: it is 100/s from 00:01 to 00:02"
    );
    // Nothing else is there.
    assert_eq!(
        whys("rate < 5/s over 1s", &lines(1, &edges[..2])).concat(),
        "rate < 5/s over 1s: it is 1/s from 00:00 to 00:01"
    );
    let gap = [(0, "a", 9, 0, 5), (1, "a", 9, 0, 5), (2, "b", 9, 0, 5), (3, "a", 9, 0, 5), (4, "a", 9, 0, 5)];
    assert_eq!(
        whys("count(a) < 1 over 1s", &lines(1, &gap)).concat(),
        "count(a) < 1 over 1s: it is 0 of a from 00:02 to 00:03"
    );
    // There is no response time in it, which is neither good nor bad.
    assert_eq!(whys("p95(a) > 6ms over 1s", &lines(1, &gap)), [""]);
}

#[test]
fn labels_are_judged_apart_and_what_fits_nothing_or_comes_to_nothing_does_not_hold() {
    let lines = lines(1, &[(0, "a", 9, 0, 5), (0, "ab", 9, 9, 5), (3_700, "a", 9, 1, 5)]);
    assert_eq!(
        whys("failures(a*) > 50% over 5s", &lines),
        ["", "failures(a*) > 50% over 5s: it is 100 % of ab from 00:00 to 00:05"]
    );
    assert_eq!(
        whys("failures(c) > 50% over 5s", &lines),
        ["failures(c) > 50% over 5s: no label of this run is c"]
    );
    assert_eq!(
        whys("failures(a) > 5% over 5s", &lines).concat(),
        "failures(a) > 5% over 5s: it is 11.111 % of a from 1:01:36 to 1:01:41"
    );
    assert_eq!(whys("p95 > 1s over 5s", &[]), ["p95 > 1s over 5s: nothing was measured"]);
    let without: Threshold = "p95 > 1s over 5s".parse().unwrap();
    assert!(!without.judge(None, None)[0].holds);
    assert!(Threshold::stretches(&["p95 > 1s".parse().unwrap()]).is_none());
}

#[test]
fn transactions_are_not_in_the_total_and_late_and_repeated_points_are_counted_once() {
    let mut all = lines(1, &(0..500).map(|n| (n, "a", 1, 0, 5)).collect::<Vec<_>>());
    all.push(lines(1, &[(3, "a", 1, 1, 5)])[0].replace("000000500", "000000501"));
    all.push(lines(1, &[(3, "b", 9, 9, 5)])[0].replace("request", "transaction"));
    all.push(all[1_494].clone());
    all.push("transaction_rate_mean,flood=7 nonsense".to_owned());
    assert_eq!(
        whys("failures > 0 over 1s", &all).concat(),
        "failures > 0 over 1s: it is 1 from 00:03 to 00:04"
    );
    assert_eq!(whys("count > 1 over 1s", &all).concat(), "count > 1 over 1s: it is 2 from 00:03 to 00:04");
}

#[test]
fn while_a_run_goes_on_only_stretches_that_are_over_break_it() {
    let lines = lines(1, &[(0, "a", 9, 9, 5), (1, "a", 9, 9, 5), (2, "a", 9, 9, 5), (3, "a", 9, 0, 5)]);
    let broken = |text: &str, seconds: usize| {
        let thresholds: Vec<Threshold> = vec![text.parse().unwrap()];
        let mut stretches = Threshold::stretches(&thresholds)?;
        // Three lines a second.
        for line in &lines[..seconds * 3] {
            stretches.add_line(line.as_bytes());
            stretches.end();
            stretches.forget_before(2);
        }
        thresholds[0].broken_so_far(&stretches).map(|judgement| judgement.why)
    };
    let why = "failures > 50% over 2s: it is 100 % from 00:00 to 00:02";
    assert_eq!(broken("failures > 50% over 2s", 1), None);
    assert_eq!(broken("failures > 50% over 2s", 2).as_deref(), Some(why));
    assert_eq!(broken("failures(b) > 50% over 2s", 4), None, "it may still come");
    assert_eq!(broken("failures > 50%", 4), None, "it is of the whole run");
    // The newest window may not have all of its samples yet.
    assert_eq!(broken("rate < 10/s over 1s", 2), None);
    assert!(broken("rate < 10/s over 1s", 3).is_some());
}
