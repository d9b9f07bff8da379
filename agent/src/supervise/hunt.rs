//! Ends a set of processes that may fork faster than anyone can list them.
//!
//! A stopped process cannot fork. So each one is stopped in the very moment it is found, walk after walk, until a walk
//! finds nobody new; only then are they killed. Killing first would only hand their newest children to someone else.

use super::processes::Process;
use std::collections::{HashMap, HashSet};

/// Walks before the kill goes ahead anyway; callers hunt again until nothing is left.
const WALKS_MAX: u32 = 16;

/// Whom to end.
pub(super) struct Hunt<'a> {
    /// Everything below this process, if any.
    pub(super) below: Option<i32>,
    /// Whatever has this entry in its environment, and everything below that.
    pub(super) marked: Option<&'a [u8]>,
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
        for _ in 0..WALKS_MAX {
            let mut fresh = false;
            for process in Process::all() {
                if process.zombie || self.spared.contains(&process.pid) {
                    continue;
                }
                let key = (process.pid, process.start_ticks);
                if stopped.contains_key(&key)
                    || !(family.contains(&process.parent) || self.is_marked(&process))
                {
                    continue;
                }
                fresh = true;
                let is_ours = self.sole_waiter && process.parent == own_pid;
                let stop = if is_ours { Process::signal_own_child } else { Process::signal };
                // One that is gone already is no parent to go by: its pid may become a stranger's.
                if stop(&process, libc::SIGSTOP) {
                    family.insert(process.pid);
                    stopped.insert(key, process);
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
