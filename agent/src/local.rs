//! Without a grid: one run on this machine, a target to try it on, and a small Drain.

pub mod drain_server;
pub mod local_run;
pub mod target;
