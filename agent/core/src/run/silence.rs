//! A load that went quiet before its end. Some tools (Gatling) say nothing of requests that are under way when their time is over: where
//! a target hangs, all that is slow is in no number, and what is left looks well.

use super::receipt::RunTimes;

/// A tool needs so long to end, s.
const S_MIN: f64 = 5.0;
/// So many times as long as samples are apart on the average: users who pause make no such gap.
const TIMES_USUAL_MIN: f64 = 20.0;
const NS_PER_S: f64 = 1e9;

/// What to say of a run of so many samples; `None` where all is as it should be.
#[must_use]
pub fn silence_at_end(times: &RunTimes, samples: u64) -> Option<String> {
    let (first, last) = (times.first_sample_ns?, times.last_sample_ns?);
    let end = [times.stop_asked_ns, times.tree_empty_ns].into_iter().flatten().min()?;
    let silent_s = end.saturating_sub(last) as f64 / NS_PER_S;
    let usual_s = last.saturating_sub(first) as f64 / NS_PER_S / samples.max(1) as f64;
    (samples > 1 && silent_s > S_MIN && silent_s > usual_s * TIMES_USUAL_MIN).then(|| {
        format!(
            "no request ended in the last {silent_s:.0} s of the run: those that were under way then (a target that hangs?) are in no number, \
             and the tool does not say how many"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(last_s: i64, end_s: i64) -> RunTimes {
        let ns = |s: i64| Some(s * 1_000_000_000);
        RunTimes {
            first_sample_ns: ns(100),
            last_sample_ns: ns(last_s),
            tree_empty_ns: ns(end_s),
            ..RunTimes::default()
        }
    }

    #[test]
    fn a_target_that_hangs_until_the_end_is_told_from_users_who_pause() {
        assert!(silence_at_end(&times(106, 115), 600).unwrap().contains("in the last 9 s"));
        assert_eq!(silence_at_end(&times(106, 110), 600), None, "a tool takes a while to end");
        assert_eq!(silence_at_end(&times(130, 140), 4), None, "a request in ten seconds");
        assert_eq!(silence_at_end(&times(106, 90), 600), None, "a clock that was set");
        assert_eq!(silence_at_end(&RunTimes::default(), 0), None);
        let stopped = RunTimes { stop_asked_ns: Some(107_000_000_000), ..times(106, 130) };
        assert_eq!(silence_at_end(&stopped, 600), None, "somebody stopped it");
    }
}
