//! Batches in memory until they are durable.

use super::retry::Retry;
use super::types::{Held, Origin, Output};
use super::{Outbound, Purpose, StoredFile, write_and_rename};
use crate::base::run::RunName;
use crate::base::time::{Mono, Now, Wall};
use crate::outbound::delivery::{self, Amount, BatchId, SpooledBatch};
use crate::outbound::pack::{self, Packed};
use crate::outbound::spool::{Fault, FaultKind, FileName, Operation, SPOOL, TEMPORARY, batch_path, run_dir};
use std::collections::{BTreeSet, VecDeque};

/// Batches of one job, which share the syncs of their directories.
const JOB_BATCHES_MAX: usize = 64;
/// Their compressed bytes.
const JOB_BYTES_MAX: u64 = 8 << 20;

/// See the module's head.
#[derive(Debug, Default)]
pub(super) struct Holding {
    batches: VecDeque<Held>,
    bytes: u64,
    /// Directories of runs that are there.
    dirs: BTreeSet<RunName>,
    /// Left behind by an attempt that failed: to be removed before the next.
    litter: Vec<String>,
    pub(super) retry: Retry,
    /// The disk has been full since the last success.
    full: bool,
    /// Upstream has been asked to wait since then.
    pushing_back_since: Option<Mono>,
    /// When a write that is under way was begun.
    pub(super) writing_since: Option<Mono>,
    /// When what is held is given up: nothing more is to come.
    pub(super) until: Option<Mono>,
}

impl Holding {
    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = BatchId> {
        self.batches.iter().map(|held| held.id)
    }

    pub(super) fn not_lent(&self) -> impl Iterator<Item = BatchId> {
        self.batches.iter().filter(|held| !held.lent).map(|held| held.id)
    }

    pub(super) fn any_not_lent(&self) -> bool {
        self.not_lent().next().is_some()
    }

    pub(super) fn get_mut(&mut self, id: BatchId) -> Option<&mut Held> {
        let at = self.position(id)?;
        self.batches.get_mut(at)
    }

    fn position(&self, id: BatchId) -> Option<usize> {
        self.batches.iter().position(|held| held.id == id)
    }
}

impl Outbound {
    /// Whether more batches are wanted: not while memory has as many as it may, because the disk is slow or full.
    #[must_use]
    pub fn takes_batches(&self) -> bool {
        let room = self.holding.bytes < self.settings.held_bytes_max
            && self.holding.batches.len() < self.settings.held_batches_max;
        self.disk_lost || room
    }

    pub(super) fn hold(&mut self, now: Now, run: RunName, packed: Packed, origin: Option<Origin>) {
        let state = self.runs.entry(run.clone()).or_default();
        if self.disk_lost {
            self.outputs.extend(origin.map(Output::Released));
            return self.delivery.never_spooled(&run, packed.samples);
        }
        state.held = state.held.plus(Amount { batches: 1, samples: packed.samples });
        let id = self.next_id();
        // The name carries milliseconds: what is read back is what was written.
        let created = Wall(now.wall.0.max(0) / 1_000_000 * 1_000_000);
        self.holding.bytes += packed.body.len() as u64;
        let (renamed, attempted, lent) = (false, false, false);
        self.holding.batches.push_back(Held { id, run, created, packed, origin, renamed, attempted, lent });
    }

    pub(super) fn next_id(&mut self) -> BatchId {
        let number = self.next_number;
        self.next_number += 1;
        BatchId { incarnation: self.incarnation, number, writer: self.writer }
    }

    pub(super) fn write_due(&self) -> Option<Mono> {
        let waiting = !self.holding.is_empty() && !self.is_writing();
        waiting.then(|| self.holding.retry.at())
    }

    fn is_writing(&self) -> bool {
        self.is_under_way(|purpose| matches!(purpose, Purpose::Write(_)))
    }

    /// One job at a time: what comes meanwhile shares the next one's syncs.
    pub(super) fn write_what_is_held(&mut self, now: Now) {
        if self.holding.is_empty() && !self.holding.litter.is_empty() && !self.is_writing() {
            let litter = self.holding.litter.drain(..).map(Operation::Unlink).collect();
            return self.job(Purpose::Tidy, litter);
        }
        if self.write_due().is_none_or(|at| at > now.mono) {
            return;
        }
        let mut operations: Vec<_> = self.holding.litter.drain(..).map(Operation::Unlink).collect();
        let (mut batches, mut dirs, mut bytes) = (Vec::new(), BTreeSet::new(), 0);
        for held in self.holding.batches.iter_mut().take(JOB_BATCHES_MAX) {
            bytes += held.packed.body.len() as u64;
            if bytes > JOB_BYTES_MAX && !batches.is_empty() {
                break;
            }
            if !self.holding.dirs.contains(&held.run) && !dirs.contains(&held.run) {
                operations.push(Operation::MakeDir(run_dir(&held.run.0)));
                operations.push(Operation::SyncDir(SPOOL.to_owned()));
            }
            dirs.insert(held.run.clone());
            held.attempted = true;
            if !held.renamed {
                operations.extend(write_and_rename(&held.path(), held.packed.body.clone()));
            }
            batches.push((held.id, operations.len().saturating_sub(1)));
        }
        operations.extend(dirs.into_iter().map(|run| Operation::SyncDir(run_dir(&run.0))));
        self.holding.writing_since = Some(now.mono);
        self.job(Purpose::Write(batches), operations);
    }

    pub(super) fn written(
        &mut self,
        now: Now,
        batches: &[(BatchId, usize)],
        result: Result<(), (usize, Fault)>,
    ) {
        self.holding.writing_since = None;
        match result {
            Ok(()) => {
                for (id, _) in batches {
                    self.became_durable(now, *id);
                }
                self.holding.full = false;
                self.holding.retry.succeeded();
            }
            Err((at, fault)) => self.not_written(now, batches, at, &fault),
        }
    }

    fn became_durable(&mut self, now: Now, id: BatchId) {
        let Some(held) = self.unhold(id) else { return };
        self.outputs.extend(held.origin.map(Output::Released));
        self.holding.dirs.insert(held.run.clone());
        self.saving.dirty = true;
        if held.lent {
            return;
        }
        let batch = held.spooled();
        self.files.insert(id, held.file());
        self.decide(now, delivery::Input::Spooled(batch));
    }

    /// Out of memory, but not out of the accounts: the caller sees to them, and to its second place.
    pub(super) fn unhold(&mut self, id: BatchId) -> Option<Held> {
        let held = self.holding.position(id).and_then(|at| self.holding.batches.remove(at))?;
        self.holding.bytes -= held.packed.body.len() as u64;
        if let Some(state) = self.runs.get_mut(&held.run) {
            let place = if held.lent { &mut state.lent } else { &mut state.held };
            *place = place.less(held.amount());
        }
        Some(held)
    }

    fn not_written(&mut self, now: Now, batches: &[(BatchId, usize)], at: usize, fault: &Fault) {
        let synced_all = batches.last().is_some_and(|(_, rename)| at > *rename);
        for (id, rename) in batches {
            let Some(position) = self.holding.position(*id) else { continue };
            let held = &mut self.holding.batches[position];
            // After a sync that failed nobody knows what the disk has: everything is written once more.
            held.renamed = *rename < at && !synced_all && fault.kind == FaultKind::Full;
            if *rename >= at && (at + 3 > *rename) {
                self.holding.litter.push(format!("{}{TEMPORARY}", held.path()));
            }
        }
        self.holding.dirs.clear();
        self.holding.full |= fault.kind == FaultKind::Full;
        if self.holding.retry.failed(now.mono, self.settings.disk_retry_ns) {
            self.warn(format!("{}. Results are held in memory meanwhile", fault.sentence));
        }
    }

    /// When upstream has waited for long enough.
    pub(super) fn eviction_due(&self) -> Option<Mono> {
        let since = self.holding.pushing_back_since?;
        Some(since.plus_ns(self.settings.push_back_ns_max))
    }

    pub(super) fn make_room_if_need_be(&mut self, now: Now) {
        // At the end upstream has nothing new, and what it still has waits as well there as here.
        if self.takes_batches() || !self.holding.full || self.holding.until.is_some() {
            self.holding.pushing_back_since = None;
            return;
        }
        self.holding.pushing_back_since.get_or_insert(now.mono);
        if self.eviction_due().is_some_and(|at| at <= now.mono) {
            // One batch's room at a time, each after a pause of its own: the disk may be better by then.
            let again = now.mono.plus_ns(self.settings.disk_retry_ns).0;
            self.holding.pushing_back_since =
                Some(Mono(again.saturating_sub(self.settings.push_back_ns_max)));
            self.evict_for_the_next(now);
        }
    }

    /// The oldest in the spool go, as many compressed bytes as the next batch needs; where none can go, the oldest that is
    /// held.
    fn evict_for_the_next(&mut self, now: Now) {
        let Some(next) = self.holding.batches.front() else { return };
        if !self.holding.full {
            return;
        }
        let bytes = next.packed.body.len() as u64;
        let before = self.delivery.spool_bytes();
        self.decide(now, delivery::Input::MakeRoom { bytes });
        if self.delivery.spool_bytes() == before && !self.takes_batches() {
            let busy: BTreeSet<BatchId> = self.being_written();
            let oldest = self.holding.ids().find(|id| !busy.contains(id));
            oldest.inspect(|id| self.give_up(now, *id));
        }
    }

    pub(super) fn give_up_all(&mut self, now: Now) {
        let all: Vec<BatchId> = self.holding.ids().collect();
        all.into_iter().for_each(|id| self.give_up(now, id));
    }

    /// What lies in a second place stays there, for the next start; the rest is given up.
    pub(super) fn leave_all(&mut self, now: Now) {
        let (mut left, all) = (0, self.holding.ids().collect::<Vec<_>>());
        for id in all {
            match self.leave(now, id) {
                Some(samples) => left += samples,
                None => self.give_up(now, id),
            }
        }
        if left > 0 {
            self.warn(format!(
                "{left} samples are neither delivered nor on the disk: they stay in memory files, and the next start on this \
                 state directory delivers them; should the machine stop before, they are lost, counted"
            ));
        }
    }

    /// Gives its samples. A write may have left a file: the next start knows the batch by its bytes, as after a kill.
    fn leave(&mut self, now: Now, id: BatchId) -> Option<u64> {
        let held = self.holding.get_mut(id)?;
        held.origin.take()?;
        if held.lent {
            self.decide(now, delivery::Input::Withdraw { batch: id });
            self.files.remove(&id);
        }
        let held = self.unhold(id)?;
        let state = self.runs.entry(held.run.clone()).or_default();
        state.left = state.left.plus(held.amount());
        Some(held.packed.samples)
    }

    fn give_up(&mut self, now: Now, id: BatchId) {
        if self.holding.get_mut(id).is_some_and(|held| held.lent) {
            return self.decide(now, delivery::Input::GiveUp { batch: id });
        }
        let Some(held) = self.unhold(id) else { return };
        held.origin.into_iter().for_each(|origin| self.releases(origin, &held.packed));
        self.delivery.never_spooled(&held.run, held.packed.samples);
        // An attempt may have left it there: the accounts know it as leaving before its file goes.
        self.files.insert(id, held.file());
        self.leaves(id, None, false);
    }

    fn being_written(&self) -> BTreeSet<BatchId> {
        let writes = self.jobs.values().filter_map(|purpose| match purpose {
            Purpose::Write(batches) => Some(batches),
            _ => None,
        });
        writes.flatten().map(|(id, _)| *id).collect()
    }

    pub(super) fn remove_run_dir(&mut self, run: &RunName) {
        self.holding.dirs.remove(run);
        if !self.disk_lost {
            self.job(Purpose::Tidy, vec![Operation::RemoveDir(run_dir(&run.0))]);
        }
    }
}

impl Held {
    fn path(&self) -> String {
        batch_path(&self.run.0, &FileName::of(&self.spooled()).to_string())
    }

    pub(super) fn amount(&self) -> Amount {
        Amount { batches: 1, samples: self.packed.samples }
    }

    pub(super) fn file(&self) -> StoredFile {
        let batch = self.spooled();
        StoredFile {
            name: FileName::of(&batch),
            run: batch.run,
            bytes: batch.bytes,
            checksum: Some(pack::checksum(&self.packed.body)),
            wary: false,
        }
    }

    pub(super) fn spooled(&self) -> SpooledBatch {
        SpooledBatch {
            batch: self.id,
            run: self.run.clone(),
            bytes: self.packed.body.len() as u64,
            points: self.packed.points,
            samples: self.packed.samples,
            created: self.created,
        }
    }
}
