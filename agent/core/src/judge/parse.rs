//! The text of a threshold. What is wrong is said with its column.

use super::{Comparison, Metric, Threshold};
use std::str::FromStr;

/// Why a text is no threshold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {what}; write it like p95(checkout) > 800ms or failures > 1% over 30s")]
pub struct ThresholdError {
    /// Of the first character that is wrong, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
}

const METRICS: [(&str, Metric); 12] = [
    ("count", Metric::Count),
    ("rate", Metric::Rate),
    ("failures", Metric::Failures),
    ("mean", Metric::Mean),
    ("min", Metric::Min),
    ("max", Metric::Max),
    ("p50", Metric::Percentile(500)),
    ("p75", Metric::Percentile(750)),
    ("p90", Metric::Percentile(900)),
    ("p95", Metric::Percentile(950)),
    ("p99", Metric::Percentile(990)),
    ("p99.9", Metric::Percentile(999)),
];
/// What stands before the time in which a threshold must not be broken.
const OVER: &str = "over";
/// A day, s: no run is that long.
const OVER_MAX_S: u64 = 86_400;
/// The longer ones first.
const COMPARISONS: [(&str, Comparison); 4] = [
    (">=", Comparison::AtLeast),
    ("<=", Comparison::AtMost),
    (">", Comparison::Above),
    ("<", Comparison::Below),
];

impl FromStr for Threshold {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Self, ThresholdError> {
        let mut reader = Reader { text, at: 0 };
        let metric = reader.metric()?;
        let label = reader.label()?;
        let comparison = reader.comparison()?;
        let (metric, bound) = reader.bound(metric)?;
        let over_s = reader.over()?;
        Ok(Self { text: text.trim().to_owned(), metric, label, comparison, bound, over_s })
    }
}

struct Reader<'a> {
    text: &'a str,
    /// In bytes.
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// At what comes next, blanks left out.
    fn error<T>(&mut self, what: impl Into<String>) -> Result<T, ThresholdError> {
        self.skip_blanks();
        let column = self.text[..self.at].chars().count() + 1;
        Err(ThresholdError { column, what: what.into() })
    }

    fn metric(&mut self) -> Result<Metric, ThresholdError> {
        self.skip_blanks();
        let name: String =
            self.rest().chars().take_while(|c| c.is_alphanumeric() || ".%_".contains(*c)).collect();
        let found = METRICS.iter().find(|(known, _)| known.eq_ignore_ascii_case(&name));
        let Some((_, metric)) = found else {
            let known = METRICS.map(|(name, _)| name).join(", ");
            let name = if name.is_empty() { "nothing".to_owned() } else { format!("`{name}`") };
            return self.error(format!("a metric is due, one of {known}, and there is {name}"));
        };
        self.at += name.len();
        Ok(*metric)
    }

    /// A label may have anything in it: it goes to the last closing parenthesis.
    fn label(&mut self) -> Result<Option<String>, ThresholdError> {
        self.skip_blanks();
        let Some(rest) = self.rest().strip_prefix('(') else { return Ok(None) };
        let Some(end) = rest.rfind(')') else { return self.error("the parenthesis is not closed") };
        let label = rest[..end].trim();
        if label.is_empty() {
            self.at += 1;
            return self.error("a label is due, or * for all requests together");
        }
        self.at += end + 2;
        Ok((label != "*").then(|| label.to_owned()))
    }

    fn comparison(&mut self) -> Result<Comparison, ThresholdError> {
        self.skip_blanks();
        let found = COMPARISONS.iter().find(|(sign, _)| self.rest().starts_with(sign));
        let Some((sign, comparison)) = found else {
            return self.error("one of > >= < <= is due: a threshold says what is a failure");
        };
        self.at += sign.len();
        Ok(*comparison)
    }

    fn bound(&mut self, metric: Metric) -> Result<(Metric, f64), ThresholdError> {
        self.skip_blanks();
        let digits = self.rest().find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.rest().len());
        let Ok(number) = self.rest()[..digits].parse::<f64>() else { return self.error("a number is due") };
        let from = self.at;
        self.at += digits;
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_whitespace() && !"ms/%".contains(c)).unwrap_or(rest.len());
        // The unit is alone, or `over` comes behind a blank.
        let is_apart = rest[..end].ends_with(char::is_whitespace) && rest[end..].starts_with(OVER);
        let end = if is_apart { end } else { rest.len() };
        let unit = rest[..end].trim();
        let is_time = matches!(metric, Metric::Mean | Metric::Min | Metric::Max | Metric::Percentile(_));
        let read = match (metric, unit) {
            (_, "ms") if is_time => (metric, number),
            // By way of whole ns: 1.001 s are 1,001 ms.
            (_, "s") if is_time => (metric, (number * 1e9).round() / 1e6),
            (Metric::Failures, "%") if number <= 100.0 => (Metric::FailedShare, number),
            (Metric::Failures, "%") => {
                self.at = from;
                return self.error("there are at most 100 %");
            }
            (Metric::Count | Metric::Failures, "") | (Metric::Rate, "" | "/s") => (metric, number),
            _ if is_time => return self.error("ms or s is due, and nothing after it but a time: over 30s"),
            (Metric::Failures, _) => return self.error("% or nothing is due, and then a time: over 30s"),
            (Metric::Rate, _) => return self.error("/s or nothing is due, and then a time: over 30s"),
            _ => return self.error("nothing is due after the number but a time: over 30s"),
        };
        self.at += end;
        Ok(read)
    }

    /// `over 30s`, `over 1m`; nothing where the whole run is meant.
    fn over(&mut self) -> Result<Option<u64>, ThresholdError> {
        let Some(rest) = self.rest().strip_prefix(OVER) else { return Ok(None) };
        self.at = self.text.len() - rest.len();
        self.skip_blanks();
        let rest = self.rest();
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let unit_s = match rest[digits..].trim() {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            _ => return self.error("a time in whole s, m or h is due, as 30s, and nothing after it"),
        };
        let number: Option<u64> = rest[..digits].parse().ok();
        match number.and_then(|number| number.checked_mul(unit_s)) {
            Some(over_s @ 1..=OVER_MAX_S) => Ok(Some(over_s)),
            _ => self.error("a time from 1s to 24h is due"),
        }
    }
}
