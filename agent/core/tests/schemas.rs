//! The schemas say what the code does: what is accepted validates, what is written has exactly their fields, and
//! what a schema lets pass is refused only for reasons that a schema cannot say.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a schema that is not one is a fault of the test"
)]

#[path = "schemas/validate.rs"]
mod validate;

use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunIdentity;
use gridnode_core::base::tags::Tags;
use gridnode_core::judge::Threshold;
use gridnode_core::measure::failures::{Failure, FailureCounts};
use gridnode_core::measure::ingest::{ClosedRun, LabelCounts, RequestCounts, Strays};
use gridnode_core::measure::ledger::SampleAccount;
use gridnode_core::measure::run_totals::RunTotals;
use gridnode_core::merge::Merge;
use gridnode_core::node::command::{self, Command, Refusal};
use gridnode_core::node::event::{Event, EventBody};
use gridnode_core::report::LoadModel;
use gridnode_core::run::outcome::Outcome;
use gridnode_core::run::progress::Progress;
use gridnode_core::run::receipt::{DeliveryAccount, HealthSummary, Receipt};
use gridnode_core::trace::TraceAccount;
use gridnode_core::wire::sump::Kind;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use validate::Schema;

fn command_schema() -> Schema {
    Schema::new(include_str!("../schemas/command.schema.json"))
}

fn event_schema() -> Schema {
    Schema::new(include_str!("../schemas/event.schema.json"))
}

fn start() -> Value {
    json!({
        "version": 1, "id": "cmd-1", "type": "flood.start",
        "issued_at": "2026-03-01T09:30:00Z", "valid_until": "2026-03-01T09:45:00Z",
        "route": {"grids": ["9"], "regions": [], "nodes": []},
        "flood": {
            "id": "7", "run": 1, "account": "1", "project": "5", "tool": "jmeter", "tool_version": "5.6.3",
            "plan": "checkout.jmx",
            "files": [{"name": "checkout.jmx", "uri": "s3://bucket/key", "sha256": "ab".repeat(32)}],
            "users": 100, "ramp_up_s": 30, "duration_s": 600, "iterations": 3,
            "parameters": {"host": "shop.example"}, "tags": {"build": "1234"}, "start_at": "2026-03-01T09:31:00Z",
            "window_s": 15, "max_runtime_s": 7200, "progress_s": 15,
        }
    })
}

fn stop() -> Value {
    json!({
        "version": 1, "id": "cmd-2", "type": "flood.stop",
        "issued_at": "2026-03-01T09:30:00Z", "valid_until": "2026-03-01T09:45:00Z",
        "route": {"all": true}, "flood": {"id": "7", "run": 1}, "grace_s": 5,
    })
}

fn node_stop() -> Value {
    json!({
        "version": 1, "id": "cmd-3", "type": "node.stop", "route": {"nodes": ["n1"]},
        "issued_at": "2026-03-01T09:30:00Z", "valid_until": "2026-03-01T09:45:00Z",
    })
}

fn read(value: &Value) -> Result<Command, Box<Refusal>> {
    command::read(value.to_string().as_bytes(), &[]).command
}

fn names(object: &Value) -> BTreeSet<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn what_the_code_writes_has_exactly_the_fields_of_the_schema() {
    let schema = command_schema();
    let define = |name: &str| names(&schema.definition(name)["properties"]);
    for (value, name) in [(start(), "flood.start"), (stop(), "flood.stop"), (node_stop(), "node.stop")] {
        assert_eq!(schema.validate(&value), Ok(()));
        let written = serde_json::to_value(read(&value).unwrap()).unwrap();
        assert_eq!(schema.validate(&written), Ok(()));
        assert_eq!(names(&written), define(name));
    }
    let written = serde_json::to_value(read(&start()).unwrap()).unwrap();
    assert_eq!(names(&written["flood"]), define("start"));
    let files = &schema.definition("start")["properties"]["files"]["items"]["properties"];
    assert_eq!(names(&written["flood"]["files"][0]), names(files));
}

/// Takes one field after the other away: it is required in both, or in neither.
#[test]
fn the_same_fields_are_required() {
    let schema = command_schema();
    for value in [start(), stop(), node_stop()] {
        for path in paths(&value) {
            let mut less = value.clone();
            remove(&mut less, &path);
            assert_eq!(read(&less).is_ok(), schema.validate(&less).is_ok(), "without {path}");
        }
    }
}

fn paths(value: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    let children: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(n, value)| (n.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        paths.push(format!("/{name}"));
        paths.extend(self::paths(child).into_iter().map(|path| format!("/{name}{path}")));
    }
    paths
}

fn remove(value: &mut Value, path: &str) {
    let (parent, name) = path.rsplit_once('/').unwrap();
    match value.pointer_mut(parent) {
        Some(Value::Object(object)) => drop(object.remove(name)),
        Some(Value::Array(items)) => drop(items.remove(name.parse().unwrap())),
        other => panic!("{other:?}"),
    }
}

/// Values of all kinds, and every bound of the schema with its neighbours.
fn values(schema: &Schema) -> Vec<Value> {
    let texts = [
        "",
        "7",
        "a b",
        "a.jmx",
        "../a",
        "s3://bucket/key",
        "file:///a",
        "https://a",
        "9",
        "jmeter",
        "flood.stop",
        "2026-03-01T09:40:00Z",
        "2026-03-01T23:00:00+01:00",
    ];
    let mut values: Vec<Value> = texts.map(Value::from).to_vec();
    values.extend([64, 65, 128, 129, 255, 256].map(|len| json!("0".repeat(len))));
    values.extend([json!([]), json!({}), json!(["9"]), json!([1]), json!({"a": "b"}), json!({"a": 1})]);
    values.extend([
        json!(null),
        json!(true),
        json!(false),
        json!(1.0),
        json!(-1),
        json!(0.5),
        json!(u64::MAX),
    ]);
    let mut bounds = BTreeSet::new();
    schema.bounds(&mut bounds);
    assert!(bounds.len() > 5);
    for bound in bounds {
        values.extend([bound.saturating_sub(1), bound, bound + 1].map(Value::from));
    }
    values.extend([2, 15, 60].map(Value::from));
    values
}

/// What a schema cannot say: how fields go together, and rules about paths and times.
fn beyond_schemas(refusal: &Refusal) -> bool {
    let said = refusal.error.to_string();
    ["issued_at", "valid_until", "among the files", "cannot be a file name", "cannot be fetched"]
        .iter()
        .any(|reason| said.contains(reason))
}

/// Every field with every value, and with a field too many.
#[test]
fn code_and_schema_agree() {
    let schema = command_schema();
    let values = values(&schema);
    let mut accepted = 0;
    for command in [start(), stop(), node_stop()] {
        for path in paths(&command) {
            for value in &values {
                let mut changed = command.clone();
                *changed.pointer_mut(&path).unwrap() = value.clone();
                accepted += u32::from(agree(&schema, &changed));
            }
            let mut more = command.clone();
            if let Some(Value::Object(object)) = more.pointer_mut(&path) {
                object.insert("priority".into(), json!("1"));
                agree(&schema, &more);
            }
        }
    }
    assert!(accepted > 200, "{accepted}");
}

fn agree(schema: &Schema, value: &Value) -> bool {
    match (read(value), schema.validate(value)) {
        (Ok(_), Err(why)) => panic!("accepted, but not by the schema ({why}): {value}"),
        (Err(refusal), Ok(())) => {
            assert!(beyond_schemas(&refusal), "only the schema accepts: {}: {value}", refusal.error);
            false
        }
        (accepted, _) => accepted.is_ok(),
    }
}

fn event(body: EventBody) -> Event {
    let flood = body.kind().starts_with("flood.") || body.kind() == "command.refused";
    Event {
        version: 1,
        id: "n1-1-0".into(),
        time: "2026-03-01T09:30:00.000Z".into(),
        node: Ident::near("n1"),
        grid: Some(Ident::near("9")),
        region: Some(Ident::near("r")),
        flood: flood.then(|| Ident::near("7")),
        run: flood.then_some(1),
        command_id: flood.then(|| Ident::near("c")),
        body,
    }
}

/// More reasons than a receipt states.
fn failures() -> FailureCounts {
    let failure = |n: u64| Failure {
        label: "GET /".into(),
        kind: if n == 1 { Kind::Transaction } else { Kind::Request },
        code: "404".into(),
        error: format!("{n}"),
        varies: n == 2,
        trace: (n == 3).then(|| "GET-500-3f9a1c02.json".to_owned()),
        count: 100 - n,
    };
    FailureCounts { reasons: (0..25).map(failure).collect(), others: 7 }
}

fn receipt(outcome: Outcome) -> Value {
    let identity = RunIdentity {
        account: None,
        flood: Ident::near("7"),
        project: None,
        grid: None,
        region: None,
        run: 1,
    };
    let closed = ClosedRun {
        run: 0,
        identity: Arc::new(identity),
        account: SampleAccount::default(),
        sent_exact: true,
        sources: Vec::new(),
        sources_beyond: 7,
        strays: Strays { ahead_ms: 60_000, behind_ms: 5 },
        sample_span_ns: None,
        users_max: 0,
        requests: Some(RequestCounts { requests: 100, failed: 50 }),
        labels: LabelCounts::default(),
        failures: failures(),
        totals: Some(Box::new(RunTotals::default())),
    };
    let mut receipt = Receipt::new("n1", closed, outcome, DeliveryAccount::default());
    let mut health = HealthSummary::default();
    health.add(None);
    health.add(Some("cpu"));
    receipt.health = Some(health);
    receipt.silent_end_s = Some(9);
    receipt.tags = Tags::new([("build".to_owned(), "1234".to_owned())]).unwrap();
    receipt.changes = vec!["duration 30 → 4".to_owned()];
    receipt.warnings = vec!["`cart` was sent 3 times less than planned".to_owned()];
    receipt.traces = Some(TraceAccount {
        captured: 6,
        slow: 2,
        suppressed: 1_995,
        refused: 1,
        lost: 0,
        uploaded: Some(5),
        waiting: Some(1),
    });
    receipt.log_tail = vec!["java.lang.OutOfMemoryError".to_owned()];
    serde_json::to_value(receipt).unwrap()
}

/// Every type of event with everything that it may have.
fn events() -> Vec<Event> {
    let time = || "2026-03-01T09:30:00.000Z".to_owned();
    let text = || "x".to_owned();
    let bodies = vec![
        EventBody::NodeReady { agent_version: text(), incarnation: 1, recovered_runs: 0 },
        EventBody::CommandRefused { reason: "busy".into(), detail: text() },
        EventBody::FloodAccepted { start_at: Some(time()) },
        EventBody::FloodRunning {
            tool_started_at: time(),
            start_skew_ms: Some(-3),
            changes: vec!["duration 30 → 4".to_owned()],
        },
        EventBody::FloodWarning { warning: text(), detail: text() },
        EventBody::FloodFinished {
            outcome: "stopped".into(),
            reason: Some(text()),
            receipt: Some(receipt(Outcome::Stopped(text()))),
            receipt_location: Some("s3://b/k".into()),
            sources_omitted: Some(1),
        },
        EventBody::NodeStopping { reason: text() },
        EventBody::FloodProgress(Box::new(Progress {
            users: 3,
            saturated: Some("cpu".to_owned()),
            ..Progress::default()
        })),
    ];
    bodies.into_iter().map(event).collect()
}

#[test]
fn every_event_has_exactly_the_fields_of_the_schema() {
    let schema = event_schema();
    let events = events();
    for event in &events {
        let value = serde_json::to_value(event).unwrap();
        assert_eq!(schema.validate(&value), Ok(()));
        assert_eq!(names(&value), names(&schema.definition(event.body.kind())["properties"]));
        // What the schema requires is what cannot be absent.
        for path in names(&value) {
            let mut less = value.clone();
            less.as_object_mut().unwrap().remove(path);
            let required =
                schema.definition(event.body.kind())["required"].as_array().unwrap().contains(&json!(path));
            assert_eq!(schema.validate(&less).is_ok(), !required, "{} without {path}", event.body.kind());
            // The types of floods always have these three, by how the node makes them.
            if !required && !["flood", "run", "command_id"].contains(&path) {
                assert!(
                    serde_json::from_value::<Event>(less).is_ok(),
                    "{} without {path}",
                    event.body.kind()
                );
            }
        }
    }
    assert_eq!(names(&events[5].to_value()["receipt"]), names(&schema.definition("receipt")["properties"]));
    for outcome in [
        Outcome::Completed,
        Outcome::Failed(String::new()),
        Outcome::Expired(String::new()),
        Outcome::AssertionsFailed(String::new()),
    ] {
        let mut value = events[5].to_value();
        value["receipt"] = receipt(outcome);
        assert_eq!(schema.validate(&value), Ok(()));
    }
}

/// A reason that subscribers do not know of is an event that they refuse.
#[test]
fn every_reason_for_refusing_a_text_is_in_the_schema() {
    let source = include_str!("../src/node/command/error.rs");
    let (_, reasons) = source.split_once("pub fn reason(").unwrap();
    let reasons: Vec<&str> = reasons.lines().filter_map(|line| line.split('"').nth(1)).collect();
    assert!(reasons.len() >= 10, "{reasons:?}");
    for reason in reasons {
        let refused = event(EventBody::CommandRefused { reason: reason.into(), detail: "…".to_owned() });
        assert_eq!(event_schema().validate(&refused.to_value()), Ok(()), "{reason}");
    }
}

#[test]
fn a_receipt_states_some_reasons_and_counts_the_others() {
    let receipt = receipt(Outcome::Completed);
    let stated: u64 =
        receipt["failures"].as_array().unwrap().iter().map(|f| f["count"].as_u64().unwrap()).sum();
    assert_eq!(receipt["failures"].as_array().unwrap().len(), 20);
    assert_eq!(receipt["failures_others"], 76 + 77 + 78 + 79 + 80 + 7);
    assert_eq!((stated + 397, &receipt["failures_kinds"]), (failures().total(), &json!(25)));
}

/// The texts of a hostile script must not make a receipt too large for a message.
#[test]
fn reasons_with_the_longest_texts_fit_into_a_message() {
    let longest = |text: &str, chars| text.repeat(chars);
    let failure = |n: u64| Failure {
        label: longest("\"", 512),
        kind: Kind::Transaction,
        code: "other".into(),
        error: longest(if n.is_multiple_of(2) { "\\" } else { "😀" }, 201),
        varies: true,
        trace: Some(longest("x", 100)),
        count: u64::MAX >> 16,
    };
    let closed = FailureCounts { reasons: (0..200).map(failure).collect(), others: 0 };
    let stated = serde_json::to_string(&closed.reasons[..20]).unwrap();
    assert!(stated.len() < 60 << 10, "{}", stated.len());
}

/// Of a run's document: whatever the core puts into it. That the shell adds nothing else is a test on real runs.
#[test]
fn a_summary_has_exactly_the_fields_of_the_schema() {
    let schema = Schema::new(gridnode_core::report::SUMMARY_SCHEMA);
    assert_eq!(schema.definition("receipt"), event_schema().definition("receipt"), "one receipt");
    let tags = "flood=7,label_id=00";
    let lines = [
        format!("response_time_mean,{tags} value=1.0,sum=3.0,min=1.0,max=1.0,stddev=0.0,count=3i 1"),
        format!("latency_mean,{tags} value=1.0,sum=3.0,min=1.0,max=1.0,count=3i 1"),
        format!("response_codes_count,{tags} c200=3i 1"),
        format!(
            "transaction_rate_mean,{tags} value=1.0,count=3i,window_s=1.0,label=\"a\",kind=\"request\",run=1i 1"
        ),
        "ledger_sum,flood=7 sent=3i,node=\"n\",run=1i 1".to_owned(),
    ];
    let mut merge = Merge::new();
    lines.iter().for_each(|line| merge.add_line(line.as_bytes()).expect(line));
    let summary = serde_json::to_value(merge.summary()).unwrap();
    let judged = "p95(a) > 1ms".parse::<Threshold>().unwrap().judge(merge.summary().floods.first(), None);
    let document = json!({
        "version": 1, "receipt": receipt(Outcome::Completed), "doubts": ["x"], "thresholds": judged, "thresholds_refused": "x",
        "thresholds_caveat": "x",
        "load_model": LoadModel::Unknown, "summary": summary,
    });
    assert_eq!(schema.validate(&document), Ok(()));
    for (of, name) in
        [("/summary", "summary"), ("/summary/floods/0", "flood"), ("/summary/floods/0/labels/0", "label")]
    {
        let value = document.pointer(of).unwrap();
        assert_eq!(names(value), names(&schema.definition(name)["properties"]), "{name}");
    }
    let mut more = document.clone();
    more["summary"]["floods"][0]["surprise"] = json!(1);
    assert!(schema.validate(&more).is_err());
}

trait ToValue {
    fn to_value(&self) -> Value;
}

impl ToValue for Event {
    fn to_value(&self) -> Value {
        serde_json::from_str(&self.to_json()).expect("an event is JSON")
    }
}
