//! Without a grid: one run on this machine with its results, a collector for tools of any kind, a target to try it on, and
//! a small Drain.

pub mod collector;
pub mod compare_files;
pub mod conclusion;
pub mod drain_server;
pub mod hlog_files;
pub mod live_judge;
mod machine;
pub mod merge_files;
pub mod merge_store;
pub mod out_dir;
pub mod report_files;
pub mod run;
pub mod run_drain;
pub mod store_copy;
pub mod target;
