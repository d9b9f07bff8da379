//! The end of a run: the summary from the very lines that were sent, the receipt, the exit code.

use crate::base::exit::Exit;
use crate::cage::foreign_file;
use crate::cage::removal::remove_tree;
use crate::cli::merge::{MergeArgs, merge};
use crate::console::{
    Screen, SummaryRow, clean, clean_lines, render_failures, render_receipt, render_summary, write_note,
    write_result,
};
use crate::local::local_run::Ended;
use crate::tool::{ToolFiles, scratch_dirs};
use anyhow::Context;
use gridnode_core::merge::{FloodSummary, LabelSummary, Merge, Summary};
use gridnode_core::run::outcome::Outcome;
use gridnode_core::run::receipt::Receipt;
use gridnode_core::wire::sump::Kind;
use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;

const STDOUT: &str = "failed to write to standard output";
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

/// Writes `summary.json`, prints the table and the receipt, and decides the exit code. An output directory that was
/// removed or is full costs the files in it, not what can be shown.
///
/// # Errors
/// When standard output cannot be written.
pub fn finish(finish: &Finish<'_>) -> anyhow::Result<ExitCode> {
    let receipt = &finish.ended.receipt;
    let (summary, mut own_doubts) = numbers(finish);
    let doubts = [receipt.doubts(), own_doubts.clone()].concat();
    let document = Document { version: 1, receipt, doubts: &doubts, summary: &summary };
    own_doubts.extend(write_document(finish.out, &document).err());
    tidy(finish.out, receipt);

    let screen = Screen::stdout();
    if let Some(flood) = summary.floods.first() {
        let rows: Vec<SummaryRow> = flood.labels.iter().map(row).collect();
        let table = render_summary(&screen, &rows, &row(&flood.total), &flood.total.codes);
        write_result(&format!("\n{table}\n")).context(STDOUT)?;
    }
    if let Some(failures) = render_failures(&screen, receipt) {
        write_result(&failures).context(STDOUT)?;
    }
    write_result(&render_receipt(&screen, receipt)).context(STDOUT)?;
    own_doubts.iter().for_each(|doubt| write_note(&format!("error: {doubt}")));
    if let Outcome::Failed(reason) | Outcome::Expired(reason) = &receipt.outcome {
        say_why(reason);
        // Logs may quote what servers answer: nothing in them may reach the terminal as a command.
        let tail = finish.files.tail(TAIL_LINES);
        let news = tail.iter().filter(|line| !repeats(reason, line));
        news.for_each(|line| write_note(&format!("  | {}", clean(line))));
    }
    if let Outcome::AssertionsFailed(reason) = &receipt.outcome {
        say_why(reason);
    }
    if receipt.delivery.spooled > 0 {
        let state = finish.out.join("state");
        write_note(&format!(
            "to send what is spooled once the Drain takes writes: gridnode collect --state-dir {} --drain URL",
            state.display()
        ));
    }
    write_note(&format!("results: {}", finish.out.display()));
    let doubtless = receipt.doubts().is_empty() && own_doubts.is_empty();
    Ok(exit(finish.ended, doubtless).into())
}

/// A reason may quote an interpreter, whose words have several lines.
fn say_why(reason: &str) {
    write_note(&format!("error: {}", clean_lines(reason, "  ")));
}

/// Whether a line of a tool's log is the plug-in's last word, which the reason is made of.
fn repeats(reason: &str, line: &str) -> bool {
    let word = line.strip_prefix("gridnode: fatal: ").unwrap_or(line).trim();
    reason.lines().any(|said| said.trim() == word)
}

fn exit(ended: &Ended, doubtless: bool) -> Exit {
    match (&ended.receipt.outcome, ended.signal) {
        (Outcome::Failed(_), None) if ended.receipt.ledger.aggregated == 0 => Exit::CouldNotRun,
        (Outcome::Failed(_) | Outcome::Expired(_), None) => Exit::ToolFailed,
        (_, Some(signal)) => Exit::by_signal(signal),
        (Outcome::AssertionsFailed(_), None) if doubtless => Exit::AssertionsFailed,
        _ if doubtless => Exit::Fine,
        _ => Exit::NotTrustworthy,
    }
}

fn write_document(out: &Path, document: &Document<'_>) -> Result<(), String> {
    let path = out.join("summary.json");
    let json = serde_json::to_vec_pretty(document).map_err(std::io::Error::from);
    let written = json.and_then(|json| foreign_file::put(&path, &json));
    written.map_err(|error| {
        // Half a document is worse than none.
        let _ = std::fs::remove_file(&path);
        format!("failed to write {}: {error}", path.display())
    })
}

/// The numbers, and what keeps them from being the whole truth: merged from the copy of the lines that went to the
/// Drain, or, where that file did not survive the run, what the Drain inside of this process has.
fn numbers(finish: &Finish<'_>) -> (Summary, Vec<String>) {
    let aggregated = finish.ended.receipt.ledger.aggregated;
    let all_delivered = finish.ended.receipt.delivery.delivered == aggregated;
    let mut doubts = Vec::new();
    let own = match merge(&MergeArgs { files: vec![finish.out.join("rollups.lp")] }) {
        Ok(merged) => {
            merged.remarks.iter().for_each(|remark| write_note(&format!("warning: {remark}")));
            merged.summary
        }
        Err(error) => {
            doubts.push(error.to_string());
            Merge::new().summary()
        }
    };
    let is_whole = samples(&own) >= aggregated;
    match finish.inside {
        Some(inside) if is_whole && all_delivered => doubts.extend(differs(inside, &own)),
        Some(inside) if samples(inside) >= aggregated => {
            doubts
                .push("rollups.lp is not whole; the numbers shown are those that were delivered".to_owned());
            return (inside.clone(), doubts);
        }
        _ if is_whole => {}
        _ => doubts.push(format!(
            "only {} of {aggregated} samples are in the numbers shown: rollups.lp is not whole",
            samples(&own)
        )),
    }
    (own, doubts)
}

fn samples(summary: &Summary) -> u64 {
    summary.floods.iter().flat_map(|flood| &flood.labels).map(|label| label.count).sum()
}

/// What the Drain got must be what was sent.
fn differs(inside: &Summary, own: &Summary) -> Option<String> {
    (comparable(inside) != comparable(own)).then(|| {
        "the Drain inside of this process got other numbers than were sent: this is a fault of gridnode"
            .to_owned()
    })
}

/// Standard deviations are sums of floats, which depend on the order of writes; everything else does not.
fn comparable(summary: &Summary) -> Vec<FloodSummary> {
    let mut floods = summary.floods.clone();
    for flood in &mut floods {
        let labels = flood.labels.iter_mut().chain([&mut flood.total]);
        labels.for_each(|label| label.response_time.stddev_ms = None);
    }
    floods
}

/// Removes what nobody needs: the spool, when everything left it.
fn tidy(out: &Path, receipt: &Receipt) {
    let delivery = &receipt.delivery;
    if delivery.spooled + delivery.quarantined + delivery.uncertain == 0 {
        // A leftover is untidy and nothing worse.
        let _ = remove_tree(&out.join("state"));
    }
    for dir in scratch_dirs(out) {
        let _ = remove_tree(&dir);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_reason_says_is_not_said_again() {
        let reason = "no function `user`:\n  File \"t.py\", line 3";
        for (line, said) in [
            ("gridnode: fatal: no function `user`:", true),
            ("  File \"t.py\", line 3", true),
            ("gridnode: fatal: something else", false),
            ("Traceback (most recent call last):", false),
            ("no function `user`", false),
        ] {
            assert_eq!(repeats(reason, line), said, "{line}");
        }
    }
}
