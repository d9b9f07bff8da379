//! Removes what a run's user has made unreadable for the agent: as that user, in its slot, when the agent could not.

use super::removal::remove_tree;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

/// The subcommand's name on the command line; the directories follow.
pub const SUBCOMMAND: &str = "empty-out";

/// Does it if the command line says so. Call it before a runtime, a thread or logging exists.
#[must_use]
pub fn dispatch() -> Option<ExitCode> {
    let mut args = std::env::args_os().skip(1);
    (args.next()? == SUBCOMMAND).then(|| {
        args.for_each(|dir: OsString| empty_out(dir.as_ref()));
        ExitCode::SUCCESS
    })
}

/// What is left is the agent's own, and it removes that itself.
fn empty_out(dir: &Path) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        drop(remove_tree(&entry.path()));
    }
}
