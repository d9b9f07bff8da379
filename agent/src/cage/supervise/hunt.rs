//! Ends a set of processes that may fork faster than anyone can list them.
//!
//! A stopped process cannot fork. So each one is stopped in the very moment it is found, walk after walk, until a walk
//! finds nobody new; only then are they killed. Killing first would only hand their newest children to someone else.
//!
//! A signal to a process group is atomic against fork, so below a supervisor the group of each one found is stopped with
//! it. That hits no stranger: the tool began in a session of its own, and nobody can join a session from outside.

use super::processes::Process;
use std::collections::{HashMap, HashSet};

/// Walks before the kill goes ahead anyway; callers hunt again until nothing is left.
const WALKS_MAX: u32 = 16;
/// Looks at our own children before each walk. What forks and ends at once is our child nearly all of its life, and a look
/// takes microseconds where a walk takes milliseconds.
const LOOKS_MAX: u32 = 100;

/// Whom to end.
pub(super) struct Hunt<'a> {
    /// Everything below this process, if any.
    pub(super) below: Option<i32>,
    /// Whatever has this entry in its environment, and everything below that.
    pub(super) marked: Option<&'a [u8]>,
    /// Children of this process outside of its session, and everything below those: what a lost supervisor has left. Whatever
    /// this process starts itself begins in its session, which nobody can join from outside, and where tools never are.
    pub(super) orphans: bool,
    /// Never these.
    pub(super) spared: &'a [i32],
    /// Nobody but the caller, in this thread, waits for children of this process.
    pub(super) sole_waiter: bool,
}

impl Hunt<'_> {
    /// Stops and kills; `between` runs after each walk: the place to wait for zombies, which lengthen the next one.
    /// Returns those that took a SIGKILL.
    pub(super) fn run(&self, mut between: impl FnMut()) -> Vec<Process> {
        let own_pid = nix::unistd::getpid().as_raw();
        let mut family: HashSet<i32> = self.below.into_iter().collect();
        let mut stopped: HashMap<(i32, u64), Process> = HashMap::new();
        let own_session = Process::read(own_pid).map_or(0, |own| own.session);
        for _ in 0..WALKS_MAX {
            let mut groups = HashSet::new();
            let mut fresh = false;
            if self.sole_waiter {
                stop_children(own_pid, &mut between);
            }
            for process in Process::all() {
                if process.zombie || self.spared.contains(&process.pid) {
                    continue;
                }
                let key = (process.pid, process.start_ticks);
                if stopped.contains_key(&key)
                    || !(family.contains(&process.parent)
                        || self.orphans && is_orphan(&process, own_pid, own_session)
                        || self.is_marked(&process))
                {
                    continue;
                }
                fresh = true;
                let is_ours = self.sole_waiter && process.parent == own_pid;
                let stopped_now = if is_ours {
                    Process::signal_own_child(process.pid, libc::SIGSTOP)
                } else {
                    process.signal(libc::SIGSTOP)
                };
                // One that is gone already is no parent to go by: its pid may become a stranger's.
                if stopped_now {
                    family.insert(process.pid);
                    stopped.insert(key, process);
                    if self.sole_waiter && process.session != own_session && groups.insert(process.group) {
                        stop_group(&process);
                    }
                }
            }
            between();
            if !fresh {
                break;
            }
        }
        stopped.into_values().filter(|process| process.signal(libc::SIGKILL)).collect()
    }

    fn is_marked(&self, process: &Process) -> bool {
        self.marked.is_some_and(|entry| process.has_env(entry))
    }
}

/// Whether a process was given to this one when its parent ended.
pub(super) fn is_orphan(process: &Process, own_pid: i32, own_session: i32) -> bool {
    process.parent == own_pid && process.session != own_session
}

/// Stops the whole group of a process that is stopped itself, and so cannot have left it since.
fn stop_group(member: &Process) {
    let unchanged = Process::read(member.pid).is_some_and(|now| now == *member);
    if unchanged && member.group > 1 {
        let group = nix::unistd::Pid::from_raw(member.group);
        let _ = nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGSTOP);
    }
}

/// Stops our children until two looks in a row show the same ones. Does nothing on a kernel that does not list them.
fn stop_children(own_pid: i32, between: &mut impl FnMut()) {
    let mut before = Vec::new();
    for _ in 0..LOOKS_MAX {
        between();
        let children = Process::children_of(own_pid);
        for pid in &children {
            Process::signal_own_child(*pid, libc::SIGSTOP);
        }
        if children == before {
            return;
        }
        before = children;
    }
}
