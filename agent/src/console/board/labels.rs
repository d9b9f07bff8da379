//! The table of labels: as many columns as there is room for.

use super::{Paper, below};
use crate::console::number::{count, ms, rate};
use crate::console::screen::Style;
use crate::console::text::pad_start;
use gridnode_core::live::{Row, Sort, View};
use gridnode_core::wire::sump::Kind;
use ratatui::layout::Rect;
use ratatui::style::Style as Look;

/// From here on all figures are shown, columns; below it the rate, the failures and the 95th percentile.
const ALL_FROM: u16 = 72;
/// From here on there is a short curve, and from there on a long one.
const CURVE_FROM: u16 = 90;
const LONG_CURVE_FROM: u16 = 110;
/// A label on its way to the screen, characters: nothing shows more, and a hostile one is not looked at to its end.
const LABEL_CHARS_MAX: usize = 400;
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A column of figures.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Figure {
    Count,
    Rate,
    Failed,
    P50,
    P95,
    P99,
}

const ALL: [Figure; 6] = [Figure::Count, Figure::Rate, Figure::Failed, Figure::P50, Figure::P95, Figure::P99];
const FEW: [Figure; 3] = [Figure::Rate, Figure::Failed, Figure::P95];

impl Figure {
    const fn head(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Rate => "rate/s",
            Self::Failed => "failed",
            Self::P50 => "p50 ms",
            Self::P95 => "p95 ms",
            Self::P99 => "p99 ms",
        }
    }

    const fn columns(self) -> u16 {
        match self {
            Self::Count => 11,
            Self::Rate | Self::Failed => 9,
            Self::P50 | Self::P95 | Self::P99 => 8,
        }
    }

    const fn sort(self) -> Option<Sort> {
        match self {
            Self::Count => Some(Sort::Count),
            Self::Rate => Some(Sort::Rate),
            Self::Failed => Some(Sort::Failures),
            Self::P95 => Some(Sort::P95),
            Self::P50 | Self::P99 => None,
        }
    }

    fn of(self, row: &Row) -> String {
        let time = |at: usize| {
            row.percentiles_us.map_or_else(|| "–".to_owned(), |times| ms(times[at] as f64 / 1_000.0))
        };
        match self {
            Self::Count => count(row.count),
            Self::Rate => rate(row.rate_per_s),
            Self::Failed => count(row.failed),
            Self::P50 => time(0),
            Self::P95 => time(1),
            Self::P99 => time(2),
        }
    }
}

/// Draws it, and gives how many labels there is room for. `what` they are: labels, or nodes.
pub(super) fn draw(
    paper: &mut Paper<'_>,
    place: Rect,
    (what, rows): (&str, &[Row]),
    view: &mut View,
) -> usize {
    let table = view.table(rows);
    let page = usize::from(place.height.saturating_sub(1));
    let first = view.first(table.len(), page);
    let last = table.len().min(first + page);
    let figures = if place.width < ALL_FROM { &FEW[..] } else { &ALL[..] };
    head(paper, place, figures, view.sort, &shown(what, (first, last), table.len(), rows.len()));
    for (row, line) in table[first..last].iter().zip(below(place, 1).rows()) {
        label(paper, line, figures, row);
    }
    page
}

/// Which of how many.
fn shown(what: &str, (first, last): (usize, usize), fitting: usize, all: usize) -> String {
    let of = if fitting < all { format!("{fitting} of {all}") } else { all.to_string() };
    if last - first == fitting {
        format!("{what} ({of})")
    } else {
        format!("{what} ({}–{last} of {of})", first + 1)
    }
}

fn curve_columns(width: u16) -> u16 {
    match width {
        LONG_CURVE_FROM.. => 31,
        CURVE_FROM.. => 11,
        _ => 0,
    }
}

/// Where the label is, and then the figures from left to right.
fn label_columns(place: Rect, figures: &[Figure]) -> u16 {
    let taken = figures.iter().map(|figure| figure.columns()).sum::<u16>() + curve_columns(place.width);
    place.width.saturating_sub(taken)
}

fn cells(place: Rect, figures: &[Figure]) -> impl Iterator<Item = (Figure, Rect)> {
    let mut x = place.x + label_columns(place, figures);
    figures.iter().map(move |figure| {
        let cell = Rect { x, width: figure.columns(), ..place };
        x += figure.columns();
        (*figure, cell)
    })
}

fn head(paper: &mut Paper<'_>, place: Rect, figures: &[Figure], sort: Sort, label: &str) {
    let place = Rect { height: place.height.min(1), ..place };
    let mark = |is_it: bool| if is_it { Style::Strong } else { Style::Faint };
    paper.text(Rect { width: label_columns(place, figures), ..place }, label, mark(sort == Sort::Name));
    for (figure, cell) in cells(place, figures) {
        let is_it = figure.sort() == Some(sort);
        let text = if is_it { format!("▾{}", figure.head()) } else { figure.head().to_owned() };
        paper.text(cell, &pad_start(&text, usize::from(cell.width)), mark(is_it));
    }
    let curve = curve_columns(place.width);
    if curve > 0 {
        let x = place.right() - curve + 1;
        paper.text(Rect { x, width: curve - 1, ..place }, "p95 lately", Style::Faint);
    }
}

fn label(paper: &mut Paper<'_>, place: Rect, figures: &[Figure], row: &Row) {
    let mark = if row.kind == Kind::Transaction { "[T] " } else { "" };
    let text: String = mark.chars().chain(row.label.chars()).take(LABEL_CHARS_MAX).collect();
    let columns = label_columns(place, figures);
    paper.put(Rect { width: columns, ..place }, &text, Look::new());
    for (figure, cell) in cells(place, figures) {
        let text = pad_start(&figure.of(row), usize::from(cell.width));
        let is_bad = figure == Figure::Failed && row.failed > 0;
        let look = if is_bad { paper.look(Style::Bad) } else { Look::new() };
        paper.put(cell, &text, look);
    }
    let columns = curve_columns(place.width);
    if columns > 0 {
        let x = place.right() - columns + 1;
        paper.put(Rect { x, width: columns - 1, ..place }, &curve(row, columns - 1), Look::new());
    }
}

/// The latest windows, from the lowest to the highest of all that are known; a gap where nothing was measured.
fn curve(row: &Row, columns: u16) -> String {
    let values = &row.curve_us[row.curve_us.len().saturating_sub(usize::from(columns))..];
    let lowest = values.iter().filter(|value| **value > 0).min().copied().unwrap_or(0);
    let span = values.iter().max().copied().unwrap_or(0).saturating_sub(lowest);
    let level = |value: u64| {
        let share = u128::from(value - lowest) * (LEVELS.len() as u128 - 1);
        share.checked_div(u128::from(span)).and_then(|level| usize::try_from(level).ok()).unwrap_or(0)
    };
    values.iter().map(|value| if *value == 0 { ' ' } else { LEVELS[level(*value)] }).collect()
}
