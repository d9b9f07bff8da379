//! What every room stands on: the only clock reads, signals, entropy, threads for what may hang, what to do about an error,
//! how the process ends and logs, what `.` is called.

pub mod advice;
pub mod aside;
pub mod clock;
pub mod entropy;
pub mod exit;
pub mod file_threads;
pub mod left_behind;
pub mod litter;
pub mod lossy;
pub mod open_files;
pub mod own_memory;
pub mod real_name;
pub mod signals;
pub mod telemetry;
