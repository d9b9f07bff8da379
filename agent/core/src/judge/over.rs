//! Thresholds with `over`: none of a run's stretches that are so long may break them.
//!
//! A stretch is of whole windows, as many as cover the time, and the next one begins a window later. A run that is shorter is
//! judged as one. The first and the last window hold less load than the others: where that could be the failure (`rate`,
//! `count` and `failures` with `<`), they are left out, unless there are no others. A window without samples counts as
//! such; a stretch in which nothing was measured has no response time and no share, and is passed over.

use super::{Judgement, Metric, Threshold, fits};
use crate::merge::{Edges, LabelKey, Shorter, Stretch, Stretches};

impl Threshold {
    /// What the thresholds with `over` need of a run's lines.
    #[must_use]
    pub fn stretches(thresholds: &[Self]) -> Option<Stretches> {
        let over: Vec<&Self> = thresholds.iter().filter(|one| one.over_s.is_some()).collect();
        let patterns: Vec<String> = over.iter().filter_map(|one| one.label.clone()).collect();
        let is_wanted = move |label: &str| patterns.iter().any(|pattern| fits(pattern, label));
        (!over.is_empty()).then(|| Stretches::new(is_wanted))
    }

    /// What is broken by a stretch that is over, while the run goes on. Thresholds without `over` are of the whole run, and
    /// nobody knows yet what that comes to.
    #[must_use]
    pub fn broken_so_far(&self, stretches: &Stretches) -> Option<Judgement> {
        let judged = self.judge_over(self.over_s?, Some(stretches), Shorter::IsNone);
        // What has not been measured yet may still be.
        judged.into_iter().find(|judgement| !judgement.holds && judgement.value.is_some())
    }

    pub(super) fn judge_over(
        &self,
        over_s: u64,
        stretches: Option<&Stretches>,
        shorter: Shorter,
    ) -> Vec<Judgement> {
        if stretches.is_some_and(Stretches::is_cut) {
            let why =
                "its labels in all windows are too many to be judged, name fewer or take longer windows";
            return vec![self.judgement(None, None, false, format!("{}: {why}", self.text))];
        }
        let Some(pattern) = &self.label else {
            return vec![self.of_stretches((over_s, shorter), stretches, None)];
        };
        let labels =
            stretches.into_iter().flat_map(Stretches::labels).filter(|(text, _)| fits(pattern, text));
        let found: Vec<Judgement> =
            labels.map(|key| self.of_stretches((over_s, shorter), stretches, Some(key))).collect();
        if found.is_empty() {
            let labels = stretches.into_iter().flat_map(Stretches::labels);
            return vec![self.no_label(pattern, labels.map(|(text, _)| text.as_str()))];
        }
        found
    }

    fn of_stretches(
        &self,
        (over_s, shorter): (u64, Shorter),
        stretches: Option<&Stretches>,
        whose: Option<&LabelKey>,
    ) -> Judgement {
        let mut worst: Option<(bool, f64, Stretch)> = None;
        let see = |stretch: Stretch| {
            let Some(value) = self.metric.of(&stretch.numbers) else { return };
            let is_broken = self.is_broken(&stretch.numbers, value);
            let is_worse = worst.as_ref().is_none_or(|(was_broken, least, _)| {
                let is_further = if self.comparison.is_upwards() { value > *least } else { value < *least };
                if is_broken == *was_broken { is_further } else { is_broken }
            });
            if is_worse {
                worst = Some((is_broken, value, stretch));
            }
        };
        if let Some(stretches) = stretches {
            stretches.each_stretch(whose, over_s, (self.edges(), shorter), see);
        }
        let label = whose.map(|(text, _)| text.as_str());
        let of_whom = label.map(|label| format!(" of {label}")).unwrap_or_default();
        let Some((is_broken, value, stretch)) = worst else {
            let why = format!("{}: nothing was measured{of_whom}", self.text);
            return self.judgement(label, None, false, why);
        };
        let (from_s, to_s) = (stretch.from_s, stretch.to_s);
        let when = format!("from {} to {}", minutes(from_s), minutes(to_s));
        let why = format!("{}: it is {}{of_whom} {when}", self.text, self.shown(value));
        let why = if is_broken { why } else { String::new() };
        let judgement = self.judgement(label, Some(value), !is_broken, why);
        Judgement { from_s: Some(from_s), to_s: Some(to_s), ..judgement }
    }

    fn edges(&self) -> Edges {
        let counts = matches!(self.metric, Metric::Count | Metric::Rate | Metric::Failures);
        if counts && !self.comparison.is_upwards() { Edges::LeftOut } else { Edges::Included }
    }
}

/// As the lines of a run have it: `01:10`, `1:00:00`.
fn minutes(s: u64) -> String {
    let (hours, minutes, seconds) = (s / 3_600, s / 60 % 60, s % 60);
    if hours == 0 {
        format!("{minutes:02}:{seconds:02}")
    } else {
        format!("{hours}:{minutes:02}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests;
