//! Thresholds on numbers of a run that only grow (or, the least one, only fall): what has broken one stays so, and need not wait
//! for the end.

use super::{Judgement, Metric, Threshold};
use crate::merge::FloodSummary;

impl Threshold {
    /// Whether nothing that comes later can mend it: `failures > 100`, `count > 1000000`, `max > 5s`, `min < 1ms`. Shares, rates, means
    /// and percentiles may come back.
    #[must_use]
    pub fn is_for_good(&self) -> bool {
        let upwards = self.comparison.is_upwards();
        let is_one_way = match self.metric {
            Metric::Count | Metric::Failures | Metric::Max => upwards,
            Metric::Min => !upwards,
            _ => false,
        };
        is_one_way && self.over_s.is_none()
    }

    /// What is broken for good by what a run's numbers are so far.
    #[must_use]
    pub fn broken_for_good(&self, flood: &FloodSummary) -> Option<Judgement> {
        if !self.is_for_good() {
            return None;
        }
        // What has not been measured yet may still be.
        self.judge(Some(flood), None)
            .into_iter()
            .find(|judgement| !judgement.holds && judgement.value.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::Merge;

    fn threshold(text: &str) -> Threshold {
        text.parse().unwrap()
    }

    #[test]
    fn what_may_come_back_is_not_for_good() {
        for text in
            ["failures > 3", "failures(a) >= 3", "count > 5", "max(*) > 1s", "min < 2ms", "min <= 2ms"]
        {
            assert!(threshold(text).is_for_good(), "{text}");
        }
        for text in [
            "failures > 3%",
            "failures < 3",
            "count < 5",
            "max < 1s",
            "min > 2ms",
            "p95 > 1s",
            "mean > 1s",
            "rate > 5",
            "failures > 3 over 10s",
            "max > 1s over 10s",
        ] {
            assert!(!threshold(text).is_for_good(), "{text}");
        }
    }

    #[test]
    fn it_is_broken_as_soon_as_the_numbers_are_and_not_by_what_is_not_there_yet() {
        let mut merge = Merge::new();
        let add = |merge: &mut Merge, second: u64, failed: u64| {
            let line = format!(
                "transaction_rate_mean,flood=7,label_id=0 label=\"a\",count=9i,failed={failed}i,window_s=1.0,run=1i {second}000000007"
            );
            merge.add_line(line.as_bytes()).unwrap();
        };
        add(&mut merge, 1, 2);
        let (more, of_b, longest) =
            (threshold("failures > 3"), threshold("failures(b) > 0"), threshold("max > 1ms"));
        let broken = |one: &Threshold, merge: &Merge| {
            one.broken_for_good(&merge.summary().floods[0]).map(|judgement| judgement.why)
        };
        assert_eq!(broken(&more, &merge), None);
        add(&mut merge, 2, 2);
        assert_eq!(broken(&more, &merge).unwrap(), "failures > 3: it is 4");
        // No such label yet, and no response time.
        assert_eq!((broken(&of_b, &merge), broken(&longest, &merge)), (None, None));
        assert_eq!(broken(&threshold("failures > 1%"), &merge), None, "a share may come back");
    }
}
