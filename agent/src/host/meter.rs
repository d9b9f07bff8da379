//! A window's health: the probes' reading, what the agent knows of itself, and the verdict.

use super::probe::{HostProbe, HostSample, HostSettings};
use super::tool::ToolTree;
use gridnode_core::base::time::Mono;
use gridnode_core::node::health::{NodeHealth, Reason, Saturation, Strain};

/// What the meter needs to know.
#[derive(Debug, Clone)]
pub struct HealthSettings {
    /// Where to look.
    pub host: HostSettings,
    /// What the spool may hold; 0 if it has no bound.
    pub spool_bytes_max: u64,
}

/// What the agent knows of itself. Counts are of this window alone.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct WindowInputs {
    /// Runs under way.
    pub runs: u64,
    /// Rollups on disk that the Drain does not have yet.
    pub spool_bytes: u64,
    /// Datagrams that the kernel dropped, over all sockets.
    pub datagrams_dropped: u64,
    /// Windows that were folded into others.
    pub windows_folded: u64,
    /// The longest that the ingest thread took to answer; `None` where nothing was asked.
    pub ingest_lag_ms: Option<f64>,
}

impl WindowInputs {
    /// This window and the `next` as one.
    pub(super) fn followed_by(self, next: Self) -> Self {
        Self {
            datagrams_dropped: self.datagrams_dropped.saturating_add(next.datagrams_dropped),
            windows_folded: self.windows_folded.saturating_add(next.windows_folded),
            ingest_lag_ms: match (self.ingest_lag_ms, next.ingest_lag_ms) {
                (Some(one), Some(other)) => Some(one.max(other)),
                (one, other) => one.or(other),
            },
            ..next
        }
    }
}

/// Probes and verdict of one node.
pub struct HealthMeter {
    probe: HostProbe,
    saturation: Saturation,
    spool_bytes_max: u64,
}

impl HealthMeter {
    /// Takes the reading that the first window's rates start from. May block on a file system.
    #[must_use]
    pub fn start(settings: HealthSettings, now: Mono) -> Self {
        let mut probe = HostProbe::new(settings.host);
        probe.sample(now, &[]);
        Self { probe, saturation: Saturation::default(), spool_bytes_max: settings.spool_bytes_max }
    }

    /// The health of the window that ends now. Call it once a window, idle or not, on a thread that may block.
    pub fn window(&mut self, now: Mono, tools: &[ToolTree], inputs: &WindowInputs) -> NodeHealth {
        let sample = self.probe.sample(now, tools);
        if sample.processes_skipped > 0 {
            let skipped = sample.processes_skipped;
            tracing::warn!(
                skipped,
                "too many processes to look at; the tools' numbers in node health are too low"
            );
        }
        let reason = self.saturation.window(&strain(&sample, inputs, self.spool_bytes_max));
        health(&sample, inputs, reason)
    }

    /// What was read when `reason` held by itself the last time.
    pub fn readings(&self, reason: Reason) -> String {
        self.saturation.readings(reason).to_owned()
    }

    /// All reasons that hold, most telling first; a point names only the first.
    pub fn reasons(&self) -> impl Iterator<Item = Reason> {
        self.saturation.reasons()
    }
}

fn health(sample: &HostSample, inputs: &WindowInputs, reason: Option<Reason>) -> NodeHealth {
    NodeHealth {
        cpu_percent: sample.cpu.map(|cpu| cpu.busy_percent),
        cpu_steal_percent: sample.cpu.map(|cpu| cpu.steal_percent),
        load1: sample.load1,
        memory_used_percent: sample.memory_used_percent,
        swap_used_percent: sample.swap_used_percent,
        disk_free_bytes: sample.disk_free_bytes,
        net_rx_bytes_per_s: sample.network.map(|network| network.rx_bytes_per_s),
        net_tx_bytes_per_s: sample.network.map(|network| network.tx_bytes_per_s),
        tool_cpu_percent: sample.tool_cpu_percent,
        tool_rss_bytes: sample.tool_rss_bytes,
        agent_cpu_percent: sample.agent_cpu_percent,
        agent_rss_bytes: sample.agent_rss_bytes,
        spool_bytes: Some(inputs.spool_bytes as f64),
        clock_error_ms: sample.clock.and_then(|clock| clock.error_ms()),
        runs: inputs.runs,
        reason,
    }
}

fn strain(sample: &HostSample, inputs: &WindowInputs, spool_bytes_max: u64) -> Strain {
    let kept = sample.clock.filter(|clock| clock.synchronised);
    Strain {
        datagrams_dropped: inputs.datagrams_dropped,
        windows_folded: inputs.windows_folded,
        cpu_percent: sample.cpu.map(|cpu| cpu.busy_percent),
        cpu_steal_percent: sample.cpu.map(|cpu| cpu.steal_percent),
        cpu_stalled: sample.cpu_stalled,
        memory_used_percent: sample.memory_used_percent,
        memory_stalled: sample.memory_stalled,
        swap_in_bytes_per_s: sample.swap_in_bytes_per_s,
        io_stalled: sample.io_stalled,
        clock_error_ms: kept.map(|clock| clock.estimate_ms),
        clock_bound_ms: kept.map(|clock| clock.bound_ms),
        clock_synchronised: sample.clock.map(|clock| clock.synchronised),
        spool_used_percent: (spool_bytes_max > 0)
            .then(|| 100.0 * inputs.spool_bytes as f64 / spool_bytes_max as f64),
        disk_free_bytes: sample.disk_free_bytes,
        ingest_lag_ms: inputs.ingest_lag_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::super::clock_error::ClockReading;
    use super::*;

    #[test]
    fn only_a_kept_clock_has_an_error() {
        let clock = ClockReading { synchronised: true, estimate_ms: 3.0, bound_ms: 40.0 };
        let kept = HostSample { clock: Some(clock), ..HostSample::default() };
        let not_kept = ClockReading { synchronised: false, estimate_ms: 16e3, bound_ms: 16e3 };
        let not_kept = HostSample { clock: Some(not_kept), ..HostSample::default() };
        let inputs = WindowInputs::default();
        assert_eq!(health(&kept, &inputs, None).clock_error_ms, Some(3.0));
        assert_eq!(health(&not_kept, &inputs, None).clock_error_ms, None);
        let strain = strain(&not_kept, &inputs, 0);
        assert_eq!((strain.clock_error_ms, strain.clock_synchronised), (None, Some(false)));
    }

    #[test]
    fn what_the_agent_knows_reaches_the_verdict() {
        let dir = tempfile::tempdir().unwrap();
        // A machine that tells nothing, so that the one the test runs on has no say but by its memory and disk.
        let host = HostSettings { state_dir: dir.path().to_owned(), proc_root: dir.path().join("absent") };
        let mut meter = HealthMeter::start(HealthSettings { host, spool_bytes_max: 1_000 }, Mono(0));
        let inputs =
            WindowInputs { runs: 1, spool_bytes: 950, datagrams_dropped: 2, ..WindowInputs::default() };
        let health = meter.window(Mono(1), &[], &inputs);
        assert_eq!((health.runs, health.spool_bytes), (1, Some(950.0)));
        assert_eq!(health.reason, Some(Reason::SamplesDropped));
        assert!(meter.reasons().any(|reason| reason == Reason::SpoolFull));
    }
}
