//! The end of a run: the summary from the very lines that were sent, the receipt, the exit code.

use crate::cli::merge::{MergeArgs, merge};
use crate::console::{Screen, SummaryRow, render_receipt, render_summary, write_note, write_result};
use crate::exit::Exit;
use crate::jmeter::ToolFiles;
use crate::local_run::Ended;
use anyhow::Context;
use gridnode_core::merge::{LabelSummary, Summary};
use gridnode_core::receipt::{Outcome, Receipt};
use gridnode_core::sump::Kind;
use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;

/// Last lines of a failed tool's logs that are shown.
const TAIL_LINES: usize = 6;

/// What there is at the end.
pub struct Finish<'a> {
    /// The output directory.
    pub out: &'a Path,
    /// The tool's files.
    pub files: &'a ToolFiles,
    /// How it ended.
    pub ended: &'a Ended,
    /// What the Drain inside of this process got, if it was that one.
    pub inside: Option<&'a Summary>,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    receipt: &'a Receipt,
    doubts: &'a [String],
    summary: &'a Summary,
}

/// Writes `summary.json`, prints the table and the receipt, and decides the exit code.
///
/// # Errors
/// When the results cannot be written.
pub fn finish(finish: &Finish<'_>) -> anyhow::Result<ExitCode> {
    let receipt = &finish.ended.receipt;
    let summary = summary(finish.out)?;
    let mut doubts = receipt.doubts();
    doubts.extend(finish.inside.and_then(|inside| differs(inside, &summary)));
    let document = Document { version: 1, receipt, doubts: &doubts, summary: &summary };
    let path = finish.out.join("summary.json");
    std::fs::write(&path, serde_json::to_vec_pretty(&document)?)
        .with_context(|| format!("failed to write {}", path.display()))?;
    tidy(finish.out, receipt);

    let screen = Screen::stdout();
    if let Some(flood) = summary.floods.first() {
        let rows: Vec<SummaryRow> = flood.labels.iter().map(row).collect();
        let table = render_summary(&screen, &rows, &row(&flood.total), &flood.total.codes);
        write_result(&format!("\n{table}\n"))?;
    }
    write_result(&render_receipt(&screen, receipt))?;
    if let Outcome::Failed(reason) = &receipt.outcome {
        write_note(&format!("error: {reason}"));
        finish.files.tail(TAIL_LINES).iter().for_each(|line| write_note(&format!("  | {line}")));
    }
    if receipt.delivery.spooled > 0 {
        let state = finish.out.join("state");
        write_note(&format!(
            "to send what is spooled once the Drain takes writes: gridnode collect --state-dir {} --drain URL",
            state.display()
        ));
    }
    write_note(&format!("results: {}", finish.out.display()));
    Ok(exit(finish.ended, &doubts).into())
}

fn exit(ended: &Ended, doubts: &[String]) -> Exit {
    match (&ended.receipt.outcome, ended.signal) {
        (Outcome::Failed(_), None) if ended.receipt.ledger.aggregated == 0 => Exit::CouldNotRun,
        (Outcome::Failed(_), None) => Exit::ToolFailed,
        (_, Some(libc::SIGINT)) => Exit::Interrupted,
        (_, Some(_)) => Exit::Terminated,
        _ if doubts.is_empty() => Exit::Fine,
        _ => Exit::NotTrustworthy,
    }
}

/// The numbers, merged from the lines that went to the Drain.
fn summary(out: &Path) -> anyhow::Result<Summary> {
    let merged = merge(&MergeArgs { files: vec![out.join("rollups.lp")] })?;
    merged.remarks.iter().for_each(|remark| write_note(&format!("warning: {remark}")));
    Ok(merged.summary)
}

/// What the Drain got must be what was sent.
fn differs(inside: &Summary, own: &Summary) -> Option<String> {
    (inside.floods != own.floods).then(|| {
        "the Drain inside of this process got other numbers than were sent: this is a fault of gridnode"
            .to_owned()
    })
}

/// Removes what nobody needs: the spool, when everything left it.
fn tidy(out: &Path, receipt: &Receipt) {
    let delivery = &receipt.delivery;
    if delivery.spooled + delivery.quarantined + delivery.uncertain == 0 {
        // A leftover is untidy and nothing worse.
        let _ = std::fs::remove_dir_all(out.join("state"));
    }
    // JMeter's preferences and temporary files.
    for dir in ["tmp", "home"] {
        let _ = std::fs::remove_dir_all(out.join(dir));
    }
}

fn row(label: &LabelSummary) -> SummaryRow {
    SummaryRow {
        label: label.label.clone(),
        kind: if label.kind == "transaction" { Kind::Transaction } else { Kind::Request },
        count: label.count,
        failed: label.failed,
        mean_ms: label.response_time.mean_ms,
        p50_ms: label.p50_ms,
        p95_ms: label.p95_ms,
        p99_ms: label.p99_ms,
        max_ms: label.response_time.max_ms,
        rate_per_s: label.rate_per_s,
    }
}
