//! The receipt in words: where every sample went, whether the numbers can be trusted, and if not, what to do.

use super::number::{count, of, took};
use super::screen::{Screen, Style};
use super::text::{clean, flow};
use gridnode_core::base::limits::SOURCES_MAX;
use gridnode_core::measure::ingest::Strays;
use gridnode_core::run::outcome::Outcome;
use gridnode_core::run::receipt::Receipt;

/// A source's last datagram comes up to three times over UDP and once more as a file: repeats that mean nothing.
const LAST_WORD_REPEATS: u64 = 3;

/// The account of one run and a verdict on it. [`Receipt::account_doubts`] decides; here it is only put into words. Where the files
/// with the results are not whole there is no tick, and somebody says why.
#[must_use]
pub fn render_receipt(screen: &Screen, receipt: &Receipt, results_are_whole: bool) -> String {
    let mut lines = equations(receipt);
    let remarks = remarks(receipt);
    if !remarks.is_empty() {
        lines.push(screen.paint(Style::Faint, &flow(&remarks, screen.width)).into_owned());
    }
    lines.push(render_verdict(screen, receipt, results_are_whole));
    lines.join("\n")
}

/// The verdict alone: see [`render_receipt`].
#[must_use]
pub fn render_verdict(screen: &Screen, receipt: &Receipt, results_are_whole: bool) -> String {
    let mut lines = Vec::new();
    let doubts = receipt.account_doubts();
    let open_ended = !receipt.sources.is_empty() && !receipt.sent_exact;
    // Lines that could not be used are a doubt by themselves.
    let uncounted = receipt.ledger.unattributed;
    if receipt.ledger.aggregated == 0 && doubts.is_empty() {
        lines.push(screen.paint(Style::Warning, "no sample arrived").into_owned());
    } else if doubts.is_empty() && (open_ended || uncounted > 0) {
        lines.push(
            screen.paint(Style::Warning, "every sample that arrived is accounted for, but").into_owned(),
        );
    } else if let Some(all) = all_failed(receipt).filter(|_| doubts.is_empty()) {
        lines.push(
            screen
                .paint(Style::Warning, &format!("every sample is accounted for, and {all} failed"))
                .into_owned(),
        );
    } else if let Some(why) = stopped(receipt).filter(|_| doubts.is_empty()) {
        let line =
            format!("stopped before its end ({}): every sample that was sent is accounted for", clean(why));
        lines.push(screen.paint(Style::Warning, &line).into_owned());
    } else if doubts.is_empty() && (is_short(receipt) || !results_are_whole) {
        // True, and no reason to be pleased.
        lines.push(screen.paint(Style::Warning, "every sample that was sent is accounted for").into_owned());
    } else if doubts.is_empty() {
        lines.push(screen.paint(Style::Good, "✔ every sample is accounted for").into_owned());
    } else {
        lines.push(screen.paint(Style::Bad, "✘ these numbers are not the whole truth:").into_owned());
        lines.extend(doubts.iter().map(|doubt| format!("  - {}", clean(doubt))));
        lines.extend(advice(receipt).iter().map(|advice| format!("  what to do: {advice}")));
    }
    if uncounted > 0 {
        let samples = of(uncounted, "sample", "samples");
        let warning =
            format!("{samples} of a sender that does not count: what was lost of them is not known");
        lines.push(screen.paint(Style::Warning, &warning).into_owned());
    }
    if open_ended {
        let reasons = open_ends(receipt);
        lines.extend(reasons.iter().map(|reason| screen.paint(Style::Warning, reason).into_owned()));
    }
    lines.join("\n")
}

/// Why somebody has stopped it: a table on its own would look like one of the whole run.
fn stopped(receipt: &Receipt) -> Option<&str> {
    match &receipt.outcome {
        Outcome::Stopped(why) => Some(why),
        _ => None,
    }
}

/// Whether the run was not what it should have been, however well it was counted.
fn is_short(receipt: &Receipt) -> bool {
    matches!(receipt.outcome, Outcome::Failed(_) | Outcome::Expired(_)) || !receipt.warnings.is_empty()
}

/// All that was measured, where all of it failed: counted well, and nothing to be pleased about. Transactions that hold although
/// each request in them failed are no success.
fn all_failed(receipt: &Receipt) -> Option<String> {
    let samples = receipt.ledger.aggregated;
    let failed =
        receipt.failures.iter().fold(receipt.failures_others, |sum, one| sum.saturating_add(one.count));
    if samples > 0 && failed == samples {
        return Some(
            format!("all {}", of(samples, "sample", "samples")).replace("all 1 sample", "the only sample"),
        );
    }
    let requests = receipt.requests.filter(|requests| *requests > 0 && receipt.failed == Some(*requests))?;
    Some(format!("all {}", of(requests, "request", "requests")).replace("all 1 request", "the only request"))
}

/// Why it is not known how much was sent.
fn open_ends(receipt: &Receipt) -> Vec<String> {
    let mut reasons = Vec::new();
    if receipt.sources_beyond > 0 {
        reasons.push(format!(
            "{} came beyond the {SOURCES_MAX} that may be open at once: what arrived of them is counted, what they sent is \
             not known, and there were at least as many users as are shown",
            of(receipt.sources_beyond, "source", "sources")
        ));
    }
    if receipt.sources_beyond == 0 || receipt.sources.iter().any(|source| !source.closed) {
        reasons.push(
            "the tool ended without its last word: what it may have sent after that cannot be known"
                .to_owned(),
        );
    }
    reasons
}

/// The three equations of the ledger. Senders of the per-metric dialect do not say what they have sent.
fn equations(receipt: &Receipt) -> Vec<String> {
    let (ledger, delivery) = (&receipt.ledger, &receipt.delivery);
    let mut parts = Vec::new();
    if !receipt.sources.is_empty() {
        let vouched = ledger.received.saturating_sub(ledger.unattributed);
        parts.push(format!(
            "sent {} = received {} + lost {}",
            count(ledger.sent),
            count(vouched),
            count(ledger.lost)
        ));
    }
    if ledger.unattributed > 0 {
        let more = if receipt.sources.is_empty() { "" } else { " more" };
        parts.push(format!(
            "received {}{more} from senders that do not count what they send",
            count(ledger.unattributed)
        ));
    }
    parts.push(format!(
        "received {} = aggregated {} + rejected {}",
        count(ledger.received),
        count(ledger.aggregated),
        count(ledger.rejected.total())
    ));
    let fates = [
        ("spooled", delivery.spooled),
        ("evicted", delivery.evicted),
        ("quarantined", delivery.quarantined),
        ("uncertain", delivery.uncertain),
        ("set aside", delivery.set_aside),
        ("unexplained", delivery.unexplained),
        ("lost in a restart", delivery.lost_restart),
    ];
    let others: String = fates
        .iter()
        .filter(|&&(fate, n)| n > 0 || fate == "spooled")
        .map(|&(fate, n)| format!(" + {fate} {}", count(n)))
        .collect();
    parts.push(format!(
        "aggregated {} = delivered {}{others}",
        count(ledger.aggregated),
        count(delivery.delivered)
    ));
    parts
}

/// What is true of some of the counted samples and no reason to doubt them.
fn remarks(receipt: &Receipt) -> Vec<String> {
    let ledger = &receipt.ledger;
    let on_purpose = LAST_WORD_REPEATS * receipt.sources.iter().map(|source| source.processes).sum::<u64>();
    let repeated = ledger.duplicate_datagrams.saturating_sub(on_purpose);
    let rejected =
        ledger.rejected.by_reason().map(|(reason, n)| (n, format!("rejected as {reason}: {}", count(n))));
    let others = [
        (ledger.late, format!("{} late, in parts of their own", count(ledger.late))),
        (ledger.restamped, strays(ledger.restamped, receipt.strays)),
        (
            ledger.folded_samples,
            format!(
                "{} of {} beyond the label limit, in __other__",
                of(ledger.folded_samples, "sample", "samples"),
                of(ledger.folded_labels, "label", "labels")
            ),
        ),
        (repeated, format!("{} came twice, counted once", of(repeated, "datagram", "datagrams"))),
        (receipt.delivery.retries, tried_again(receipt.delivery.retries)),
    ];
    rejected.into_iter().chain(others).filter(|(n, _)| *n > 0).map(|(_, text)| text).collect()
}

/// The time stamps that could not be used, and by how much they are off: a clock that is wrong is somebody's to set.
fn strays(samples: u64, off: Strays) -> String {
    let far = [(off.ahead_ms, "ahead of"), (off.behind_ms, "behind")];
    let parts: Vec<String> = far
        .into_iter()
        .filter(|(ms, _)| *ms > 0)
        .map(|(ms, whither)| format!("{} {whither} this machine's clock", far_off(ms)))
        .collect();
    let by = if parts.is_empty() { String::new() } else { format!(" (up to {})", parts.join(", ")) };
    format!(
        "{} with a time stamp that cannot be used{by}, counted in the nearest window",
        of(samples, "sample", "samples")
    )
}

/// Time stamps in another unit are off by years.
fn far_off(ms: u64) -> String {
    let days = ms / 86_400_000;
    if days < 2 { took(ms) } else { of(days, "day", "days") }
}

/// Writes that the Drain did not answer, or not as one that has stored them.
fn tried_again(writes: u64) -> String {
    format!("sending to the Drain failed {} and was tried again, nothing is counted twice", times(writes))
}

fn times(n: u64) -> String {
    if n == 1 { "once".to_owned() } else { format!("{} times", count(n)) }
}

/// One sentence a cause, for the causes that a person can do something about.
fn advice(receipt: &Receipt) -> Vec<&'static str> {
    let (ledger, delivery) = (&receipt.ledger, &receipt.delivery);
    let causes = [
        (
            ledger.kernel_dropped > 0,
            "let the kernel grant larger receive buffers: sudo sysctl -w net.core.rmem_max=67108864",
        ),
        (
            ledger.lost > 0 && ledger.kernel_dropped == 0,
            "look into the tool's log: the kernel dropped nothing, so samples vanished on the tool's side",
        ),
        (
            ledger.truncated > 0,
            "look for gridnode's warning in the tool's log: it says why samples could not be sent",
        ),
        (
            ledger.rejected.total() > 0,
            "look for `a line was rejected` in the log: it shows the first rejected lines and why",
        ),
        (
            delivery.spooled > 0,
            "check that the Drain is up and takes writes: what is spooled stays on disk and can be sent later",
        ),
        (delivery.evicted > 0, "make room on the disk, or give the spool more of it"),
        (
            delivery.quarantined + delivery.uncertain > 0,
            "mend what the Drain's answer (in the log, and in `gridnode spool list`) complains of, then `gridnode spool replay` sends the \
             quarantine again",
        ),
    ];
    causes.into_iter().filter(|(applies, _)| *applies).map(|(_, advice)| advice).collect()
}

#[cfg(test)]
pub(super) mod tests;
