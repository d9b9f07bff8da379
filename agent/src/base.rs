//! What every room stands on: the only clock reads, signals, how the process ends and logs, what `.` is called,
//! threads for what may hang.

pub mod clock;
pub mod exit;
pub mod file_threads;
pub mod own_memory;
pub mod real_name;
pub mod signals;
pub mod telemetry;
