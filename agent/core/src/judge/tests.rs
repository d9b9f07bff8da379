use super::*;
use crate::measure::sketch::Sketch;
use crate::merge::Merge;
use proptest::prelude::*;

fn threshold(text: &str) -> Threshold {
    text.parse().unwrap()
}

/// `count` samples of each label, of which `failed` failed; all took 10 ms.
fn flood(labels: &[(&str, u64, u64)]) -> FloodSummary {
    let mut merge = Merge::new();
    for (n, (label, count, failed)) in labels.iter().enumerate() {
        let passed = count - failed;
        let line = format!(
            "transaction_rate_mean,flood=7,label_id={n:016x} label=\"{label}\",count={count}i,passed={passed}i,failed={failed}i,\
             window_s=15i,run=1i,kind=\"request\" {n}"
        );
        merge.add_line(line.as_bytes()).unwrap();
    }
    merge.summary().floods.remove(0)
}

fn whys(text: &str, flood: &FloodSummary) -> Vec<String> {
    threshold(text).judge(Some(flood), None).into_iter().map(|judgement| judgement.why).collect()
}

#[test]
fn it_is_said_what_a_number_came_to_and_of_which_label() {
    let flood = flood(&[("GET /a", 100, 2), ("GET /b", 100, 0), ("POST (x)", 10, 10)]);
    assert_eq!(whys("failures > 1%", &flood), ["failures > 1%: it is 5.714 %"]);
    assert_eq!(whys("failures(*) <= 12", &flood), ["failures(*) <= 12: it is 12"]);
    assert_eq!(whys("failures(GET *) > 1 %", &flood), ["failures(GET *) > 1 %: it is 2 % of GET /a", ""]);
    assert_eq!(whys("failures(POST (x)) >= 11", &flood), [""]);
    assert_eq!(whys("count(GET /b) < 101", &flood), ["count(GET /b) < 101: it is 100 of GET /b"]);
    assert_eq!(whys("count(*b) < 100", &flood), [""]);
}

#[test]
fn what_fits_nothing_or_was_not_measured_does_not_pass() {
    let flood = flood(&[("a", 1, 0)]);
    assert_eq!(whys("count(b) > 5", &flood), ["count(b) > 5: no label of this run is b"]);
    assert_eq!(
        whys("count([T] A) > 5", &flood),
        ["count([T] A) > 5: no label of this run is [T] A; did you mean a?"]
    );
    assert_eq!(whys("p95(a) > 1s", &flood), ["p95(a) > 1s: nothing was measured of a"]);
    let judged = threshold("failures > 1%").judge(None, None);
    assert_eq!((judged.len(), judged[0].holds), (1, false));
}

#[test]
fn units_and_spellings() {
    let parsed = |text: &str| (threshold(text).metric, threshold(text).label, threshold(text).bound);
    assert_eq!(
        parsed(" P99.9 ( a b ) >= 1.5 s "),
        (Metric::Percentile(999), Some("a b".to_owned()), 1_500.0)
    );
    assert_eq!(parsed("p50>5ms"), (Metric::Percentile(500), None, 5.0));
    assert_eq!(parsed("rate(*)<10/s"), (Metric::Rate, None, 10.0));
    assert_eq!(parsed("failures > 0"), (Metric::Failures, None, 0.0));
    let over = |text: &str| threshold(text).over_s;
    assert_eq!(over("p95(over 5s) > 800ms"), None);
    assert_eq!(over("p95(over 5s) > 800 ms  over  1 m "), Some(60));
    assert_eq!((over("failures(*) > 1% over 30s"), over("rate < 5/s over 1h")), (Some(30), Some(3_600)));
    assert_eq!((over("failures > 5 over 24h"), over("count < 5 over 1s")), (Some(86_400), Some(1)));
}

#[test]
fn errors_name_the_column_and_what_is_due() {
    for (text, column, what) in [
        ("", 1, "a metric is due"),
        ("p42(a) > 1ms", 1, "there is `p42`"),
        ("p95(a > 1ms", 4, "not closed"),
        ("p95( ) > 1ms", 6, "a label is due"),
        ("p95(ä) = 1ms", 8, "one of > >= < <= is due"),
        ("p95 > ms", 7, "a number is due"),
        ("p95 > 1.2.3ms", 7, "a number is due"),
        ("p95 > 800", 10, "ms or s is due"),
        ("p95 > 800ms for 30s", 10, "but a time: over 30s"),
        ("p95 > 800msover 30s", 10, "but a time: over 30s"),
        ("p95 > 800ms over", 17, "a time in whole s, m or h is due"),
        ("p95 > 800ms over 1.5s", 18, "a time in whole s, m or h is due"),
        ("p95(ä) > 800ms over 30s or so", 21, "a time in whole s, m or h is due"),
        ("failures > 1% over 0s", 20, "from 1s to 24h"),
        ("failures > 1% over 25h", 20, "from 1s to 24h"),
        ("failures > 1% over 99999999999999999999s", 20, "from 1s to 24h"),
        ("failures > 1% over 9999999999999999h", 20, "from 1s to 24h"),
        ("failures > 101%", 12, "at most 100 %"),
        ("failures > 1ms", 13, "% or nothing is due"),
        ("count > 1%", 10, "nothing is due after the number"),
        ("rate > 1 %", 10, "/s or nothing is due"),
    ] {
        let error = text.parse::<Threshold>().unwrap_err();
        assert_eq!(error.column, column, "{text}: {error}");
        assert!(error.what.contains(what), "{text}: {error}");
    }
}

#[test]
fn stars_stand_for_any_characters() {
    for (pattern, label, wanted) in [
        ("a*c", "abc", true),
        ("a*c", "ac", true),
        ("a*c", "abcd", false),
        ("*b*", "abc", true),
        ("a*a", "a", false),
        ("**", "", true),
        ("a*b*c", "a-c-b-c", true),
        ("a*b*c", "a-c-c", false),
        ("e*", "école", false),
        ("abc", "abc", true),
    ] {
        assert_eq!(fits(pattern, label), wanted, "{pattern} {label}");
    }
}

/// One label, `a`, with these response times, µs.
fn timed(times_us: &[u64]) -> FloodSummary {
    let mut sketch = Sketch::new();
    times_us.iter().for_each(|&us| sketch.record(us));
    let (count, sum_us) = (times_us.len(), times_us.iter().sum::<u64>());
    let [min, max, sum] = [times_us.iter().min(), times_us.iter().max(), Some(&sum_us)]
        .map(|us| us.map_or(0.0, |&us| us as f64 / 1_000.0));
    let mut merge = Merge::new();
    for line in [
        format!(
            "transaction_rate_mean,flood=7,label_id=00 label=\"a\",count={count}i,window_s=15i,run=1i,kind=\"request\" 1"
        ),
        format!(
            "response_time_mean,flood=7,label_id=00 value=1.0,sum={sum:?},min={min:?},max={max:?},stddev=0.0,count={count}i 1"
        ),
        format!("response_time_sketch,flood=7,label_id=00 value=\"{}\" 1", sketch.to_base64()),
    ] {
        merge.add_line(line.as_bytes()).unwrap();
    }
    merge.summary().floods.remove(0)
}

#[test]
fn what_a_sketch_cannot_tell_from_the_limit_holds() {
    let tens = timed(&[vec![10_000; 99], vec![30_000]].concat());
    for text in ["p95 > 10ms", "p95(a) > 0.01s", "p95 >= 10.001ms", "p95 < 10ms", "p95 <= 9.999ms"] {
        assert_eq!(whys(text, &tens), [""], "{text}");
    }
    assert_eq!(whys("p95 >= 9.9ms", &tens), ["p95 >= 9.9ms: it is 10 ms"]);
    assert_eq!(whys("p95 < 11ms", &tens), ["p95 < 11ms: it is 10 ms"]);
    // As few digits as a table has would deny it.
    assert_eq!(whys("p95 > 10ms", &timed(&[10_200; 9])), ["p95 > 10ms: it is 10.2 ms"]);
    // Exact numbers are compared as they are.
    assert_eq!(whys("max >= 30ms", &tens), ["max >= 30ms: it is 30 ms"]);
    let long = timed(&[5_400_000_000; 3]);
    assert_eq!(whys("p99 < 5400s", &long), [""]);
    assert_eq!(whys("p99 > 5399.999s", &long).concat(), "p99 > 5399.999s: it is 5400000 ms");
}

proptest! {
    /// Against the exact percentile, of times that lie close together and around the limit.
    #[test]
    fn no_threshold_fails_that_the_exact_value_satisfies(
        scale in prop::sample::select(vec![1_u64, 10, 1_000, 90_000, 1_000_000]),
        times in prop::collection::vec(1..4_000_u64, 1..60),
        at in 0..60_usize,
        off_us in -2..3_i64,
        sign in prop::sample::select(vec![">", ">=", "<", "<="]),
        (name, permille) in prop::sample::select(vec![("p50", 500_usize), ("p95", 950), ("p99.9", 999)]),
    ) {
        let mut times_us: Vec<u64> = times.iter().map(|time| time * scale).collect();
        times_us.sort_unstable();
        let exact_us = times_us[(times_us.len() * permille).div_ceil(1_000).max(1) - 1];
        let near_us = [times_us[at % times_us.len()], exact_us][at % 2];
        let bound_us = near_us.saturating_add_signed(off_us);
        let (exact_ms, bound_ms) = (exact_us as f64 / 1_000.0, bound_us as f64 / 1_000.0);
        let text = format!("{name}(a) {sign} {bound_ms}ms");
        let judged = threshold(&text).judge(Some(&timed(&times_us)), None).remove(0);
        let is_broken = match sign {
            ">" => exact_ms > bound_ms,
            ">=" => exact_ms >= bound_ms,
            "<" => exact_ms < bound_ms,
            _ => exact_ms <= bound_ms,
        };
        prop_assert!(judged.holds || is_broken, "{}, exactly {} ms", judged.why, exact_ms);
        // And what is broken by more than a bucket's width is noticed, below the hour at which a sketch ends.
        if is_broken && exact_ms < 3_600_000.0 && (exact_ms - bound_ms).abs() > 0.016 * exact_ms {
            prop_assert!(!judged.holds, "{text}, exactly {exact_ms} ms");
        }
    }

    #[test]
    fn no_text_breaks_it(text in "\\PC{0,40}") {
        let _ = text.parse::<Threshold>();
    }

    #[test]
    fn almost_thresholds_break_nothing(text in "(p95|failures|rate|max)( ?\\(.{0,6}\\))? ?(>|<=|=) ?[0-9.]{0,4} ?(ms|%|s|é)?( over [0-9]{1,3}(s|m|h|é))?") {
        if let Ok(threshold) = text.parse::<Threshold>() {
            prop_assert_eq!(threshold.to_string().parse::<Threshold>().unwrap(), threshold);
        }
    }

    /// Against the plain definition, by what may be left out.
    #[test]
    fn stars_mean_what_they_mean(pattern in "[ab*]{0,6}", label in "[ab]{0,8}") {
        fn naive(pattern: &[u8], label: &[u8]) -> bool {
            match pattern {
                [] => label.is_empty(),
                [b'*', rest @ ..] => (0..=label.len()).any(|from| naive(rest, &label[from..])),
                [c, rest @ ..] => label.first() == Some(c) && naive(rest, &label[1..]),
            }
        }
        prop_assert_eq!(fits(&pattern, &label), naive(pattern.as_bytes(), label.as_bytes()));
    }
}
