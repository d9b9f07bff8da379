//! When the accounts are made durable, also on a full disk: two files take turns, and each keeps the room that it has.

use super::retry::Retry;
use super::{Outbound, Purpose};
use crate::base::time::{Mono, Now};
use crate::outbound::spool::{COUNTERS, Fault, FaultKind, Operation, TEMPORARY};
use std::sync::Arc;

/// Of most disks.
const PAGE_BYTES: u64 = 4_096;

/// See the module's head.
#[derive(Debug, Default)]
pub(super) struct Saving {
    /// The file says something else than the accounts.
    pub(super) dirty: bool,
    /// In a flush, at once.
    pub(super) in_haste: bool,
    last: Option<Mono>,
    retry: Retry,
    /// The names of both files are durable: only then may the one that has the turn be written over.
    names_are_durable: bool,
    /// The other file is there, with room.
    has_spare: bool,
    /// Once in this start.
    has_saved: bool,
    /// How often it was begun.
    begun: u64,
    /// Which of them was the last that is durable.
    durable: u64,
}

impl Saving {
    /// The next pause is left out.
    pub(super) fn at_once(&mut self) {
        self.last = None;
    }
}

impl Outbound {
    pub(super) fn save_due(&self) -> Option<Mono> {
        if !self.saving.dirty || self.is_saving() || !self.settling.is_over() {
            return None;
        }
        let pause_ns = if self.saving.in_haste { 0 } else { self.settings.save_every_ns };
        let due = self.saving.last.map_or(Mono(0), |last| last.plus_ns(pause_ns));
        Some(self.saving.retry.at().max(due))
    }

    /// Whether the accounts of this start have become durable once.
    #[must_use]
    pub fn has_saved(&self) -> bool {
        self.saving.has_saved
    }

    /// How often the accounts have been written, or begun to be.
    #[must_use]
    pub fn saves(&self) -> u64 {
        self.saving.begun
    }

    /// Whether what the accounts said when [`Self::saves`] said this is durable.
    #[must_use]
    pub fn has_saved_since(&self, saves: u64) -> bool {
        let nothing_new = !self.disk_lost && !self.saving.dirty && !self.is_saving();
        self.saving.durable > saves || nothing_new
    }

    fn is_saving(&self) -> bool {
        self.is_under_way(|purpose| matches!(purpose, Purpose::Save { .. }))
    }

    pub(super) fn save_if_due(&mut self, now: Now) {
        if self.save_due().is_none_or(|at| at > now.mono) {
            return;
        }
        // Numbers and texts only: this cannot fail.
        let Ok(text) = serde_json::to_vec(&self.to_save()) else { return };
        self.saving.dirty = false;
        self.saving.begun += 1;
        self.saving.last = Some(now.mono);
        self.cleaning.being_saved();
        self.splitting.being_saved();
        self.releasing.being_saved();
        let text: Arc<[u8]> = text.into();
        let mut operations = Vec::new();
        if !self.saving.names_are_durable {
            operations.push(Operation::SyncDir(String::new()));
        }
        self.saving.names_are_durable = false;
        operations.extend(self.write_spare(&text));
        operations.push(Operation::Exchange { from: spare(), to: COUNTERS.to_owned() });
        operations.push(Operation::SyncDir(String::new()));
        let steps = operations.len();
        if !self.saving.has_spare {
            // What has the name now had none to change with, or it is not known.
            operations.extend(self.write_spare(&text));
            operations.push(Operation::SyncDir(String::new()));
        }
        self.job(Purpose::Save { steps }, operations);
    }

    fn write_spare(&self, text: &Arc<[u8]>) -> [Operation; 2] {
        let wanted = (text.len() as u64).saturating_mul(2).next_multiple_of(PAGE_BYTES);
        let room_bytes = wanted.max(self.settings.accounts_room_bytes);
        [Operation::WriteOver { path: spare(), body: text.clone(), room_bytes }, Operation::Sync(spare())]
    }

    /// `steps` is how many operations the accounts needed; what came after makes the next time safer.
    pub(super) fn saved(&mut self, now: Now, steps: usize, result: Result<(), (usize, Fault)>) {
        self.saving.has_spare |= result.is_ok();
        self.saving.names_are_durable = result.is_ok();
        match result.or_else(|(at, fault)| if at < steps { Err(fault) } else { Ok(()) }) {
            Ok(()) => {
                self.saving.has_saved = true;
                self.saving.durable = self.saving.begun;
                self.saving.retry.succeeded();
                self.cleaning.were_saved();
                self.splitting.were_saved();
                self.outputs.extend(self.releasing.were_saved());
            }
            Err(fault) => {
                self.saving.dirty = true;
                self.cleaning.were_not_saved(fault.kind == FaultKind::Full);
                self.splitting.were_not_saved();
                self.releasing.were_not_saved();
                if self.saving.retry.failed(now.mono, self.settings.disk_retry_ns) {
                    self.warn(format!("{}. The accounts are not durable meanwhile", fault.sentence));
                }
            }
        }
    }
}

/// The file whose turn it is next.
fn spare() -> String {
    format!("{COUNTERS}{TEMPORARY}")
}
