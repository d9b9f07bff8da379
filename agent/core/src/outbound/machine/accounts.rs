//! What became of every sample, by run.

use super::Outbound;
use crate::base::run::RunName;
use crate::outbound::delivery::{Amount, BatchAccount};
use crate::outbound::spool::{Saved, SavedRun, Writing};
use std::collections::BTreeMap;

/// What is known of a run beside delivery's account.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RunState {
    /// Samples counted, those in open windows included.
    pub(super) aggregated: u64,
    /// Samples that crashes have taken before they were durable.
    pub(super) lost_restart: u64,
    /// Batches in memory that are not yet durable, and not with delivery either.
    pub(super) held: Amount,
    /// Batches in memory that delivery has, too: its account counts them as spooled.
    pub(super) lent: Amount,
    /// What had left the spool undelivered when its account was to be dropped first: whoever wanted that had heard of so much.
    pub(super) told_lost: Option<u64>,
    /// Batches that never became durable and lie in a second place, for the next start.
    pub(super) left: Amount,
}

impl RunState {
    /// What is spooled, and not with delivery.
    fn beside(&self) -> Amount {
        self.held.plus(self.left)
    }
}

impl Outbound {
    /// What became of a run's batches; what is held, or left for the next start, counts as spooled.
    #[must_use]
    pub fn account(&self, run: &RunName) -> SavedRun {
        let state = self.runs.get(run).copied().unwrap_or_default();
        let mut account = self.delivery.counters(run);
        account.spooled = account.spooled.plus(state.beside());
        account.entered = account.entered.plus(state.beside());
        let saved = SavedRun { account, aggregated: state.aggregated, lost_restart: state.lost_restart };
        SavedRun { aggregated: state.aggregated.max(saved.accounted_for()), ..saved }
    }

    /// [`Self::account`] of every run that is not forgotten.
    pub fn accounts(&self) -> impl Iterator<Item = (&RunName, SavedRun)> {
        self.runs.keys().map(|run| (run, self.account(run)))
    }

    /// All runs together, forgotten ones included; what is held counts as spooled.
    #[must_use]
    pub fn total(&self) -> BatchAccount {
        let mut total = self.delivery.total();
        let beside = self.runs.values().fold(Amount::default(), |sum, state| sum.plus(state.beside()));
        total.spooled = total.spooled.plus(beside);
        total.entered = total.entered.plus(beside);
        total
    }

    /// Drops the account of a run that is over, as soon as nothing of it is spooled or lies aside: refused (false) before.
    pub fn forget(&mut self, run: &RunName) -> bool {
        let is_none_beside = self.runs.get(run).is_none_or(|state| state.beside().batches == 0);
        let is_none_aside = !self.cleaning.runs_aside.contains(run);
        let lost = self.account(run).account.lost_samples();
        let told = self.runs.get_mut(run).map_or(lost, |state| *state.told_lost.get_or_insert(lost));
        if !is_none_beside || !is_none_aside || self.delivery.counters(run).spooled.batches > 0 {
            return false;
        }
        if lost > told {
            // No receipt has said so: it stays in the accounts, where `spool` and the next start find it.
            return true;
        }
        self.delivery.forget_run(run);
        self.runs.remove(run);
        self.saving.dirty = true;
        self.remove_run_dir(run);
        true
    }

    pub(super) fn aggregated(&mut self, run: RunName, samples: u64) {
        let is_new = !self.runs.contains_key(&run);
        let state = self.runs.entry(run).or_default();
        if is_new {
            // That there is such a run is to be known before anything can happen to it.
            self.saving.at_once();
        }
        if samples > state.aggregated {
            state.aggregated = samples;
            self.saving.dirty = true;
        }
    }

    /// The accounts as they are to survive a crash: without what is held, which does not.
    pub(super) fn to_save(&self) -> Saved {
        let saved = |run: &RunName| {
            let SavedRun { aggregated, lost_restart, .. } = self.account(run);
            let lent = self.runs.get(run).map(|state| state.lent).unwrap_or_default();
            let mut account = self.delivery.counters(run);
            account.spooled = account.spooled.less(lent);
            account.entered = account.entered.less(lent);
            SavedRun { account, aggregated, lost_restart }
        };
        let runs: BTreeMap<String, SavedRun> =
            self.runs.keys().map(|run| (run.to_string(), saved(run))).collect();
        let writing = self.holding.ids().map(|id| Writing { incarnation: id.incarnation, number: id.number });
        Saved {
            runs,
            leaving: self.cleaning.to_save(),
            incarnation: self.incarnation,
            next_number: self.next_number,
            writing: writing.collect(),
            last_start: 0,
            returning: Vec::new(),
            gone: self.gone.iter().cloned().collect(),
            corrupt_removed: self.corrupt.removed,
            released: self.releasing.to_save(),
            finished: self.finished.clone(),
        }
    }
}
