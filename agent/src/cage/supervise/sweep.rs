//! The second net: what a killed supervisor left behind, found by the run's marker, by its cgroup, and, in the process that
//! orphans are given to, among its own children.

use super::cgroup::Cgroup;
use super::hunt::{Hunt, is_orphan};
use super::processes::Process;
use super::spec::MARKER_VARIABLE;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::time::Duration;

/// Searches before what is left is reported as left: at least 3 s in all.
const ROUNDS_MAX: u32 = 150;
/// Between two searches: for the kernel to end what was killed.
const ROUND_MS: u64 = 20;
/// Looks at whether a supervisor has ended whose pipe is closed, before it is ended; as long apart as searches are.
const ENDS_MAX: u32 = 25;
/// Searches in a row that have to find nothing: a process may be given to another parent while one goes on.
const CLEAN_ROUNDS: u32 = 2;

/// What a sweep has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Swept {
    /// Processes that were sent SIGKILL by it (those in a cgroup of their own are killed by the kernel, uncounted).
    pub killed: u32,
    /// Processes that were still there at the end: not ours to kill, or stuck in the kernel.
    pub left: u32,
    /// Whether nothing could hide from it, and nothing is left. Otherwise a process that bears no marker may be.
    pub is_empty: bool,
}

impl Swept {
    /// Nobody could look.
    pub(super) const UNKNOWN: Self = Self { killed: 0, left: 1, is_empty: false };

    /// What systemd says of a slot that it was told to end: what it kills it does not count.
    pub(super) const fn of_slot(is_over: bool) -> Self {
        if is_over { Self { killed: 0, left: 0, is_empty: true } } else { Self::UNKNOWN }
    }

    /// For a receipt: whether the tree is empty, where that is known.
    #[must_use]
    pub fn tree_empty(&self) -> Option<bool> {
        match (self.left, self.is_empty) {
            (0, true) => Some(true),
            (0, false) => None,
            _ => Some(false),
        }
    }
}

/// A supervisor that does not lead its tree any more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lost {
    /// Its pid, while nobody has waited for it: this process's child.
    pub(super) supervisor: Option<i32>,
    /// It is stopped, and will not end by itself.
    pub(super) held_up: bool,
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
    sweep(marker, false)
}

/// The same for a supervisor of this process, which is ended first should it still be there. What was below it has been given
/// to this process then, if that is a subreaper, and is found whatever it did to its environment.
pub(super) fn sweep_lost(marker: &str, lost: Lost) -> Swept {
    let (killed, is_gone) = lost.supervisor.map_or((0, true), |pid| end_supervisor(pid, lost.held_up));
    let is_subreaper = nix::sys::prctl::get_child_subreaper().unwrap_or(false);
    let swept = sweep(marker, is_subreaper && is_gone);
    Swept { killed: swept.killed.saturating_add(killed), ..swept }
}

fn sweep(marker: &str, orphans: bool) -> Swept {
    let entry = format!("{MARKER_VARIABLE}={marker}").into_bytes();
    let spared = own_line();
    let own_pid = nix::unistd::getpid().as_raw();
    // Where others' processes are hidden, so may be one of the tree: one that runs with another user's rights.
    let own = Process::read(own_pid).filter(|_| Process::read(1).is_some());
    let hunt = Hunt { below: None, marked: Some(&entry), orphans, spared: &spared, sole_waiter: false };
    let cgroups = Cgroup::left_behind(marker);
    let mut swept = Swept::default();
    let (mut killed, mut clean_rounds) = (HashSet::new(), 0);
    for _ in 0..ROUNDS_MAX {
        cgroups.iter().for_each(Cgroup::kill);
        let found = hunt.run(|| {});
        for process in &found {
            if killed.insert((process.pid, process.start_ticks)) {
                swept.killed = swept.killed.saturating_add(1);
            }
        }
        let orphan =
            |process: &Process| orphans && own.is_some_and(|own| is_orphan(process, own_pid, own.session));
        let mut left: u32 = 0;
        for process in Process::all().filter(|process| !spared.contains(&process.pid)) {
            if process.zombie {
                // By their pid each, for other children have other waiters.
                if orphan(&process) {
                    wait_for_orphan(process.pid);
                }
            } else if orphan(&process) || process.has_env(&entry) {
                left = left.saturating_add(1);
            }
        }
        swept.left = left;
        clean_rounds = if left == 0 && found.is_empty() { clean_rounds + 1 } else { 0 };
        if clean_rounds == CLEAN_ROUNDS {
            break;
        }
        std::thread::sleep(Duration::from_millis(ROUND_MS));
    }
    for (pid, _) in &killed {
        wait_for_orphan(*pid);
    }
    for cgroup in &cgroups {
        let _ = cgroup.remove();
    }
    // A cgroup that is empty proves nothing: who may write to the one above it can leave.
    swept.is_empty = clean_rounds == CLEAN_ROUNDS && orphans && own.is_some();
    swept
}

/// Waits for the end of a supervisor, this process's child, for its children are given to us only then. One that is held up,
/// or that goes on without its pipe, is ended, and before it everything below: as long as it lives nothing escapes from
/// there. Gives how many took a SIGKILL, and whether it has ended.
fn end_supervisor(pid: i32, held_up: bool) -> (u32, bool) {
    let mut killed = 0;
    for patience in [if held_up { 0 } else { ENDS_MAX }, ENDS_MAX] {
        for _ in 0..patience {
            if Process::read(pid).is_none_or(|process| process.zombie) {
                return (killed, true);
            }
            std::thread::sleep(Duration::from_millis(ROUND_MS));
        }
        if killed == 0 {
            let spared = own_line();
            let hunt =
                Hunt { below: Some(pid), marked: None, orphans: false, spared: &spared, sole_waiter: false };
            killed = u32::try_from(hunt.run(|| {}).len()).unwrap_or(u32::MAX);
            Process::signal_own_child(pid, libc::SIGKILL);
        }
    }
    (killed, false)
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
