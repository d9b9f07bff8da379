//! Events and receipts: their size, their room, their way out.

use super::*;

fn finished(events: &[Event]) -> &EventBody {
    &events.iter().find(|event| event.is_receipt()).expect("a receipt").body
}

#[test]
fn a_run_that_completes_says_so_with_its_account() {
    let mut bench = Bench::new(settings());
    bench.running();
    let outputs = bench.over(closed(1));
    let events = bench.publish(outputs);
    let EventBody::FloodFinished { outcome, receipt: Some(receipt), .. } = finished(&events) else {
        panic!()
    };
    assert_eq!((outcome.as_str(), &receipt["ledger"]["aggregated"]), ("completed", &json!(12)));
    // Of one of the twelve samples delivery knows nothing: that is a fault of ours, and not glossed over.
    assert_eq!((&receipt["delivery"]["delivered"], &receipt["delivery"]["spooled"]), (&json!(10), &json!(1)));
    assert_eq!(receipt["warnings"], json!([WARNING]));
    let doubts = crate::run::receipt::doubts_of_json(receipt);
    assert!(
        doubts.iter().any(|doubt| doubt.contains("does not balance (12 aggregated, 11 accounted for)")),
        "{doubts:?}"
    );
    assert!(receipt["times"]["command_received_ns"].is_i64());
}

#[test]
fn a_load_that_went_quiet_is_said_of_a_tool_that_tells_nothing_of_it() {
    let silence = |tool: &str| {
        let mut bench = Bench::new(NodeSettings { tools: vec![Ident::near(tool)], ..settings() });
        let mut command = start(1);
        command["flood"]["tool"] = json!(tool);
        bench.running_by(&command);
        let last_ns = bench.now.wall.0 + 6 * NS_PER_S as i64;
        bench.now = bench.now.plus_ns(15 * NS_PER_S);
        let span = Some((last_ns - NS_PER_S as i64, last_ns));
        let outputs = bench.over(ClosedRun { sample_span_ns: span, ..closed(1) });
        let events = bench.publish(outputs);
        let EventBody::FloodFinished { receipt: Some(receipt), .. } = finished(&events) else { panic!() };
        (receipt["silent_end_s"].as_u64(), receipt["warnings"].to_string())
    };
    let (silent_s, warnings) = silence("gatling");
    assert!(silent_s == Some(9) && warnings.contains("no request ended in the last 9 s"), "{warnings}");
    let (silent_s, warnings) = silence("jmeter");
    assert!(silent_s.is_none() && !warnings.contains("no request"), "{warnings}");
}

#[test]
fn a_receipt_that_is_too_large_is_stored_first() {
    let mut bench = Bench::new(settings());
    bench.running();
    let outputs = bench.over(closed(40));
    let stored = outputs.iter().find_map(|output| match output {
        Output::StoreReceipt { id, receipt, run } => {
            Some((id.clone(), receipt["sources"].clone(), run.clone()))
        }
        _ => None,
    });
    let (id, sources, key) = stored.expect("a receipt to store");
    assert_eq!((sources.as_array().map(Vec::len), key), (Some(40), run(1)));
    // The store is away for a while.
    assert!(bench.tell(Input::EventFailed { id: id.clone() }).is_empty());
    assert!(matches!(bench.wait_ms(1_000)[..], [Output::StoreReceipt { .. }]));
    let outputs = bench.tell(Input::ReceiptStored { id, location: "s3://b/k".into() });
    let events = bench.publish(outputs);
    let EventBody::FloodFinished { receipt, receipt_location, .. } = finished(&events) else { panic!() };
    assert_eq!((receipt, receipt_location.as_deref()), (&None, Some("s3://b/k")));
}

#[test]
fn without_a_store_it_loses_its_sources() {
    let mut bench = Bench::new(NodeSettings { receipt_store: false, ..settings() });
    bench.running();
    let outputs = bench.over(closed(40));
    let events = bench.publish(outputs);
    let EventBody::FloodFinished { sources_omitted, .. } = finished(&events) else { panic!() };
    assert_eq!(*sources_omitted, Some(40));
}

#[test]
fn an_event_that_always_fails_does_not_hold_up_the_others() {
    let mut bench = Bench::new(settings());
    let mut outputs = bench.tell(Input::QueueReady);
    outputs.extend(bench.send(&json!({"version": 3})));
    let Some(Output::Publish { event }) = outputs.first() else { panic!("{outputs:?}") };
    let bad = event.id.clone();
    bench.tell(Input::EventFailed { id: bad.clone() });
    let outputs = bench.wait_ms(1_000);
    assert!(matches!(&outputs[..], [Output::Publish { event }] if event.id != bad), "{outputs:?}");
    // One that is never answered has failed as well.
    bench.wait_ms(90_000);
    assert!(matches!(&bench.wait_ms(1_000)[..], [Output::Publish { event }] if event.id == bad));
}

#[test]
fn events_have_bounds_and_receipts_have_room_kept() {
    let mut bench = Bench::new(settings());
    bench.running();
    for n in 0..300_u64 {
        bench.send(&json!({"version": 3, "n": n}));
    }
    let counters = bench.node.counters();
    assert_eq!((bench.node.events_waiting(), counters.events_dropped), (OTHERS_MAX, 300 - OTHERS_MAX as u64));
    bench.over(closed(1));
    assert_eq!(bench.node.events_waiting(), OTHERS_MAX + 1);
    for n in 2..200 {
        bench.send(&start(n));
        bench.send(&stop(n));
    }
    assert_eq!(bench.node.receipts_waiting(), outbox::RECEIPTS_MAX);
    assert_eq!(bench.node.counters().accepted as usize, outbox::RECEIPTS_MAX);
}

#[test]
fn warnings_of_a_run_have_a_bound() {
    let mut bench = Bench::new(settings());
    bench.running();
    for _ in 0..40 {
        let outputs = bench.tell(Input::Warning { run: run(1), warning: "labels", detail: "half".into() });
        bench.publish(outputs);
    }
    assert_eq!(bench.node.counters().events_dropped, 8);
}
