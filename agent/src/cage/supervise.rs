//! Runs one tool in a process tree that cannot outlive its run, leak out of it, or be stalled by its own output.
//!
//! ```text
//! agent ── stdin: spec line, then commands; EOF = kill ──▶ gridnode supervise ── setsid, pdeathsig ──▶ tool (leader)
//!       ◀── stdout: one JSON event a line ────────────────  (subreaper)   ◀── stdout, stderr pipes ──   └▶ descendants
//! ```
//!
//! The agent never is the parent of a tool. It re-executes its own binary as the hidden subcommand `supervise`
//! ([`dispatch`]), a small process without a runtime, and talks to it through [`Supervised`]:
//!
//! - The supervisor is a child subreaper: whatever forks, double-forks or calls `setsid` below it stays findable, so a
//!   tree counts as empty only when `waitpid` says `ECHILD`, not when the leader has exited.
//! - Standard input is the lifeline. However the agent ends, the kernel closes it, and the tree is killed at once.
//! - Where a delegated cgroup v2 is writable the tree gets one of its own and `cgroup.kill` ends it atomically;
//!   elsewhere the tree is stopped, walked until nothing new appears, and killed, again and again until it is empty.
//! - The tool's output is always drained, into logs of bounded size. A full or stuck disk costs log bytes, which are
//!   counted, and never stalls the tool.
//! - It is no dead man's switch that hangs with the agent: when the longest time of a run is over, the supervisor ends the
//!   tree by itself.
//! - In a slot's unit the agent holds a lease besides: one that stands still, and so takes no samples, loses its run.
//! - If the supervisor itself is killed, the leader dies by its parent-death signal and the agent sweeps the rest by
//!   the environment variable `GRIDNODE_TREE` ([`sweep_marked`]).
//!
//! What asks another daemon to start processes for it (a container engine, systemd) is outside of any tree and not
//! found. A set-user-id program loses its parent-death signal, but stays in the tree.

mod activation;
mod cgroup;
mod event;
mod exit_file;
mod handle;
mod hunt;
mod launch;
mod lease;
mod lifeline;
mod limits_met;
mod link;
mod process;
mod processes;
mod pump;
mod reach;
mod refusal;
mod report;
mod rotating_log;
mod spec;
mod sweep;
mod tree;

pub(crate) use cgroup::own_dir as own_cgroup;
pub use event::{EndReason, Stream, ToolEvent, ToolExit, TreeEmpty};
pub use exit_file::ExitRecord;
pub use handle::{Signal, SuperviseError, Supervised};
pub use lease::LEASE_MS;
pub use limits_met::LimitsMet;
pub use process::dispatch;
pub use refusal::Refusal;
pub use spec::{GRACE_MS_DEFAULT, LOG_BYTES_MIN, Limit, MARKER_VARIABLE, OutOfReach, Resource, ToolSpec};
pub use sweep::{Swept, become_subreaper, sweep_marked};
