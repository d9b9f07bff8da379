//! How a node ends.

use super::*;

fn request(for_good: bool, by: Option<Mono>) -> Input {
    Input::Stop(StopRequest { reason: "spot interruption".into(), for_good, by })
}

fn exits(outputs: &[Output]) -> Option<bool> {
    outputs.iter().find_map(|output| match output {
        Output::Exit { clean, .. } => Some(*clean),
        _ => None,
    })
}

#[test]
fn an_idle_node_says_goodbye_and_leaves_its_queue() {
    let mut bench = Bench::new(settings());
    let outputs = bench.tell(request(true, None));
    assert!(
        matches!(outputs[..], [Output::StopListening, Output::LeaveQueue, Output::Publish { .. }]),
        "{outputs:?}"
    );
    assert!(exits(&bench.tell(Input::QueueLeft)).is_none());
    let Some(Output::Publish { event }) = outputs.last() else { panic!() };
    let outputs = bench.tell(Input::EventPublished { id: event.id.clone() });
    assert_eq!(exits(&outputs), Some(true));
    assert_eq!((bench.node.phase(), bench.node.next_deadline()), (NodePhase::Stopped, None));
}

#[test]
fn a_restart_keeps_the_queue() {
    let mut bench = Bench::new(settings());
    let outputs = bench.tell(request(false, None));
    assert!(!outputs.iter().any(|output| matches!(output, Output::LeaveQueue)));
}

/// A tool, a drain and a topic that never answer: it still ends in time, in order, and says that it was not clean.
#[test]
fn nothing_keeps_a_node_longer_than_there_is_time() {
    for left_ms in [0, 500, 10_000, 120_000] {
        let mut bench = Bench::new(settings());
        bench.running();
        let began = bench.now.mono;
        let mut all = bench.tell(request(true, Some(began.plus_ns(left_ms * NS_PER_MS))));
        while let Some(deadline) = bench.node.next_deadline() {
            bench.now = bench.now.plus_ns(deadline.since_ns(bench.now.mono));
            all.extend(bench.tell(Input::Tick));
        }
        assert_eq!(exits(&all), Some(false));
        let took_ms = bench.now.mono.since_ns(began) / NS_PER_MS;
        assert!(took_ms <= left_ms.min(90_000), "{took_ms} of {left_ms}");
        let killed = all.iter().any(|output| matches!(output, Output::StopTool { stage: Stage::Kill, .. }));
        assert!(killed, "{left_ms}");
        // The receipt is in the journal for the next start.
        assert_eq!(bench.node.receipts_waiting(), 1);
    }
}

#[test]
fn a_tool_that_ends_in_time_has_its_receipt_published() {
    let mut bench = Bench::new(settings());
    bench.running();
    let by = bench.now.mono.plus_ns(120 * NS_PER_S);
    let outputs = bench.tell(request(true, Some(by)));
    bench.publish(outputs);
    bench.wait_ms(2_000);
    let outputs = bench.over(closed(1));
    assert!(outputs.iter().any(|output| matches!(output, Output::LeaveQueue)));
    let events = bench.publish(outputs);
    let EventBody::FloodFinished { outcome, reason: Some(reason), .. } = &events[0].body else { panic!() };
    assert_eq!((outcome.as_str(), reason.as_str()), ("stopped", "the node is going away: spot interruption"));
    assert_eq!(exits(&bench.tell(Input::QueueLeft)), Some(true));
}

#[test]
fn an_earlier_end_counts() {
    let mut bench = Bench::new(settings());
    bench.running();
    bench.tell(request(false, None));
    let soon = bench.now.mono.plus_ns(5 * NS_PER_S);
    bench.tell(request(true, Some(soon)));
    assert!(bench.node.next_deadline() <= Some(soon));
    let outputs = bench.wait_ms(4_000);
    assert!(outputs.iter().any(|output| matches!(output, Output::LeaveQueue)), "{outputs:?}");
}

#[test]
fn starts_are_refused_and_stops_obeyed_on_the_way_out() {
    let mut bench = Bench::new(settings());
    bench.running();
    let outputs = bench.tell(request(true, None));
    bench.publish(outputs);
    assert_eq!(bench.refusal(&start(2)), "node_stopping");
    bench.send(&stop(1));
    let killed = bench.wait_ms(4_000).into_iter().chain(bench.wait_ms(2_000)).chain(bench.wait_ms(2_000));
    assert!(killed.into_iter().any(|output| matches!(output, Output::StopTool { stage: Stage::Kill, .. })));
}

#[test]
fn what_an_earlier_agent_left_is_ended_and_reported() {
    let mut bench = Bench::new(settings());
    bench.running();
    let state = bench.node.state.clone();
    let restored = Restored { state, bad_lines: 0 };
    bench.node = Node::new(NodeSettings { incarnation: 2, ..settings() }, restored, bench.now);
    let outputs = bench.settle();
    assert!(matches!(outputs[..], [Output::StopTool { stage: Stage::Kill, .. }]), "{outputs:?}");
    assert_eq!(bench.refusal(&start(2)), "busy");
    let outputs = bench.over(closed(1));
    let events = bench.publish(outputs);
    let EventBody::FloodFinished { outcome, reason: Some(reason), receipt: Some(receipt), .. } =
        &events[0].body
    else {
        panic!()
    };
    assert_eq!(outcome, "failed");
    assert!(reason.starts_with("lost in a restart: the agent ended while the tool was running;"), "{reason}");
    assert_eq!(receipt["delivery"]["spooled"], json!(1), "the account of the spool stands as it is");
    // And it does not run again.
    assert!(matches!(bench.send(&start(1))[..], [Output::DeleteMessage { .. }]));
}
