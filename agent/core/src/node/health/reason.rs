//! Why a node's numbers cannot be trusted.

use serde::{Serialize, Serializer};

/// A named reason. Of several that hold at once the first in this order is told: what has falsified numbers already,
/// then causes before their symptoms (a stolen processor is also a busy one, and a busy one starves the agent).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The kernel dropped datagrams: samples are missing.
    SamplesDropped,
    /// The hypervisor gives the processor to others.
    CpuSteal,
    /// Memory is used up, or work waits for it: pauses that look like response time.
    MemoryPressure,
    /// The processors are busy, or work queues for them: response times include the wait.
    Cpu,
    /// Work waits for the disk.
    IoPressure,
    /// The agent itself reads samples late.
    AgentStarved,
    /// Windows were folded into each other: their numbers are right, but of a longer time.
    WindowsFolded,
    /// The wall clock is off: samples count in a wrong window.
    Clock,
    /// There is hardly room for what the Drain has not taken: the oldest of it will be lost.
    SpoolFull,
}

impl Reason {
    /// All of them, most telling first.
    pub const ALL: [Self; 9] = [
        Self::SamplesDropped,
        Self::CpuSteal,
        Self::MemoryPressure,
        Self::Cpu,
        Self::IoPressure,
        Self::AgentStarved,
        Self::WindowsFolded,
        Self::Clock,
        Self::SpoolFull,
    ];

    /// The word in points, receipts and status.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SamplesDropped => "samples_dropped",
            Self::CpuSteal => "cpu_steal",
            Self::MemoryPressure => "memory_pressure",
            Self::Cpu => "cpu",
            Self::IoPressure => "io_pressure",
            Self::AgentStarved => "agent_starved",
            Self::WindowsFolded => "windows_folded",
            Self::Clock => "clock",
            Self::SpoolFull => "spool_full",
        }
    }

    /// What an operator does about it.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::SamplesDropped => "send fewer or larger datagrams, or raise net.core.rmem_max",
            Self::CpuSteal => "use an instance type without burst credits, or a less crowded host",
            Self::MemoryPressure => "run fewer users on each node, or shrink the tool's heap",
            Self::Cpu => "run fewer users on each node",
            Self::IoPressure => "let the tool log less, or use a faster disk",
            Self::AgentStarved => "leave the agent a processor of its own, or run fewer users on each node",
            Self::WindowsFolded => "use a faster disk, or fewer labels",
            Self::Clock => "see why the time service does not keep the clock",
            Self::SpoolFull => "bring the Drain back, or give the spool more room",
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
