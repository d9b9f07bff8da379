//! Nodes that answer, late, twice, in the wrong order, or not at all.

use super::*;
use crate::base::time::Wall;
use crate::node::command::Route;
use serde_json::json;

const PATIENCE: Patience = Patience { answer_ms: 30_000, settle_ms: 10_000, timeout_ms: 600_000 };

fn key() -> RunKey {
    RunKey { id: Ident::near("7"), run: 1 }
}

fn command(action: Action) -> Command {
    Command {
        version: 1,
        id: Ident::near("cmd-1"),
        issued_at: Wall(0),
        valid_until: Wall(0),
        route: Route { all: true, ..Route::default() },
        action,
    }
}

fn stop() -> Command {
    command(Action::Stop { flood: key(), grace_s: 30 })
}

/// A start, as far as following goes: its events are those of the run.
fn follow_start(expected: Expected) -> Follow {
    Follow { asks: Asks::Start(key()), ..Follow::new(&stop(), expected, PATIENCE, at(0)) }
}

fn at(s: u64) -> Mono {
    Mono(s * 1_000_000_000)
}

fn event(node: &str, id: u32, body: EventBody) -> Event {
    Event {
        version: 1,
        id: format!("{node}-{id}"),
        time: "2026-03-01T09:30:00.000Z".to_owned(),
        node: Ident::near(node),
        grid: None,
        region: None,
        flood: Some(Ident::near("7")),
        run: Some(1),
        command_id: Some(Ident::near("cmd-1")),
        body,
    }
}

fn accepted(node: &str) -> Event {
    event(node, 1, EventBody::FloodAccepted { start_at: None })
}

fn running(node: &str) -> Event {
    event(
        node,
        2,
        EventBody::FloodRunning { tool_started_at: String::new(), start_skew_ms: None, changes: vec![] },
    )
}

fn finished(node: &str, outcome: &str, lost: u64) -> Event {
    let receipt = json!({
        "ledger": {"sent": 10 + lost, "received": 10, "aggregated": 10, "lost": lost},
        "delivery": {"delivered": 10},
    });
    event(
        node,
        3,
        EventBody::FloodFinished {
            outcome: outcome.to_owned(),
            reason: None,
            receipt: Some(receipt),
            receipt_location: None,
            sources_omitted: None,
        },
    )
}

fn refused(node: &str, reason: &str) -> Event {
    event(node, 4, EventBody::CommandRefused { reason: reason.to_owned(), detail: String::new() })
}

#[test]
fn it_ends_when_all_who_took_it_are_done_and_late_ones_had_their_time() {
    let mut follow = follow_start(Expected::Anybody);
    assert!(follow.handle(at(1), &accepted("a")));
    assert!(follow.handle(at(2), &accepted("b")));
    assert!(follow.handle(at(3), &running("a")));
    assert!(follow.handle(at(4), &finished("a", "completed", 0)));
    assert_eq!(follow.verdict(at(60)), None);
    follow.handle(at(61), &finished("b", "completed", 0));
    assert_eq!(follow.verdict(at(61)), Some(GridVerdict::Done));

    let mut quick = follow_start(Expected::Anybody);
    quick.handle(at(1), &accepted("a"));
    quick.handle(at(2), &finished("a", "completed", 0));
    assert_eq!(quick.verdict(at(9)), None);
    assert_eq!(quick.next_deadline(at(9)), at(10));
    quick.handle(at(9), &accepted("late"));
    assert_eq!(quick.verdict(at(10)), None);
    quick.handle(at(11), &finished("late", "completed", 0));
    assert_eq!(quick.verdict(at(11)), Some(GridVerdict::Done));
}

#[test]
fn it_says_that_it_waits_for_others_only_while_it_does() {
    let mut follow = follow_start(Expected::Anybody);
    assert_eq!(follow.lingers_ms(at(1)), None);
    follow.handle(at(1), &accepted("a"));
    assert_eq!(follow.lingers_ms(at(1)), None);
    follow.handle(at(2), &finished("a", "completed", 0));
    assert_eq!(follow.lingers_ms(at(2)), Some(8_000));
    assert_eq!(follow.lingers_ms(at(10)), None);
    let mut counted = follow_start(Expected::Number(1));
    counted.handle(at(1), &refused("a", "busy"));
    assert_eq!(counted.lingers_ms(at(1)), None);
    let mut stop = Follow::new(&stop(), Expected::Anybody, PATIENCE, at(0));
    stop.handle(at(30), &finished("a", "stopped", 0));
    assert_eq!(stop.lingers_ms(at(31)), Some(9_000));
}

#[test]
fn failed_assertions_have_a_verdict_of_their_own_unless_something_is_worse() {
    let verdict = |outcomes: [(&str, u64); 2]| {
        let mut follow = follow_start(Expected::Number(2));
        for (node, (outcome, lost)) in ["a", "b"].into_iter().zip(outcomes) {
            follow.handle(at(1), &finished(node, outcome, lost));
        }
        follow.verdict(at(1))
    };
    let failed = ("assertions_failed", 0);
    assert_eq!(verdict([failed, failed]), Some(GridVerdict::AssertionsFailed));
    assert_eq!(verdict([failed, ("completed", 0)]), Some(GridVerdict::AssertionsFailed));
    assert_eq!(verdict([failed, ("completed", 1)]), Some(GridVerdict::Doubtful));
    assert_eq!(verdict([failed, ("failed", 0)]), Some(GridVerdict::NotAll));
    assert_eq!(verdict([failed, ("expired", 0)]), Some(GridVerdict::NotAll));
    let mut stop = Follow::new(&stop(), Expected::Number(1), PATIENCE, at(0));
    stop.handle(at(1), &finished("a", "assertions_failed", 0));
    assert_eq!(stop.verdict(at(1)), Some(GridVerdict::NotAll));
}

#[test]
fn order_and_repeats_do_not_matter() {
    let mut follow = follow_start(Expected::Number(1));
    assert!(follow.handle(at(1), &finished("a", "completed", 0)));
    assert!(!follow.handle(at(2), &finished("a", "completed", 0)));
    assert!(follow.handle(at(3), &running("a")) && follow.handle(at(3), &accepted("a")));
    // A second copy of the command, with another event for it.
    follow.handle(at(3), &refused("a", "stale_run"));
    assert_eq!(follow.verdict(at(3)), Some(GridVerdict::Done));
}

#[test]
fn who_is_expected_is_waited_for_and_nobody_else() {
    let names = Expected::Nodes(["a", "b"].map(Ident::near).into());
    let mut follow = follow_start(names);
    follow.handle(at(1), &accepted("a"));
    follow.handle(at(2), &finished("a", "completed", 0));
    assert_eq!(follow.verdict(at(29)), None);
    assert_eq!(follow.verdict(at(30)), Some(GridVerdict::TooFew(1)));
    follow.handle(at(29), &refused("b", "busy"));
    assert_eq!(follow.verdict(at(29)), Some(GridVerdict::NotAll));
}

#[test]
fn nobody_and_never_are_told_apart() {
    let mut follow = follow_start(Expected::Anybody);
    assert_eq!((follow.verdict(at(29)), follow.verdict(at(30))), (None, Some(GridVerdict::Nobody)));
    follow.handle(at(31), &accepted("a"));
    assert_eq!(follow.verdict(at(599)), None);
    assert_eq!(follow.verdict(at(600)), Some(GridVerdict::TimedOut(vec![Ident::near("a")])));
}

#[test]
fn the_worst_of_the_nodes_decides() {
    for (outcome, lost, verdict) in [
        ("completed", 0, GridVerdict::Done),
        ("completed", 3, GridVerdict::Doubtful),
        ("failed", 0, GridVerdict::NotAll),
        ("expired", 0, GridVerdict::NotAll),
        ("stopped", 0, GridVerdict::NotAll),
    ] {
        let mut follow = follow_start(Expected::Number(2));
        follow.handle(at(1), &finished("a", "completed", 0));
        follow.handle(at(1), &finished("b", outcome, lost));
        assert_eq!(follow.verdict(at(1)), Some(verdict), "{outcome} {lost}");
    }
}

#[test]
fn a_stop_is_done_when_the_runs_are_over() {
    let mut follow = Follow::new(&stop(), Expected::Anybody, PATIENCE, at(0));
    // The run's events name the start that led to it, not this command.
    let of_start = |event: Event| Event { command_id: Some(Ident::near("cmd-0")), ..event };
    assert!(follow.handle(at(1), &of_start(finished("a", "stopped", 0))));
    let refused_start =
        event("c", 9, EventBody::CommandRefused { reason: "stopped".into(), detail: String::new() });
    follow.handle(at(1), &of_start(refused_start));
    assert_eq!((follow.verdict(at(10)), follow.nodes().len()), (None, 1));
    follow.handle(at(8), &of_start(finished("b", "completed", 0)));
    assert_eq!((follow.verdict(at(17)), follow.verdict(at(18))), (None, Some(GridVerdict::Done)));
}

#[test]
fn a_node_stop_is_done_when_the_node_says_goodbye_because_of_it() {
    let mut follow = Follow::new(&command(Action::NodeStop), Expected::Anybody, PATIENCE, at(0));
    let stopping = |node: &str, reason: &str| Event {
        command_id: None,
        flood: None,
        run: None,
        ..event(node, 5, EventBody::NodeStopping { reason: reason.to_owned() })
    };
    assert!(!follow.handle(at(1), &stopping("x", "SIGTERM")));
    assert!(follow.handle(at(1), &stopping("a", "command cmd-1 asked for it")));
    assert_eq!((follow.verdict(at(10)), follow.verdict(at(11))), (None, Some(GridVerdict::Done)));
}

#[test]
fn events_of_others_are_no_news() {
    let mut follow = follow_start(Expected::Anybody);
    let other = |event: Event| Event { run: Some(2), command_id: Some(Ident::near("cmd-9")), ..event };
    assert!(!follow.handle(at(1), &other(accepted("a"))));
    let unsigned = Event { command_id: None, flood: None, run: None, ..refused("a", "unsigned") };
    assert!(follow.handle(at(1), &unsigned));
    assert!(follow.nodes().is_empty());
}

#[test]
fn nodes_that_trust_nobody_unsigned_have_answered() {
    let mut follow = follow_start(Expected::Anybody);
    for (node, reason) in [("a", "unsigned"), ("a", "bad_signature"), ("b", "unsigned")] {
        let event = Event { command_id: None, ..refused(node, reason) };
        follow.handle(at(1), &Event { id: format!("{node}{reason}"), ..event });
    }
    assert_eq!(follow.verdict(at(29)), None);
    assert_eq!(follow.verdict(at(30)), Some(GridVerdict::Distrusted(2)));
    follow.handle(at(31), &accepted("c"));
    assert_eq!(follow.verdict(at(600)), Some(GridVerdict::TimedOut(vec![Ident::near("c")])));
}

#[test]
fn when_the_time_is_over_nobody_is_named_who_is_done() {
    let after = |expected: Expected, timeout_ms: u64| {
        let patience = Patience { timeout_ms, ..PATIENCE };
        let mut follow = Follow { patience, ..follow_start(expected) };
        follow.handle(at(1), &finished("a", "completed", 0));
        follow.verdict(at(5))
    };
    assert_eq!(after(Expected::Number(2), 5_000), Some(GridVerdict::TooFew(1)));
    assert_eq!(after(Expected::Anybody, 5_000), Some(GridVerdict::Done));
    assert_eq!(after(Expected::Anybody, 6_000), None);
}

fn progress(node: &str) -> Event {
    Event { id: "p".to_owned(), ..event(node, 9, EventBody::FloodProgress(Box::default())) }
}

#[test]
fn how_a_run_goes_is_news_each_time_and_says_that_it_runs() {
    let mut follow = follow_start(Expected::Anybody);
    assert!(follow.handle(at(1), &progress("a")) && follow.handle(at(2), &progress("a")));
    assert_eq!(follow.nodes()[&Ident::near("a")], NodeState::Running);
    follow.handle(at(3), &finished("a", "completed", 0));
    follow.handle(at(4), &progress("a"));
    assert!(follow.nodes()[&Ident::near("a")].is_over(), "a late word takes nothing back");
}

#[test]
fn a_run_that_its_sender_has_called_off_is_done_when_it_is_stopped() {
    let verdict = |is_called_off: bool| {
        let mut follow = follow_start(Expected::Number(2));
        if is_called_off {
            follow.call_off();
        }
        follow.handle(at(1), &finished("a", "stopped", 0));
        follow.handle(at(2), &finished("b", "completed", 0));
        follow.verdict(at(3))
    };
    assert_eq!((verdict(true), verdict(false)), (Some(GridVerdict::Done), Some(GridVerdict::NotAll)));
}
