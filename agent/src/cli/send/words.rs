//! Events as lines that a person reads.

use super::follow::{NodeState, Verdict, doubts};
use crate::console::{clean, of};
use gridnode_core::event::{Event, EventBody};
use gridnode_core::ids::Ident;
use serde_json::Value;
use std::collections::BTreeMap;

/// Nodes that are named in one line; the rest is counted.
const NAMED_MAX: usize = 10;

/// One event: `09:30:05  i-0abc  running   …`. Texts from outside are cleaned for the terminal.
#[must_use]
pub fn line(event: &Event) -> String {
    let (word, detail) = match &event.body {
        EventBody::NodeReady { .. } => ("ready", String::new()),
        EventBody::CommandRefused { reason, detail } => ("refused", format!("{reason}: {detail}")),
        EventBody::FloodAccepted { start_at: Some(at) } => ("accepted", format!("starts at {at}")),
        EventBody::FloodAccepted { start_at: None } => ("accepted", String::new()),
        EventBody::FloodRunning { start_skew_ms: Some(skew), .. } => {
            ("running", format!("{skew} ms after the agreed moment"))
        }
        EventBody::FloodRunning { .. } => ("running", String::new()),
        EventBody::FloodWarning { warning, detail } => ("warning", format!("{warning}: {detail}")),
        EventBody::FloodFinished { outcome, reason, receipt, receipt_location, .. } => {
            ("finished", finished(outcome, reason.as_deref(), receipt.as_ref(), receipt_location.as_deref()))
        }
        EventBody::NodeStopping { reason } => ("stopping", reason.clone()),
    };
    let time = event.time.get(11..19).unwrap_or(&event.time);
    clean(format!("{time}  {}  {word:<8}  {detail}", event.node).trim_end())
}

fn finished(outcome: &str, reason: Option<&str>, receipt: Option<&Value>, location: Option<&str>) -> String {
    let mut parts = vec![outcome.to_owned()];
    parts.extend(reason.map(str::to_owned));
    let number = |pointer: &str| receipt?.pointer(pointer)?.as_u64();
    if let Some(samples) = number("/ledger/aggregated") {
        parts.push(of(samples, "sample", "samples"));
    }
    if let Some(users) = number("/users_max").filter(|users| *users > 0) {
        parts.push(of(users, "user", "users"));
    }
    match (receipt, location) {
        (Some(receipt), _) => {
            let doubts = doubts(receipt);
            // Where nothing was measured the sentence would only reassure.
            if doubts.is_empty() && number("/ledger/aggregated") != Some(0) {
                parts.push("every sample is accounted for".to_owned());
            }
            parts.extend(doubts);
            parts.extend(saturation(receipt));
        }
        (None, Some(location)) => parts.push(format!("receipt in {location}")),
        (None, None) => parts.push("without a receipt".to_owned()),
    }
    parts.join(" · ")
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

/// All nodes in one line: `3 nodes: 2 completed, 1 refused (busy)`.
#[must_use]
pub fn summary(nodes: &BTreeMap<Ident, NodeState>) -> String {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for state in nodes.values() {
        let word = match state {
            NodeState::Taken => "accepted and not heard of since".to_owned(),
            NodeState::Running => "still running".to_owned(),
            NodeState::Finished { outcome, .. } => outcome.clone(),
            NodeState::Refused(reason) => format!("refused ({reason})"),
            NodeState::Leaving => "going away".to_owned(),
        };
        *counts.entry(word).or_default() += 1;
    }
    let parts: Vec<String> = counts.into_iter().map(|(word, n)| format!("{n} {word}")).collect();
    clean(&format!("{}: {}", of(nodes.len() as u64, "node", "nodes"), parts.join(", ")))
}

/// What a verdict means, where it is not a good one.
#[must_use]
pub fn complaint(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Done | Verdict::Doubtful | Verdict::AssertionsFailed | Verdict::NotAll => None,
        Verdict::TooFew(n) => {
            Some(format!("only {} of those expected", of(*n as u64, "node answered", "nodes answered")))
        }
        Verdict::Nobody => Some("no node answered".to_owned()),
        Verdict::TimedOut(open) => {
            let named: Vec<&str> = open.iter().take(NAMED_MAX).map(Ident::as_str).collect();
            let more = match open.len() - named.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            Some(format!("the time to wait is over, and not done yet: {}{more}", named.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(body: EventBody) -> Event {
        Event {
            version: 1,
            id: "n1-1-0".to_owned(),
            time: "2026-03-01T09:30:05.123Z".to_owned(),
            node: Ident::near("i-0abc"),
            grid: None,
            region: None,
            flood: None,
            run: None,
            command_id: None,
            body,
        }
    }

    fn finished(lost: u64) -> Event {
        let receipt = json!({
            "ledger": {"sent": 1_732 + lost, "received": 1_732, "aggregated": 1_732, "lost": lost},
            "delivery": {"delivered": 1_732},
            "users_max": 10,
        });
        event(EventBody::FloodFinished {
            outcome: "completed".to_owned(),
            reason: None,
            receipt: Some(receipt),
            receipt_location: None,
            sources_omitted: None,
        })
    }

    #[test]
    fn events_are_lines() {
        let busy =
            EventBody::CommandRefused { reason: "busy".to_owned(), detail: "1 of 1\x1b[2J".to_owned() };
        let running = EventBody::FloodRunning { tool_started_at: String::new(), start_skew_ms: Some(12) };
        let lines =
            [line(&event(busy)), line(&event(running)), line(&finished(0)), line(&finished(3))].join("\n");
        insta::assert_snapshot!(lines, @r"
        09:30:05  i-0abc  refused   busy: 1 of 1�[2J
        09:30:05  i-0abc  running   12 ms after the agreed moment
        09:30:05  i-0abc  finished  completed · 1,732 samples · 10 users · every sample is accounted for
        09:30:05  i-0abc  finished  completed · 1,732 samples · 10 users · 3 samples were sent and never arrived
        ");
    }

    #[test]
    fn a_saturated_node_is_said_and_an_empty_run_is_not_praised() {
        let health = json!({"windows": 4, "saturated": 3, "reasons": {"cpu": 2, "clock": 1}});
        let receipt = json!({"ledger": {"aggregated": 0}, "delivery": {}, "health": health});
        let text = super::finished("failed", Some("no file"), Some(&receipt), None);
        insta::assert_snapshot!(text, @"failed · no file · 0 samples · numbers are doubtful: the node was saturated (clock, cpu) in 3 of 4 windows");
    }

    #[test]
    fn all_nodes_are_one_line() {
        let completed = NodeState::Finished { outcome: "completed".to_owned(), trusted: true };
        let nodes = BTreeMap::from([
            (Ident::near("a"), completed.clone()),
            (Ident::near("b"), completed),
            (Ident::near("c"), NodeState::Refused("busy".to_owned())),
        ]);
        assert_eq!(summary(&nodes), "3 nodes: 2 completed, 1 refused (busy)");
    }
}
