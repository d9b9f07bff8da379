//! What an earlier agent may have left: processes of a tool, directories of runs.

use super::run_dir::{exit_file, files_dir, run_dir, runs_dir, scratch_dirs, tree_marker};
use crate::cage::removal::remove_tree;
use crate::cage::short_path::remove_links_into;
use crate::cage::supervise::{ExitRecord, sweep_marked};
use gridnode_core::base::run::RunKey;
use gridnode_core::node::Input;
use gridnode_core::run::receipt::ToolEnd;
use std::collections::BTreeSet;
use std::path::Path;

/// Kills what is left of a run's tree, wherever it came from. Blocks, for seconds if need be; `None` when something
/// does not die.
pub(super) fn sweep(state_dir: &Path, run: RunKey) -> Option<Input> {
    let swept = sweep_marked(&tree_marker(state_dir, &run));
    if swept.killed > 0 || swept.left > 0 {
        tracing::warn!(flood = %run.id, run = run.run, killed = swept.killed, left = swept.left,
            "an earlier agent left processes of this run");
    }
    let record = ExitRecord::read(&exit_file(&run_dir(state_dir, &run))).ok();
    // What has lost its supervisor and wiped its environment was given to init, and nobody can tell whose it was.
    let seen_empty = swept.is_empty || record.as_ref().is_some_and(|record| record.tree_empty);
    let tree_empty = seen_empty.then_some(true);
    let end = record.map_or_else(
        || ToolEnd { tree_empty, killed_descendants: swept.killed, ..ToolEnd::default() },
        |record| ToolEnd {
            code: record.code,
            signal: record.signal,
            tree_empty,
            killed_descendants: record.killed_descendants.saturating_add(swept.killed),
        },
    );
    (swept.left == 0).then_some(Input::TreeEmpty { run, end: Some(end) })
}

/// Removes the directories of runs that nobody knows any more. Blocks.
pub(super) fn remove_unknown(state_dir: &Path, known: &BTreeSet<String>) {
    let Ok(entries) = std::fs::read_dir(runs_dir(state_dir)) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if !name.to_str().is_some_and(|name| known.contains(name)) {
            remove(&entry.path());
        }
    }
}

/// Removes what only the tool needed, once no process of it is left: a tool that has filled the disk must not keep its own
/// results from being written. Logs and last words stay for the judgement. Blocks.
pub(super) fn make_room(run_dir: &Path) {
    remove(&files_dir(run_dir));
    scratch_dirs(run_dir).iter().for_each(|dir| remove(dir));
}

/// Removes a run's directory; what cannot be removed is said, and tried again at the next start. Blocks.
pub(super) fn remove(dir: &Path) {
    remove_links_into(dir);
    match remove_tree(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!("failed to remove {}: {error}", dir.display());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unknown_runs_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["7@1", "7@2"] {
            std::fs::create_dir_all(runs_dir(dir.path()).join(name).join("files")).unwrap();
        }
        remove_unknown(dir.path(), &BTreeSet::from(["7@2".to_owned()]));
        let left: Vec<_> = std::fs::read_dir(runs_dir(dir.path())).unwrap().flatten().collect();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].file_name(), "7@2");
    }
}
