//! The machine at its start, with what the last one has left.

use super::cleaning::Aside;
use super::{Outbound, OutboundSettings, Purpose, RunState, StoredFile};
use crate::base::run::RunName;
use crate::base::time::Now;
use crate::outbound::delivery::{self, Delivery};
use crate::outbound::spool::{
    AsideFile, CORRUPT, Carried, Found, Listing, Operation, QUARANTINE, SPOOL, Saved, SavedRun, recover,
    run_dir,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// What a state directory says.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// This start's number, durable already.
    pub incarnation: u32,
    /// This start's own, by which its batches are told from others': see [`delivery::BatchId::writer`].
    pub writer: u32,
    /// The accounts.
    pub saved: Saved,
    /// The spool.
    pub listing: Listing,
    /// What lies in a second place and will come in again, by run.
    pub carried: BTreeMap<RunName, Carried>,
    /// Runs of which something lies aside.
    pub aside: BTreeSet<RunName>,
    /// Files in the quarantine, and their bytes.
    pub quarantine: (usize, u64),
    /// Files in `corrupt`, oldest first.
    pub corrupt: Vec<AsideFile>,
}

impl Outbound {
    /// Takes over what was found; gives sentences for the log. Its first outputs wait at once.
    #[must_use]
    pub fn new(now: Now, settings: OutboundSettings, start: Start) -> (Self, Vec<String>) {
        let own = ["", SPOOL, QUARANTINE, CORRUPT].map(str::to_owned);
        let dirs = own.into_iter().chain(start.listing.runs.keys().map(|run| run_dir(run))).collect();
        let recovered = recover(start.listing, &start.saved, &start.carried);
        let mut outbound = Self {
            delivery: Delivery::new(settings.delivery.clone()),
            settings,
            runs: BTreeMap::new(),
            files: HashMap::new(),
            incarnation: start.incarnation,
            writer: start.writer,
            next_number: 1,
            holding: super::Holding::default(),
            saving: super::Saving::default(),
            settling: super::Settling::of(dirs),
            cleaning: super::Cleaning::default(),
            releasing: super::Releasing::default(),
            corrupt: super::Corrupt::default(),
            gone: VecDeque::new(),
            finished: start.saved.finished,
            splitting: super::Splitting::default(),
            next_ticket: 0,
            jobs: BTreeMap::new(),
            disk_lost: false,
            flushed: false,
            outputs: VecDeque::new(),
        };
        outbound.cleaning.quarantine = Aside { files: start.quarantine.0, bytes: start.quarantine.1 };
        outbound.cleaning.runs_aside = start.aside;
        for path in recovered.gone {
            outbound.is_gone(path);
        }
        outbound.look_at_the_quarantine();
        outbound.corrupt.removed = start.saved.corrupt_removed;
        outbound.lie_in_corrupt(start.corrupt);
        for (run, saved) in recovered.runs {
            outbound.restore(run, &saved);
        }
        outbound.tidy(recovered.litter, recovered.strays);
        for (whole, paths) in recovered.undone {
            outbound.cleaning.goes_after(whole, paths);
        }
        for (found, how) in recovered.leaving {
            let whole = how.batch.clone();
            outbound.cleaning.found(found.batch.batch, stored(&found), whole, how);
        }
        for found in recovered.empty {
            let id = found.batch.batch;
            outbound.files.insert(id, stored(&found));
            outbound.leaves(id, None, true);
        }
        // The wall clock may be wrong at a start, and what waits is worth more than its word: nothing is older than it is beside
        // the newest.
        let newest = recovered.batches.iter().map(|found| found.batch.created).max();
        let newest = newest.map_or(now.wall, |newest| newest.min(now.wall));
        for found in recovered.batches {
            let (id, batch) = (found.batch.batch, found.batch.clone());
            outbound.runs.entry(batch.run.clone()).or_default();
            outbound.files.insert(id, stored(&found));
            let age_ns = u64::try_from(newest.0.saturating_sub(batch.created.0)).unwrap_or(0);
            outbound.decide(now, delivery::Input::Found { batch, age_ns });
        }
        outbound.decide(now, delivery::Input::Tick);
        // Also when nothing has changed: from here on the file knows of this start.
        outbound.saving.dirty = true;
        outbound.advance(now);
        (outbound, recovered.remarks)
    }

    fn restore(&mut self, run: RunName, saved: &SavedRun) {
        let (aggregated, lost_restart) = (saved.aggregated, saved.lost_restart);
        self.delivery.restore(&run, saved.account);
        self.runs.insert(run, RunState { aggregated, lost_restart, ..RunState::default() });
    }

    fn tidy(&mut self, litter: Vec<String>, strays: Vec<String>) {
        // Each in a job of its own: what cannot be done to one is none of the others' business.
        for path in litter {
            self.job(Purpose::Tidy, vec![Operation::Unlink(path)]);
        }
        for from in strays {
            let name = from.strip_prefix(SPOOL).unwrap_or(&from).trim_start_matches('/').replace('/', "__");
            let to = format!("{CORRUPT}/{name}");
            self.job(Purpose::Tidy, vec![Operation::Rename { from, to, done_before: true }]);
        }
    }
}

fn stored(found: &Found) -> StoredFile {
    StoredFile {
        run: found.batch.run.clone(),
        name: found.name,
        bytes: found.batch.bytes,
        checksum: None,
        wary: false,
    }
}
