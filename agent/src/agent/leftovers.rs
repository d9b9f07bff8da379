//! What an earlier agent may have left: processes of a tool, directories of runs.

use super::run_dir::{exit_file, files_dir, run_dir, runs_dir, scratch_dirs, tree_marker};
use crate::cage::removal::remove_tree;
use crate::cage::short_path::remove_links_into;
use crate::cage::supervise::{ExitRecord, sweep_marked};
use gridnode_core::base::run::RunKey;
use gridnode_core::node::Input;
use gridnode_core::run::receipt::ToolEnd;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

/// How often a directory is tried to be removed that is not empty after all.
const REMOVALS: u32 = 10;
/// Between two tries.
const REMOVAL_PAUSE: Duration = Duration::from_millis(200);

/// Kills what is left of a run's tree, wherever it came from. Blocks, for seconds if need be; `None` when something
/// does not die.
pub(super) fn sweep(state_dir: &Path, run: RunKey) -> Option<Input> {
    let marker = tree_marker(state_dir, &run);
    let swept = sweep_marked(&marker);
    if swept.killed > 0 || swept.left > 0 {
        tracing::warn!(flood = %run.id, run = run.run, killed = swept.killed, left = swept.left,
            "an earlier agent left processes of this run");
    }
    let record = ExitRecord::read(&exit_file(&run_dir(state_dir, &run))).ok();
    let record = record.filter(|record| record.marker == marker);
    // What has lost its supervisor and wiped its environment was given to init, and may have left its cgroup; the record lies where
    // the plan could write. Nobody can tell by now whether something is left.
    let end = ToolEnd {
        code: record.as_ref().and_then(|record| record.code),
        signal: record.as_ref().and_then(|record| record.signal),
        tree_empty: None,
        killed_descendants: record.map_or(0, |record| record.killed_descendants).saturating_add(swept.killed),
    };
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
    for tried in 1.. {
        match remove_tree(dir) {
            // Somebody removes a part of it at the same time.
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty && tried < REMOVALS => {
                std::thread::sleep(REMOVAL_PAUSE);
            }
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return tracing::warn!("failed to remove {}: {error}", dir.display());
            }
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_a_plan_could_write_says_nothing_of_what_is_left() {
        let state_dir = tempfile::tempdir().unwrap();
        let run = RunKey { id: "7".parse().unwrap(), run: 1 };
        let path = exit_file(&run_dir(state_dir.path(), &run));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let record = |marker: &str| {
            serde_json::json!({"schema_version": 1, "marker": marker, "pid": 1, "code": 3, "signal": null, "reason": "leader_exited",
                "started_wall_ns": 0, "leader_ended_wall_ns": 1, "ended_wall_ns": 1, "killed_descendants": 0, "tree_empty": true})
        };
        let end = |marker: &str| {
            std::fs::write(&path, record(marker).to_string()).unwrap();
            match sweep(state_dir.path(), run.clone()) {
                Some(Input::TreeEmpty { end: Some(end), .. }) => (end.code, end.tree_empty),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(end("x"), (None, None));
        assert_eq!(end(&tree_marker(state_dir.path(), &run)), (Some(3), None));
    }

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
