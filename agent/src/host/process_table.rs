//! The processes of the machine and who started whom.

use super::process::ProcessUse;
use super::source::Source;
use std::collections::HashMap;

/// Processes looked at: the most that a full machine has in honest use, 80 ms of work. More are counted as skipped.
pub const PROCESSES_MAX: usize = 8_192;

/// One reading of the table.
#[derive(Default)]
pub(super) struct ProcessTable {
    by_parent: HashMap<u32, Vec<ProcessUse>>,
    /// Processes over the cap.
    pub(super) skipped: u64,
}

impl ProcessTable {
    /// Reads all processes that are there.
    pub(super) fn read(source: &mut Source) -> Self {
        let entries = std::fs::read_dir(source.root()).into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let mut table = Self::default();
        for (n, pid) in pids.enumerate() {
            if n >= PROCESSES_MAX {
                table.skipped += 1;
            } else if let Some(process) = read(source, pid) {
                table.add(process);
            }
        }
        table
    }

    fn add(&mut self, process: ProcessUse) {
        self.by_parent.entry(process.parent).or_default().push(process);
    }

    /// All below `root`, without it.
    pub(super) fn descendants(&mut self, root: u32) -> Vec<ProcessUse> {
        let mut found = Vec::new();
        let mut parents = vec![root];
        while let Some(parent) = parents.pop() {
            // Taking them out makes a torn snapshot with a cycle in it harmless.
            for child in self.by_parent.remove(&parent).unwrap_or_default() {
                parents.push(child.pid);
                found.push(child);
            }
        }
        found
    }
}

/// One process; None if it is gone.
pub(super) fn read(source: &mut Source, pid: u32) -> Option<ProcessUse> {
    ProcessUse::parse(source.read(format!("{pid}/stat"))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn process(pid: u32, parent: u32) -> ProcessUse {
        ProcessUse { pid, parent, start_ticks: 1, own_us: 0, children_us: 0, rss_pages: 0 }
    }

    #[test]
    fn only_what_is_below() {
        let mut table = ProcessTable::default();
        for (pid, parent) in [(2, 1), (10, 2), (11, 10), (12, 10), (13, 12), (20, 1)] {
            table.add(process(pid, parent));
        }
        let mut pids: Vec<u32> = table.descendants(2).iter().map(|process| process.pid).collect();
        pids.sort_unstable();
        assert_eq!(pids, [10, 11, 12, 13]);
    }

    #[test]
    fn this_process_is_below_its_parent() {
        let mut source = Source::new("/proc".into());
        let own = read(&mut source, std::process::id()).unwrap();
        let table = ProcessTable::read(&mut source);
        assert!(table.by_parent[&own.parent].iter().any(|process| process.pid == own.pid));
        assert_eq!(table.skipped, 0);
    }

    proptest! {
        /// A snapshot that was torn by reused pids may hold cycles and doubles.
        #[test]
        fn any_table_has_an_end(pairs in proptest::collection::vec((0u32..8, 0u32..8), 0..40)) {
            let mut table = ProcessTable::default();
            pairs.iter().for_each(|(pid, parent)| table.add(process(*pid, *parent)));
            prop_assert!(table.descendants(1).len() <= pairs.len());
        }
    }
}
