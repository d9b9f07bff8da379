//! The end of a run on a grid as a person reads it: one table of all nodes, why requests failed, the nodes, the verdict.

use super::verdict::VerdictOptions;
use crate::cli::{ci, thresholds};
use crate::console::{
    Reasons, Screen, SummaryRow, clean, of, render_failures, render_nodes, render_summary, write_note,
    write_result,
};
use anyhow::Context as _;
use gridnode_core::report::GridReport;

const STDOUT: &str = "failed to write to standard output";

/// Shows it, and writes what was asked for. `exit`: the code that the command ends with.
///
/// # Errors
/// When standard output or the summary cannot be written.
pub fn show(report: &GridReport, options: &VerdictOptions, exit: u8, is_json: bool) -> anyhow::Result<()> {
    let screen = if is_json { Screen::stderr() } else { Screen::stdout() };
    let tell = |text: &str| {
        if is_json {
            write_note(text);
            return Ok(());
        }
        write_result(text).context(STDOUT)
    };
    let place = options.summary.as_deref().map(|file| file.display().to_string());
    let place = place.unwrap_or_else(|| "what --summary FILE writes".to_owned());
    if report.nodes.iter().any(|node| node.is_merged) {
        tell(&format!("\n{}\n", table(&screen, report, &place)))?;
    }
    if report.unnamed_max > 0 {
        let labels = of(report.unnamed_max, "label", "labels");
        tell(&format!("Up to {labels} of a node {} in `all requests` alone.", are(report.unnamed_max)))?;
    }
    let reasons = Reasons {
        failures: &report.failures,
        others: report.failures_others,
        kinds: report.failures_kinds,
        kinds_are_least: report.failures_others > 0,
    };
    if let Some(failures) = render_failures(&screen, &reasons) {
        tell(&failures)?;
    }
    if !report.nodes.is_empty() {
        tell(&render_nodes(&screen, &report.nodes))?;
    }
    thresholds::say(&report.judged, &place);
    ci::tell(&told(report), options.junit.as_deref())
        .iter()
        .for_each(|failed| write_note(&format!("warning: {failed}")));
    let document = serde_json::to_value(report.document(exit)).context("failed to write the summary")?;
    if let Some(file) = &options.summary {
        let json = serde_json::to_vec_pretty(&document).context("failed to write the summary")?;
        std::fs::write(file, json).with_context(|| format!("failed to write {}", file.display()))?;
        write_note(&format!("summary: {}", clean(&file.display().to_string())));
    }
    if is_json {
        write_result(&document.to_string()).context(STDOUT)?;
    }
    Ok(())
}

fn table(screen: &Screen, report: &GridReport, place: &str) -> String {
    let flood = &report.flood;
    let rows = flood.labels.iter().map(|label| SummaryRow {
        is_partial: report.is_partial(&label.label, &label.kind),
        ..SummaryRow::of(label)
    });
    let rows: Vec<SummaryRow> = rows.collect();
    render_summary(screen, &rows, &SummaryRow::of(&flood.total), &flood.total.codes, place)
}

fn are(n: u64) -> &'static str {
    if n == 1 { "is" } else { "are" }
}

fn told(report: &GridReport) -> ci::Told<'_> {
    let names: Vec<&str> = report.nodes.iter().map(|node| node.node.as_str()).collect();
    let complaints = report.complaints();
    ci::Told {
        flood: report.identity.flood.as_str(),
        run: report.identity.run,
        properties: ci::properties(("nodes", names.join(", ")), &report.tags),
        complaint: match (complaints.is_empty(), report.nodes.is_empty()) {
            (false, _) => Some(complaints.join("\n")),
            (true, true) => Some("no node answered".to_owned()),
            (true, false) => None,
        },
        assertions: None,
        doubts: report.doubts(),
        judged: &report.judged,
        numbers: Some(&report.flood),
        took: None,
    }
}
