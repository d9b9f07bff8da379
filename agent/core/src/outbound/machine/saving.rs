//! When the accounts are made durable.

use super::retry::Retry;
use super::{Outbound, Purpose, write_and_rename};
use crate::base::time::{Mono, Now};
use crate::outbound::spool::{COUNTERS, Fault, FaultKind, Operation};

/// See the module's head.
#[derive(Debug, Default)]
pub(super) struct Saving {
    /// The file says something else than the accounts.
    pub(super) dirty: bool,
    /// In a flush, at once.
    pub(super) in_haste: bool,
    last: Option<Mono>,
    retry: Retry,
}

impl Outbound {
    pub(super) fn save_due(&self) -> Option<Mono> {
        if !self.saving.dirty || self.is_saving() {
            return None;
        }
        let pause_ns = if self.saving.in_haste { 0 } else { self.settings.save_every_ns };
        let due = self.saving.last.map_or(Mono(0), |last| last.plus_ns(pause_ns));
        Some(self.saving.retry.at().max(due))
    }

    fn is_saving(&self) -> bool {
        self.is_under_way(|purpose| matches!(purpose, Purpose::Save))
    }

    pub(super) fn save_if_due(&mut self, now: Now) {
        if self.save_due().is_none_or(|at| at > now.mono) {
            return;
        }
        // Numbers and texts only: this cannot fail.
        let Ok(text) = serde_json::to_vec(&self.to_save()) else { return };
        self.saving.dirty = false;
        self.saving.last = Some(now.mono);
        self.cleaning.being_saved();
        self.splitting.being_saved();
        let mut operations = write_and_rename(COUNTERS, text.into()).to_vec();
        operations.push(Operation::SyncDir(String::new()));
        self.job(Purpose::Save, operations);
    }

    pub(super) fn saved(&mut self, now: Now, result: Result<(), (usize, Fault)>) {
        match result {
            Ok(()) => {
                self.saving.retry.succeeded();
                self.cleaning.were_saved();
                self.splitting.were_saved();
            }
            Err((_, fault)) => {
                self.saving.dirty = true;
                self.cleaning.were_not_saved(fault.kind == FaultKind::Full);
                self.splitting.were_not_saved();
                if self.saving.retry.failed(now.mono, self.settings.disk_retry_ns) {
                    self.warn(format!("{}. The accounts are not durable meanwhile", fault.sentence));
                }
            }
        }
    }
}
