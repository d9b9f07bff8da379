//! Which slots a run may be put into: those in which nothing is left of another one, and that answer.
//!
//! A slot that is not fit is said once, left out, and looked at again whenever a run wants one: one broken unit must not fail
//! every run of a node that has others.

use super::leftovers;
use super::run_dir::{Places, RunPlace};
use super::task_report::TaskReport;
use crate::base::file_threads::FILES;
use crate::cage::slot::{self, Slot};
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::mpsc;

/// What is known of them.
#[derive(Debug, Default)]
pub(super) struct Slots {
    /// Being looked at.
    busy: BTreeSet<u32>,
    /// Why they are left out.
    unfit: BTreeMap<u32, String>,
}

impl Slots {
    /// As an agent finds them.
    pub(super) fn found(unfit: BTreeMap<u32, String>) -> Self {
        Self { busy: BTreeSet::new(), unfit }
    }

    /// Whether a run may be put into it.
    pub(super) fn is_fit(&self, slot: u32) -> bool {
        !self.busy.contains(&slot) && !self.unfit.contains_key(&slot)
    }

    /// Why no slot is free.
    pub(super) fn why_none(&self) -> String {
        let tidying = "those without a run are still being tidied up";
        let unfit: Vec<String> = self.unfit.iter().map(|(slot, why)| format!("slot {slot}: {why}")).collect();
        let why = if unfit.is_empty() { tidying.to_owned() } else { unfit.join("; ") };
        format!("no slot is free: {why}")
    }

    /// Which take no run, a sentence each.
    pub(super) fn said(&self) -> impl Iterator<Item = String> + '_ {
        self.unfit.iter().map(|(slot, why)| format!("slot {slot} takes no run: {why}"))
    }

    /// Somebody looks after it from now on.
    pub(super) fn begin(&mut self, slots: impl IntoIterator<Item = u32>) {
        self.busy.extend(slots);
    }

    /// What became of that; a sentence where there is news.
    pub(super) fn looked_at(&mut self, slot: u32, fit: Result<(), String>) -> Option<String> {
        self.busy.remove(&slot);
        match fit {
            Ok(()) => self.unfit.remove(&slot).map(|_| format!("slot {slot} takes runs again")),
            Err(why) => {
                let before = self.unfit.insert(slot, why.clone());
                (before.as_ref() != Some(&why)).then(|| format!("slot {slot} takes no run: {why}"))
            }
        }
    }

    /// Those that may have been mended since.
    fn to_look_at(&self) -> Vec<u32> {
        self.unfit.keys().filter(|slot| !self.busy.contains(slot)).copied().collect()
    }

    /// Looks at all of them that are not fit, aside.
    pub(super) fn look_again(&mut self, places: &Places, done: &mpsc::Sender<TaskReport>) {
        for slot in self.to_look_at() {
            let (places, done) = (places.clone(), done.clone());
            let begun = FILES.start(move || {
                let _ = done.blocking_send(TaskReport::Slot(slot, fit(&places, slot, true)));
            });
            if begun.is_ok() {
                self.begin([slot]);
            }
        }
    }
}

/// Whether a slot in which no run is may have one: removes what is left in it, and where it `must_answer` has systemd start its unit.
/// Blocks, within a runtime.
pub(super) fn fit(places: &Places, number: u32, must_answer: bool) -> Result<(), String> {
    let left = |places: &Places| -> Vec<RunPlace> {
        places.all().into_iter().filter(|place| place.slot == Some(number)).collect()
    };
    left(places).iter().for_each(|place| leftovers::remove(places, place));
    if let Some(place) = left(places).first() {
        return Err(format!(
            "{} of an earlier run cannot be removed; as root: rm -rf {0}",
            place.dir.display()
        ));
    }
    if must_answer {
        let dir = Slot::dir_of(&places.state_dir, number);
        slot::answers(&places.sockets_dir, &dir, number).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Those in which something is left that no known run has, each with a sentence. Blocks.
pub(super) fn unfit(places: &Places, known: &BTreeSet<String>) -> BTreeMap<u32, String> {
    let is_known = |place: &RunPlace| {
        place.dir.file_name().and_then(|name| name.to_str()).is_some_and(|name| known.contains(name))
    };
    let left = places.all().into_iter().filter(|place| !is_known(place));
    left.filter_map(|place| Some((place.slot?, format!("{} cannot be removed", place.dir.display()))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_that_is_not_fit_is_left_out_and_said_once() {
        let mut slots = Slots::default();
        slots.begin([1]);
        assert!(!slots.is_fit(1) && slots.is_fit(2));
        assert!(slots.why_none().contains("tidied up"));
        assert_eq!(
            slots.looked_at(1, Err("no socket".to_owned())).unwrap(),
            "slot 1 takes no run: no socket"
        );
        assert_eq!(slots.to_look_at(), [1]);
        slots.begin([1]);
        assert!(slots.to_look_at().is_empty(), "one look at a time");
        assert_eq!(slots.looked_at(1, Err("no socket".to_owned())), None);
        assert_eq!(slots.why_none(), "no slot is free: slot 1: no socket");
        assert_eq!(slots.looked_at(1, Ok(())).unwrap(), "slot 1 takes runs again");
        assert!(slots.is_fit(1));
    }

    #[test]
    fn what_lies_in_a_slot_that_nobody_knows_is_in_the_way() {
        let state = tempfile::tempdir().unwrap();
        for made in ["slots/1/7@1", "slots/2/7@2", "slots/3"] {
            std::fs::create_dir_all(state.path().join(made)).unwrap();
        }
        let places = Places { slots: 3, ..Places::without_slots(state.path()) };
        let found = unfit(&places, &BTreeSet::from(["7@1".to_owned()]));
        assert_eq!(found.keys().copied().collect::<Vec<_>>(), [2]);
        // Here nothing keeps it from being removed; nobody listens.
        assert_eq!(fit(&places, 2, false), Ok(()));
        assert!(fit(&places, 3, true).unwrap_err().contains("systemctl enable --now gridnode-run@3.socket"));
        let gone = fit(&Places { slots: 4, ..places }, 4, true).unwrap_err();
        assert!(gone.contains("systemd-tmpfiles --create"), "{gone}");
    }
}
