//! Batches on their way to the Drain.

use super::{Outbound, Output, Posting};
use crate::base::time::Now;
use crate::outbound::delivery::{self, BatchId};

impl Outbound {
    pub(super) fn post(&mut self, batch: BatchId) {
        // Delivery posts only what it was told to have a file.
        let Some(file) = self.files.get(&batch) else { return };
        let body = self.holding.get_mut(batch).map(|held| held.packed.body.clone());
        self.outputs.push_back(Output::Post(Posting {
            batch,
            run: file.run.clone(),
            path: file.path(),
            samples: file.name.samples,
            unproven: file.unproven,
            wary: file.wary,
            body,
        }));
    }

    pub(super) fn unreadable(&mut self, now: Now, batch: BatchId, why: &str) {
        if !self.files.contains_key(&batch) {
            return;
        }
        self.warn(format!("batch {batch} is unreadable and set aside in the directory corrupt: {why}"));
        self.decide(now, delivery::Input::Corrupt { batch });
        self.leaves(batch, None, true);
    }
}
