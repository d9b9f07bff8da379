//! A batch that is too large for the Drain becomes two.

use super::{Outbound, Purpose, StoredFile, write_and_rename};
use crate::base::time::{Mono, Now};
use crate::outbound::delivery::{self, BatchId, SpooledBatch};
use crate::outbound::pack::{self, Packed};
use crate::outbound::spool::{Fault, FaultKind, FileName, Operation, batch_path, run_dir};
use std::collections::BTreeMap;

/// See the module's head.
#[derive(Debug, Default)]
pub(super) struct Splitting {
    wholes: BTreeMap<BatchId, Split>,
}

#[derive(Debug)]
struct Split {
    step: Step,
    /// Numbers of the parts: the same at every attempt, so that what one has left behind is written over by the next.
    parts: Vec<BatchId>,
    /// With the checksum of each.
    written: Vec<(SpooledBatch, u32)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Not wanted now, after an attempt that failed.
    Resting,
    /// First the accounts must know of the whole: its parts stand for it from then on.
    Wanted,
    BeingSaved,
    Ready,
    /// A job of it is under way.
    UnderWay,
    /// The parts are durable; the whole could not be removed and is tried again.
    WholeToGo(Mono),
}

impl Splitting {
    pub(super) fn being_saved(&mut self) {
        self.step(Step::Wanted, Step::BeingSaved);
    }

    pub(super) fn were_saved(&mut self) {
        self.step(Step::BeingSaved, Step::Ready);
    }

    pub(super) fn were_not_saved(&mut self) {
        self.step(Step::BeingSaved, Step::Wanted);
    }

    pub(super) fn due(&self) -> Option<Mono> {
        let at = |split: &Split| if let Step::WholeToGo(at) = split.step { Some(at) } else { None };
        self.wholes.values().filter_map(at).min()
    }

    fn step(&mut self, from: Step, to: Step) {
        self.wholes.values_mut().filter(|split| split.step == from).for_each(|split| split.step = to);
    }

    fn set(&mut self, whole: BatchId, step: Step) {
        if let Some(split) = self.wholes.get_mut(&whole) {
            split.step = step;
        }
    }
}

impl Outbound {
    pub(super) fn wants_split(&mut self, whole: BatchId) {
        let new = Split { step: Step::Wanted, parts: Vec::new(), written: Vec::new() };
        self.splitting.wholes.entry(whole).or_insert(new).step = Step::Wanted;
        // Of which this one is itself a part: durable before there are parts of parts, which do not name it.
        self.finished_with(self.files.get(&whole).and_then(|file| file.name.parent));
        self.saving.dirty = true;
    }

    pub(super) fn split_what_is_ready(&mut self, now: Now) {
        let due = |step| step == Step::Ready || matches!(step, Step::WholeToGo(at) if at <= now.mono);
        let ready: Vec<_> = self
            .splitting
            .wholes
            .iter()
            .filter(|(_, split)| due(split.step))
            .map(|(id, s)| (*id, s.step))
            .collect();
        for (whole, step) in ready {
            let Some(file) = self.files.get(&whole).cloned() else {
                self.splitting.wholes.remove(&whole);
                continue;
            };
            self.splitting.set(whole, Step::UnderWay);
            if step == Step::Ready {
                let (points, samples) = (file.name.points, file.name.samples);
                let (path, checksum) = (file.path(), file.checksum);
                let halves = Operation::ReadHalves { path, checksum, points, samples };
                self.job(Purpose::Halve(whole), vec![halves]);
            } else {
                self.job(Purpose::Part(whole, 0), removal(&file).to_vec());
            }
        }
    }

    pub(super) fn halved(&mut self, now: Now, whole: BatchId, result: Result<Vec<Packed>, (usize, Fault)>) {
        match result {
            Ok(halves) => self.write_parts(whole, &halves),
            Err((_, fault)) if fault.kind == FaultKind::Corrupt => {
                self.splitting.wholes.remove(&whole);
                self.unreadable(now, whole, &fault.sentence);
            }
            Err((_, fault)) => self.not_split(now, whole, &fault),
        }
    }

    fn write_parts(&mut self, whole: BatchId, halves: &[Packed]) {
        let Some(file) = self.files.get(&whole).cloned() else { return };
        while self.splitting.wholes.get(&whole).is_some_and(|split| split.parts.len() < halves.len()) {
            let id = self.next_id();
            if let Some(split) = self.splitting.wholes.get_mut(&whole) {
                split.parts.push(id);
            }
        }
        let Some(split) = self.splitting.wholes.get_mut(&whole) else { return };
        split.written.clear();
        let mut operations = Vec::new();
        let mut paths = Vec::new();
        for (half, id) in halves.iter().zip(&split.parts) {
            let name = FileName {
                batch: *id,
                samples: half.samples,
                points: half.points,
                parent: Some(whole),
                ..file.name
            };
            let path = batch_path(&file.run.0, &name.to_string());
            operations.extend(write_and_rename(&path, half.body.clone()));
            paths.push(path);
            let part = SpooledBatch {
                batch: *id,
                run: file.run.clone(),
                bytes: half.body.len() as u64,
                points: half.points,
                samples: half.samples,
                created: crate::base::time::Wall(file.name.created_ms.saturating_mul(1_000_000)),
            };
            split.written.push((part, pack::checksum(&half.body)));
        }
        let others = self.cleaning.goes_after(whole, paths);
        operations.extend(others.into_iter().map(Operation::Unlink));
        operations.push(Operation::SyncDir(run_dir(&file.run.0)));
        let from = operations.len();
        operations.extend(removal(&file));
        self.job(Purpose::Part(whole, from), operations);
    }

    pub(super) fn parted(
        &mut self,
        now: Now,
        whole: BatchId,
        from: usize,
        result: Result<(), (usize, Fault)>,
    ) {
        match result {
            Ok(()) => {
                let Some(split) = self.splitting.wholes.remove(&whole) else { return };
                let Some(file) = self.files.remove(&whole) else { return };
                self.cleaning.forget_parts(whole);
                let mut into = Vec::with_capacity(split.written.len());
                for (part, checksum) in split.written {
                    let name = FileName { parent: Some(whole), ..FileName::of(&part) };
                    let (run, checksum) = (file.run.clone(), Some(checksum));
                    self.files.insert(
                        part.batch,
                        StoredFile { run, name, bytes: part.bytes, checksum, wary: false },
                    );
                    into.push(part);
                }
                self.saving.dirty = true;
                self.decide(now, delivery::Input::SplitDone { batch: whole, into });
            }
            // The parts are there, and perhaps the whole is not: neither may be posted before that is known.
            Err((at, fault)) if at >= from => {
                let again = now.mono.plus_ns(self.settings.disk_retry_ns);
                self.splitting.set(whole, Step::WholeToGo(again));
                self.warn(fault.sentence);
            }
            Err((_, fault)) => self.not_split(now, whole, &fault),
        }
    }

    fn not_split(&mut self, now: Now, whole: BatchId, fault: &Fault) {
        self.splitting.set(whole, Step::Resting);
        self.warn(format!("{}; the batch is not split and is tried again", fault.sentence));
        self.decide(now, delivery::Input::SplitFailed { batch: whole });
    }
}

fn removal(file: &StoredFile) -> [Operation; 2] {
    [Operation::Unlink(file.path()), Operation::SyncDir(run_dir(&file.run.0))]
}
