//! Whether a plan would be where it belongs: a program that does nothing is run in a slot, and its supervisor tries beforehand
//! what is to be out of its reach.

use super::Subject;
use super::finding::Finding;
use crate::agent::run_dir::{RunPlace, tool_dir};
use crate::agent::settings;
use crate::cage::removal::remove_tree;
use crate::cage::slot::Slot;
use crate::tool::build::{Build, run};
use std::time::Duration;

/// Within the time of a check.
const LIMIT: Duration = Duration::from_secs(10);

pub(super) fn slots(subject: &Subject) -> Finding {
    const NAME: &str = "cage";
    let places = settings::places(&subject.config);
    if places.slots == 0 {
        return Finding::skipped(NAME, "plans run as the agent's user (cage.slots = 0)");
    }
    // The last one, which a node that is at work uses last.
    let number = places.slots;
    let dir = Slot::dir_of(&places.state_dir, number).join(format!("check@{}", std::process::id()));
    let place = RunPlace { dir: dir.clone(), slot: Some(number) };
    let made = std::fs::create_dir(&dir).and_then(|()| std::fs::create_dir(tool_dir(&dir)));
    if let Err(error) = made {
        let _ = remove_tree(&dir);
        let remedy = "run `systemd-tmpfiles --create`, and this check as the agent's user";
        return Finding::fail(NAME, format!("no run can be made in {}: {error}", dir.display()), remedy);
    }
    let nothing = Build {
        name: "check",
        program: "/bin/true".into(),
        args: Vec::new(),
        env: Vec::new(),
        working_dir: "/".into(),
        log_dir: &tool_dir(&dir),
        cage: &places.cage_at(format!("check-{}", std::process::id()), &place),
        limit: LIMIT,
    };
    let result = run(&nothing, &mut || false);
    let _ = remove_tree(&dir);
    match result {
        Ok(()) => Finding::ok(
            NAME,
            format!(
                "a program in slot {number} is another user and reaches neither the metadata service nor the agent's files nor other slots'"
            ),
        ),
        Err(error) => Finding::fail(
            NAME,
            error.to_string(),
            "install the units and rules of systemd/ as its README says; no run starts until then",
        ),
    }
}
