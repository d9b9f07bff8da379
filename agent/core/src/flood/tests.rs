use super::*;
use proptest::prelude::*;

const ASKED: StopReason = StopReason::Asked { signal: Some(2) };

fn outputs(flood: &mut Flood) -> Vec<FloodOutput> {
    std::iter::from_fn(|| flood.poll_output()).collect()
}

fn ms(ms: u64) -> Mono {
    Mono(ms * NS_PER_MS)
}

fn running() -> Flood {
    let mut flood = Flood::new(FloodSettings::default());
    flood.handle(ms(0), FloodInput::Start);
    flood.handle(ms(0), FloodInput::ToolStarted);
    assert_eq!(outputs(&mut flood), [FloodOutput::Spawn]);
    flood
}

#[test]
fn a_run_that_ends_by_itself_closes_then_flushes() {
    let mut flood = running();
    flood.handle(ms(10), FloodInput::TreeEmpty);
    assert_eq!(outputs(&mut flood), [FloodOutput::CloseIngest]);
    flood.handle(ms(20), FloodInput::IngestClosed);
    assert_eq!(outputs(&mut flood), [FloodOutput::FlushUntil(ms(20_020))]);
    flood.handle(ms(30), FloodInput::DeliverySettled);
    assert_eq!(outputs(&mut flood), [FloodOutput::Finished]);
}

#[test]
fn a_tool_that_obeys_nothing_is_killed_by_stages() {
    let mut flood = running();
    flood.handle(ms(0), FloodInput::Stop(ASKED));
    let mut all = outputs(&mut flood);
    while let Some(deadline) = flood.next_deadline() {
        flood.handle(deadline, FloodInput::Tick);
        all.extend(outputs(&mut flood));
    }
    let stages = [
        FloodOutput::AskToFinish,
        FloodOutput::AskToStopNow,
        FloodOutput::Terminate,
        FloodOutput::KillTree,
        FloodOutput::CloseIngest,
    ];
    assert_eq!(all, stages);
    assert!(!flood.tree_gone());
}

#[test]
fn a_second_stop_kills_and_a_third_does_not_wait_for_delivery() {
    let mut flood = running();
    flood.handle(ms(0), FloodInput::Stop(ASKED));
    flood.handle(ms(1), FloodInput::Stop(ASKED));
    assert_eq!(outputs(&mut flood), [FloodOutput::AskToFinish, FloodOutput::KillTree]);
    flood.handle(ms(2), FloodInput::TreeEmpty);
    flood.handle(ms(3), FloodInput::Stop(ASKED));
    assert_eq!(outputs(&mut flood), [FloodOutput::CloseIngest, FloodOutput::Finished]);
}

#[test]
fn the_longest_runtime_ends_a_run_that_nobody_stops() {
    let settings = FloodSettings { runtime_max_ms: Some(100), ..FloodSettings::default() };
    let mut flood = Flood::new(settings);
    flood.handle(ms(0), FloodInput::Start);
    flood.handle(ms(0), FloodInput::ToolStarted);
    flood.handle(ms(100), FloodInput::Tick);
    assert_eq!(outputs(&mut flood), [FloodOutput::Spawn, FloodOutput::AskToFinish]);
    assert_eq!(flood.stop_reason(), Some(StopReason::RuntimeMax));
}

fn input() -> impl Strategy<Value = FloodInput> {
    prop::sample::select(vec![
        FloodInput::Start,
        FloodInput::ToolStarted,
        FloodInput::ToolNotStarted,
        FloodInput::TreeEmpty,
        FloodInput::Stop(ASKED),
        FloodInput::IngestClosed,
        FloodInput::DeliverySettled,
        FloodInput::Tick,
    ])
}

proptest! {
    /// In any order of events: at most one spawn, one close and one end, in this order, and a stop always ends it.
    #[test]
    fn a_stop_is_always_obeyed(inputs in prop::collection::vec((input(), 0_u64..9_000), 0..40)) {
        let mut flood = Flood::new(FloodSettings::default());
        let mut now = 0;
        let mut all = Vec::new();
        for (input, wait) in inputs {
            now += wait;
            flood.handle(ms(now), input);
            all.extend(outputs(&mut flood));
        }
        flood.handle(ms(now), FloodInput::Start);
        all.extend(outputs(&mut flood));
        if flood.phase() == Phase::Starting {
            flood.handle(ms(now), FloodInput::ToolStarted);
        }
        flood.handle(ms(now), FloodInput::Stop(ASKED));
        for _ in 0..10 {
            all.extend(outputs(&mut flood));
            if let Some(deadline) = flood.next_deadline() {
                flood.handle(deadline, FloodInput::Tick);
            }
            if flood.phase() == Phase::Closing {
                flood.handle(ms(now), FloodInput::IngestClosed);
            }
        }
        prop_assert_eq!(flood.phase(), Phase::Finished);
        let count = |wanted| all.iter().filter(|&&output| output == wanted).count();
        prop_assert!(count(FloodOutput::Spawn) <= 1);
        prop_assert_eq!(count(FloodOutput::CloseIngest), 1);
        prop_assert_eq!(count(FloodOutput::Finished), 1);
        prop_assert_eq!(all.last(), Some(&FloodOutput::Finished));
    }
}
