//! Two runs side by side as a page: no script, no other file, and labels are text that the template escapes.

use super::STYLES;
use crate::console::comparison::{difference, headline, label, legend, value, word};
use crate::console::number::{clock, count, rate};
use crate::console::text::clean;
use askama::Template;
use gridnode_core::base::rfc3339;
use gridnode_core::base::time::{NS_PER_S, Wall};
use gridnode_core::judge::compare::{Change, Comparison, Finding, Row};
use gridnode_core::merge::FloodSummary;
use gridnode_core::report::Likeness;

/// Beside the styles of reports.
const OWN_STYLES: &str = "tr.good td { color: var(--good); } tr td.label { color: var(--text); } tbody { border-bottom: 2px solid var(--edge); }";

/// What a page is made of.
#[derive(Debug)]
pub struct ComparisonPage<'a> {
    /// The numbers.
    pub comparison: &'a Comparison,
    /// Whether they may be compared.
    pub likeness: &'a Likeness,
    /// What A and B are.
    pub floods: [&'a FloodSummary; 2],
    /// Where they were read from.
    pub from: [String; 2],
    /// Who made it.
    pub made_by: &'a str,
}

#[derive(Template)]
#[template(path = "compare.html")]
struct Page<'a> {
    title: String,
    sides: Vec<String>,
    styles: String,
    tone: &'static str,
    headline: String,
    warnings: Vec<String>,
    rows: Vec<RowCells>,
    legend: Vec<String>,
    made_by: &'a str,
}

struct RowCells {
    label: String,
    lines: Vec<LineCells>,
}

struct LineCells {
    name: &'static str,
    a: String,
    b: String,
    /// Every digit.
    exact_a: String,
    exact_b: String,
    change: String,
    finding: &'static str,
    tone: &'static str,
}

/// The page.
///
/// # Errors
/// Where the template cannot be filled, which is a fault of gridnode.
pub fn render_comparison_page(page: &ComparisonPage<'_>) -> Result<String, askama::Error> {
    let comparison = page.comparison;
    let names = page.floods.map(|flood| clean(&flood.flood));
    let found = |finding| comparison.rows_that_are(finding) > 0;
    let mut rows: Vec<&Row> = comparison.rows().collect();
    let is_calm = |row: &Row| !row.is(Finding::Better);
    rows.sort_by_key(|row| (!row.is(Finding::Worse), is_calm(row)));
    Page {
        title: if names[0] == names[1] { format!("{}, compared", names[0]) } else { names.join(" and ") },
        sides: (0..2).map(|at| side(page, at)).collect(),
        styles: format!("{STYLES}\n{OWN_STYLES}"),
        tone: match (found(Finding::Worse), found(Finding::Better)) {
            _ if comparison.cannot_tell() => "unknown",
            (true, _) => "bad",
            (false, true) => "good",
            (false, false) => "unknown",
        },
        headline: headline(comparison),
        warnings: page.likeness.warnings.iter().map(|warning| clean(warning)).collect(),
        rows: rows.into_iter().map(cells).collect(),
        legend: legend(comparison),
        made_by: page.made_by,
    }
    .render()
}

fn side(page: &ComparisonPage<'_>, at: usize) -> String {
    let flood = page.floods[at];
    let start = rfc3339::format(Wall(flood.start_s.saturating_mul(NS_PER_S.cast_signed())));
    let length_s = u64::try_from(flood.end_s.saturating_sub(flood.start_s)).unwrap_or(0);
    let run = flood.run.map_or_else(String::new, |run| format!(", run {run}"));
    format!(
        "{}: {}{run}, {} {} UTC, {}, of {}",
        ["A", "B"][at],
        clean(&flood.flood),
        &start[..10],
        &start[11..19],
        clock(length_s),
        clean(&page.from[at])
    )
}

fn cells(row: &Row) -> RowCells {
    let plain = |name, a: String, b: String, exact: [f64; 2]| LineCells {
        name,
        a,
        b,
        exact_a: exact[0].to_string(),
        exact_b: exact[1].to_string(),
        change: String::new(),
        finding: "",
        tone: "",
    };
    let (a, b) = (&row.a, &row.b);
    let counts = plain("count", count(a.count), count(b.count), [a.count as f64, b.count as f64]);
    let rates = plain("a second", rate(a.rate_per_s), rate(b.rate_per_s), [a.rate_per_s, b.rate_per_s]);
    let lines = [counts, rates].into_iter().chain(row.changes.iter().map(changed)).collect();
    RowCells { label: label(row), lines }
}

fn changed(change: &Change) -> LineCells {
    let exact = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    LineCells {
        name: change.measure.name(),
        a: value(change.measure, change.a),
        b: value(change.measure, change.b),
        exact_a: exact(change.a),
        exact_b: exact(change.b),
        change: difference(change),
        finding: word(change.finding),
        tone: match change.finding {
            Finding::Worse => "bad",
            Finding::Better => "good",
            _ => "",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::comparison::tests::{comparison, likeness};
    use gridnode_core::merge::Merge;

    const EVIL: &str = "</td></table><script>alert(1)</script><img src=x onerror=alert(2)>'\"&\u{202e}";

    fn page() -> String {
        let mut merge = Merge::new();
        merge
            .add_line(b"transaction_rate_mean,flood=</title><script>,label_id=00 value=1.0,count=3i,window_s=1.0,label=\"a\",run=1i 1")
            .unwrap();
        let flood = merge.summary().floods.remove(0);
        render_comparison_page(&ComparisonPage {
            comparison: &comparison(EVIL),
            likeness: &likeness(&[EVIL]),
            floods: [&flood, &flood],
            from: [EVIL, "b"].map(str::to_owned),
            made_by: "gridnode",
        })
        .unwrap()
    }

    #[test]
    fn hostile_texts_are_texts() {
        let page = page();
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains('\u{202e}'), "{page}");
        assert_eq!(page.matches("</table>").count(), 1);
        assert!(page.contains("&#60;img src=x onerror"), "escaped");
    }

    #[test]
    fn it_needs_nothing_and_runs_nothing() {
        let page = page();
        assert!(page.starts_with("<!doctype html>") && page.contains("default-src 'none'"));
        for outside in ["@import", "url(", "script-src", "http://", "https://"] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.contains("prefers-color-scheme: dark"));
        assert!(page.contains("+11.2 %, +83 to +99 ms") && page.contains("812 ms"), "{page}");
    }
}
