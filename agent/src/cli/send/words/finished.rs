//! The end of a run as a person reads it: one line of numbers, then why requests failed.

use crate::console::{count, fit, label_of, of};
use gridnode_core::run::receipt::doubts_of_json;
use gridnode_core::wire::sump::Kind;
use serde_json::Value;

/// Reasons of failure that are shown; the receipt has more.
const REASONS_SHOWN_MAX: usize = 3;
/// A label in a reason gets no more, columns.
const LABEL_COLUMNS_MAX: usize = 60;

/// The numbers in one line, further lines of the reason and the most frequent failures below.
pub(super) fn text(
    outcome: &str,
    reason: Option<&str>,
    receipt: Option<&Value>,
    location: Option<&str>,
) -> String {
    let mut reason = reason.unwrap_or_default().lines();
    let mut parts = vec![outcome.to_owned()];
    parts.extend(reason.next().map(str::to_owned));
    match (receipt, location) {
        (Some(receipt), _) => parts.extend(numbers(receipt)),
        (None, Some(location)) => parts.push(format!("receipt in {location}")),
        (None, None) => parts.push("without a receipt".to_owned()),
    }
    let mut lines = vec![parts.join(" · ")];
    lines.extend(reason.map(str::to_owned));
    lines.extend(receipt.map(failures).unwrap_or_default());
    lines.join("\n")
}

fn numbers(receipt: &Value) -> Vec<String> {
    let number = |pointer: &str| receipt.pointer(pointer)?.as_u64();
    let mut parts = Vec::new();
    // Receipts of older nodes do not have them.
    if let (Some(requests), Some(failed)) = (number("/requests"), number("/failed")) {
        parts.push(format!("{}, {} failed", of(requests, "request", "requests"), count(failed)));
    }
    if let Some(samples) = number("/ledger/aggregated") {
        parts.push(of(samples, "sample", "samples"));
    }
    if let Some(users) = number("/users_max").filter(|users| *users > 0) {
        // Users of senders beyond those that may be open at once are in no gauge.
        let is_whole = number("/sources_beyond").is_none_or(|beyond| beyond == 0);
        let at_least = if is_whole { "" } else { "at least " };
        parts.push(format!("{at_least}{}", of(users, "user", "users")));
    }
    let doubts = doubts_of_json(receipt);
    // Where nothing was measured the sentence would only reassure.
    if doubts.is_empty() && number("/ledger/aggregated") != Some(0) {
        parts.push("every sample is accounted for".to_owned());
    }
    parts.extend(doubts);
    parts.extend(saturation(receipt));
    parts
}

/// `43 × GET /cart: 404, …`, the most frequent first. Those of transactions only where no request failed: a transaction
/// fails because a request in it did.
fn failures(receipt: &Value) -> Vec<String> {
    let all: &[Value] = receipt.get("failures").and_then(Value::as_array).map_or(&[], Vec::as_slice);
    let is_request = |failure: &&Value| failure.get("kind").and_then(Value::as_str) == Some("request");
    let requests: Vec<&Value> = all.iter().filter(is_request).collect();
    let (chosen, all_failed) = match requests.is_empty() {
        true => (all.iter().collect(), None),
        false => (requests, receipt.get("failed").and_then(Value::as_u64)),
    };
    let shown = &chosen[..chosen.len().min(REASONS_SHOWN_MAX)];
    let mut lines: Vec<String> = shown.iter().filter_map(|failure| reason(failure)).collect();
    let samples = |failure: &&Value| failure.get("count").and_then(Value::as_u64);
    let counted: u64 = shown.iter().filter_map(samples).fold(0, u64::saturating_add);
    if let Some(more) = all_failed.and_then(|all| all.checked_sub(counted)).filter(|more| *more > 0) {
        lines.push(format!("… and {} for other reasons", count(more)));
    }
    let in_full = shown.iter().find_map(|failure| failure.get("trace")?.as_str());
    lines.extend(in_full.map(|location| format!("in full: gridnode trace show {location}")));
    lines
}

/// `None` for what this version cannot read: a receipt comes from outside.
fn reason(failure: &Value) -> Option<String> {
    let text = |name: &str| failure.get(name)?.as_str();
    let kind = if text("kind") == Some("transaction") { Kind::Transaction } else { Kind::Request };
    let label = fit(&label_of(kind, text("label")?), LABEL_COLUMNS_MAX);
    let samples = count(failure.get("count")?.as_u64()?);
    let error = text("error").filter(|error| !error.is_empty());
    // Beside a text these two say nothing.
    let code = text("code").filter(|code| error.is_none() || !["none", "other"].contains(code));
    let why: Vec<String> =
        [code, error].into_iter().flatten().map(|text| text.replace(['\r', '\n'], " ")).collect();
    Some(format!("{samples} × {label}: {}", why.join(", ")))
}

/// What the node's own health says about the numbers, where it says something.
fn saturation(receipt: &Value) -> Option<String> {
    let health = receipt.get("health")?;
    let number = |name: &str| health.get(name)?.as_u64();
    let saturated = number("saturated").filter(|saturated| *saturated > 0)?;
    let reasons: Vec<&str> = health.get("reasons")?.as_object()?.keys().map(String::as_str).collect();
    let (windows, reasons) = (number("windows")?, reasons.join(", "));
    Some(format!(
        "numbers are doubtful: the node was saturated ({reasons}) in {saturated} of {windows} windows"
    ))
}
