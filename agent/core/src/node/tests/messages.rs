//! What becomes of messages, beyond what the simulator tries.

use super::*;

fn with(mut command: Value, pointer: &str, new: Value) -> Value {
    *command.pointer_mut(pointer).unwrap() = new;
    command
}

#[test]
fn what_this_node_cannot_do_is_refused_by_name() {
    let mut bench = Bench::new(settings());
    let other = "other";
    for (n, (pointer, new, reason)) in [
        ("/flood/tool", json!("gatling"), "unknown_tool"),
        ("/flood/files/0/uri", json!("file:///etc/passwd"), "file_uri"),
        ("/valid_until", json!("2026-03-01T09:30:00Z"), "expired"),
        ("/flood/users", json!(0), "bad_value"),
    ]
    .into_iter()
    .enumerate()
    {
        bench.now = bench.now.plus_ns(NS_PER_S);
        let command = with(with(start(1), pointer, new), "/id", json!(format!("{other}-{n}")));
        assert_eq!(bench.refusal(&command), reason);
    }
    let ahead = with(
        with(start(1), "/issued_at", json!("2026-03-01T09:40:00Z")),
        "/valid_until",
        json!("2026-03-01T09:41:00Z"),
    );
    assert_eq!(bench.refusal(&ahead), "not_yet_valid");
    assert!(bench.node.runs().is_empty());
}

#[test]
fn an_id_that_is_used_again_for_something_else_is_said_once() {
    let mut bench = Bench::new(settings());
    bench.running();
    let reused = with(start(2), "/id", json!("start-1"));
    assert_eq!(bench.refusal(&reused), "id_reused");
    assert!(matches!(bench.send(&reused)[..], [Output::DeleteMessage { .. }]));
    assert_eq!(bench.node.counters().duplicates, 1);
}

#[test]
fn a_command_that_is_sent_again_with_times_of_its_own_is_a_repeat() {
    let mut bench = Bench::new(settings());
    bench.running();
    let again = with(
        with(start(1), "/issued_at", json!("2026-03-01T09:30:01Z")),
        "/valid_until",
        json!("2026-03-01T09:33:33Z"),
    );
    assert!(matches!(bench.send(&again)[..], [Output::DeleteMessage { .. }]));
    assert_eq!(bench.node.counters().duplicates, 1);
}

#[test]
fn messages_for_others_and_garbage_are_deleted() {
    let mut bench = Bench::new(settings());
    let elsewhere = with(start(1), "/route", json!({"grids": ["8"]}));
    assert!(matches!(bench.send(&elsewhere)[..], [Output::DeleteMessage { .. }]));
    // Of a later version, but that is for the other grid to complain about.
    let later = with(elsewhere, "/version", json!(2));
    assert!(matches!(bench.send(&later)[..], [Output::DeleteMessage { .. }]));
    assert_eq!(bench.refusal(&json!([1, 2])), "bad_value");
    assert!(matches!(bench.send(&json!([1, 2]))[..], [Output::DeleteMessage { .. }]));
    let counters = bench.node.counters();
    assert_eq!((counters.not_for_us, counters.poison, counters.duplicates), (2, 1, 1));
}

#[test]
fn a_stop_does_not_wait_for_a_broken_disk_and_a_start_does() {
    let mut bench = Bench::new(settings());
    bench.running();
    bench.disk_works = false;
    let stopped = bench.send(&stop(1));
    assert!(matches!(stopped[..], [Output::StopTool { stage: Stage::Finish, .. }]), "{stopped:?}");
    assert!(bench.node.journal_is_broken());
    assert!(bench.send(&start(2)).is_empty());
    assert!(bench.send(&stop(2)).is_empty());
    assert_eq!(bench.node.counters().put_off, 1);

    bench.disk_works = true;
    let later = bench.wait_ms(60_000);
    let deleted = later.iter().filter(|output| matches!(output, Output::DeleteMessage { .. })).count();
    assert_eq!(deleted, 2, "{later:?}");
    assert!(!bench.node.journal_is_broken());
    // What happened meanwhile is known.
    let outputs = bench.send(&start(2));
    assert!(outputs.iter().any(|output| matches!(output, Output::DeleteMessage { .. })));
    assert_eq!(bench.node.counters().refused, 1);
}

#[test]
fn the_tool_starts_at_the_time_that_all_nodes_share() {
    let mut bench = Bench::new(settings());
    let mut command = start(1);
    command["flood"]["start_at"] = json!("2026-03-01T09:30:10Z");
    let outputs = bench.send(&command);
    bench.publish(outputs);
    bench.tell(Input::Fetched { run: run(1) });
    assert!(
        bench.tell(Input::Prepared { run: run(1), changes: vec!["duration 30 → 4".to_owned()] }).is_empty()
    );
    assert_eq!(bench.node.next_deadline(), Some(bench.now.mono.plus_ns(10 * NS_PER_S)));
    // The clock is set back: the time counts, not the wait.
    bench.now.wall.0 -= NS_PER_S as i64;
    assert!(bench.wait_ms(10_000).is_empty());
    assert!(matches!(bench.wait_ms(1_000)[..], [Output::StartTool { .. }]));
    let at_ns = bench.now.wall.0 + 7_000_000;
    let outputs = bench.tell(Input::ToolStarted { run: run(1), at_ns });
    let events = bench.publish(outputs);
    let EventBody::FloodRunning { start_skew_ms: Some(7), changes, .. } = &events[0].body else {
        panic!("{events:?}")
    };
    assert_eq!(changes, &["duration 30 → 4"]);
}

#[test]
fn an_idle_node_sleeps() {
    let mut bench = Bench::new(settings());
    for _ in 0..10 {
        let deadline = bench.node.next_deadline().unwrap();
        assert!(deadline.since_ns(bench.now.mono) >= 60 * NS_PER_S);
        assert!(bench.wait_ms(60_000).is_empty());
    }
}
