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
fn a_run_that_its_supervisor_has_ended_is_one_whose_time_was_over() {
    let mut flood = running();
    flood.handle(ms(10), FloodInput::Expired);
    flood.handle(ms(10), FloodInput::TreeEmpty);
    assert_eq!(outputs(&mut flood), [FloodOutput::CloseIngest]);
    assert_eq!(flood.stop_reason(), Some(StopReason::RuntimeMax));
    let mut asked = running();
    asked.handle(ms(0), FloodInput::Stop(ASKED));
    asked.handle(ms(10), FloodInput::Expired);
    assert_eq!(asked.stop_reason(), Some(ASKED));
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

fn ready() -> Flood {
    let settings = FloodSettings { start_ms: Some(1_000), close_ms: Some(2_000), ..FloodSettings::default() };
    let mut flood = Flood::new(settings);
    flood.handle(ms(0), FloodInput::Fetch);
    flood.handle(ms(0), FloodInput::Fetched);
    flood.handle(ms(0), FloodInput::Prepared);
    assert_eq!(outputs(&mut flood), [FloodOutput::Fetch, FloodOutput::Prepare]);
    assert_eq!((flood.phase(), flood.next_deadline()), (Phase::Ready, None));
    flood
}

#[test]
fn a_run_on_a_grid_fetches_prepares_and_waits_for_its_start() {
    let mut flood = ready();
    flood.handle(ms(500), FloodInput::Start);
    flood.handle(ms(600), FloodInput::ToolStarted);
    assert_eq!(outputs(&mut flood), [FloodOutput::Spawn]);
    assert_eq!(flood.phase(), Phase::Running);
}

#[test]
fn a_stop_before_the_tool_starts_nothing() {
    let mut fetching = Flood::new(FloodSettings::default());
    fetching.handle(ms(0), FloodInput::Fetch);
    fetching.handle(ms(1), FloodInput::StopWithin(ASKED, 30_000));
    let all = [FloodOutput::Fetch, FloodOutput::CancelFetch, FloodOutput::Finished];
    assert_eq!(outputs(&mut fetching), all);

    let mut ready = ready();
    ready.handle(ms(1), FloodInput::StopWithin(ASKED, 30_000));
    ready.handle(ms(2), FloodInput::Start);
    assert_eq!(outputs(&mut ready), [FloodOutput::CloseIngest]);
}

#[test]
fn every_phase_before_the_tool_has_a_deadline() {
    let mut flood = Flood::new(FloodSettings::default());
    flood.handle(ms(0), FloodInput::Fetch);
    flood.handle(ms(600_000), FloodInput::Tick);
    assert_eq!((flood.phase(), flood.overdue()), (Phase::Finished, Some(Phase::Fetching)));

    let mut flood = Flood::new(FloodSettings::default());
    flood.handle(ms(0), FloodInput::Fetch);
    flood.handle(ms(0), FloodInput::Fetched);
    flood.handle(ms(120_000), FloodInput::Tick);
    assert_eq!((flood.phase(), flood.overdue()), (Phase::Closing, Some(Phase::Preparing)));

    let mut flood = ready();
    flood.handle(ms(0), FloodInput::Start);
    flood.handle(ms(1_000), FloodInput::Tick);
    assert_eq!((flood.phase(), flood.tree_gone()), (Phase::Stopping(Stage::Kill), false));
    flood.handle(ms(6_000), FloodInput::Tick);
    flood.handle(ms(8_000), FloodInput::Tick);
    assert_eq!((flood.phase(), flood.overdue()), (Phase::Flushing, Some(Phase::Starting)));
}

/// Whatever the grace, the tree is killed when it is over; 30 s leave the later stages their own time.
#[test]
fn the_stages_of_a_stop_fit_into_its_grace() {
    for (grace_ms, at) in [
        (30_000, vec![0, 22_000, 27_000, 30_000]),
        (8_000, vec![0, 4_000, 6_000, 8_000]),
        (4_000, vec![0, 2_000, 3_000, 4_000]),
        (0, vec![0]),
    ] {
        let mut flood = running();
        flood.handle(ms(0), FloodInput::StopWithin(ASKED, grace_ms));
        let mut seen = vec![0];
        while flood.phase() != Phase::Stopping(Stage::Kill) {
            let deadline = flood.next_deadline().unwrap();
            seen.push(deadline.0 / NS_PER_MS);
            flood.handle(deadline, FloodInput::Tick);
        }
        assert_eq!(seen, at);
        assert_eq!(outputs(&mut flood).last(), Some(&FloodOutput::KillTree));
    }
}

#[test]
fn a_second_stop_within_a_time_can_only_shorten_it() {
    let mut flood = running();
    flood.handle(ms(0), FloodInput::StopWithin(ASKED, 20_000));
    flood.handle(ms(1), FloodInput::StopWithin(ASKED, 60_000));
    flood.handle(ms(2), FloodInput::StopWithin(ASKED, 1_000));
    assert_eq!(outputs(&mut flood), [FloodOutput::AskToFinish]);
    flood.handle(ms(1_002), FloodInput::Tick);
    assert_eq!(flood.phase(), Phase::Stopping(Stage::Kill));
}

#[test]
fn a_generous_grace_does_not_outlast_the_longest_runtime() {
    let mut flood = Flood::new(FloodSettings { runtime_max_ms: Some(10_000), ..FloodSettings::default() });
    flood.handle(ms(0), FloodInput::Start);
    flood.handle(ms(0), FloodInput::ToolStarted);
    flood.handle(ms(9_000), FloodInput::StopWithin(ASKED, 600_000));
    while flood.phase() != Phase::Stopping(Stage::Kill) {
        let deadline = flood.next_deadline().unwrap();
        assert!(deadline <= ms(23_000));
        flood.handle(deadline, FloodInput::Tick);
    }
}

#[test]
fn what_is_left_of_another_agent_s_run_is_killed_first() {
    let mut flood = Flood::recovered(FloodSettings::default(), ms(0));
    assert_eq!(outputs(&mut flood), [FloodOutput::KillTree]);
    assert!(!flood.tree_gone());
    flood.handle(ms(1), FloodInput::TreeEmpty);
    assert_eq!(outputs(&mut flood), [FloodOutput::CloseIngest]);
    assert!(flood.tree_gone());
}

#[test]
fn a_run_can_be_hurried() {
    let mut flood = running();
    flood.handle(ms(0), FloodInput::EndBy(ms(5_000)));
    flood.handle(ms(10), FloodInput::TreeEmpty);
    flood.handle(ms(20), FloodInput::IngestClosed);
    assert_eq!(outputs(&mut flood), [FloodOutput::CloseIngest, FloodOutput::FlushUntil(ms(5_000))]);
    flood.handle(ms(30), FloodInput::EndBy(ms(1_000)));
    assert_eq!(outputs(&mut flood), [FloodOutput::FlushUntil(ms(1_000))]);
    flood.handle(ms(1_000), FloodInput::Tick);
    assert_eq!(outputs(&mut flood), [FloodOutput::Finished]);
}

fn input() -> impl Strategy<Value = FloodInput> {
    prop::sample::select(vec![
        FloodInput::Start,
        FloodInput::Fetch,
        FloodInput::Fetched,
        FloodInput::Prepared,
        FloodInput::NotReady,
        FloodInput::ToolStarted,
        FloodInput::ToolNotStarted,
        FloodInput::TreeEmpty,
        FloodInput::Stop(ASKED),
        FloodInput::StopWithin(ASKED, 4_000),
        FloodInput::EndBy(Mono(40_000 * NS_PER_MS)),
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
        prop_assert!(count(FloodOutput::CloseIngest) <= 1);
        prop_assert!(count(FloodOutput::Spawn) <= count(FloodOutput::CloseIngest));
        prop_assert_eq!(count(FloodOutput::Finished), 1);
        prop_assert_eq!(all.last(), Some(&FloodOutput::Finished));
    }
}
