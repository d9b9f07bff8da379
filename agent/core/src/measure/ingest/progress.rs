//! How far runs have come, for whoever goes on after this process: what it had counted, and of which sources.

use super::{Ingest, Mode};
use crate::base::run::RunIdentity;
use crate::measure::ledger::SourceMark;
use serde::{Deserialize, Serialize};

/// Sources of which it is kept; each takes some 150 bytes.
const MARKS_MAX: usize = 4_096;

/// Of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunProgress {
    /// Whose.
    pub identity: RunIdentity,
    /// Its slot, while it is open.
    pub slot: Option<u32>,
    /// Samples that were put into windows, while it is open.
    pub aggregated: u64,
    /// Sources on an open socket: they may outlive this process.
    pub sources: Vec<SourceMark>,
}

impl RunProgress {
    /// What these sources have lost is owed to whoever goes on.
    pub fn owe(&mut self, owed: &[SourceMark]) {
        for mark in owed {
            match self.sources.iter_mut().find(|known| known.name == mark.name) {
                Some(known) => known.lost = known.lost.saturating_add(mark.lost),
                None => self.sources.push(mark.clone()),
            }
        }
    }
}

impl Ingest {
    /// Runs that have closed since the last call, as whoever goes on after this process must know them until their accounts are
    /// durable and their receipts are said: [`Self::progress`] has what comes after that. Of their sources, those that owe.
    pub fn take_closing(&mut self) -> Vec<RunProgress> {
        std::mem::take(&mut self.closing)
    }

    /// Of all runs that are open, and of those on open sockets whose sources may come again.
    #[must_use]
    pub fn progress(&self) -> Vec<RunProgress> {
        let implicit: Vec<u32> = self.implicit_runs().collect();
        let open = self.runs.iter().map(|(slot, run)| RunProgress {
            identity: (*run.identity).clone(),
            slot: Some(slot),
            aggregated: run.account.aggregated,
            sources: if implicit.contains(&slot) { run.book.marks() } else { Vec::new() },
        });
        let sockets = self.sockets.iter().filter_map(|socket| match &socket.mode {
            Mode::Open(open) => Some(open),
            Mode::Controlled(_) => None,
        });
        let closed = sockets.flat_map(|socket| socket.closed()).map(|known| RunProgress {
            identity: known.identity.clone(),
            slot: None,
            aggregated: 0,
            sources: known.sources.clone(),
        });
        let mut left = MARKS_MAX;
        let within = |mut run: RunProgress| {
            run.sources.truncate(left);
            left -= run.sources.len();
            run
        };
        open.chain(closed).map(within).collect()
    }
}
