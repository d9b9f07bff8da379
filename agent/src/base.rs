//! What every room stands on: the only clock reads, signals, how the process ends and logs, what `.` is called.

pub mod clock;
pub mod exit;
pub mod left_behind;
pub mod real_name;
pub mod signals;
pub mod telemetry;
