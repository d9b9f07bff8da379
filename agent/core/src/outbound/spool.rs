//! The spool's files, without touching one: their names, the operations that make them durable, and what a start makes
//! of what it finds.
//!
//! ```text
//! {state}/incarnation            starts so far, decimal; incremented durably once a start
//! {state}/counters.json          what became of samples whose files are gone ([`Saved`])
//! {state}/counters.json.tmp      the other one: the two take turns, so that accounts need no room on a full disk
//! {state}/spool/{flood}.{run}/   batches: gzipped line protocol, named by [`FileName`]
//! {state}/quarantine/            batches that the Drain will not have, each with a .reason beside it
//! {state}/corrupt/               files that cannot be read; beyond a bound, the oldest are removed
//! ```
//!
//! - A file appears under its name only when it is complete and durable: temporary name, fsync, rename, fsync of the
//!   directory. A batch has its number before it is first written, and keeps it: whatever an attempt has left behind, the
//!   next one writes over it, and no second file can come to be counted.
//! - The accounts are written over the file whose turn it is, made durable, and exchange names with the other one. Neither
//!   gives up its room; what has no room for them at its very first start says so and goes on.
//! - A batch leaves the spool in two steps. First `counters.json` says durably what became of it, and names it as leaving;
//!   then its file goes, and that is made durable, too; then the name goes. In whatever order a crash comes, its samples are
//!   in one account.
//! - Every `counters.json` says what is durable with it: a batch that it counts as spooled and that is not there at the next
//!   start, although nothing says that it was leaving, is `unexplained`.
//! - A split writes the parts, which name their parent, then deletes the parent; all in one job, after a `counters.json` that
//!   knows of the parent. At start, parts whose parent is still there are deleted: the split did not happen.

mod aside;
mod file_name;
mod finished;
mod incarnation;
mod operation;
mod recover;
mod saved;

pub use aside::{AsideFile, AsideName, AsideWhy};
pub use file_name::FileName;
pub use finished::Finished;
pub use incarnation::{BadIncarnation, next_incarnation};
pub use operation::{Done, Fault, FaultKind, Job, Operation};
pub(in crate::outbound) use recover::gone_name;
pub use recover::{Carried, FileText, Found, ListedFile, Listing, Recovered, Unusable, recover};
pub use saved::{LeavingFile, Saved, SavedRun, Writing};

/// Why a batch cannot be read that is not there.
pub const GONE: &str = "it is gone";
/// What ends so is incomplete and is deleted at start.
pub const TEMPORARY: &str = ".tmp";
/// The accounts' file, in the state directory.
pub const COUNTERS: &str = "counters.json";
/// The directories in the state directory.
pub const SPOOL: &str = "spool";
/// See [`SPOOL`].
pub const QUARANTINE: &str = "quarantine";
/// See [`SPOOL`].
pub const CORRUPT: &str = "corrupt";

/// `{run}__{file}`: the directories aside are flat.
pub(super) fn aside_name(run: &str, file: &str) -> String {
    format!("{run}__{file}")
}

/// Path of a run's directory below the state directory.
pub(super) fn run_dir(run: &str) -> String {
    format!("{SPOOL}/{run}")
}

/// Path of a batch below the state directory.
pub(super) fn batch_path(run: &str, file: &str) -> String {
    format!("{}/{file}", run_dir(run))
}
