//! What an earlier agent may have left: processes of a tool, directories of runs.

use super::run_dir::{Places, RunPlace, exit_file, files_dir, scratch_dirs, tree_marker};
use crate::cage::empty_out;
use crate::cage::removal::remove_tree;
use crate::cage::short_path::remove_links_into;
use crate::cage::slot::{self, Slot};
use crate::cage::supervise::{ExitRecord, sweep_marked};
use crate::tool::build::{Build, BuildFailed, run as carry_out};
use gridnode_core::base::run::RunKey;
use gridnode_core::node::Input;
use gridnode_core::run::receipt::ToolEnd;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

/// How often a directory is tried to be removed that is not empty after all.
const REMOVALS: u32 = 10;
/// For the removal of what a plan has left, as its user.
const OPEN_UP_LIMIT: Duration = Duration::from_secs(60);
/// Between two tries.
const REMOVAL_PAUSE: Duration = Duration::from_millis(200);

/// Kills what is left of a run's tree, wherever it came from. Blocks, for seconds if need be; `None` when something
/// does not die.
pub(super) fn sweep(places: &Places, run: RunKey, place: Option<RunPlace>) -> Option<Input> {
    let marker = tree_marker(&places.state_dir, &run);
    // What an earlier agent had in a slot was ended when this one started.
    let is_slot_over = place.as_ref().and_then(|place| place.slot).map(slot::end);
    let mut swept = sweep_marked(&marker);
    if is_slot_over == Some(false) {
        swept.left = swept.left.saturating_add(1);
    }
    let place = place.unwrap_or_else(|| places.find(&run));
    if swept.killed > 0 || swept.left > 0 {
        tracing::warn!(flood = %run.id, run = run.run, killed = swept.killed, left = swept.left,
            "an earlier agent left processes of this run");
    }
    let record = ExitRecord::read(&exit_file(&place.dir)).ok();
    let record = record.filter(|record| record.marker == marker);
    // What has lost its supervisor and wiped its environment was given to init, and may have left its cgroup; the record lies where
    // the plan could write. Nobody can tell by now whether something is left.
    let end = ToolEnd {
        code: record.as_ref().and_then(|record| record.code),
        signal: record.as_ref().and_then(|record| record.signal),
        tree_empty: (is_slot_over == Some(true) || place.slot.is_some()).then_some(true),
        killed_descendants: record.map_or(0, |record| record.killed_descendants).saturating_add(swept.killed),
    };
    (swept.left == 0).then_some(Input::TreeEmpty { run, end: Some(end) })
}

/// Removes the directories of runs that nobody knows any more, and the accounts of their traces. Blocks.
pub(super) fn remove_unknown(places: &Places, known: &BTreeSet<String>) {
    for place in places.all() {
        let name = place.dir.file_name().and_then(|name| name.to_str());
        if !name.is_some_and(|name| known.contains(name)) {
            remove(places, &place);
        }
    }
    for (_, path) in places.trace_accounts().into_iter().filter(|(name, _)| !known.contains(name)) {
        let _ = std::fs::remove_file(path);
    }
}

/// Ends whatever runs in the slots of this node. Blocks, for seconds if need be.
///
/// # Errors
/// When systemd does not do it: then nobody knows what runs there.
pub(super) fn end_slots(places: &Places) -> anyhow::Result<()> {
    if let Some(number) = (1..=places.slots).find(|number| !slot::end(*number)) {
        anyhow::bail!(
            "{} cannot be ended by this agent: it needs systemd, polkit, and the rule in /etc/polkit-1/rules.d/gridnode.rules (see the \
             warning before); cage.slots = 0 does without slots",
            Slot::unit(number)
        );
    }
    Ok(())
}

/// Removes what only the tool needed, once no process of it is left: a tool that has filled the disk must not keep its own
/// results from being written. Logs and last words stay for the judgement. Blocks.
pub(super) fn make_room(places: &Places, place: &RunPlace) {
    for dir in [files_dir(&place.dir)].into_iter().chain(scratch_dirs(&place.dir)) {
        remove_below(places, place, &dir);
    }
}

/// Removes a run's directory; what cannot be removed is said, and tried again at the next start. Blocks.
pub(super) fn remove(places: &Places, place: &RunPlace) {
    remove_below(places, place, &place.dir);
}

fn remove_below(places: &Places, place: &RunPlace, dir: &Path) {
    remove_links_into(dir);
    let mut is_opened = place.slot.is_none();
    for tried in 1.. {
        match remove_tree(dir) {
            // Somebody removes a part of it at the same time.
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty && tried < REMOVALS => {
                std::thread::sleep(REMOVAL_PAUSE);
            }
            // A plan may take the agent's rights to its directories away; its user can give them back.
            Err(error) if error.kind() == ErrorKind::PermissionDenied && !is_opened => {
                is_opened = true;
                if let Err(why) = open_up(places, place) {
                    tracing::warn!("failed to get at {}: {why}", place.dir.display());
                }
            }
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return tracing::warn!("failed to remove {}: {error}", dir.display());
            }
            _ => return,
        }
    }
}

/// Has a slot's user remove what it keeps the agent from. Blocks, within a runtime.
fn open_up(places: &Places, place: &RunPlace) -> Result<(), BuildFailed> {
    let step = Build {
        name: empty_out::SUBCOMMAND,
        program: std::env::current_exe().unwrap_or_else(|_| "/usr/bin/gridnode".into()),
        args: vec![empty_out::SUBCOMMAND.into(), place.dir.clone().into()],
        env: Vec::new(),
        working_dir: "/".into(),
        // The slot's own: what is in the run's directory goes.
        log_dir: Path::new("/tmp"),
        cage: &places.cage_at(empty_out::SUBCOMMAND.to_owned(), place),
        limit: OPEN_UP_LIMIT,
    };
    carry_out(&step, &mut || false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_a_plan_could_write_says_nothing_of_what_is_left() {
        let state_dir = tempfile::tempdir().unwrap();
        let places = Places::without_slots(state_dir.path());
        let run = RunKey { id: "7".parse().unwrap(), run: 1 };
        let path = exit_file(&places.find(&run).dir);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let record = |marker: &str| {
            serde_json::json!({"schema_version": 1, "marker": marker, "pid": 1, "code": 3, "signal": null, "reason": "leader_exited",
                "started_wall_ns": 0, "leader_ended_wall_ns": 1, "ended_wall_ns": 1, "killed_descendants": 0, "tree_empty": true})
        };
        let end = |marker: &str| {
            std::fs::write(&path, record(marker).to_string()).unwrap();
            match sweep(&places, run.clone(), None) {
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
            std::fs::create_dir_all(dir.path().join("runs").join(name).join("files")).unwrap();
        }
        remove_unknown(&Places::without_slots(dir.path()), &BTreeSet::from(["7@2".to_owned()]));
        let left: Vec<_> = std::fs::read_dir(dir.path().join("runs")).unwrap().flatten().collect();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].file_name(), "7@2");
    }
}
