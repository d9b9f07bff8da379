//! What the tools use: processor time and memory of their whole process trees.
//!
//! From the tree's cgroup where it has one: there processor time is exact, whatever ended in between. Elsewhere, and
//! for memory where the cgroup has no memory controller, from the processes below the supervisor. It is a subreaper,
//! so nothing that forks and detaches escapes from there. Processor time of a tree is that of its living processes and
//! of the children that these have waited for; what ends moves from the one to the other, so the sum only grows. Lost
//! is what a child used that nobody waited for (`SIGCHLD` ignored), and what a whole tree used after its last reading.
//!
//! Resident memory is the sum over processes, in which pages that they share count more than once; a memory controller
//! counts them once.

use super::process::ProcessUse;
use super::process_table::{self, PROCESSES_MAX, ProcessTable};
use super::source::{self, Source};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A tool that runs under a supervisor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolTree {
    /// The supervisor: parent of the tool and of what the tool left behind.
    pub supervisor_pid: u32,
    /// The directory of the tree's own cgroup, without the supervisor in it.
    pub cgroup: Option<PathBuf>,
}

/// What all tools used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ToolUse {
    /// Processor time since the reading before, µs.
    pub(super) cpu_us: u64,
    pub(super) rss_bytes: u64,
    /// Processes that were not looked at.
    pub(super) skipped: u64,
}

/// Remembers the reading before.
pub(super) struct ToolMeter {
    page_bytes: u64,
    before: HashMap<u32, TreeCpu>,
}

/// Processor time of a tree since it began.
#[derive(Debug, Clone, PartialEq, Eq)]
enum TreeCpu {
    Cgroup { total_us: u64 },
    Walk { total_us: u64, own_us: HashMap<(u32, u64), u64> },
}

impl ToolMeter {
    pub(super) fn new(page_bytes: u64) -> Self {
        Self { page_bytes, before: HashMap::new() }
    }

    /// Reads all of them. A tree that was not there before counts from its beginning.
    pub(super) fn read(&mut self, source: &mut Source, trees: &[ToolTree]) -> ToolUse {
        let mut table = None;
        let mut used = ToolUse::default();
        let mut now = HashMap::with_capacity(trees.len());
        for tree in trees {
            let reading = read_tree(source, tree, &mut table);
            let before = self.before.get(&tree.supervisor_pid);
            used.cpu_us = used.cpu_us.saturating_add(reading.cpu.since(before));
            let rss = reading.rss_bytes.unwrap_or(reading.rss_pages.saturating_mul(self.page_bytes));
            used.rss_bytes = used.rss_bytes.saturating_add(rss);
            used.skipped += reading.skipped;
            now.insert(tree.supervisor_pid, reading.cpu);
        }
        used.skipped += table.map_or(0, |table: ProcessTable| table.skipped);
        self.before = now;
        used
    }
}

struct TreeReading {
    cpu: TreeCpu,
    rss_bytes: Option<u64>,
    rss_pages: u64,
    skipped: u64,
}

/// `table` is read when the first tree needs it, for all of them.
fn read_tree(source: &mut Source, tree: &ToolTree, table: &mut Option<ProcessTable>) -> TreeReading {
    if let Some(dir) = &tree.cgroup
        && let Some(total_us) = cgroup_cpu_us(source, dir)
    {
        let rss_bytes = cgroup_rss_bytes(source, dir);
        let (rss_pages, skipped) = if rss_bytes.is_none() { cgroup_rss_pages(source, dir) } else { (0, 0) };
        return TreeReading { cpu: TreeCpu::Cgroup { total_us }, rss_bytes, rss_pages, skipped };
    }
    let table = table.get_or_insert_with(|| ProcessTable::read(source));
    let processes = table.descendants(tree.supervisor_pid);
    let supervisor = process_table::read(source, tree.supervisor_pid);
    TreeReading {
        cpu: TreeCpu::walked(&processes, supervisor.map_or(0, |supervisor| supervisor.children_us)),
        rss_bytes: None,
        rss_pages: processes.iter().fold(0, |sum, process| sum.saturating_add(process.rss_pages)),
        skipped: 0,
    }
}

/// In every cgroup but the root, also without a cpu controller.
fn cgroup_cpu_us(source: &mut Source, dir: &Path) -> Option<u64> {
    source::value(source.read(dir.join("cpu.stat"))?, "usage_usec")
}

/// What `ps` would call resident: the page cache of files that are read and written is not the tool's need.
fn cgroup_rss_bytes(source: &mut Source, dir: &Path) -> Option<u64> {
    let stat = source.read(dir.join("memory.stat"))?;
    Some(source::value(stat, "anon")?.saturating_add(source::value(stat, "file_mapped")?))
}

/// Resident pages of its processes, and how many of these were over the cap.
fn cgroup_rss_pages(source: &mut Source, dir: &Path) -> (u64, u64) {
    let listed = source.read(dir.join("cgroup.procs")).unwrap_or_default();
    let pids: Vec<u32> = source::lines(listed).filter_map(|line| line.trim().parse().ok()).collect();
    let pages = pids.iter().take(PROCESSES_MAX).filter_map(|pid| process_table::read(source, *pid));
    let pages = pages.fold(0u64, |sum, process| sum.saturating_add(process.rss_pages));
    (pages, pids.len().saturating_sub(PROCESSES_MAX) as u64)
}

impl TreeCpu {
    fn walked(processes: &[ProcessUse], reaped_us: u64) -> Self {
        let total = |sum: u64, process: &ProcessUse| {
            sum.saturating_add(process.own_us).saturating_add(process.children_us)
        };
        Self::Walk {
            total_us: processes.iter().fold(reaped_us, total),
            own_us: processes.iter().map(|p| ((p.pid, p.start_ticks), p.own_us)).collect(),
        }
    }

    /// What was used since `before`.
    fn since(&self, before: Option<&Self>) -> u64 {
        match (self, before) {
            (Self::Cgroup { total_us } | Self::Walk { total_us, .. }, None) => *total_us,
            (Self::Cgroup { total_us }, Some(Self::Cgroup { total_us: before })) => {
                total_us.saturating_sub(*before)
            }
            (
                Self::Walk { total_us, own_us },
                Some(Self::Walk { total_us: total_before_us, own_us: own_before_us }),
            ) => {
                let grown = |(process, us): (&(u32, u64), &u64)| {
                    us.saturating_sub(own_before_us.get(process).copied().unwrap_or(0))
                };
                // The sum falls when a child ends that nobody waits for. What the living have used is certain.
                let by_the_living = own_us.iter().map(grown).fold(0u64, u64::saturating_add);
                total_us.saturating_sub(*total_before_us).max(by_the_living)
            }
            // The cgroup has just gone or come: two sums that have nothing to do with each other.
            (Self::Cgroup { .. }, Some(Self::Walk { .. }))
            | (Self::Walk { .. }, Some(Self::Cgroup { .. })) => 0,
        }
    }
}

#[cfg(test)]
mod tests;
