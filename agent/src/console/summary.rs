//! The table at the end of a run: a line per label, and one for all requests.
//!
//! At most [`LABELS_SHOWN_MAX`] labels are shown: the most failing and the slowest, in the order they were given. Long
//! labels are cut to what the screen has room for; when that is too little, less important columns go. Times are in ms.

use super::number::{count, ms, of, percent, rate};
use super::screen::{Screen, Style};
use super::text::{clean, fit, flow, pad_end, pad_start, width};
use gridnode_core::merge::LabelSummary;
use gridnode_core::wire::sump::Kind;
use std::collections::BTreeMap;

/// Labels that a table shows: what a person can take in. All of them are in `summary.json`.
pub const LABELS_SHOWN_MAX: usize = 40;

/// A label gets at least this, columns; to make room, columns of numbers are left out.
const LABEL_COLUMNS_MIN: usize = 16;
/// And no more than this, or the numbers of short labels are far away from them.
const LABEL_COLUMNS_MAX: usize = 60;
const LABEL_TITLE: &str = "label";
/// Samples without a code, which are in no count: Gatling's timeouts and refused connections. What the tool calls a code
/// and is no HTTP status is counted as `other`.
const NO_CODE: &str = "none";
const TRANSACTION_MARK: &str = "[T] ";
/// Of a label whose samples may be in other numbers, too.
const PARTIAL_MARK: &str = "≥ ";
const GAP: &str = "  ";

/// One label's numbers, or those of all requests together.
#[derive(Debug, Clone, PartialEq)]
pub struct SummaryRow {
    /// The label; of the totals row, what it is a total of.
    pub label: String,
    /// A request, or a transaction that contains requests.
    pub kind: Kind,
    /// Samples.
    pub count: u64,
    /// Of them, failed.
    pub failed: u64,
    /// Arithmetic mean of the response times; like all times not a number where none was measured.
    pub mean_ms: f64,
    /// 50th percentile.
    pub p50_ms: f64,
    /// 95th percentile.
    pub p95_ms: f64,
    /// 99th percentile.
    pub p99_ms: f64,
    /// The slowest.
    pub max_ms: f64,
    /// Samples a second over the run.
    pub rate_per_s: f64,
    /// Whether there may be more samples of it: a node of a grid names its busiest labels only.
    pub is_partial: bool,
}

impl SummaryRow {
    /// Of merged numbers, all of which are there. What was not measured is shown as a dash.
    #[must_use]
    pub fn of(label: &LabelSummary) -> Self {
        Self {
            label: label.label.clone(),
            kind: Kind::of(label.kind.as_bytes()),
            count: label.count,
            failed: label.failed,
            mean_ms: label.response_time.mean_ms.unwrap_or(f64::NAN),
            p50_ms: label.p50_ms.unwrap_or(f64::NAN),
            p95_ms: label.p95_ms.unwrap_or(f64::NAN),
            p99_ms: label.p99_ms.unwrap_or(f64::NAN),
            max_ms: label.response_time.max_ms.unwrap_or(f64::NAN),
            rate_per_s: label.rate_per_s,
            is_partial: false,
        }
    }
}

/// The table. `total` is the line for all requests, merged from the labels' sketches (percentiles cannot be computed
/// from percentiles) and without the transactions, which would count their requests twice. `codes` are the response
/// codes of all requests; they are shown where some have failed. `rest_in` says where the labels are that are not shown.
#[must_use]
pub fn render_summary(
    screen: &Screen,
    rows: &[SummaryRow],
    total: &SummaryRow,
    codes: &BTreeMap<String, u64>,
    rest_in: &str,
) -> String {
    if rows.is_empty() {
        return "No samples.".to_owned();
    }
    let shown = most_interesting(rows);
    let table = Layout::new(screen.width, &shown, total);
    let mut lines = vec![screen.paint(Style::Strong, &table.heading()).into_owned()];
    lines.extend(shown.iter().map(|row| table.line(screen, row)));
    lines.push(table.rule());
    lines.push(table.line(screen, total));
    if shown.len() < rows.len() {
        let more = (rows.len() - shown.len()) as u64;
        lines.push(format!("… and {} in {rest_in}", of(more, "more label", "more labels")));
    }
    let legend = if shown.iter().any(|row| row.kind == Kind::Transaction) {
        "Times in ms. [T], transactions and page timings, are not in the total."
    } else {
        "Times in ms."
    };
    lines.push(screen.paint(Style::Faint, legend).into_owned());
    if shown.iter().any(|row| row.is_partial) {
        let legend = "≥: at least; a node may have more of it among the labels that it does not name.";
        lines.push(screen.paint(Style::Warning, legend).into_owned());
    }
    if total.failed > 0 && !codes.is_empty() {
        lines.push(response_codes(screen, codes, total.count));
    }
    lines.join("\n")
}

/// `response codes: 200 × 1,025 · 500 × 56`: what failures are looked at for first. They add up to all requests.
fn response_codes(screen: &Screen, codes: &BTreeMap<String, u64>, requests: u64) -> String {
    let mut parts: Vec<String> = codes.iter().map(|(code, n)| format!("{code} × {}", count(*n))).collect();
    if let Some(first) = parts.first_mut() {
        first.insert_str(0, "response codes: ");
    }
    let without = requests.saturating_sub(codes.values().sum());
    if without > 0 {
        parts.push(format!("{NO_CODE} × {}", count(without)));
    }
    flow(&parts, screen.width)
}

/// The rows to show, in their order: half of the places go to the labels with most failures, the rest to the slowest.
fn most_interesting(rows: &[SummaryRow]) -> Vec<&SummaryRow> {
    if rows.len() <= LABELS_SHOWN_MAX {
        return rows.iter().collect();
    }
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(rows[at].failed));
    let mut picked: Vec<usize> =
        order.iter().copied().filter(|&at| rows[at].failed > 0).take(LABELS_SHOWN_MAX / 2).collect();
    // Where nothing was measured there is no number: such a label is not among the slowest.
    let slowness = |at: usize| rows[at].p95_ms.max(-1.0);
    order.sort_by(|&a, &b| slowness(b).total_cmp(&slowness(a)).then(a.cmp(&b)));
    let slowest: Vec<usize> = order.into_iter().filter(|at| !picked.contains(at)).collect();
    picked.extend(slowest.into_iter().take(LABELS_SHOWN_MAX - picked.len()));
    picked.sort_unstable();
    picked.into_iter().map(|at| &rows[at]).collect()
}

/// One column of numbers.
struct Column {
    title: &'static str,
    /// The higher, the earlier it is left out; 0 always stays.
    expendable: u8,
    cell: fn(&SummaryRow) -> String,
}

const COLUMNS: [Column; 9] = [
    Column { title: "count", expendable: 0, cell: |row| count(row.count) },
    Column { title: "failed", expendable: 0, cell: |row| count(row.failed) },
    Column { title: "%", expendable: 2, cell: |row| percent(row.failed, row.count) },
    Column { title: "mean", expendable: 5, cell: |row| ms(row.mean_ms) },
    Column { title: "p50", expendable: 4, cell: |row| ms(row.p50_ms) },
    Column { title: "p95", expendable: 0, cell: |row| ms(row.p95_ms) },
    Column { title: "p99", expendable: 3, cell: |row| ms(row.p99_ms) },
    Column { title: "max", expendable: 6, cell: |row| ms(row.max_ms) },
    Column { title: "rate/s", expendable: 1, cell: |row| rate(row.rate_per_s) },
];

/// How wide everything is.
struct Layout {
    label_columns: usize,
    columns: Vec<(&'static Column, usize)>,
}

impl Layout {
    fn new(screen_columns: usize, rows: &[&SummaryRow], total: &SummaryRow) -> Self {
        let all = || rows.iter().copied().chain([total]);
        let widest_label = all().map(|row| width(&label(row))).fold(LABEL_TITLE.len(), usize::max);
        let wanted = widest_label.min(LABEL_COLUMNS_MAX);
        let widest = |column: &Column| {
            all().map(|row| width(&(column.cell)(row))).fold(column.title.len(), usize::max)
        };
        let mut columns: Vec<(&Column, usize)> =
            COLUMNS.iter().map(|column| (column, widest(column))).collect();
        let taken = |columns: &[(&Column, usize)]| columns.iter().map(|(_, w)| GAP.len() + w).sum::<usize>();
        while taken(&columns) + wanted.min(LABEL_COLUMNS_MIN) > screen_columns {
            let most = columns.iter().map(|(column, _)| column.expendable).max().unwrap_or(0);
            if most == 0 {
                break;
            }
            columns.retain(|(column, _)| column.expendable != most);
        }
        let room = screen_columns.saturating_sub(taken(&columns)).max(LABEL_TITLE.len());
        Self { label_columns: wanted.min(room), columns }
    }

    fn heading(&self) -> String {
        let titles = self
            .columns
            .iter()
            .map(|(column, columns)| format!("{GAP}{}", pad_start(column.title, *columns)));
        format!("{}{}", pad_end(LABEL_TITLE, self.label_columns), titles.collect::<String>())
    }

    fn line(&self, screen: &Screen, row: &SummaryRow) -> String {
        let mut line = pad_end(&fit(&label(row), self.label_columns), self.label_columns);
        for (column, columns) in &self.columns {
            let cell = pad_start(&(column.cell)(row), *columns);
            let is_failure = row.failed > 0 && matches!(column.title, "failed" | "%");
            line.push_str(GAP);
            line.push_str(&if is_failure { screen.paint(Style::Bad, &cell) } else { cell.as_str().into() });
        }
        line
    }

    fn rule(&self) -> String {
        "─".repeat(
            self.label_columns + self.columns.iter().map(|(_, columns)| GAP.len() + columns).sum::<usize>(),
        )
    }
}

fn label(row: &SummaryRow) -> String {
    let label = label_of(row.kind, &row.label);
    if row.is_partial { format!("{PARTIAL_MARK}{label}") } else { label }
}

/// A label as it is shown: cleaned, and marked where it is a transaction's.
pub fn label_of(kind: Kind, label: &str) -> String {
    match kind {
        Kind::Transaction => format!("{TRANSACTION_MARK}{}", clean(label)),
        Kind::Request => clean(label),
    }
}

#[cfg(test)]
mod tests;
