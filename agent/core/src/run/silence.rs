//! A load that went quiet before its end. Some tools (Gatling) say nothing of requests that are under way when their time is over: where
//! a target hangs, all that is slow is in no number, and what is left looks well.

use super::receipt::{Receipt, RunTimes};

/// A tool needs so long to end, s.
const S_MIN: f64 = 5.0;
/// So many times as long as samples are apart on the average: users who pause make no such gap.
const TIMES_USUAL_MIN: f64 = 20.0;
const NS_PER_S: f64 = 1e9;

/// Whether a tool of this name says nothing of requests that are under way at its end: the others wait for them, or count them as failed.
#[must_use]
pub fn drops_what_is_under_way(tool: &str) -> bool {
    tool == "gatling"
}

impl Receipt {
    /// Looks whether the load went quiet before its end, and says so as a warning.
    pub fn look_for_silence(&mut self) {
        self.silent_end_s = silent_end_s(&self.times, self.ledger.aggregated);
        self.warnings.extend(self.silent_end_s.map(said));
    }
}

/// The sentence for it.
#[must_use]
pub fn said(silent_s: u64) -> String {
    format!(
        "no request ended in the last {silent_s} s of the run: those that were under way then (a target that hangs?) are in no number, and \
         the tool does not say how many"
    )
}

/// How long nothing was heard of a run of so many samples before it ended, s; `None` where all is as it should be.
fn silent_end_s(times: &RunTimes, samples: u64) -> Option<u64> {
    let (first, last) = (times.first_sample_ns?, times.last_sample_ns?);
    let end = [times.stop_asked_ns, times.tree_empty_ns].into_iter().flatten().min()?;
    let silent_s = end.saturating_sub(last) as f64 / NS_PER_S;
    let usual_s = last.saturating_sub(first) as f64 / NS_PER_S / samples.max(1) as f64;
    (samples > 1 && silent_s > S_MIN && silent_s > usual_s * TIMES_USUAL_MIN).then(|| silent_s.round() as u64)
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
        assert_eq!(silent_end_s(&times(106, 115), 600), Some(9));
        assert_eq!(silent_end_s(&times(106, 110), 600), None, "a tool takes a while to end");
        assert_eq!(silent_end_s(&times(130, 140), 4), None, "a request in ten seconds");
        assert_eq!(silent_end_s(&times(106, 90), 600), None, "a clock that was set");
        assert_eq!(silent_end_s(&RunTimes::default(), 0), None);
        let stopped = RunTimes { stop_asked_ns: Some(107_000_000_000), ..times(106, 130) };
        assert_eq!(silent_end_s(&stopped, 600), None, "somebody stopped it");
    }
}
