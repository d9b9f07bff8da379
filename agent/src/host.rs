//! How this machine is doing: thin probes, read once a window, and what [`gridnode_core::node::health`] makes of them.
//!
//! ```text
//! sysinfo        memory, swap, load average
//! /proc          stat (busy, stolen) · net/dev · pressure/{cpu,memory,io} · vmstat (swap-in) · self/stat · [pid]/stat
//! cgroup v2      cpu.stat, memory.stat, cgroup.procs of a tool's own cgroup, where it has one
//! system calls   statvfs (state directory) · adjtimex (clock)
//! ```
//!
//! - Everything is a difference over the time since the reading before, so the first one has no rates.
//! - What cannot be read, or reads as nonsense, is `None`; nothing here fails and nothing panics.
//! - Bounds: 64 KiB of each file, [`PROCESSES_MAX`] processes, [`INTERFACES_MAX`] interfaces.
//! - It reads files of the kernel, which may take milliseconds on a crowded machine, and asks the state directory's file
//!   system, which may hang: [`HealthThread`] keeps that away from everybody else. A reading costs 0.4 ms, and 20 µs for
//!   each process of the machine while a tool without a cgroup runs: far below 0.1 % of a core at one a window.

mod available_memory;
mod clock_error;
mod cpu;
mod gauge;
mod meter;
mod network;
mod pressure;
mod probe;
mod process;
mod process_table;
mod source;
mod thread;
mod tool;

pub use available_memory::available_memory_bytes;
pub use clock_error::ClockReading;
pub use cpu::CpuShare;
pub use gauge::{Gauge, Used};
pub use meter::{HealthMeter, HealthSettings, WindowInputs};
pub use network::{INTERFACES_MAX, NetworkRate};
pub use probe::{HostProbe, HostSample, HostSettings};
pub use process_table::PROCESSES_MAX;
pub use thread::{Asked, Cause, HealthReading, HealthThread};
pub use tool::ToolTree;
