//! Disk, memory, limits and clock: read here, judged by functions that only see numbers.

use super::Subject;
use super::finding::Finding;
use super::state_dir::nearest;
use crate::base::clock::now;
use crate::host::{ClockReading, HostProbe, HostSettings};
use std::fs;

const MIB: u64 = 1 << 20;
/// With less, not even a short run can be spooled.
const DISK_MIB_MIN: u64 = 256;
/// Of the memory; above it the machine swaps when the tool's heap is full.
const HEAP_PERCENT_MAX: u64 = 80;
/// A socket a user and some to spare.
const FILES_MIN: u64 = 65_536;
/// Windows of nodes whose clocks differ by more do not line up.
const CLOCK_ERROR_MS_MAX: f64 = 100.0;

pub(super) fn disk(subject: &Subject) -> Finding {
    let config = &subject.config;
    let Ok(stat) = nix::sys::statvfs::statvfs(nearest(&config.state_dir)) else {
        return Finding::skipped("disk", "the file system does not say how much is free");
    };
    let free = stat.blocks_available().saturating_mul(stat.fragment_size());
    let files = config.files.cache_bytes_max.saturating_add(config.files.run_bytes_max);
    judge_disk(free / MIB, config.spool.bytes_max.saturating_add(files) / MIB)
}

fn judge_disk(free_mib: u64, wanted_mib: u64) -> Finding {
    const NAME: &str = "disk";
    let remedy = "make room, or lower spool.bytes_max, files.cache_bytes_max and files.run_bytes_max";
    if free_mib < DISK_MIB_MIN {
        let problem = format!("{free_mib} MiB are free, at least {DISK_MIB_MIN} are needed");
        return Finding::fail(NAME, problem, remedy);
    }
    if free_mib < wanted_mib {
        let problem =
            format!("{free_mib} MiB are free; spool, cache and a run's files may take {wanted_mib}");
        return Finding::warn(NAME, problem, remedy);
    }
    Finding::ok(NAME, format!("{free_mib} MiB are free, {wanted_mib} may be used"))
}

pub(super) fn memory(subject: &Subject) -> Finding {
    let total = sysinfo::System::new().map_or(0, |mut system| {
        system.refresh_memory();
        system.total_memory()
    });
    let config = &subject.config;
    judge_memory(total / MIB, u64::from(config.tools.heap_mib).saturating_mul(config.control.runs_max as u64))
}

fn judge_memory(total_mib: u64, heaps_mib: u64) -> Finding {
    const NAME: &str = "memory";
    let remedy = "lower tools.heap_mib or control.runs_max, or take a larger machine";
    if total_mib == 0 {
        return Finding::skipped(NAME, "the machine does not say how much it has");
    }
    let facts = format!("{total_mib} MiB; the tools' heaps may take {heaps_mib}");
    match heaps_mib.saturating_mul(100) / total_mib {
        101.. => Finding::fail(NAME, facts, remedy),
        percent if percent > HEAP_PERCENT_MAX => Finding::warn(NAME, facts, remedy),
        _ => Finding::ok(NAME, facts),
    }
}

pub(super) fn open_files(_: &Subject) -> Finding {
    judge_open_files(fs::read_to_string("/proc/self/limits").ok().as_deref().and_then(files_limit))
}

/// The soft limit in a `/proc/self/limits`.
fn files_limit(limits: &str) -> Option<u64> {
    let rest = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    match rest.split_ascii_whitespace().next()? {
        "unlimited" => Some(u64::MAX),
        number => number.parse().ok(),
    }
}

fn judge_open_files(limit: Option<u64>) -> Finding {
    const NAME: &str = "open files";
    match limit {
        None => Finding::skipped(NAME, "the kernel does not say how many are allowed"),
        Some(u64::MAX) => Finding::ok(NAME, "any number is allowed"),
        Some(limit) if limit >= FILES_MIN => Finding::ok(NAME, format!("{limit} are allowed")),
        Some(limit) => {
            let problem = format!("{limit} are allowed in this shell; a tool needs one a connection");
            Finding::warn(
                NAME,
                problem,
                format!("raise it (LimitNOFILE={FILES_MIN} of the service, ulimit -n)"),
            )
        }
    }
}

pub(super) fn clock(subject: &Subject) -> Finding {
    let mut probe = HostProbe::new(HostSettings::new(subject.config.state_dir.clone()));
    judge_clock(probe.sample(now().mono, &[]).clock)
}

fn judge_clock(reading: Option<ClockReading>) -> Finding {
    const NAME: &str = "clock";
    let remedy = "install and start a time service (chrony; on EC2 with the server 169.254.169.123)";
    match reading {
        None => Finding::skipped(NAME, "the kernel does not say how well it is kept"),
        Some(reading) => match reading.error_ms() {
            None => Finding::warn(NAME, "no time service keeps it", remedy),
            Some(error) if error > CLOCK_ERROR_MS_MAX => {
                Finding::warn(NAME, format!("it may be {error:.0} ms wrong"), remedy)
            }
            Some(error) => Finding::ok(NAME, format!("kept; at most {error:.1} ms wrong")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::State::{Fail, Ok, Skipped, Warn};
    use super::*;

    #[test]
    fn disk_and_memory_are_judged_by_what_may_be_used() {
        assert_eq!(judge_disk(255, 100).state, Fail);
        assert_eq!(judge_disk(256, 300).state, Warn);
        assert_eq!(judge_disk(300, 300).state, Ok);
        assert_eq!(judge_memory(1_000, 1_011).state, Fail);
        assert_eq!(judge_memory(1_000, 1_000).state, Warn);
        assert_eq!(judge_memory(1_000, 800).state, Ok);
        assert_eq!(judge_memory(0, 800).state, Skipped);
    }

    #[test]
    fn the_soft_limit_counts() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
                      Max cpu time              unlimited            unlimited            seconds\n\
                      Max open files            1024                 524288               files\n";
        assert_eq!(files_limit(limits), Some(1_024));
        assert_eq!(files_limit("Max open files unlimited unlimited files"), Some(u64::MAX));
        assert_eq!(files_limit("Max open files many"), None);
        assert_eq!(judge_open_files(Some(1_024)).state, Warn);
        assert_eq!(judge_open_files(Some(65_536)).state, Ok);
        assert_eq!(judge_open_files(None).state, Skipped);
    }

    #[test]
    fn a_clock_that_nobody_keeps_is_said() {
        let kept = ClockReading { synchronised: true, estimate_ms: 0.2, bound_ms: 20.0 };
        assert_eq!(judge_clock(Some(kept)).state, Ok);
        assert_eq!(judge_clock(Some(ClockReading { estimate_ms: 150.0, ..kept })).state, Warn);
        assert_eq!(judge_clock(Some(ClockReading { synchronised: false, ..kept })).state, Warn);
        assert_eq!(judge_clock(None).state, Skipped);
    }
}
