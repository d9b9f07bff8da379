//! Whether totals that somebody states can be true: receipts are a stranger's, and a verdict is made of them.
//!
//! Published clients count what passed and what failed, and response times, beside the samples: those need not be the same number.

use super::{StatedNumbers, StatedTotals};
use crate::wire::sump::Kind;

/// One number of them.
type Of = fn(&StatedNumbers) -> u64;

/// What adds up.
const SUMS: [(&str, Of); 5] = [
    ("samples", |numbers| numbers.count),
    ("passed samples", |numbers| numbers.passed),
    ("failed samples", |numbers| numbers.failed),
    ("response times", |numbers| numbers.response_time_count),
    ("sums of response times", |numbers| numbers.response_time_sum_us),
];

impl StatedTotals {
    /// What contradicts something else in it, a clause; `aggregated`: samples that the node's ledger has.
    ///
    /// # Errors
    /// That clause.
    pub fn check(&self, aggregated: u64) -> Result<(), String> {
        self.check_sums()?;
        let counted: u128 = self.stated().map(|numbers| u128::from(numbers.count)).sum();
        if counted != u128::from(aggregated) {
            return Err(format!("its labels have {counted} samples, and its ledger {aggregated}"));
        }
        Ok(())
    }

    fn stated(&self) -> impl Iterator<Item = &StatedNumbers> {
        self.labels.iter().map(|label| &label.numbers).chain([&self.labels_others.numbers])
    }

    /// The same where nothing is known beside the totals.
    ///
    /// # Errors
    /// That clause.
    pub fn check_sums(&self) -> Result<(), String> {
        self.stated().chain([&self.total]).try_for_each(StatedNumbers::check)?;
        for (what, of) in SUMS {
            let requests = self.labels.iter().filter(|label| label.kind == Kind::Request);
            let named: u128 = requests.map(|label| u128::from(of(&label.numbers))).sum();
            // Of the others nobody knows which are requests.
            let most = named + u128::from(of(&self.labels_others.numbers));
            let total = u128::from(of(&self.total));
            if !(named..=most).contains(&total) {
                return Err(format!("the {what} of its labels are not those of all requests"));
            }
        }
        let codes = self.total_codes.values().fold(0, |sum: u64, n| sum.saturating_add(*n));
        if codes > self.total.count {
            return Err("there are more response codes than requests".to_owned());
        }
        Ok(())
    }
}

impl StatedNumbers {
    fn check(&self) -> Result<(), String> {
        let sketch = self.read_sketch().map_err(|error| format!("a sketch cannot be read: {error}"))?;
        let n = self.response_time_count;
        if sketch.count() != n {
            return Err(format!("a sketch has {} response times where {n} were measured", sketch.count()));
        }
        let sum_us = u128::from(self.response_time_sum_us);
        match (self.response_time_min_us, self.response_time_max_us) {
            (None, None) if n == 0 && sum_us == 0 => Ok(()),
            (Some(min_us), Some(max_us)) if n > 0 => {
                let of = |us: u64| u128::from(us) * u128::from(n);
                let is_within = (of(min_us)..=of(max_us)).contains(&sum_us);
                if min_us <= max_us && is_within {
                    Ok(())
                } else {
                    Err("a sum of response times does not fit the smallest and the largest".to_owned())
                }
            }
            _ => Err("there are a smallest and a largest response time where none was measured, or none where some were".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::StatedLabel;
    use super::*;
    use crate::measure::sketch::Sketch;

    fn numbers(times_us: &[u64]) -> StatedNumbers {
        let mut sketch = Sketch::new();
        times_us.iter().for_each(|us| sketch.record(*us));
        let n = times_us.len() as u64;
        StatedNumbers {
            count: n,
            passed: n,
            failed: 0,
            response_time_count: n,
            response_time_sum_us: times_us.iter().sum(),
            response_time_min_us: times_us.iter().min().copied(),
            response_time_max_us: times_us.iter().max().copied(),
            sketch: sketch.to_base64(),
        }
    }

    fn totals() -> StatedTotals {
        let label = |label: &str, kind, times_us: &[u64]| StatedLabel {
            label: label.to_owned(),
            kind,
            numbers: numbers(times_us),
        };
        let mut totals = StatedTotals {
            total: numbers(&[1, 2, 3, 9]),
            labels: vec![label("a", Kind::Request, &[1, 2, 3]), label("t", Kind::Transaction, &[6])],
            ..StatedTotals::default()
        };
        totals.labels_others.numbers = numbers(&[9]);
        totals
    }

    #[test]
    fn what_is_true_passes_and_what_contradicts_itself_does_not() {
        assert_eq!(totals().check(5), Ok(()));
        let doubt = |change: fn(&mut StatedTotals)| {
            let mut totals = totals();
            change(&mut totals);
            totals.check(5).unwrap_err()
        };
        for (change, why) in [
            ((|t| t.labels[0].numbers.count = 7) as fn(&mut StatedTotals), "the samples of its labels"),
            (|t| t.labels[0].numbers.failed = 7, "the failed samples of its labels"),
            (|t| t.labels[1].numbers.count = 7, "its labels have 11 samples, and its ledger 5"),
            (|t| t.total.count = 17, "the samples of its labels are not those of all requests"),
            (|t| t.total.response_time_sum_us = 16, "the sums of response times"),
            (|t| t.total.response_time_sum_us = 1_000, "a sum of response times does not fit"),
            (|t| t.labels[0].numbers.response_time_min_us = Some(99), "a sum of response times does not fit"),
            (|t| t.labels[0].numbers.response_time_max_us = None, "there are a smallest"),
            (|t| t.labels[0].numbers.response_time_count = 2, "a sketch has 3 response times where 2"),
            (|t| t.labels[0].numbers.sketch = "AAAA".to_owned(), "a sketch cannot be read"),
            (|t| t.total_codes.extend([("200".to_owned(), 9)]), "there are more response codes"),
        ] {
            assert!(doubt(change).starts_with(why), "{} and not {why}", doubt(change));
        }
        assert!(totals().check(6).unwrap_err().ends_with("its labels have 5 samples, and its ledger 6"));
    }
}
