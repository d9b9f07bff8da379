//! The exact line, and the verdict over sequences of windows.

use super::saturation::HANG_WINDOWS_MAX;
use super::*;
use crate::base::ids::Ident;
use crate::rollup::timestamp::DEFAULT_KEY;
use influxdb_line_protocol::{FieldValue, parse_lines};
use proptest::prelude::*;
use std::collections::BTreeMap;

const WINDOW: HealthWindow = HealthWindow { start_ns: 1_700_000_010_000_000_000, period_ns: 15_000_000_000 };

fn source(grid: Option<&str>, region: Option<&str>) -> HealthSource {
    let ident = |text: &str| Ident::new(text).unwrap();
    HealthSource {
        address: NodeAddress { node: ident("i-0abc"), grid: grid.map(ident), region: region.map(ident) },
        version: "0.1.0".to_owned(),
        timestamp_key: DEFAULT_KEY.to_vec(),
    }
}

fn full() -> NodeHealth {
    NodeHealth {
        cpu_percent: Some(97.25),
        cpu_steal_percent: Some(0.0),
        load1: Some(3.07),
        memory_used_percent: Some(100.0 / 3.0),
        swap_used_percent: Some(0.0),
        disk_free_bytes: Some(52_428_800_000.0),
        net_rx_bytes_per_s: Some(1_250_000.0),
        net_tx_bytes_per_s: Some(7.5),
        tool_cpu_percent: Some(90.0),
        tool_rss_bytes: Some(1_073_741_824.0),
        agent_cpu_percent: Some(0.4),
        agent_rss_bytes: Some(20_971_520.0),
        spool_bytes: Some(0.0),
        clock_error_ms: Some(0.042),
        runs: 1,
        reason: Some(Reason::Cpu),
    }
}

/// The timestamp was computed with Python's hmac module, so that this file does not vouch for itself.
#[test]
fn golden_vector() {
    let line = render(&full(), &source(Some("9"), Some("us-east-1")), WINDOW);
    assert_eq!(
        String::from_utf8(line).unwrap(),
        "node_health_mean,grid=9,region=us-east-1 node=\"i-0abc\",version=\"0.1.0\",cpu_percent=97.25,\
         cpu_steal_percent=0.0,load1=3.07,memory_used_percent=33.333,swap_used_percent=0.0,\
         disk_free_bytes=52428800000.0,net_rx_bytes_per_s=1250000.0,net_tx_bytes_per_s=7.5,\
         tool_cpu_percent=90.0,tool_rss_bytes=1073741824.0,agent_cpu_percent=0.4,agent_rss_bytes=20971520.0,\
         spool_bytes=0.0,clock_error_ms=0.042,runs=1i,saturated=true,reason=\"cpu\" 1700000022862232536\n"
    );
}

#[test]
fn what_the_machine_cannot_tell_is_left_out() {
    let mut health = NodeHealth { load1: Some(f64::NAN), ..NodeHealth::default() };
    let line = render(&health, &source(None, None), WINDOW);
    assert_eq!(
        String::from_utf8(line).unwrap(),
        "node_health_mean node=\"i-0abc\",version=\"0.1.0\",runs=0i,saturated=false,reason=\"\" \
         1700000022862232536\n"
    );
    health.load1 = None;
    assert_eq!(serde_json::to_string(&health).unwrap(), r#"{"runs":0}"#);
}

#[test]
fn two_nodes_of_a_grid_do_not_meet() {
    let mut other = source(Some("9"), None);
    other.address.node = Ident::new("i-0abd").unwrap();
    let stamp = |source: &HealthSource| {
        let line = String::from_utf8(render(&full(), source, WINDOW)).unwrap();
        line.trim_end().rsplit(' ').next().unwrap().parse::<i64>().unwrap()
    };
    assert_ne!(stamp(&source(Some("9"), None)), stamp(&other));
}

#[test]
fn the_window_that_has_ended() {
    let at = |wall_ns| HealthWindow::ended_before(wall_ns, 15_000_000_000);
    assert_eq!(at(1_700_000_025_000_000_000), WINDOW);
    assert_eq!(at(1_700_000_039_999_999_999), WINDOW);
    assert_eq!(at(-1).start_ns, -30_000_000_000);
    assert_eq!(HealthWindow::ended_before(i64::MIN, u64::MAX).start_ns, i64::MIN);
    assert_eq!(HealthWindow::ended_before(7, 0).start_ns, 6);
}

proptest! {
    /// No value can break the line or change the type of a field, for a store drops a whole point over that.
    #[test]
    fn types_never_change(values in proptest::array::uniform14(proptest::option::of(proptest::num::f64::ANY)), version in ".{0,40}", runs: u64) {
        let mut health = NodeHealth { runs, ..full() };
        [
            health.cpu_percent, health.cpu_steal_percent, health.load1, health.memory_used_percent,
            health.swap_used_percent, health.disk_free_bytes, health.net_rx_bytes_per_s,
            health.net_tx_bytes_per_s, health.tool_cpu_percent, health.tool_rss_bytes,
            health.agent_cpu_percent, health.agent_rss_bytes, health.spool_bytes, health.clock_error_ms,
        ] = values;
        let source = HealthSource { version, ..source(Some("9"), Some("eu")) };
        let line = String::from_utf8(render(&health, &source, WINDOW)).unwrap();
        prop_assert_eq!(line.matches('\n').count(), 1);
        let point = parse_lines(&line).next().unwrap().unwrap();
        prop_assert_eq!(point.series.tag_set.unwrap().len(), 2);
        for (key, value) in &point.field_set {
            let fits = match key.as_str() {
                "node" | "version" | "reason" => matches!(value, FieldValue::String(_)),
                "runs" => matches!(value, FieldValue::I64(_)),
                "saturated" => matches!(value, FieldValue::Boolean(_)),
                _ => matches!(value, FieldValue::F64(_)),
            };
            prop_assert!(fits, "{} is {:?}", key, value);
        }
        let known = values.iter().flatten().filter(|value| value.is_finite()).count();
        prop_assert_eq!(point.field_set.len(), known + 5);
    }
}

/// The verdicts over windows with these values of the processor.
fn cpu(percents: &[f64]) -> Vec<bool> {
    let mut saturation = Saturation::default();
    let strain = |cpu: f64| Strain { cpu_percent: Some(cpu), ..Strain::default() };
    percents.iter().map(|cpu| saturation.window(&strain(*cpu)).is_some()).collect()
}

#[test]
fn enters_at_once_and_leaves_after_calm_windows_in_a_row() {
    let verdicts = cpu(&[50.0, 89.9, 90.0, 79.0, 79.0, 79.0, 85.0]);
    assert_eq!(verdicts, [false, false, true, true, true, false, false]);
}

#[test]
fn a_verdict_that_outlasts_its_cause_keeps_the_readings_of_it() {
    let mut saturation = Saturation::default();
    let strain =
        |cpu: f64| Strain { cpu_percent: Some(cpu), cpu_steal_percent: Some(1.0), ..Strain::default() };
    for cpu in [96.2, 14.0, 14.0] {
        assert_eq!(saturation.window(&strain(cpu)), Some(Reason::Cpu), "{cpu}");
        assert_eq!(saturation.readings(Reason::Cpu), "cpu 97.2 %");
    }
    assert_eq!(saturation.window(&strain(14.0)), None);
}

#[test]
fn what_flaps_around_a_threshold_does_not_flap_in_the_verdict() {
    let around_enter: Vec<f64> = (0..40).map(|n| if n % 2 == 0 { 91.0 } else { 88.0 }).collect();
    assert!(cpu(&around_enter).iter().all(|saturated| *saturated));
    let around_leave: Vec<f64> =
        std::iter::once(95.0).chain((0..40).map(|n| if n % 2 == 0 { 79.0 } else { 81.0 })).collect();
    let (hangs, later) = (HANG_WINDOWS_MAX as usize, cpu(&around_leave));
    assert!(later[..hangs].iter().all(|saturated| *saturated));
    assert!(!later[hangs..].iter().any(|saturated| *saturated));
    let below_enter: Vec<f64> = (0..40).map(|n| if n % 2 == 0 { 89.0 } else { 10.0 }).collect();
    assert!(!cpu(&below_enter).iter().any(|saturated| *saturated));
}

proptest! {
    #[test]
    fn a_verdict_without_renewed_cause_is_left(
        before in proptest::collection::vec(0.0..100.0_f64, 0..20),
        after in proptest::collection::vec(0.0..89.9_f64, HANG_WINDOWS_MAX as usize..40),
    ) {
        let percents: Vec<f64> = before.iter().chain(&after).copied().collect();
        let verdicts = cpu(&percents);
        let late = &verdicts[before.len() + HANG_WINDOWS_MAX as usize - 1..];
        prop_assert!(!late.iter().any(|saturated| *saturated), "{:?}", verdicts);
        // And never earlier than it may.
        if before.last().is_some_and(|cpu| *cpu >= 90.0) {
            prop_assert!(verdicts[before.len()]);
        }
    }
}

/// A reason, a strain just over its threshold, and one just under it.
fn thresholds(base: Strain) -> Vec<(Reason, Strain, Strain)> {
    let stalled = |some_percent, full_percent| Some(Stalled { some_percent, full_percent });
    vec![
        (Reason::SamplesDropped, Strain { datagrams_dropped: 1, ..base }, base),
        (Reason::WindowsFolded, Strain { windows_folded: 1, ..base }, base),
        (
            Reason::CpuSteal,
            Strain { cpu_steal_percent: Some(10.0), ..base },
            Strain { cpu_steal_percent: Some(9.9), ..base },
        ),
        (
            Reason::Cpu,
            Strain { cpu_percent: Some(85.0), cpu_steal_percent: Some(5.0), ..base },
            Strain { cpu_percent: Some(85.0), cpu_steal_percent: Some(4.9), ..base },
        ),
        (
            Reason::Cpu,
            Strain { cpu_stalled: stalled(60.0, 0.0), ..base },
            Strain { cpu_stalled: stalled(59.9, 0.0), ..base },
        ),
        (
            Reason::MemoryPressure,
            Strain { memory_used_percent: Some(95.0), ..base },
            Strain { memory_used_percent: Some(94.9), ..base },
        ),
        (
            Reason::MemoryPressure,
            Strain { memory_stalled: stalled(20.0, 0.0), ..base },
            Strain { memory_stalled: stalled(19.9, 4.9), ..base },
        ),
        (
            Reason::MemoryPressure,
            Strain { memory_stalled: stalled(5.0, 5.0), ..base },
            Strain { memory_stalled: stalled(5.0, 4.9), ..base },
        ),
        (
            Reason::MemoryPressure,
            Strain { swap_in_bytes_per_s: Some(1_048_576.0), ..base },
            Strain { swap_in_bytes_per_s: Some(1_048_575.0), ..base },
        ),
        (
            Reason::IoPressure,
            Strain { io_stalled: stalled(50.0, 50.0), ..base },
            Strain { io_stalled: stalled(99.0, 49.9), ..base },
        ),
        (
            Reason::AgentStarved,
            Strain { ingest_lag_ms: Some(500.0), ..base },
            Strain { ingest_lag_ms: Some(499.0), ..base },
        ),
        (
            Reason::Clock,
            Strain { clock_error_ms: Some(100.0), ..base },
            Strain { clock_error_ms: Some(99.0), clock_bound_ms: Some(1_999.0), ..base },
        ),
        (Reason::Clock, Strain { clock_bound_ms: Some(2_000.0), ..base }, base),
        (
            Reason::SpoolFull,
            Strain { spool_used_percent: Some(90.0), ..base },
            Strain { spool_used_percent: Some(89.9), ..base },
        ),
        (
            Reason::SpoolFull,
            Strain { disk_free_bytes: Some(134_217_728.0), ..base },
            Strain { disk_free_bytes: Some(134_217_729.0), ..base },
        ),
    ]
}

#[test]
fn each_reason_has_its_thresholds() {
    let base = Strain::default();
    let cases = thresholds(base);
    for &(reason, over, under) in &cases {
        assert_eq!(Saturation::default().window(&over), Some(reason), "{over:?}");
        assert_eq!(Saturation::default().window(&under), None, "{under:?}");
        let mut saturation = Saturation::default();
        let verdicts: Vec<_> = [over, base, base, base].iter().map(|s| saturation.window(s)).collect();
        assert_eq!(verdicts, [Some(reason), Some(reason), Some(reason), None], "{over:?}");
    }
    assert!(Reason::ALL.iter().all(|reason| cases.iter().any(|(tested, ..)| tested == reason)));
}

#[test]
fn a_clock_that_is_not_kept_counts_only_after_it_was() {
    let kept = |kept| Strain { clock_synchronised: Some(kept), ..Strain::default() };
    let mut saturation = Saturation::default();
    let verdicts = [kept(false), kept(true), kept(false), kept(true), kept(true), kept(true)]
        .map(|strain| saturation.window(&strain));
    let clock = Some(Reason::Clock);
    assert_eq!(verdicts, [None, None, clock, clock, clock, None]);
}

#[test]
fn the_most_telling_reason_is_named_and_the_others_wait_behind_it() {
    let mut saturation = Saturation::default();
    let busy = Strain { cpu_percent: Some(99.0), ..Strain::default() };
    assert_eq!(saturation.window(&busy), Some(Reason::Cpu));
    let dropping = Strain { datagrams_dropped: 3, ..busy };
    assert_eq!(saturation.window(&dropping), Some(Reason::SamplesDropped));
    assert_eq!(saturation.reasons().collect::<Vec<_>>(), [Reason::SamplesDropped, Reason::Cpu]);
    let after: Vec<_> = (0..3).map(|_| saturation.window(&busy)).collect();
    assert_eq!(after, [Some(Reason::SamplesDropped), Some(Reason::SamplesDropped), Some(Reason::Cpu)]);
}

#[test]
fn reasons_are_listed_in_order_and_named_once() {
    assert!(Reason::ALL.is_sorted());
    let names: BTreeMap<_, _> = Reason::ALL.iter().map(|reason| (reason.name(), reason.remedy())).collect();
    assert_eq!(names.len(), Reason::ALL.len());
    assert!(names.values().all(|remedy| !remedy.is_empty()));
}
