//! Names that a start has seen become durable before anything relies on them: where only the process was killed, a machine that
//! stops now would forget those that were not.

use super::retry::Retry;
use super::{Outbound, Purpose};
use crate::base::time::{Mono, Now};
use crate::outbound::spool::{Fault, Operation};

/// See the module's head.
#[derive(Debug)]
pub(super) struct Settling {
    dirs: Vec<String>,
    retry: Retry,
}

impl Settling {
    /// Of these directories.
    pub(super) fn of(dirs: Vec<String>) -> Self {
        Self { dirs, retry: Retry::default() }
    }

    pub(super) fn is_over(&self) -> bool {
        self.dirs.is_empty()
    }
}

impl Outbound {
    pub(super) fn settling_due(&self) -> Option<Mono> {
        let waits = !self.settling.is_over() && !self.is_under_way(|p| matches!(p, Purpose::Settle));
        waits.then(|| self.settling.retry.at())
    }

    pub(super) fn settle_if_due(&mut self, now: Now) {
        if self.settling_due().is_some_and(|at| at <= now.mono) {
            let syncs = self.settling.dirs.iter().cloned().map(Operation::SyncDir).collect();
            self.job(Purpose::Settle, syncs);
        }
    }

    pub(super) fn settled(&mut self, now: Now, result: Result<(), (usize, Fault)>) {
        match result {
            Ok(()) => self.settling.dirs.clear(),
            Err((_, fault)) => {
                if self.settling.retry.failed(now.mono, self.settings.disk_retry_ns) {
                    self.warn(format!("{}. What was found is not relied on meanwhile", fault.sentence));
                }
            }
        }
    }
}
