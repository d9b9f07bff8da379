//! Batches on their way to the Drain.

use super::{Outbound, Output, Posting};
use crate::base::time::Now;
use crate::outbound::delivery::{self, BatchId};
use crate::outbound::spool::{GONE, gone_name};

/// Batches that were not there, by name: more are not worth the room in the accounts.
const GONE_MAX: usize = 1_024;

impl Outbound {
    pub(super) fn post(&mut self, batch: BatchId) {
        // Delivery posts only what it was told to have a file.
        let Some(file) = self.files.get(&batch) else { return };
        let body = self.holding.get_mut(batch).map(|held| held.packed.body.clone());
        self.outputs.push_back(Output::Post(Posting {
            batch,
            run: file.run.clone(),
            path: file.path(),
            points: file.name.points,
            samples: file.name.samples,
            checksum: file.checksum,
            wary: file.wary,
            body,
        }));
    }

    /// The accounts of its run stay, too.
    pub(super) fn is_gone(&mut self, path: String) {
        if let Some((run, _)) = gone_name(&path) {
            self.cleaning.runs_aside.insert(run);
        }
        self.gone.push_back(path);
        if self.gone.len() > GONE_MAX {
            self.gone.pop_front();
        }
    }

    pub(super) fn unreadable(&mut self, now: Now, batch: BatchId, why: &str) {
        if !self.files.contains_key(&batch) {
            return;
        }
        if why.ends_with(GONE) {
            self.warn(format!(
                "batch {batch} is counted as set aside: {why}. Should its file come back, the next start delivers it"
            ));
            self.decide(now, delivery::Input::Corrupt { batch });
            if let Some(file) = self.files.remove(&batch) {
                self.saving.dirty = true;
                self.finished_with(file.name.parent);
                self.is_gone(file.path());
            }
            return;
        }
        self.warn(format!("batch {batch} is unreadable and set aside in the directory corrupt: {why}"));
        self.decide(now, delivery::Input::Corrupt { batch });
        self.leaves(batch, None, true);
    }
}
