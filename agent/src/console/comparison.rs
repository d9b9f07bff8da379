//! Two runs side by side: what changed beyond noise in sentences, then a line a label.
//!
//! Labels that changed come first, then those with the most samples, [`LABELS_SHOWN_MAX`] in all.

use super::number::{count, ms, of, rate};
use super::screen::{Screen, Style};
use super::summary::{LABELS_SHOWN_MAX, label_of};
use super::text::{clean, fit, pad_end, pad_start, width};
use gridnode_core::judge::compare::{Change, Comparison, Finding, Measure, Row, WINDOWS_MIN};
use gridnode_core::report::Likeness;
use gridnode_core::wire::sump::Kind;

/// A label gets no more than this, columns; the first column of [`Cells`] that goes is the last one.
const LABEL_COLUMNS_MAX: usize = 40;
const LABEL_COLUMNS_MIN: usize = 12;
const GAP: &str = "  ";
const ARROW: &str = "→";
const NOTHING: &str = "–";

/// What of a screen too narrow goes first, by column: count, rate, failed, mean, p50, p95, p99.
const EXPENDABLE: [u8; 7] = [0, 4, 1, 3, 5, 0, 2];
const TITLES: [&str; 7] = ["count", "rate/s", "failed %", "mean", "p50", "p95", "p99"];

/// All of it.
#[must_use]
pub fn render_comparison(screen: &Screen, comparison: &Comparison, likeness: &Likeness) -> String {
    let mut lines: Vec<String> = likeness
        .warnings
        .iter()
        .map(|warning| screen.paint(Style::Warning, &format!("⚠ {}", clean(warning))).into_owned())
        .collect();
    lines.push(screen.paint(style_of(comparison), &headline(comparison)).into_owned());
    let changed = in_order(comparison);
    for (row, change) in changed.iter().take(LABELS_SHOWN_MAX) {
        lines.push(format!("  {}", sentence(screen, row, change)));
    }
    if changed.len() > LABELS_SHOWN_MAX {
        lines.push(format!("  … and {} more", count((changed.len() - LABELS_SHOWN_MAX) as u64)));
    }
    lines.push(String::new());
    lines.extend(table(screen, comparison));
    lines.extend(legend(comparison).into_iter().map(|line| screen.paint(Style::Faint, &line).into_owned()));
    lines.join("\n")
}

/// One line: what to make of it.
#[must_use]
pub fn headline(comparison: &Comparison) -> String {
    let rows = |finding| comparison.rows_that_are(finding) as u64;
    let all = |finding| of(rows(finding), "label", "labels");
    let [a, b] = comparison.windows;
    if comparison.cannot_tell() {
        let windows = |at: usize| of(comparison.windows[at] as u64, "window", "windows");
        let seconds = comparison.window_s[0].max(comparison.window_s[1]);
        return match a.min(b) < WINDOWS_MIN {
            true => format!(
                "cannot tell: A has {} and B {}, and noise is known from {WINDOWS_MIN} on: run each for {} s or longer",
                windows(0),
                windows(1),
                (WINDOWS_MIN as u64 + 1) * seconds
            ),
            false => format!("cannot tell: no label has samples in {WINDOWS_MIN} windows of each side"),
        };
    }
    match (rows(Finding::Worse), rows(Finding::Better)) {
        (0, 0) => "nothing changed beyond noise".to_owned(),
        (_, 0) => format!("worse beyond noise: {}", all(Finding::Worse)),
        (0, _) => format!("better beyond noise: {}", all(Finding::Better)),
        _ => format!("beyond noise: {} worse, {} better", all(Finding::Worse), all(Finding::Better)),
    }
}

/// What a finding is called where people read it.
#[must_use]
pub fn word(finding: Finding) -> &'static str {
    match finding {
        Finding::CannotTell => "cannot tell",
        Finding::Noise => "noise",
        Finding::Small => "small",
        Finding::Better => "better",
        Finding::Worse => "worse",
    }
}

/// A value in the measure's unit.
#[must_use]
pub fn value(measure: Measure, value: Option<f64>) -> String {
    match (measure, value) {
        (_, None) => NOTHING.to_owned(),
        (Measure::FailedPercent, Some(value)) => format!("{} %", short(value)),
        (_, Some(value)) => format!("{} ms", ms(value)),
    }
}

/// `+11.2 %`, or `+1.3 points` of failures; `, +60 to +120 ms` behind it where the interval is known.
#[must_use]
pub fn difference(change: &Change) -> String {
    let is_share = change.measure == Measure::FailedPercent;
    let number = |value: f64| if is_share { signed(value, short) } else { signed(value, ms) };
    let unit = if is_share { "points" } else { "ms" };
    let main = match (change.difference_percent, change.difference) {
        (Some(percent), _) => format!("{} %", signed(percent, |value| format!("{value:.1}"))),
        (None, Some(difference)) => format!("{} {unit}", number(difference)),
        (None, None) => return NOTHING.to_owned(),
    };
    match change.low.zip(change.high) {
        Some((low, high)) => format!("{main}, {} to {} {unit}", number(low), number(high)),
        None => main,
    }
}

/// How a label is shown.
#[must_use]
pub fn label(row: &Row) -> String {
    let kind = if row.kind == "transaction" { Kind::Transaction } else { Kind::Request };
    label_of(kind, &row.label)
}

fn style_of(comparison: &Comparison) -> Style {
    match (comparison.rows_that_are(Finding::Worse), comparison.rows_that_are(Finding::Better)) {
        _ if comparison.cannot_tell() => Style::Warning,
        (0, 0) => Style::Strong,
        (0, _) => Style::Good,
        _ => Style::Bad,
    }
}

/// What changed, the worse first, by how sure it is.
fn in_order(comparison: &Comparison) -> Vec<(&Row, &Change)> {
    let all = comparison.rows().flat_map(|row| row.changes.iter().map(move |change| (row, change)));
    let is_change = |finding| matches!(finding, Finding::Worse | Finding::Better);
    let mut found: Vec<(&Row, &Change)> = all.filter(|(_, change)| is_change(change.finding)).collect();
    let key = |change: &Change| (change.finding == Finding::Better, change.chance.unwrap_or(1.0));
    found.sort_by(|(_, one), (_, other)| {
        let ((side, chance), (other_side, other_chance)) = (key(one), key(other));
        side.cmp(&other_side).then(chance.total_cmp(&other_chance))
    });
    found
}

fn sentence(screen: &Screen, row: &Row, change: &Change) -> String {
    let (measure, style) =
        (change.measure, if change.finding == Finding::Worse { Style::Bad } else { Style::Good });
    let text = format!(
        "{} of {}: {} {ARROW} {} ({})",
        measure.name(),
        fit(&label(row), LABEL_COLUMNS_MAX),
        value(measure, change.a),
        value(measure, change.b),
        difference(change)
    );
    format!("{} {text}", screen.paint(style, &pad_end(word(change.finding), 6)))
}

/// A row's texts: the label, and of each column its text and what was found.
struct Cells {
    label: String,
    cells: [(String, Option<Finding>); 7],
}

fn cells(row: &Row) -> Cells {
    let both = |a: String, b: String, finding: Option<Finding>| {
        let mark = match finding {
            Some(Finding::Worse) => " ▲",
            Some(Finding::Better) => " ▼",
            Some(Finding::Small) => " ~",
            Some(Finding::CannotTell) => " ?",
            Some(Finding::Noise) | None => "",
        };
        (format!("{a}{ARROW}{b}{mark}"), finding)
    };
    let (a, b) = (&row.a, &row.b);
    let change = |at: usize| {
        let change = &row.changes[at];
        let shown = |value: Option<f64>| match (change.measure, value) {
            (_, None) => NOTHING.to_owned(),
            (Measure::FailedPercent, Some(value)) => short(value),
            (_, Some(value)) => ms(value),
        };
        both(shown(change.a), shown(change.b), Some(change.finding))
    };
    Cells {
        label: label(row),
        cells: [
            both(count(a.count), count(b.count), None),
            both(rate(a.rate_per_s), rate(b.rate_per_s), None),
            change(0),
            change(1),
            change(2),
            change(3),
            change(4),
        ],
    }
}

fn table(screen: &Screen, comparison: &Comparison) -> Vec<String> {
    let mut rows: Vec<&Row> = comparison.labels.iter().collect();
    let is_changed = |row: &Row| row.is(Finding::Worse) || row.is(Finding::Better);
    rows.sort_by_key(|row| {
        (
            !row.is(Finding::Worse),
            !is_changed(row),
            std::cmp::Reverse(row.a.count.saturating_add(row.b.count)),
        )
    });
    let left_out = rows.len().saturating_sub(LABELS_SHOWN_MAX);
    rows.truncate(LABELS_SHOWN_MAX);
    rows.push(&comparison.total);
    let rows: Vec<Cells> = rows.into_iter().map(cells).collect();
    let widest = |column: usize| {
        let cells = rows.iter().map(|row| width(&row.cells[column].0));
        cells.fold(TITLES[column].len(), usize::max)
    };
    let mut columns: Vec<(usize, usize)> = (0..TITLES.len()).map(|at| (at, widest(at))).collect();
    let taken = |columns: &[(usize, usize)]| columns.iter().map(|(_, wide)| GAP.len() + wide).sum::<usize>();
    while taken(&columns) + LABEL_COLUMNS_MIN > screen.width {
        let most = columns.iter().map(|(at, _)| EXPENDABLE[*at]).max().unwrap_or(0);
        if most == 0 {
            break;
        }
        columns.retain(|(at, _)| EXPENDABLE[*at] != most);
    }
    let room = screen.width.saturating_sub(taken(&columns)).clamp(LABEL_COLUMNS_MIN, LABEL_COLUMNS_MAX);
    let label_columns = rows.iter().map(|row| width(&row.label)).fold(5, usize::max).min(room);
    let heading = columns.iter().map(|(at, wide)| format!("{GAP}{}", pad_start(TITLES[*at], *wide)));
    let heading = format!("{}{}", pad_end("label", label_columns), heading.collect::<String>());
    let mut lines = vec![screen.paint(Style::Strong, &heading).into_owned()];
    lines.extend(rows.iter().map(|row| line(screen, row, label_columns, &columns)));
    let rule = "─".repeat(label_columns + taken(&columns));
    lines.insert(lines.len() - 1, rule);
    if left_out > 0 {
        lines.push(format!(
            "… and {}: --json or --html has all",
            of(left_out as u64, "more label", "more labels")
        ));
    }
    lines
}

fn line(screen: &Screen, row: &Cells, label_columns: usize, columns: &[(usize, usize)]) -> String {
    let mut line = pad_end(&fit(&row.label, label_columns), label_columns);
    for (at, wide) in columns {
        let (text, finding) = &row.cells[*at];
        let text = pad_start(text, *wide);
        line.push_str(GAP);
        line.push_str(&match finding {
            Some(Finding::Worse) => screen.paint(Style::Bad, &text),
            Some(Finding::Better) => screen.paint(Style::Good, &text),
            _ => text.as_str().into(),
        });
    }
    line
}

/// What the marks mean, and what is in no row.
#[must_use]
pub fn legend(comparison: &Comparison) -> Vec<String> {
    let [a, b] = comparison.windows;
    let [length_a, length_b] = comparison.window_s;
    let settings = &comparison.settings;
    let mut lines = vec![format!(
        "A{ARROW}B, times in ms, of {} windows of {length_a} s and {} of {length_b} s. ▲ worse, ▼ better beyond noise; ~ beyond noise and below {} % \
         (failed: {} points); ? too few windows or samples to tell.",
        count(a as u64),
        count(b as u64),
        short(settings.least_percent),
        short(settings.least_failed_percent)
    )];
    let mut say = |n: usize, one: &str, many: &str, what: &str| {
        if n > 0 {
            lines.push(format!("{} {what}", of(n as u64, one, many)));
        }
    };
    say(
        comparison.counted.len(),
        "label",
        "labels",
        "with fewer samples: only counted (--json); --label TEXT compares those with this text",
    );
    let only = |side: usize| -> Vec<String> {
        let rows = comparison.only_one_side.iter().filter(|row| row.count[side].is_some());
        rows.map(|row| clean(&row.label)).collect()
    };
    for (side, name) in ["A", "B"].into_iter().enumerate() {
        let names = only(side);
        if names.is_empty() {
            continue;
        }
        let shown: Vec<String> = names.iter().take(10).map(|name| fit(name, LABEL_COLUMNS_MAX)).collect();
        let more = names.len() - shown.len();
        let more = if more > 0 { format!(" and {} more", count(more as u64)) } else { String::new() };
        lines.push(format!("only in {name}: {}{more}", shown.join(", ")));
    }
    lines
}

/// A share, per cent: `0`, `0.04`, `1.3`, `100`.
fn short(value: f64) -> String {
    let places = match value.abs() {
        0.0 => 0,
        low if low < 0.995 => 2,
        high if high < 99.95 => 1,
        _ => 0,
    };
    let text = format!("{value:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn signed(value: f64, text: impl Fn(f64) -> String) -> String {
    let text = text(value);
    if value > 0.0 { format!("+{text}") } else { text }
}

#[cfg(test)]
pub(super) mod tests;
