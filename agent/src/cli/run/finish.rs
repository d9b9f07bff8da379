//! The end of a run as a person reads it: the table, why requests failed, the receipt, and what to do next.

use super::json;
use super::judge::JudgeArgs;
use super::show::Way;
use crate::base::aside;
use crate::cli::ci;
use crate::cli::report;
use crate::cli::thresholds;
use crate::console::{
    Reasons, Screen, SummaryRow, clean, clean_lines, failures_in_full, of, render_failures, render_receipt,
    render_summary, render_verdict, slow_in_full, write_note, write_result,
};
use crate::data::drain::DrainUrl;
use crate::local::conclusion::{Asked, Conclusion, conclude};
use crate::local::run::Ended;
use crate::tool::ToolFiles;
use anyhow::Context;
use gridnode_core::judge::Threshold;
use gridnode_core::merge::Summary;
use gridnode_core::report::LoadModel;
use gridnode_core::run::outcome::Outcome;
use gridnode_core::run::receipt::Receipt;
use gridnode_core::trace::redact::Redactor;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

const STDOUT: &str = "failed to write to standard output";
/// The document with everything.
const SUMMARY: &str = "summary.json";
/// Last lines of a failed tool's logs that are shown.
const TAIL_LINES: usize = 6;

/// Doubts of before the run that are repeated after it.
const REPEATED_MAX: usize = 3;

/// What there is at the end.
pub struct Finish<'a> {
    /// The output directory.
    pub out: &'a Path,
    /// What the run must keep to.
    pub thresholds: &'a [Threshold],
    /// How they are judged, and who is told.
    pub judge: &'a JudgeArgs,
    /// Whether its users waited for their answers.
    pub load_model: LoadModel,
    /// Successes slower than this were to be shown in full, too.
    pub slower_ms: Option<u32>,
    /// The tool's files.
    pub files: &'a ToolFiles,
    /// What hides secrets in what the tool has logged.
    pub redactor: &'a Redactor,
    /// How it ended.
    pub ended: &'a Ended,
    /// What the Drain inside of this process got, if it was that one.
    pub inside: Option<&'a Summary>,
    /// The Drain that was named.
    pub drain: Option<&'a DrainUrl>,
    /// Where it goes.
    pub way: Way,
}

/// Concludes the run, and prints the table and the receipt.
///
/// # Errors
/// When standard output cannot be written.
pub fn finish(finish: &Finish<'_>) -> anyhow::Result<ExitCode> {
    let receipt = &finish.ended.receipt;
    let asked = Asked { thresholds: finish.thresholds, accepts_saturated: finish.judge.accept_saturated };
    let conclusion = conclude(finish.out, finish.ended, finish.inside, &asked, finish.load_model);
    conclusion.remarks.iter().for_each(|remark| write_note(&format!("warning: {remark}")));

    let screen = if finish.way == Way::Json { Screen::stderr() } else { Screen::stdout() };
    if let Some(flood) = conclusion.summary.floods.first() {
        let rows: Vec<SummaryRow> = flood.labels.iter().map(SummaryRow::of).collect();
        let table =
            render_summary(&screen, &rows, &SummaryRow::of(&flood.total), &flood.total.codes, SUMMARY);
        finish.tell(&format!("\n{table}\n"))?;
    }
    if let Some(failures) = render_failures(&screen, &Reasons::of(receipt)) {
        finish.tell(&failures)?;
        failures_in_full(receipt, finish.out).map_or(Ok(()), |said| finish.tell(&said))?;
    }
    if finish.way == Way::Quiet {
        // From here on it is the verdict, and what is wrong.
        aside::end();
        write_result(&render_verdict(&screen, receipt, conclusion.doubts.is_empty())).context(STDOUT)?;
    }
    finish.tell(&render_receipt(&screen, receipt, conclusion.doubts.is_empty()))?;
    conclusion.doubts.iter().for_each(|doubt| write_note(&format!("error: {doubt}")));
    let is_quiet = finish.way == Way::Quiet;
    if !is_quiet {
        say_where_else_it_is(finish, &conclusion);
    }
    thresholds::say(&conclusion.judged, SUMMARY);
    if !is_quiet {
        known_before(&receipt.warnings, &finish.files.planned.doubts)
            .iter()
            .for_each(|line| write_note(line));
    }
    receipt.outcome.complaint().iter().for_each(|complaint| say_why(complaint));
    let page = report_of(finish.out, &conclusion.summary);
    if !is_quiet {
        say_around(finish);
        page.iter().for_each(|where_it_is| write_note(where_it_is));
        write_note(&format!("results: {}", finish.out.display()));
    }
    ci::tell(&told(receipt, &conclusion), finish.judge.junit.as_deref())
        .iter()
        .for_each(|failed| write_note(&format!("warning: {failed}")));
    if finish.way == Way::Json {
        let is_whole = conclusion.doubts.is_empty() && receipt.account_doubts().is_empty();
        json::say_end(conclusion.exit.code(), is_whole, &finish.out.join(SUMMARY)).context(STDOUT)?;
    }
    Ok(conclusion.exit.into())
}

/// What to know and to do beside the verdict.
fn say_around(finish: &Finish<'_>) {
    let receipt = &finish.ended.receipt;
    if let Outcome::Failed(reason) | Outcome::Expired(reason) = &receipt.outcome {
        // Logs may quote what servers answer: nothing in them may reach the terminal as a command.
        let tail = finish.redactor.text(&finish.files.tail(TAIL_LINES).join("\n"));
        let news = tail.lines().filter(|line| !repeats(reason, line));
        news.for_each(|line| write_note(&format!("  | {}", clean(line))));
    }
    if receipt.delivery.spooled > 0 {
        let state = finish.out.join("state");
        write_note(&format!(
            "to send what is spooled once the Drain takes writes: gridnode spool send --state-dir {} --drain {}",
            state.display(),
            finish.drain.map_or_else(|| "URL".to_owned(), DrainUrl::as_argument)
        ));
    }
    let aside = &receipt.delivery;
    if aside.quarantined + aside.uncertain + aside.set_aside > 0 {
        write_note(&format!(
            "to see what lies aside and why: gridnode spool list --state-dir {0}; to send the quarantine again once that is mended: \
             gridnode spool replay --all --state-dir {0}",
            finish.out.join("state").display()
        ));
    }
    if let Some(slower_ms) = finish.slower_ms {
        write_note(&slow_in_full(receipt, slower_ms, finish.out));
    }
    let (delivered, all) = (receipt.delivery.delivered, receipt.ledger.aggregated);
    if let Some(drain) = finish.drain.filter(|_| delivered > 0) {
        let how_much = if delivered < all { format!("{delivered} of {all} samples ") } else { String::new() };
        write_note(&format!("{how_much}delivered to {}", drain.shown()));
    }
}

impl Finish<'_> {
    /// Says a part of the result.
    fn tell(&self, text: &str) -> anyhow::Result<()> {
        match self.way {
            Way::Text => match write_result(text) {
                // The terminal is gone: what is left is to be written down all the same.
                Err(_) if self.ended.signal == Some(libc::SIGHUP) => {}
                written => written.context(STDOUT)?,
            },
            Way::Json => write_note(text),
            Way::Quiet => {}
        }
        Ok(())
    }
}

/// Writes the page, and gives the sentence that says where it is. It is one way to look at the numbers, which are there without it.
fn report_of(out: &Path, summary: &Summary) -> Option<String> {
    if summary.floods.is_empty() {
        return None;
    }
    Some(match report::of_run(out, summary) {
        Ok(page) => format!("report: {}", page.display()),
        Err(error) => format!("warning: there is no report: {}", clean(&format!("{error:#}"))),
    })
}

/// Where the results have no room: the receipt is said here, and the numbers may be whole at the Drain.
fn say_where_else_it_is(finish: &Finish<'_>, conclusion: &Conclusion) {
    let receipt = &finish.ended.receipt;
    if conclusion.is_unwritten {
        let json = serde_json::to_string(receipt).unwrap_or_default();
        write_note(&format!("the receipt, which summary.json was to have: {json}"));
    }
    let (delivered, all) = (receipt.delivery.delivered, receipt.ledger.aggregated);
    if let Some(drain) = finish.drain.filter(|_| !conclusion.is_whole && all > 0 && delivered == all) {
        write_note(&format!(
            "the Drain has all of them: gridnode merge --from '{}' --flood {}",
            drain.as_argument(),
            receipt.identity.flood
        ));
    }
}

/// What was doubted before the run and is true of it, beside its numbers: the start is far above them.
fn known_before(warnings: &[String], known: &[String]) -> Vec<String> {
    let known: Vec<&String> = known.iter().filter(|doubt| warnings.contains(doubt)).collect();
    let shown = known.iter().take(REPEATED_MAX);
    let mut lines: Vec<String> =
        shown.map(|doubt| format!("warning, as before the run: {}", clean(doubt))).collect();
    let more = known.len().saturating_sub(REPEATED_MAX);
    if more > 0 {
        lines.push(format!(
            "and {} more: see before the run, or `.doubts` in summary.json",
            of(more as u64, "warning", "warnings")
        ));
    }
    lines
}

/// For the server that has started it.
fn told<'a>(receipt: &'a Receipt, conclusion: &'a Conclusion) -> ci::Told<'a> {
    let (complaint, assertions) = match &receipt.outcome {
        Outcome::Stopped(why) => (Some(format!("it was stopped: {why}")), None),
        // They are the plan's judgement of what was measured: it ran.
        Outcome::AssertionsFailed(why) => (None, Some(why.clone())),
        outcome => (outcome.complaint(), None),
    };
    let own = receipt.account_doubts();
    let others = conclusion.doubts.iter().filter(|doubt| !own.contains(doubt)).cloned();
    ci::Told {
        flood: receipt.identity.flood.as_str(),
        run: receipt.identity.run,
        properties: ci::properties(("node", receipt.node.clone()), &receipt.tags),
        complaint,
        assertions,
        doubts: own.iter().cloned().chain(others).collect(),
        judged: &conclusion.judged,
        numbers: conclusion.summary.floods.first(),
        took: took(receipt),
    }
}

fn took(receipt: &Receipt) -> Option<Duration> {
    let (started, ended) = (receipt.times.tool_started_ns?, receipt.times.tree_empty_ns?);
    Some(Duration::from_nanos(u64::try_from(ended.checked_sub(started)?).ok()?))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_doubted_before_the_run_is_said_once_more_beside_its_numbers() {
        let known: Vec<String> = (1..=5).map(|n| format!("doubt {n}")).collect();
        let lines = |of: &[String]| known_before(of, &known);
        assert_eq!(lines(&[]), Vec::<String>::new(), "it is why the run failed");
        assert_eq!(
            lines(&["doubt 2".to_owned(), "news".to_owned()]),
            ["warning, as before the run: doubt 2"]
        );
        let all = lines(&known);
        assert_eq!(all[..3], [1, 2, 3].map(|n| format!("warning, as before the run: doubt {n}")));
        assert_eq!(all[3..], ["and 2 warnings more: see before the run, or `.doubts` in summary.json"]);
    }

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
