//! The second net: what a killed supervisor left behind, found by the run's marker.

use super::cgroup::Cgroup;
use super::hunt::Hunt;
use super::processes::Process;
use super::spec::MARKER_VARIABLE;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::time::Duration;

/// Searches before what is left is reported as left: at least 3 s in all.
const ROUNDS_MAX: u32 = 150;
/// Between two searches: for the kernel to end what was killed.
const ROUND_MS: u64 = 20;

/// What a sweep has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Swept {
    /// Processes that were sent SIGKILL by it (those in a cgroup of their own are killed by the kernel, uncounted).
    pub killed: u32,
    /// Processes that were still there at the end: not ours to kill, or stuck in the kernel.
    pub left: u32,
}

/// Makes this process the one that orphans below it are given to, instead of init, so that it can wait for them.
///
/// # Errors
/// What the kernel says; Linux since 3.4 never refuses.
pub fn become_subreaper() -> std::io::Result<()> {
    Ok(nix::sys::prctl::set_child_subreaper(true)?)
}

/// Kills every process whose environment has `GRIDNODE_TREE={marker}`, their descendants, and what is in a cgroup that
/// an earlier supervisor made for `marker`. Blocks for up to a few seconds. This process and its ancestors are spared.
///
/// A process that has cleared its environment, lost its parent and has no cgroup is not found.
#[must_use]
pub fn sweep_marked(marker: &str) -> Swept {
    let entry = format!("{MARKER_VARIABLE}={marker}").into_bytes();
    let spared = own_line();
    let hunt = Hunt { below: None, marked: Some(&entry), spared: &spared, sole_waiter: false };
    let cgroups = Cgroup::left_behind(marker);
    let mut swept = Swept::default();
    let mut killed = HashSet::new();
    for _ in 0..ROUNDS_MAX {
        cgroups.iter().for_each(Cgroup::kill);
        for process in hunt.run(|| {}) {
            if killed.insert((process.pid, process.start_ticks)) {
                swept.killed = swept.killed.saturating_add(1);
            }
        }
        // Those whose parent is this process now; by their pid each, for other children have other waiters.
        for (pid, _) in &killed {
            wait_for_orphan(*pid);
        }
        let is_left =
            |process: &Process| !process.zombie && !spared.contains(&process.pid) && process.has_env(&entry);
        let left = Process::all().filter(is_left).count();
        swept.left = u32::try_from(left).unwrap_or(u32::MAX);
        if left == 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(ROUND_MS));
    }
    cgroups.iter().for_each(|cgroup| {
        cgroup.remove();
    });
    swept
}

/// Ends a supervisor that is held up, this process's child, and before it everything below: as long as it lives nothing escapes
/// from there, whatever it did to its environment. Returns how many took a SIGKILL.
pub(super) fn end_held_up(supervisor: i32) -> u32 {
    let spared = own_line();
    let hunt = Hunt { below: Some(supervisor), marked: None, spared: &spared, sole_waiter: false };
    let killed = hunt.run(|| {});
    Process::signal_own_child(supervisor, libc::SIGKILL);
    u32::try_from(killed.len()).unwrap_or(u32::MAX)
}

/// Takes the exit status of an orphan that this process was given; nothing if it is not its child.
pub(super) fn wait_for_orphan(pid: i32) {
    let flags = nix::sys::wait::WaitPidFlag::WNOHANG;
    let _ = nix::sys::wait::waitpid(nix::unistd::Pid::from_raw(pid), Some(flags));
}

/// This process, its parent, and so on up to init.
fn own_line() -> Vec<i32> {
    let mut line = vec![nix::unistd::getpid().as_raw()];
    while let Some(process) = line.last().and_then(|pid| Process::read(*pid)) {
        if process.parent == 0 || line.contains(&process.parent) {
            break;
        }
        line.push(process.parent);
    }
    line
}
