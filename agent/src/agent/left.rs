//! What an agent leaves to the next one on its state directory.

use crate::data::session::{Lost, Session};

/// At one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left {
    spooled: u64,
    batches: u64,
    traces: u64,
    lost: Lost,
}

impl Left {
    pub(super) fn by(session: &Session) -> Self {
        let spooled = session.delivery_total().spooled;
        Self {
            spooled: spooled.samples,
            batches: spooled.batches,
            traces: session.waiting_traces(),
            lost: session.lost_since_start(),
        }
    }

    /// No sample waits, and none was lost.
    pub(super) fn is_nothing(&self) -> bool {
        self.spooled == 0 && self.lost.samples() == 0
    }

    pub(super) fn say(&self) {
        if self.lost.samples() > 0 {
            tracing::error!(
                samples = self.lost.samples(),
                "known by now not to be delivered, of earlier runs, too: {}; see gridnode spool list",
                self.lost
            );
        }
        if self.spooled > 0 {
            tracing::warn!(spooled = self.spooled, "samples wait in the spool for the next start");
        } else if self.batches > 0 {
            tracing::info!(
                batches = self.batches,
                "batches without samples, as of ledgers and health, wait for the next start"
            );
        }
        if self.traces > 0 {
            tracing::warn!(traces = self.traces, "error traces wait for S3, and for the next start");
        }
    }
}
