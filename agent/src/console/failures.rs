//! Why samples failed, below the table of labels: a line a reason, the most frequent first, those of requests before those of transactions.
//!
//! At most [`REASONS_SHOWN_MAX`] are shown. Labels and error texts come from outside; both are cleaned, and cut to what
//! the screen has room for: `summary.json` has them whole.

use super::number::{count, of};
use super::screen::{Screen, Style};
use super::summary::label_of;
use super::text::{clean, fit, flow, pad_end, pad_start, width};
use gridnode_core::base::limits::FAILURE_REASONS_MAX;
use gridnode_core::measure::failures::Failure;
use gridnode_core::run::receipt::Receipt;
use gridnode_core::wire::sump::Kind;
use std::path::Path;

/// Reasons that are shown: what a person looks at before the first ones are mended.
const REASONS_SHOWN_MAX: usize = 10;
/// Traces that are named.
const TRACES_SHOWN_MAX: usize = 3;
/// A label gets no more than this, columns: the text says why.
const LABEL_COLUMNS_MAX: usize = 36;
/// However narrow the screen is, columns.
const TEXT_COLUMNS_MIN: usize = 8;
/// Where the tool gave no text.
const NO_TEXT: &str = "–";
const HEADINGS: [&str; 4] = ["count", "label", "code", "error"];
const GAP: &str = "  ";

/// Why samples failed, as a receipt says it, or those of many nodes.
#[derive(Debug, Clone, Copy)]
pub struct Reasons<'a> {
    /// The most frequent first.
    pub failures: &'a [Failure],
    /// Failed samples of all other reasons.
    pub others: u64,
    /// Distinct reasons.
    pub kinds: u64,
    /// There may be more of them than `kinds`.
    pub kinds_are_least: bool,
}

impl<'a> Reasons<'a> {
    /// Those of one run.
    #[must_use]
    pub fn of(receipt: &'a Receipt) -> Self {
        Self {
            failures: &receipt.failures,
            others: receipt.failures_others,
            kinds: receipt.failures_kinds,
            kinds_are_least: receipt.failures_kinds >= FAILURE_REASONS_MAX as u64,
        }
    }
}

/// The reasons of a run; `None` where nothing failed.
#[must_use]
pub fn render_failures(screen: &Screen, reasons: &Reasons<'_>) -> Option<String> {
    if reasons.failures.is_empty() {
        return None;
    }
    // A transaction's reason is that of a request in it.
    let of =
        |kind| reasons.failures.iter().filter(move |failure| (failure.kind == Kind::Transaction) == kind);
    let shown: Vec<&Failure> = of(false).chain(of(true)).take(REASONS_SHOWN_MAX).collect();
    let rows: Vec<[String; 4]> = shown.iter().map(|failure| cells(failure)).collect();
    let columns = layout(screen.width, &rows);
    let heading = line(&HEADINGS.map(str::to_owned), columns);
    let mut lines = vec![
        screen.paint(Style::Strong, "why requests failed:").into_owned(),
        screen.paint(Style::Faint, &heading).into_owned(),
    ];
    lines.extend(rows.iter().map(|row| line(row, columns)));
    lines.extend(more(reasons, &shown));
    // Those of a run on this machine are named all at once, below.
    let elsewhere = |name: &&str| name.contains("://");
    let traces = shown.iter().filter_map(|failure| failure.trace.as_deref()).filter(elsewhere);
    let traces: Vec<String> = traces.take(TRACES_SHOWN_MAX).map(clean).collect();
    if !traces.is_empty() {
        let text = format!("in full: {} (see `gridnode trace show`)", traces.join(" · "));
        lines.push(screen.paint(Style::Faint, &flow(&[text], screen.width)).into_owned());
    }
    Some(lines.join("\n"))
}

/// How many of the failures are shown in full, and how all of those are looked at; `None` where none is.
#[must_use]
pub fn failures_in_full(receipt: &Receipt, dir: &Path) -> Option<String> {
    let traces = receipt.traces?;
    let shown = traces.captured.saturating_sub(traces.slow);
    let all = shown.saturating_add(traces.suppressed).saturating_add(traces.lost);
    (shown > 0).then(|| {
        format!(
            "{} of {} failures are in full: gridnode trace show {}",
            count(shown),
            count(all),
            dir.display()
        )
    })
}

/// How many slow successes there are in full, and where; `slower_ms`: what was asked for.
#[must_use]
pub fn slow_in_full(receipt: &Receipt, slower_ms: u32, dir: &Path) -> String {
    let than = if slower_ms.is_multiple_of(1_000) {
        format!("{} s", slower_ms / 1_000)
    } else {
        format!("{} ms", count(u64::from(slower_ms)))
    };
    let slow = receipt.traces.map_or(0, |traces| traces.slow);
    if slow == 0 {
        return format!("no success that took longer than {than} is shown in full: see the column max");
    }
    format!(
        "in full, of successes that took longer than {than}: {} (up to three a window): {} (see `gridnode trace show`)",
        count(slow),
        dir.join("failures").join("*-slow-*.json").display()
    )
}

fn cells(failure: &Failure) -> [String; 4] {
    let error = match &*failure.error {
        "" => NO_TEXT.to_owned(),
        error if failure.varies => format!("e.g. {error}"),
        error => error.to_owned(),
    };
    [count(failure.count), label_of(failure.kind, &failure.label), failure.code.clone(), error]
}

/// Columns of the count, the label, the code and the text, which gets what is left.
fn layout(screen_columns: usize, rows: &[[String; 4]]) -> [usize; 4] {
    let widest = |at: usize| rows.iter().map(|row| width(&row[at])).fold(HEADINGS[at].len(), usize::max);
    let (counts, codes) = (widest(0), widest(2));
    let room = screen_columns.saturating_sub(counts + codes + 3 * GAP.len());
    let labels_max = LABEL_COLUMNS_MAX.min(room * 2 / 5).max(HEADINGS[1].len());
    let labels = widest(1).min(labels_max);
    [counts, labels, codes, room.saturating_sub(labels).max(TEXT_COLUMNS_MIN)]
}

fn line(cells: &[String; 4], [counts, labels, codes, texts]: [usize; 4]) -> String {
    let [n, label, code, error] = cells;
    let label = pad_end(&fit(label, labels), labels);
    let (n, code, error) = (pad_start(n, counts), pad_end(code, codes), fit(error, texts));
    format!("{n}{GAP}{label}{GAP}{code}{GAP}{error}")
}

/// What is not shown, so that the counts add up to all failed samples.
fn more(reasons: &Reasons<'_>, shown: &[&Failure]) -> Option<String> {
    let sum = |all: &mut dyn Iterator<Item = u64>| all.fold(0, u64::saturating_add);
    let all = sum(&mut reasons.failures.iter().map(|failure| failure.count));
    let hidden = all.saturating_sub(sum(&mut shown.iter().map(|failure| failure.count)));
    let samples = hidden.saturating_add(reasons.others);
    let kinds = reasons.kinds.saturating_sub(shown.len() as u64);
    let at_least = if reasons.kinds_are_least { "at least " } else { "" };
    (samples > 0).then(|| {
        let kinds = of(kinds, "more kind", "more kinds");
        format!("… and {} of {at_least}{kinds}", of(samples, "more failure", "more failures"))
    })
}

#[cfg(test)]
mod tests;
