//! All probes, read one after the other.

use super::clock_error::{ClockReading, page_bytes};
use super::cpu::{CpuShare, CpuTimes};
use super::network::{self, NetworkRate};
use super::pressure::Pressure;
use super::process::ProcessUse;
use super::source::{self, Source};
use super::tool::{ToolMeter, ToolTree};
use gridnode_core::base::time::{Mono, NS_PER_S};
use gridnode_core::node::health::Stalled;
use std::path::PathBuf;
use sysinfo::{MemoryRefreshKind, System};

/// Where to look.
#[derive(Debug, Clone)]
pub struct HostSettings {
    /// A directory on the file system whose free space counts.
    pub state_dir: PathBuf,
    /// `/proc`; another one in tests. Memory and load average are always of the real one.
    pub proc_root: PathBuf,
}

impl HostSettings {
    /// This machine, with its state in `state_dir`.
    #[must_use]
    pub fn new(state_dir: PathBuf) -> Self {
        Self { state_dir, proc_root: "/proc".into() }
    }
}

/// One reading. `None` is what the machine does not tell, or not yet: rates need a reading before.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HostSample {
    /// The processors.
    pub cpu: Option<CpuShare>,
    /// Waiting for a processor.
    pub cpu_stalled: Option<Stalled>,
    /// Load average of the last minute.
    pub load1: Option<f64>,
    /// Memory that could not be had without swapping.
    pub memory_used_percent: Option<f64>,
    /// Waiting for memory.
    pub memory_stalled: Option<Stalled>,
    /// Swap in use; 0 without any.
    pub swap_used_percent: Option<f64>,
    /// Read back from swap.
    pub swap_in_bytes_per_s: Option<f64>,
    /// Waiting for a disk.
    pub io_stalled: Option<Stalled>,
    /// Free for an ordinary user where the state directory lies.
    pub disk_free_bytes: Option<f64>,
    /// All interfaces but loopback.
    pub network: Option<NetworkRate>,
    /// All tools' trees, of all processors.
    pub tool_cpu_percent: Option<f64>,
    /// All tools' trees.
    pub tool_rss_bytes: Option<f64>,
    /// This process, of all processors.
    pub agent_cpu_percent: Option<f64>,
    /// This process.
    pub agent_rss_bytes: Option<f64>,
    /// The wall clock.
    pub clock: Option<ClockReading>,
    /// Processes that were too many to look at; the tools' numbers are then too low.
    pub processes_skipped: u64,
}

/// See the module's head.
pub struct HostProbe {
    settings: HostSettings,
    source: Source,
    memory: Option<System>,
    tools: ToolMeter,
    page_bytes: u64,
    before: Option<(Mono, Readings)>,
}

/// Counters that only grow.
struct Readings {
    cpu: Option<CpuTimes>,
    cpu_pressure: Option<Pressure>,
    memory_pressure: Option<Pressure>,
    io_pressure: Option<Pressure>,
    network: Option<network::Counters>,
    swapped_in_pages: Option<u64>,
    agent_us: Option<u64>,
}

impl HostProbe {
    /// Nothing is read yet.
    #[must_use]
    pub fn new(settings: HostSettings) -> Self {
        let page_bytes = page_bytes();
        Self {
            source: Source::new(settings.proc_root.clone()),
            memory: System::new().ok(),
            tools: ToolMeter::new(page_bytes),
            page_bytes,
            before: None,
            settings,
        }
    }

    /// Reads everything; rates are of the time since the call before. May block on a file system.
    pub fn sample(&mut self, now: Mono, trees: &[ToolTree]) -> HostSample {
        let agent = self.source.read("self/stat").and_then(ProcessUse::parse);
        let readings = self.readings(agent);
        let used = self.tools.read(&mut self.source, trees);
        let mut sample = self.levels();
        sample.agent_rss_bytes = agent.map(|agent| agent.rss_pages.saturating_mul(self.page_bytes) as f64);
        sample.tool_rss_bytes = Some(used.rss_bytes as f64);
        sample.processes_skipped = used.skipped;
        if let Some((then, before)) = &self.before {
            let elapsed_s = now.since_ns(*then) as f64 / NS_PER_S as f64;
            if elapsed_s > 0.0 {
                readings.rates(before, elapsed_s, self.page_bytes, &mut sample);
                let share = |us: u64| readings.machine_percent(us, elapsed_s);
                sample.tool_cpu_percent = share(used.cpu_us);
                let agent_us = readings.agent_us.zip(before.agent_us);
                sample.agent_cpu_percent = agent_us.and_then(|(now, then)| share(now.saturating_sub(then)));
            }
        }
        self.before = Some((now, readings));
        sample
    }

    fn readings(&mut self, agent: Option<ProcessUse>) -> Readings {
        let source = &mut self.source;
        Readings {
            cpu: source.read("stat").and_then(CpuTimes::parse),
            cpu_pressure: source.read("pressure/cpu").and_then(Pressure::parse),
            memory_pressure: source.read("pressure/memory").and_then(Pressure::parse),
            io_pressure: source.read("pressure/io").and_then(Pressure::parse),
            network: source.read("net/dev").map(network::parse),
            swapped_in_pages: source.read("vmstat").and_then(|text| source::value(text, "pswpin")),
            agent_us: agent.map(|agent| agent.own_us),
        }
    }

    /// What needs no reading before.
    fn levels(&mut self) -> HostSample {
        let disk = nix::sys::statvfs::statvfs(&self.settings.state_dir).ok();
        let mut sample = HostSample {
            load1: System::load_average().ok().map(|load| load.one),
            disk_free_bytes: disk.map(|disk| disk.blocks_available() as f64 * disk.fragment_size() as f64),
            clock: ClockReading::read(),
            ..HostSample::default()
        };
        if let Some(system) = &mut self.memory {
            system.refresh_memory_specifics(MemoryRefreshKind::everything());
            let (total, available) = (system.total_memory(), system.available_memory());
            sample.memory_used_percent = used_percent(total, available);
            // Without a total for memory nothing was read; without one for swap there is none of it.
            let swap = used_percent(system.total_swap(), system.free_swap()).unwrap_or(0.0);
            sample.swap_used_percent = sample.memory_used_percent.map(|_| swap);
        }
        sample
    }
}

impl Readings {
    fn rates(&self, before: &Self, elapsed_s: f64, page_bytes: u64, sample: &mut HostSample) {
        let stalled = |now: Option<Pressure>, before: Option<Pressure>| {
            now.zip(before).map(|(now, before)| now.since(&before, elapsed_s))
        };
        sample.cpu = self.cpu.zip(before.cpu).and_then(|(now, before)| now.since(&before));
        sample.cpu_stalled = stalled(self.cpu_pressure, before.cpu_pressure);
        sample.memory_stalled = stalled(self.memory_pressure, before.memory_pressure);
        sample.io_stalled = stalled(self.io_pressure, before.io_pressure);
        let counters = self.network.as_ref().zip(before.network.as_ref());
        sample.network = counters.map(|(now, before)| network::rate(now, before, elapsed_s));
        let pages = self.swapped_in_pages.zip(before.swapped_in_pages);
        sample.swap_in_bytes_per_s = pages
            .map(|(now, before)| now.saturating_sub(before).saturating_mul(page_bytes) as f64 / elapsed_s);
    }

    /// `us` of processor time as a share of all processors over `elapsed_s`.
    fn machine_percent(&self, us: u64, elapsed_s: f64) -> Option<f64> {
        let there_was_s = elapsed_s * f64::from(self.cpu.as_ref()?.processors);
        // Time is booked in ticks, so a busy process may seem to have had a little more than all.
        Some((100.0 * us as f64 / 1e6 / there_was_s).min(100.0))
    }
}

/// None when there is nothing at all.
fn used_percent(total: u64, free: u64) -> Option<f64> {
    (total > 0).then(|| 100.0 * total.saturating_sub(free) as f64 / total as f64)
}

#[cfg(test)]
mod tests;
