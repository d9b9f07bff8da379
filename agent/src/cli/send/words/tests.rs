//! Events as they are printed.

use super::*;
use serde_json::{Value, json};

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
        "users_max": 10, "requests": 1_640, "failed": 0,
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
    let busy = EventBody::CommandRefused { reason: "busy".to_owned(), detail: "1 of 1\x1b[2J".to_owned() };
    let running =
        EventBody::FloodRunning { tool_started_at: String::new(), start_skew_ms: Some(12), changes: vec![] };
    let lines =
        [line(&event(busy)), line(&event(running)), line(&finished(0)), line(&finished(3))].join("\n");
    insta::assert_snapshot!(lines, @r"
    09:30:05  i-0abc  refused   busy: 1 of 1�[2J
    09:30:05  i-0abc  running   12 ms after the agreed moment
    09:30:05  i-0abc  finished  completed · 1,640 requests, 0 failed · 1,732 samples · 10 users · every sample is accounted for
    09:30:05  i-0abc  finished  completed · 1,640 requests, 0 failed · 1,732 samples · 10 users · 3 samples were sent and never arrived
    ");
}

/// A finished run whose receipt has these fields, too.
fn finished_with(reason: Option<&str>, more: Value) -> String {
    let mut receipt = json!({
        "ledger": {"sent": 56, "received": 56, "aggregated": 56}, "delivery": {"delivered": 56}, "users_max": 2,
    });
    if let (Value::Object(receipt), Value::Object(more)) = (&mut receipt, more) {
        receipt.extend(more);
    }
    line(&event(EventBody::FloodFinished {
        outcome: "completed".to_owned(),
        reason: reason.map(str::to_owned),
        receipt: Some(receipt),
        receipt_location: None,
        sources_omitted: None,
    }))
}

fn reason(count: u64, kind: &str, label: &str, code: &str, error: &str) -> Value {
    json!({"label": label, "kind": kind, "code": code, "error": error, "count": count})
}

#[test]
fn a_run_with_failures_says_why() {
    let mut first = reason(8, "request", "GET /cart", "404", "status.find.is(200), but actually found 404");
    first["trace"] = json!("s3://b/1/7/5/ab/cd.json.gz");
    let failures = json!([
        first,
        reason(4, "transaction", "checkout", "none", "1 of 3 failed"),
        reason(3, "request", "GET /\x1b[2J", "none", "connection\nrefused"),
        reason(1, "request", "GET /a", "none", ""),
        reason(1, "request", "GET /b", "500", ""),
    ]);
    let more = json!({"requests": 52, "failed": 14, "failures": failures, "failures_others": 1});
    insta::assert_snapshot!(finished_with(None, more), @r"
    09:30:05  i-0abc  finished  completed · 52 requests, 14 failed · 56 samples · 2 users · every sample is accounted for
        8 × GET /cart: 404, status.find.is(200), but actually found 404
        3 × GET /�[2J: connection refused
        1 × GET /a: none
        … and 2 for other reasons
        in full: gridnode trace show s3://b/1/7/5/ab/cd.json.gz
    ");
}

#[test]
fn transactions_are_reasons_where_no_request_failed() {
    let failures = json!([reason(4, "transaction", "checkout", "none", "too slow")]);
    let text = finished_with(None, json!({"requests": 1_052, "failed": 0, "failures": failures}));
    insta::assert_snapshot!(text, @r"
    09:30:05  i-0abc  finished  completed · 1,052 requests, 0 failed · 56 samples · 2 users · every sample is accounted for
        4 × [T] checkout: too slow
    ");
}

#[test]
fn failures_that_cannot_be_read_cost_no_line() {
    let text = finished_with(None, json!({"failures": [7, {"label": 1}], "failed": "x", "requests": -1}));
    assert_eq!(
        text,
        "09:30:05  i-0abc  finished  completed · 56 samples · 2 users · every sample is accounted for"
    );
}

#[test]
fn a_text_of_several_lines_keeps_them() {
    let said = "the compiler says:\n\tA.java:3: error: ';' expected\r\n\t  int\x1b[31m x";
    assert_eq!(
        finished_with(Some(said), json!({"requests": 1, "failed": 0})),
        "09:30:05  i-0abc  finished  completed · the compiler says: · 1 request, 0 failed · 56 samples · 2 users · \
         every sample is accounted for\n     A.java:3: error: ';' expected\n       int\u{fffd}[31m x"
    );
    let warning = EventBody::FloodWarning { warning: "tool".to_owned(), detail: "one\ntwo".to_owned() };
    assert_eq!(line(&event(warning)), "09:30:05  i-0abc  warning   tool: one\n    two");
}

#[test]
fn a_saturated_node_is_said_and_an_empty_run_is_not_praised() {
    let health = json!({"windows": 4, "saturated": 3, "reasons": {"cpu": 2, "clock": 1}});
    let receipt = json!({"ledger": {"aggregated": 0}, "delivery": {}, "health": health});
    let text = super::finished::text("failed", Some("no file"), Some(&receipt), None);
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

#[test]
fn how_far_it_is_is_a_line() {
    let completed = NodeState::Finished { outcome: "completed".to_owned(), trusted: true };
    let nodes = BTreeMap::from([
        (Ident::near("a"), completed),
        (Ident::near("b"), NodeState::Running),
        (Ident::near("c"), NodeState::Running),
    ]);
    assert_eq!(progress(45, &nodes), "00:45  3 nodes have answered: 1 completed, 2 still running");
    assert_eq!(progress(15, &BTreeMap::new()), "00:15  no node has answered yet");
}
