//! Runs that have closed, until the next start need not know how they were: their accounts are durable, and their receipts are said.
//! An account that nobody asks for any more is forgotten after that: else a start would find what a run had counted, and nothing
//! of what became of it.

use super::Session;
use crate::data::carry::Closing;
use crate::data::outbound::Outbound;
use gridnode_core::base::run::RunName;

/// See the module's head.
pub(super) struct Closings {
    notes: Closing,
    runs: Vec<ClosingRun>,
}

struct ClosingRun {
    name: RunName,
    slot: u32,
    step: Step,
    /// Nobody asks for its account any more.
    to_forget: bool,
}

enum Step {
    /// Not everything of it is durable.
    Closed,
    /// It is; so many times had the accounts been written by then.
    Written(u64),
    /// The accounts say it all; the number of the note that leaves it to them.
    Durable(u64),
}

impl Closings {
    pub(super) fn new(notes: Closing) -> Self {
        Self { notes, runs: Vec::new() }
    }

    /// All of its batches are with the outbound side.
    pub(super) fn closed(&mut self, name: RunName, slot: u32) {
        self.runs.push(ClosingRun { name, slot, step: Step::Closed, to_forget: false });
    }

    /// Its receipt is with whoever it is for.
    pub(super) fn said(&self, name: &RunName) {
        self.runs.iter().filter(|run| run.name == *name).for_each(|run| self.notes.is_said(run.slot));
    }

    /// False when it may be forgotten at once.
    pub(super) fn forget_later(&mut self, name: &RunName) -> bool {
        let run = self.runs.iter_mut().find(|run| run.name == *name);
        run.map(|run| run.to_forget = true).is_some()
    }

    /// At the end nothing is forgotten any more: the next start does it in its time.
    pub(super) fn advance(&mut self, outbound: &mut Outbound, goes_on: bool) {
        for run in &mut self.runs {
            if matches!(run.step, Step::Closed) && outbound.is_written(&run.name) {
                run.step = Step::Written(outbound.saves());
            }
            if let Step::Written(saves) = run.step
                && outbound.has_saved_since(saves)
            {
                run.step = Step::Durable(self.notes.is_durable(run.slot));
            }
        }
        if !goes_on {
            return;
        }
        let notes = &self.notes;
        let is_over = |run: &mut ClosingRun| match run.step {
            Step::Durable(note) => run.to_forget && notes.is_kept(note),
            Step::Closed | Step::Written(_) => false,
        };
        self.runs.extract_if(.., is_over).for_each(|run| outbound.forget(&run.name));
    }
}

impl Session {
    /// The receipt of a run is with whoever it is for: what its sources have lost is no next start's to say.
    pub fn said(&mut self, name: &RunName) {
        self.closings.said(name);
    }

    /// Whether the accounts on the disk are those that this process has.
    #[must_use]
    pub fn accounts_are_durable(&self) -> bool {
        self.outbound.may_end()
    }

    /// Drops the accounts of a run that is stated and of which nothing is spooled.
    pub fn forget(&mut self, name: &RunName) {
        if !self.closings.forget_later(name) {
            self.outbound.forget(name);
        }
        self.traces.iter_mut().for_each(|traces| traces.forget(name));
    }
}
