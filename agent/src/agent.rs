//! `gridnode agent`: a node that is controlled by queue messages alone.
//!
//! One loop (`driver`) feeds the control core (`gridnode_core::node`) one input at a time and carries out what it
//! decides. Everything that takes time is a task or a thread that reports back:
//!
//! ```text
//! queue ─ messages ─▶                ─▶ journal thread (durable before anything is done)
//! journal ─ stored ─▶                ─▶ fetch, prepare, tool, judge: a task each, a run
//! tools, fetches   ─▶  loop ◀─▶ core ─▶ events and receipts: a task each
//! session ─ closed ─▶                ─▶ session: ingest, render, disk, Drain
//! signals, notices ─▶                ─▶ queue: delete, stop listening, leave
//! ```
//!
//! Files are below the state directory: the spool's and the journal, `cache` (fetched files by digest), `runs` (a
//! directory a run, gone when its receipt is durable), `status.sock`.

mod act;
pub mod check;
mod disk_watch;
mod driver;
mod error_traces;
mod going_away;
mod health;
mod health_report;
mod journal_file;
mod left;
mod leftovers;
mod publisher;
mod run;
mod run_dir;
mod run_tool;
mod session_events;
mod settings;
mod slots;
pub mod status;
mod status_view;
mod task_report;
mod tool_task;
pub mod watchdog;

pub use driver::run;
