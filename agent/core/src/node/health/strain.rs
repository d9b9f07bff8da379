//! What the verdict is made from, and where its thresholds lie.
//!
//! Each reason has a threshold to enter and a lower one to leave. Between the two, what was goes on.

use super::Reason;

/// What one window showed. `None` is what the machine cannot tell, which is never held against it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Strain {
    /// Datagrams that the kernel dropped before the agent could read them, in this window.
    pub datagrams_dropped: u64,
    /// Windows that were folded into others in this window, because the way out was blocked.
    pub windows_folded: u64,
    /// Processors at work, without stolen time.
    pub cpu_percent: Option<f64>,
    /// Stolen time.
    pub cpu_steal_percent: Option<f64>,
    /// Time that work waited for a processor.
    pub cpu_stalled: Option<Stalled>,
    /// Memory in use.
    pub memory_used_percent: Option<f64>,
    /// Time that work waited for memory.
    pub memory_stalled: Option<Stalled>,
    /// Read back from swap.
    pub swap_in_bytes_per_s: Option<f64>,
    /// Time that work waited for a disk.
    pub io_stalled: Option<Stalled>,
    /// The kernel's estimate of the wall clock's error.
    pub clock_error_ms: Option<f64>,
    /// The kernel's bound of it, which grows for as long as nobody sets the clock right.
    pub clock_bound_ms: Option<f64>,
    /// Whether a time service keeps the clock.
    pub clock_synchronised: Option<bool>,
    /// The spool's share of what it may hold.
    pub spool_used_percent: Option<f64>,
    /// Free on the spool's file system.
    pub disk_free_bytes: Option<f64>,
    /// The longest that a datagram may have waited for the agent.
    pub ingest_lag_ms: Option<f64>,
}

/// Pressure stall information: the share of a window in which work was held up.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stalled {
    /// At least one task waited.
    pub some_percent: f64,
    /// All tasks that wanted to run waited.
    pub full_percent: f64,
}

/// How a reason stands in one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Below the threshold to leave, or unknown.
    Calm,
    /// Between the two.
    Between,
    /// At the threshold to enter, or above.
    High,
}

impl Strain {
    /// How `reason` stands.
    pub(super) fn level(&self, reason: Reason) -> Level {
        match reason {
            // One is enough: the sum of the samples is wrong.
            Reason::SamplesDropped => count(self.datagrams_dropped),
            Reason::WindowsFolded => count(self.windows_folded),
            // Shared instance types show 1 to 3 % all the time. At 10 % every tenth request waits for a time slice.
            Reason::CpuSteal => up(self.cpu_steal_percent, 10.0, 5.0),
            Reason::MemoryPressure => self.memory(),
            Reason::Cpu => self.cpu(),
            // Only when everything waits, and half of the time: one slow writer is normal, and the agent's own fsync is one.
            Reason::IoPressure => up(self.io_stalled.map(|stalled| stalled.full_percent), 50.0, 25.0),
            // The receive buffer of 8 MiB holds 0.1 s of 100,000 datagrams a second, and where lines bring no time their
            // arrival counts: half a second is a wrong number in either case.
            Reason::AgentStarved => up(self.ingest_lag_ms, 500.0, 100.0),
            Reason::Clock => self.clock(),
            // A full spool evicts; without room on the disk it cannot take anything in the first place.
            Reason::SpoolFull => up(self.spool_used_percent, 90.0, 75.0).max(down(
                self.disk_free_bytes,
                128.0 * MIB,
                256.0 * MIB,
            )),
        }
    }

    /// What of it speaks for `reason`, for people: `cpu 97.2 %, work waited 61.0 %`.
    pub(super) fn readings(&self, reason: Reason) -> String {
        let some = |stalled: Option<Stalled>| stalled.map(|stalled| stalled.some_percent);
        let full = |stalled: Option<Stalled>| stalled.map(|stalled| stalled.full_percent);
        let of_one = |name, value: Option<f64>, unit| vec![(name, value, unit)];
        let readings = match reason {
            Reason::SamplesDropped => of_one("datagrams dropped", Some(self.datagrams_dropped as f64), ""),
            Reason::WindowsFolded => of_one("windows folded", Some(self.windows_folded as f64), ""),
            Reason::CpuSteal => of_one("stolen", self.cpu_steal_percent, " %"),
            Reason::Cpu => vec![
                ("cpu", self.busy_percent(), " %"),
                ("work waited for a processor", some(self.cpu_stalled), " %"),
            ],
            Reason::MemoryPressure => vec![
                ("memory", self.memory_used_percent, " %"),
                ("work waited for memory", some(self.memory_stalled), " %"),
                ("swap-in", self.swap_in_bytes_per_s, " bytes/s"),
            ],
            Reason::IoPressure => of_one("all work waited for a disk", full(self.io_stalled), " %"),
            Reason::AgentStarved => of_one("samples waited", self.ingest_lag_ms, " ms"),
            Reason::Clock => {
                vec![("clock off by", self.clock_error_ms, " ms"), ("bound", self.clock_bound_ms, " ms")]
            }
            Reason::SpoolFull => {
                vec![("spool", self.spool_used_percent, " %"), ("free", self.disk_free_bytes, " bytes")]
            }
        };
        let known = readings.into_iter().filter_map(|(name, value, unit)| Some((name, value?, unit)));
        let told: Vec<String> = known.map(|(name, value, unit)| format!("{name} {value:.1}{unit}")).collect();
        told.join(", ")
    }

    fn busy_percent(&self) -> Option<f64> {
        self.cpu_percent.map(|busy| busy + self.cpu_steal_percent.unwrap_or(0.0))
    }

    fn cpu(&self) -> Level {
        // Queueing theory: above 90 % on average, the peaks within a second are far above 100 %.
        let busy = self.busy_percent();
        // Two processors that are 85 % busy at random make somebody wait in 60 % of the time, more processors less. It
        // also tells of a quota, under which the machine looks idle.
        let waiting = self.cpu_stalled.map(|stalled| stalled.some_percent);
        up(busy, 90.0, 80.0).max(up(waiting, 60.0, 40.0))
    }

    fn memory(&self) -> Level {
        // With less than a twentieth left, the next larger response may be answered by the kernel's killer.
        let used = up(self.memory_used_percent, 95.0, 90.0);
        let some = up(self.memory_stalled.map(|stalled| stalled.some_percent), 20.0, 10.0);
        let full = up(self.memory_stalled.map(|stalled| stalled.full_percent), 5.0, 1.0);
        // 256 pages a second, each a wait in the middle of something that is measured. What left for swap and stays
        // there harms nobody, so what is in use there does not count.
        let swap = up(self.swap_in_bytes_per_s, MIB, MIB / 16.0);
        used.max(some).max(full).max(swap)
    }

    fn clock(&self) -> Level {
        // A tenth of the shortest window.
        let estimate = up(self.clock_error_ms, 100.0, 50.0);
        // The bound grows by 0.5 ms a second. Time services ask every 2,048 s at the most, so 2 s mean that two
        // rounds were missed.
        estimate.max(up(self.clock_bound_ms, 2_000.0, 1_500.0))
    }
}

const MIB: f64 = 1_048_576.0;

fn count(n: u64) -> Level {
    if n > 0 { Level::High } else { Level::Calm }
}

/// A value that is bad when it is large.
fn up(value: Option<f64>, enter: f64, leave: f64) -> Level {
    match value {
        Some(value) if value >= enter => Level::High,
        Some(value) if value >= leave => Level::Between,
        _ => Level::Calm,
    }
}

/// A value that is bad when it is small.
fn down(value: Option<f64>, enter: f64, leave: f64) -> Level {
    up(value.map(|value| -value), -enter, -leave)
}
