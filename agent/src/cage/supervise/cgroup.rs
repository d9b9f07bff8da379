//! A cgroup of its own for one tree, where the system lets us make one: `cgroup.kill` ends all of it at once, new forks
//! included. It has no controllers and sets no limits.
//!
//! The place of cgroup v2 is read from `/proc/self/mountinfo`; on machines with a hybrid hierarchy it is a sub-mount.
//! The name is `gridnode.{marker}.{supervisor's pid}`, so that a sweep finds what a killed supervisor left.

use super::limits_met::LimitsMet;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A directory under this process's own cgroup.
pub(super) struct Cgroup {
    dir: PathBuf,
}

impl Cgroup {
    /// Makes one for `marker`. None where cgroup v2 is absent, not delegated to us, or too old for `cgroup.kill`.
    pub(super) fn create(marker: &str, supervisor_pid: u32) -> Option<Self> {
        let dir = dir_of(marker, supervisor_pid)?;
        fs::create_dir(&dir).ok()?;
        let cgroup = Self { dir };
        if cgroup.entrance().is_some() && cgroup.dir.join("cgroup.kill").exists() {
            Some(cgroup)
        } else {
            cgroup.remove();
            None
        }
    }

    /// Those that earlier supervisors left for `marker`.
    pub(super) fn left_behind(marker: &str) -> Vec<Self> {
        let Some(entries) = own_dir().and_then(|dir| fs::read_dir(dir).ok()) else { return Vec::new() };
        let stem = format!("gridnode.{marker}");
        let ours = |name: &str| name.rsplit_once('.').is_some_and(|(found, _)| found == stem);
        let found = entries.flatten().filter(|entry| entry.file_name().to_str().is_some_and(ours));
        found.map(|entry| Self { dir: entry.path() }).collect()
    }

    /// `cgroup.procs`: a process that writes `0` here moves in.
    pub(super) fn entrance(&self) -> Option<File> {
        OpenOptions::new().write(true).open(self.dir.join("cgroup.procs")).ok()
    }

    /// Kills everything inside.
    pub(super) fn kill(&self) {
        let kill = OpenOptions::new().write(true).open(self.dir.join("cgroup.kill"));
        // A failure leaves the work to the sweep, which always follows.
        let _ = kill.and_then(|mut file| file.write_all(b"1"));
    }

    /// Removes it; true when it is gone. The kernel takes a moment after the last process has ended.
    pub(super) fn remove(&self) -> bool {
        for _ in 0..20 {
            if fs::remove_dir(&self.dir).is_ok() || !self.dir.exists() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }
}

/// Where the cgroup of a supervisor's tree is, if it has one. A supervisor stays in its agent's cgroup, so both find the
/// same place.
pub(super) fn dir_of(marker: &str, supervisor_pid: u32) -> Option<PathBuf> {
    Some(own_dir()?.join(format!("gridnode.{marker}.{supervisor_pid}")))
}

/// What this process's unit has met of its limits, everything below it included.
pub(super) fn limits_met() -> LimitsMet {
    let counted = |file: &str, what: &str| {
        let text = own_dir().and_then(|dir| fs::read_to_string(dir.join(file)).ok()).unwrap_or_default();
        count_of(&text, what)
    };
    LimitsMet {
        oom_kills: counted("memory.events", "oom_kill"),
        forks_refused: counted("pids.events", "max"),
    }
}

/// The number after `what` in a file of one word and one number a line.
fn count_of(text: &str, what: &str) -> u64 {
    let found = text.lines().filter_map(|line| line.split_once(' ')).find(|(word, _)| *word == what);
    found.and_then(|(_, number)| number.trim().parse().ok()).unwrap_or(0)
}

/// The same for a supervisor that is in a unit of its own.
pub(super) fn dir_below(supervisor_pid: u32, marker: &str) -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    // A supervisor that has its tree in a cgroup stays above it.
    let membership = fs::read_to_string(format!("/proc/{supervisor_pid}/cgroup")).ok()?;
    Some(locate(&mounts, &membership)?.join(format!("gridnode.{marker}.{supervisor_pid}")))
}

/// This process's cgroup v2 directory.
pub(crate) fn own_dir() -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let membership = fs::read_to_string("/proc/self/cgroup").ok()?;
    locate(&mounts, &membership)
}

/// The directory for the `0::` line of `membership` under the first cgroup2 mount of `mounts` that shows it.
fn locate(mounts: &str, membership: &str) -> Option<PathBuf> {
    let own = membership.lines().find_map(|line| line.strip_prefix("0::"))?;
    mounts.lines().find_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        if after.split(' ').next()? != "cgroup2" {
            return None;
        }
        let mut fields = before.split(' ').skip(3);
        let root = unescape(fields.next()?);
        let mount_point = unescape(fields.next()?);
        let below = Path::new(own).strip_prefix(&root).ok()?;
        // `/..` means that it lies outside of our cgroup namespace.
        let inside = below.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        inside.then(|| Path::new(&mount_point).join(below))
    })
}

/// mountinfo writes blank, tab, newline and backslash as three octal digits.
fn unescape(field: &str) -> String {
    field.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIFIED: &str = "25 1 0:22 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

    #[test]
    fn the_one_hierarchy() {
        let dir = locate(UNIFIED, "0::/system.slice/gridnode.service\n");
        assert_eq!(dir, Some("/sys/fs/cgroup/system.slice/gridnode.service".into()));
    }

    #[test]
    fn a_sub_mount_of_a_hybrid_machine() {
        let mounts = "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n\
                      35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
                      41 31 0:38 / /sys/fs/cgroup/uni\\040fied rw - cgroup2 cgroup2 rw\n";
        let dir = locate(mounts, "4:memory:/x\n0::/a\n");
        assert_eq!(dir, Some("/sys/fs/cgroup/uni fied/a".into()));
    }

    #[test]
    fn a_mount_of_a_subtree_only() {
        let mounts = "41 31 0:38 /pod/7 /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n";
        assert_eq!(locate(mounts, "0::/pod/7/b\n"), Some("/sys/fs/cgroup/b".into()));
        assert_eq!(locate(mounts, "0::/pod/8\n"), None);
    }

    #[test]
    fn what_was_met_is_counted() {
        let text = "low 0\nhigh 12\nmax 7\noom 2\noom_kill 3\noom_group_kill 0\n";
        assert_eq!((count_of(text, "oom_kill"), count_of(text, "max"), count_of("", "max")), (3, 7, 0));
    }

    #[test]
    fn nowhere() {
        assert_eq!(locate(UNIFIED, "4:memory:/x\n"), None);
        assert_eq!(locate(UNIFIED, "0::/../b\n"), None);
        assert_eq!(locate("", "0::/\n"), None);
    }
}
