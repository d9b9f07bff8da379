//! Markdown for a job's page. Labels and errors are strangers' words: nothing in them is markup.

use super::Told;
use crate::console::{clean, count};
use gridnode_core::merge::LabelSummary;
use std::fmt::Write as _;

/// More make a page that nobody reads; the busiest come first.
const LABELS_MAX: usize = 50;

/// A heading, the three answers, thresholds, the table.
pub(super) fn summary(told: &Told<'_>) -> String {
    let mut text = format!("### Load test {}, run {}\n\n", plain(told.flood), told.run);
    answers(&mut text, told);
    thresholds(&mut text, told);
    if let Some(flood) = told.numbers {
        table(&mut text, &flood.labels, &flood.total);
    }
    text.push('\n');
    text
}

fn answers(text: &mut String, told: &Told<'_>) {
    match &told.complaint {
        None => text.push_str("- ran as asked\n"),
        Some(why) => line(text, &format!("**did not run as asked**: {}", plain(why))),
    }
    if let Some(why) = &told.assertions {
        line(text, &format!("**the plan's assertions do not hold**: {}", plain(why)));
    }
    if told.doubts.is_empty() {
        text.push_str("- every sample is accounted for\n");
    }
    let doubts = &told.doubts;
    doubts.iter().for_each(|doubt| line(text, &format!("**the numbers are not whole**: {}", plain(doubt))));
    text.push('\n');
}

fn thresholds(text: &mut String, told: &Told<'_>) {
    let judged = told.judged;
    if judged.thresholds.is_empty() {
        return;
    }
    if let Some(why) = &judged.refused {
        line(text, &format!("**thresholds are not judged**: {}", plain(why)));
        text.push('\n');
    }
    text.push_str("| fails if | label | came to | holds |\n|---|---|--:|---|\n");
    for one in &judged.thresholds {
        let label = one.label.as_deref().map_or_else(|| "all requests".to_owned(), plain);
        let value = one.value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"));
        let holds = match (&judged.refused, one.holds) {
            (Some(_), _) => "not judged",
            (None, true) => "yes",
            (None, false) => "**no**",
        };
        line_of(text, &[&plain(&one.threshold), &label, &value, holds]);
    }
    text.push('\n');
}

fn table(text: &mut String, labels: &[LabelSummary], total: &LabelSummary) {
    let mut shown: Vec<&LabelSummary> = labels.iter().collect();
    shown.sort_by_key(|label| std::cmp::Reverse(label.count));
    let others = shown.len().saturating_sub(LABELS_MAX);
    shown.truncate(LABELS_MAX);
    text.push_str(
        "| label | count | failed | p50 | p95 | p99 | max | rate/s |\n|---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for label in shown {
        row(text, &plain(&label.label), label);
    }
    row(text, "**all requests**", total);
    text.push_str("\nTimes in ms.");
    if others > 0 {
        let _ = write!(text, " {} more labels are in the results.", count(others as u64));
    }
    text.push('\n');
}

fn row(text: &mut String, name: &str, label: &LabelSummary) {
    let ms = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"));
    let cells = [
        name.to_owned(),
        count(label.count),
        count(label.failed),
        ms(label.p50_ms),
        ms(label.p95_ms),
        ms(label.p99_ms),
        ms(label.response_time.max_ms),
        format!("{:.1}", label.rate_per_s),
    ];
    line_of(text, &cells.each_ref().map(String::as_str));
}

fn line(text: &mut String, words: &str) {
    let _ = writeln!(text, "- {words}");
}

fn line_of(text: &mut String, cells: &[&str]) {
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

/// One line without control characters, in which nothing is markup.
fn plain(words: &str) -> String {
    let mut text = String::new();
    for c in clean(words).chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '~' | '#' | '!' | '@' => {
                let _ = write!(text, "&#{};", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn strangers_words_are_no_markup() {
        assert_eq!(plain("a|b <img src=x> `c` # d"), "a&#124;b &lt;img src=x> &#96;c&#96; &#35; d");
        assert_eq!(plain("two\nlines").lines().count(), 1);
        assert_eq!(plain("[x](javascript:1) @all"), "&#91;x&#93;(javascript:1) &#64;all");
    }
}
