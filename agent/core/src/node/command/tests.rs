use super::*;
use crate::base::limits::WINDOW_S_ALLOWED;
use proptest::prelude::*;
use serde_json::{Value, json};

mod signed;

pub(super) fn start() -> Value {
    json!({
        "version": 1, "id": "cmd-1", "type": "flood.start",
        "issued_at": "2026-03-01T09:30:00Z", "valid_until": "2026-03-01T09:45:00Z",
        "route": {"grids": ["9"], "regions": [], "nodes": []},
        "flood": {
            "id": "7", "run": 1, "account": "1", "project": "5", "tool": "jmeter", "tool_version": "5.6.3",
            "plan": "checkout.jmx",
            "files": [{"name": "checkout.jmx", "uri": "s3://bucket/key", "sha256": "aB".repeat(32)}],
            "users": 100, "ramp_up_s": 30, "duration_s": 600, "iterations": null,
            "parameters": {"host": "shop.example"}, "start_at": "2026-03-01T09:31:00Z",
            "window_s": 15, "max_runtime_s": 7200,
        }
    })
}

pub(super) fn stop() -> Value {
    json!({
        "version": 1, "id": "cmd-2", "type": "flood.stop",
        "issued_at": "2026-03-01T09:30:00Z", "valid_until": "2026-03-02T09:30:00Z",
        "route": {"nodes": ["n1", "n2"], "regions": ["eu-west-1"]}, "flood": {"id": "7", "run": 1}, "grace_s": 5,
    })
}

pub(super) fn node_stop() -> Value {
    json!({
        "version": 1, "id": "cmd-3", "type": "node.stop",
        "issued_at": "2026-03-01T09:30:00Z", "valid_until": "2026-03-02T09:30:00Z", "route": {"all": true},
    })
}

fn read_value(value: &Value) -> Result<Command, Box<Refusal>> {
    read(value.to_string().as_bytes(), &[]).command
}

/// `value` with the thing at `pointer` replaced; with `None` removed.
fn with(mut value: Value, pointer: &str, new: Option<Value>) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = value.pointer_mut(parent).unwrap();
    match (parent, new) {
        (Value::Object(object), Some(new)) => drop(object.insert(name.to_owned(), new)),
        (Value::Object(object), None) => drop(object.remove(name)),
        (Value::Array(list), Some(new)) => list[name.parse::<usize>().unwrap()] = new,
        other => panic!("{other:?}"),
    }
    value
}

#[test]
fn the_three_commands_are_read() {
    let Action::Start { flood } = read_value(&start()).unwrap().action else { panic!() };
    assert_eq!((flood.users, flood.window_s, flood.iterations), (Some(100), 15, None));
    assert_eq!(flood.files[0].sha256, Sha256([0xab; 32]));
    assert_eq!(flood.start_at, crate::base::rfc3339::parse("2026-03-01T09:31:00Z").ok());
    let stopped = read_value(&stop()).unwrap().action;
    assert!(matches!(stopped, Action::Stop { grace_s: 5, .. }));
    assert_eq!(read_value(&node_stop()).unwrap().action, Action::NodeStop);
}

#[test]
fn what_may_be_left_out_has_a_default() {
    let mut least = start();
    for name in [
        "account",
        "project",
        "tool_version",
        "users",
        "ramp_up_s",
        "duration_s",
        "iterations",
        "parameters",
        "start_at",
        "window_s",
    ] {
        least = with(least, &format!("/flood/{name}"), None);
    }
    let Action::Start { flood } = read_value(&least).unwrap().action else { panic!() };
    // The plan's own.
    assert_eq!((flood.users, flood.ramp_up_s), (None, None));
    assert_eq!((flood.window_s, flood.parameters.len()), (15, 0));
    let stopped = read_value(&with(stop(), "/grace_s", None)).unwrap().action;
    assert!(matches!(stopped, Action::Stop { grace_s: 30, .. }));
}

/// Each wrong value with the word of its refusal and the field that the sentence names.
#[test]
fn what_is_wrong_is_named() {
    let cases: Vec<(&str, Option<Value>, &str, &str)> = vec![
        ("/version", Some(json!(2)), "unknown_version", "version 2"),
        ("/version", Some(json!("1")), "unknown_version", "a string"),
        ("/version", None, "missing_field", "`version`"),
        ("/type", Some(json!("flood.pause")), "unknown_type", "flood.pause"),
        ("/id", None, "missing_field", "`id`"),
        ("/id", Some(json!("a b")), "bad_value", "`id`"),
        ("/priority", Some(json!(1)), "unknown_field", "`priority`"),
        ("/grace_s", Some(json!(1)), "unknown_field", "`grace_s`"),
        ("/issued_at", Some(json!("yesterday")), "bad_value", "`issued_at`"),
        ("/valid_until", Some(json!("2026-03-01T09:45:00.001Z")), "bad_value", "900 s after"),
        ("/valid_until", Some(json!("2026-03-01T09:29:59Z")), "bad_value", "before issued_at"),
        ("/route", Some(json!({})), "bad_value", "names nobody"),
        ("/route", Some(json!({"grids": [], "nodes": []})), "bad_value", "names nobody"),
        ("/route", Some(json!({"all": true, "grids": ["9"]})), "bad_value", "leave one"),
        ("/route/zones", Some(json!([])), "unknown_field", "`route.zones`"),
        ("/route/grids", Some(json!("9")), "bad_value", "`route.grids`"),
        ("/flood", None, "missing_field", "`flood`"),
        ("/flood", Some(json!([])), "bad_value", "`flood` is an array"),
        ("/flood/run", Some(json!(0)), "bad_value", "`flood.run`"),
        ("/flood/run", Some(json!(1.0)), "bad_value", "`flood.run`"),
        ("/flood/run", Some(json!(1_u64 << 53)), "bad_value", "`flood.run`"),
        ("/flood/user", Some(json!(1)), "unknown_field", "`flood.user`"),
        ("/flood/users", Some(json!(0)), "bad_value", "`flood.users`"),
        ("/flood/users", Some(json!(-1)), "bad_value", "`flood.users`"),
        ("/flood/window_s", Some(json!(7)), "bad_value", "`flood.window_s` is 7"),
        ("/flood/max_runtime_s", None, "missing_field", "`flood.max_runtime_s`"),
        ("/flood/max_runtime_s", Some(json!(604_801)), "bad_value", "`flood.max_runtime_s`"),
        ("/flood/plan", Some(json!("other.jmx")), "bad_value", "not among the files"),
        ("/flood/plan", Some(json!("bundle.zip")), "bad_value", "an archive"),
        ("/flood/plan", Some(json!("../other.jmx")), "bad_value", "`flood.plan`"),
        ("/flood/files", Some(json!([])), "bad_value", "not among the files"),
        ("/flood/files/0/sha256", None, "missing_field", "`flood.files[0].sha256`"),
        ("/flood/files/0/sha256", Some(json!("ab")), "bad_value", "`flood.files[0].sha256`"),
        ("/flood/files/0/sha256", Some(json!("g".repeat(64))), "bad_value", "64 hex"),
        ("/flood/files/0/uri", Some(json!("http://x/y")), "bad_value", "`flood.files[0].uri`"),
        ("/flood/files/0/name", Some(json!("/etc/x")), "bad_value", "`flood.files[0].name`"),
        ("/flood/files/0/mode", Some(json!(7)), "unknown_field", "`flood.files[0].mode`"),
        ("/flood/parameters", Some(json!({"a": 1})), "bad_value", "entry `a` is an integer"),
        ("/flood/parameters", Some(json!({"a b": "1"})), "bad_value", "`a b`"),
        ("/flood/parameters", Some(json!({"a": "\0"})), "bad_value", "NUL"),
        ("/flood/start_at", Some(json!("2026-03-01T10:30:01Z")), "bad_value", "3600 s after"),
    ];
    for (pointer, new, reason, sentence) in cases {
        let refusal = read_value(&with(start(), pointer, new)).expect_err(pointer);
        assert_eq!(refusal.error.reason(), reason, "{pointer}: {}", refusal.error);
        let said = refusal.error.to_string();
        assert!(said.contains(sentence), "{pointer}: {said}");
    }
}

#[test]
fn files_cannot_be_under_each_other_or_twice() {
    let file = |name: &str| json!({"name": name, "uri": "s3://bucket/key", "sha256": "00".repeat(32)});
    for (names, fine) in [
        (["checkout.jmx", "checkout.jmx"], false),
        (["checkout.jmx", "checkout.jmx/a"], false),
        (["checkout.jmx", "checkout.jmx.a"], true),
    ] {
        let files = json!(names.map(file));
        assert_eq!(read_value(&with(start(), "/flood/files", Some(files))).is_ok(), fine, "{names:?}");
    }
}

#[test]
fn a_plan_may_be_in_an_archive() {
    let file = |name: &str| json!([{"name": name, "uri": "s3://bucket/key", "sha256": "00".repeat(32)}]);
    for (name, fine) in [("bundle.zip", true), ("d/BUNDLE.ZIP", true), ("bundle.tar", false)] {
        let read = read_value(&with(start(), "/flood/files", Some(file(name))));
        assert_eq!(read.is_ok(), fine, "{name}");
    }
}

#[test]
fn a_refusal_says_what_could_be_read_all_the_same() {
    let refusal = read_value(&with(start(), "/flood/users", Some(json!(0)))).unwrap_err();
    let known = (refusal.id.unwrap(), refusal.flood.unwrap(), refusal.run, refusal.route.unwrap());
    assert_eq!((known.0.as_str(), known.1.as_str(), known.2), ("cmd-1", "7", Some(1)));
    assert_eq!(known.3.grids.len(), 1);
}

#[test]
fn routes_and_within_or_across() {
    let address = |grid: Option<&str>| NodeAddress {
        node: Ident::near("n1"),
        grid: grid.map(Ident::near),
        region: Some(Ident::near("eu-west-1")),
    };
    for (route, grid, admitted) in [
        (json!({"all": true}), None, true),
        (json!({"grids": ["9"]}), Some("9"), true),
        (json!({"grids": ["8", "9"]}), Some("9"), true),
        (json!({"grids": ["8"]}), Some("9"), false),
        (json!({"grids": ["9"]}), None, false),
        (json!({"grids": ["9"], "regions": ["us-east-1"]}), Some("9"), false),
        (json!({"grids": ["9"], "regions": ["eu-west-1"], "nodes": ["n1"]}), Some("9"), true),
        (json!({"grids": ["9"], "nodes": ["n2"]}), Some("9"), false),
        (json!({"nodes": ["n1"]}), None, true),
    ] {
        let command = read_value(&with(node_stop(), "/route", Some(route.clone()))).unwrap();
        assert_eq!(command.route.admits(&address(grid)), admitted, "{route}");
    }
}

#[test]
fn the_envelope_of_sns_makes_no_difference() {
    let text = start().to_string();
    let envelope = json!({
        "Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:eu-west-1:1:t", "Message": text,
        "Timestamp": "2026-03-01T09:30:00.000Z", "SignatureVersion": "1", "Signature": "…", "UnsubscribeURL": "…",
    });
    assert_eq!(read(envelope.to_string().as_bytes(), &[]), read(text.as_bytes(), &[]));
    for (pointer, new, reason) in [
        ("/Type", Some(json!("SubscriptionConfirmation")), "envelope"),
        ("/Message", None, "missing_field"),
        ("/Message", Some(json!("{")), "syntax"),
    ] {
        let refusal = read_value(&with(envelope.clone(), pointer, new)).unwrap_err();
        assert_eq!(refusal.error.reason(), reason);
    }
}

#[test]
fn size_and_encoding_have_bounds() {
    let padded =
        |bytes: usize| format!("{}{}", node_stop(), " ".repeat(bytes - node_stop().to_string().len()));
    assert!(read(padded(BODY_BYTES_MAX).as_bytes(), &[]).command.is_ok());
    let refusal = read(padded(BODY_BYTES_MAX + 1).as_bytes(), &[]).command.unwrap_err();
    assert_eq!(refusal.error.reason(), "too_large");
    let refusal = read(b"{\"a\":\"\xff\"}", &[]).command.unwrap_err();
    assert_eq!(refusal.error, CommandError::NotText);
}

#[test]
fn what_is_written_reads_the_same() {
    for value in [start(), stop(), node_stop()] {
        let command = read_value(&value).unwrap();
        let text = serde_json::to_string(&command).unwrap();
        assert_eq!(read(text.as_bytes(), &[]).command, Ok(command), "{text}");
    }
}

#[test]
fn every_window_that_a_run_may_have_is_taken() {
    for s in WINDOW_S_ALLOWED {
        assert!(read_value(&with(start(), "/flood/window_s", Some(json!(s)))).is_ok());
    }
}

proptest! {
    /// Bytes of a command, some of them changed: it never panics, and what is still read writes and reads the same.
    #[test]
    fn changed_bytes_never_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut body = start().to_string().into_bytes();
        for (at, byte) in changes {
            let at = at.index(body.len());
            body[at] = byte;
        }
        if let Ok(command) = read(&body, &[]).command {
            let text = serde_json::to_string(&command).unwrap();
            prop_assert_eq!(read(text.as_bytes(), &[]).command, Ok(command));
        }
    }

    #[test]
    fn garbage_never_panics(body in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(read(&body, &[]).command.is_err());
    }
}
