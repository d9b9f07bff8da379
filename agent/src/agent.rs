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

mod aws_hands;
pub mod check;
mod data;
mod done;
mod driver;
mod going_away;
mod health;
mod journal_file;
mod leftovers;
mod look;
mod outputs;
mod run;
mod settings;
pub mod status;
mod tool_task;
mod toolbox;
pub mod watchdog;

pub use driver::run;
