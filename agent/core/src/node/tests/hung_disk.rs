//! A disk that neither takes a line nor refuses it.

use super::*;

fn kills(outputs: &[Output]) -> bool {
    outputs.iter().any(|output| matches!(output, Output::StopTool { .. }))
}

fn deletes(outputs: &[Output]) -> usize {
    outputs.iter().filter(|output| matches!(output, Output::DeleteMessage { .. })).count()
}

#[test]
fn a_stop_waits_two_seconds_for_it_and_its_message_until_it_answers() {
    let mut bench = Bench::new(settings());
    bench.running();
    bench.hung = Some(Vec::new());
    assert!(bench.send(&stop(1)).is_empty());
    assert_eq!(bench.node.next_deadline(), Some(bench.now.mono.plus_ns(2 * NS_PER_S)));
    assert!(bench.wait_ms(1_999).is_empty());
    let outputs = bench.wait_ms(1);
    assert!(kills(&outputs) && deletes(&outputs) == 0, "{outputs:?}");
    bench.send(&stop(1));
    let outputs = bench.over(closed(1));
    assert!(!outputs.iter().any(|output| matches!(output, Output::Publish { .. } | Output::Discard { .. })));
    let outputs = bench.thaw();
    assert_eq!(deletes(&outputs), 2);
    let events = bench.publish(outputs);
    let EventBody::FloodFinished { outcome, .. } = &events[0].body else { panic!("{events:?}") };
    assert_eq!((outcome.as_str(), events.len()), ("stopped", 1));
    let mut again = start(1);
    again["id"] = json!("again");
    assert_eq!(bench.refusal(&again), "stopped");
}

#[test]
fn a_node_stop_does_not_wait_either() {
    let mut bench = Bench::new(settings());
    bench.running();
    bench.hung = Some(Vec::new());
    let stop = json!({
        "version": 1, "id": "bye", "type": "node.stop", "route": {"all": true}, "issued_at": WALL, "valid_until": WALL,
    });
    assert!(bench.send(&stop).is_empty());
    let outputs = bench.wait_ms(2_000);
    assert!(kills(&outputs) && matches!(outputs[0], Output::StopListening), "{outputs:?}");
}

#[test]
fn a_start_waits_and_is_stopped_before_it_began() {
    let mut bench = Bench::new(settings());
    bench.hung = Some(Vec::new());
    bench.send(&start(1));
    bench.send(&stop(1));
    assert!(bench.wait_ms(60_000).is_empty());
    let outputs = bench.thaw();
    assert!(!outputs.iter().any(|output| matches!(output, Output::StartTool { .. })), "{outputs:?}");
}

#[test]
fn a_queue_full_of_other_commands_does_not_keep_a_stop_out() {
    let mut bench = Bench::new(settings());
    bench.running();
    bench.hung = Some(Vec::new());
    for n in 0..3_000 {
        bench.tell(Input::Message { body: format!("{{ {n}").into_bytes(), receipt_handle: "h".into() });
    }
    assert!(bench.node.counters().put_off > 0);
    bench.send(&stop(1));
    assert!(kills(&bench.wait_ms(2_000)));
}
