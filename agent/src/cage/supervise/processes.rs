//! The process table as `/proc` shows it, and signals that cannot hit a stranger.

use std::collections::HashMap;
use std::fs;
use std::io::Read as _;

/// One process, named for good by pid and start time: the kernel gives a pid to another process later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Process {
    pub(super) pid: i32,
    pub(super) parent: i32,
    /// Process group.
    pub(super) group: i32,
    pub(super) session: i32,
    /// Field 22 of its `stat`: clock ticks since boot.
    pub(super) start_ticks: u64,
    /// Has ended and waits for its parent.
    pub(super) zombie: bool,
}

/// Environments are read up to this length: what an exec takes with the usual limits.
const ENVIRON_BYTES_MAX: u64 = 4 << 20;

impl Process {
    /// The process with this pid, if there is one.
    pub(super) fn read(pid: i32) -> Option<Self> {
        parse_stat(pid, &fs::read(format!("/proc/{pid}/stat")).ok()?)
    }

    /// Every process that this one may see, each read when the iterator comes to it.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        entries.filter_map(|entry| Self::read(entry.file_name().to_str()?.parse().ok()?))
    }

    /// All below `root`, zombies included.
    pub(super) fn descendants(root: i32) -> Vec<Self> {
        let mut children: HashMap<i32, Vec<Self>> = HashMap::new();
        for process in Self::all() {
            children.entry(process.parent).or_default().push(process);
        }
        let mut found = Vec::new();
        let mut parents = vec![root];
        while let Some(parent) = parents.pop() {
            // Removing makes a torn snapshot with a cycle in it harmless.
            for child in children.remove(&parent).unwrap_or_default() {
                parents.push(child.pid);
                found.push(child);
            }
        }
        found
    }

    /// Sends `signal` if the pid still belongs to this process; false if it is gone or the kernel refuses.
    pub(super) fn signal(&self, signal: i32) -> bool {
        // SAFETY: takes two integers and returns a new descriptor or -1.
        let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, self.pid, 0) };
        if fd < 0 {
            // Before Linux 5.3, or out of descriptors: the window for a reused pid is then as narrow as it can be.
            return self.is_same() && kill(self.pid, signal);
        }
        let Ok(fd) = i32::try_from(fd) else { return false };
        // The descriptor is held now: if the start time is still the same, it names this very process.
        // SAFETY: a descriptor that is open, a number, and no siginfo.
        let sent = self.is_same()
            && unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd, signal, std::ptr::null::<u8>(), 0) }
                == 0;
        // SAFETY: opened above and known to nobody else.
        unsafe { libc::close(fd) };
        sent
    }

    /// Whether its environment at its last `exec` had exactly `entry` (`NAME=value`).
    pub(super) fn has_env(&self, entry: &[u8]) -> bool {
        let mut environ = Vec::new();
        let Ok(file) = fs::File::open(format!("/proc/{}/environ", self.pid)) else { return false };
        // A process may end while it is read: what came until then counts.
        let _ = file.take(ENVIRON_BYTES_MAX).read_to_end(&mut environ);
        environ.split(|b| *b == 0).any(|found| found == entry)
    }

    /// Sends `signal` to a child of this process that nobody else waits for: its pid cannot be another's before we have
    /// waited for it ourselves. A fifth of the cost of [`Self::signal`], which counts against a fork bomb.
    pub(super) fn signal_own_child(pid: i32, signal: i32) -> bool {
        kill(pid, signal)
    }

    /// The children of the process's first thread, to which orphans are given too; zombies included. Empty where the
    /// kernel does not tell (`CONFIG_PROC_CHILDREN`).
    pub(super) fn children_of(pid: i32) -> Vec<i32> {
        let listed = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        listed.split_ascii_whitespace().filter_map(|child| child.parse().ok()).collect()
    }

    /// Whether somebody holds it up: with SIGSTOP, or as its tracer.
    pub(super) fn is_stopped(pid: i32) -> bool {
        let stat = fs::read(format!("/proc/{pid}/stat")).unwrap_or_default();
        let end_of_name = stat.iter().rposition(|b| *b == b')');
        end_of_name.is_some_and(|at| matches!(stat.get(at + 2), Some(b'T' | b't')))
    }

    fn is_same(&self) -> bool {
        Self::read(self.pid).is_some_and(|now| now.start_ticks == self.start_ticks)
    }
}

fn kill(pid: i32, signal: i32) -> bool {
    // SAFETY: two integers.
    unsafe { libc::kill(pid, signal) == 0 }
}

/// `pid (name) state ppid …`; the name may hold blanks and parentheses.
fn parse_stat(pid: i32, stat: &[u8]) -> Option<Process> {
    let end_of_name = stat.iter().rposition(|b| *b == b')')?;
    let rest = std::str::from_utf8(stat.get(end_of_name + 1..)?).ok()?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    let session = fields.next()?.parse().ok()?;
    let start_ticks = fields.nth(15)?.parse().ok()?;
    Some(Process { pid, parent, group, session, start_ticks, zombie: matches!(state, "Z" | "X") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        let stat = b"7 (a ) R 1 (b)) Z 42 8 9 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2 3";
        let expected =
            Process { pid: 7, parent: 42, group: 8, session: 9, start_ticks: 987_654, zombie: true };
        assert_eq!(parse_stat(7, stat), Some(expected));
    }

    #[test]
    fn torn_text_is_no_process() {
        for torn in [&b""[..], b"7 (a", b"7 (a) R", b"7 (a) R x", b"7 (a) R 1 2 3"] {
            assert_eq!(parse_stat(7, torn), None);
        }
    }

    #[test]
    fn a_reused_pid_takes_no_signal() {
        let this = Process::read(std::process::id().cast_signed()).unwrap();
        assert!(this.signal(0));
        let predecessor = Process { start_ticks: this.start_ticks - 1, ..this };
        assert!(!predecessor.signal(0));
    }
}
