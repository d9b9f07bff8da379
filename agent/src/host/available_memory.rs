//! Memory that a run can have without swapping: what the kernel calls available, or less where a cgroup limits us.
//!
//! ```text
//! /proc/meminfo               MemAvailable
//! each cgroup above us        memory.max − (memory.current − inactive_file of memory.stat)
//! ```

use super::source::{Source, value};
use std::path::Path;

/// Cgroups above one another that are looked at.
const LEVELS_MAX: usize = 32;

/// Bytes; `None` where nothing can be read.
#[must_use]
pub fn available_memory_bytes() -> Option<u64> {
    available_below("/proc".as_ref(), crate::cage::supervise::own_cgroup().as_deref())
}

fn available_below(proc_root: &Path, cgroup: Option<&Path>) -> Option<u64> {
    let mut source = Source::new(proc_root.to_owned());
    let machine = value(source.read("meminfo")?, "MemAvailable:")?.saturating_mul(1_024);
    let levels = cgroup.into_iter().flat_map(Path::ancestors).take(LEVELS_MAX);
    let left = levels.filter_map(|dir| left_in(&mut source, dir)).min();
    Some(left.map_or(machine, |left| left.min(machine)))
}

/// What a cgroup's own limit leaves; `None` without one. Pages of files that nobody uses are given back when asked for.
fn left_in(source: &mut Source, dir: &Path) -> Option<u64> {
    let limit = number(source.read(dir.join("memory.max"))?)?;
    let used = number(source.read(dir.join("memory.current"))?)?;
    let reclaimable = source.read(dir.join("memory.stat")).and_then(|text| value(text, "inactive_file"));
    Some(limit.saturating_sub(used.saturating_sub(reclaimable.unwrap_or(0))))
}

/// `None` for `max`.
fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const MIB: u64 = 1 << 20;

    #[test]
    fn the_tightest_limit_counts() {
        let dir = tempfile::tempdir().unwrap();
        let (proc_root, inner) = (dir.path().join("proc"), dir.path().join("cg/a/b"));
        fs::create_dir_all(&proc_root).unwrap();
        fs::create_dir_all(&inner).unwrap();
        assert_eq!(available_below(&proc_root, None), None);
        fs::write(proc_root.join("meminfo"), "MemTotal: 9999999 kB\nMemAvailable: 4194304 kB\n").unwrap();
        assert_eq!(available_below(&proc_root, None), Some(4_096 * MIB));
        fs::write(inner.join("memory.max"), "max\n").unwrap();
        fs::write(inner.join("memory.current"), "1\n").unwrap();
        assert_eq!(available_below(&proc_root, Some(&inner)), Some(4_096 * MIB));
        let outer = inner.parent().unwrap();
        fs::write(outer.join("memory.max"), format!("{}\n", 1_000 * MIB)).unwrap();
        fs::write(outer.join("memory.current"), format!("{}\n", 600 * MIB)).unwrap();
        fs::write(outer.join("memory.stat"), format!("anon 1\ninactive_file {}\n", 100 * MIB)).unwrap();
        assert_eq!(available_below(&proc_root, Some(&inner)), Some(500 * MIB));
    }
}
