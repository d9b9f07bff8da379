//! The disk thread: the only one that waits for the spool's disk, so that neither the driver nor the ingest does.
//!
//! Jobs go in by [`Disk::submit`], which never blocks; [`DiskDone`]s come out of a bounded channel that the driver
//! always reads. Jobs are done in order, so a batch is never deleted before it is written.

use crate::data::spool::{BatchFile, SavedAccounts, Spool, SpoolError};
use gridnode_core::base::run::RunName;
use gridnode_core::base::time::Wall;
use gridnode_core::outbound::delivery::BatchId;
use std::collections::VecDeque;
use std::thread::JoinHandle;
use tokio::sync::mpsc::{self, error::TrySendError};

/// Jobs inside the channel. More wait in [`Disk`] itself, and are finite all the same: [`crate::data::outbound`] bounds the
/// writes, and each other job is about one spooled batch, which delivery's bounds limit.
const JOBS_MAX: usize = 64;

/// What the disk thread can do.
#[derive(Debug)]
pub enum DiskJob {
    /// Write lines as batches; answered with `Written` or `NotWritten`.
    Write(WriteJob),
    /// Delete a batch that is delivered.
    Delete(BatchFile),
    /// Make the counters durable, then delete a batch.
    Evict(BatchFile, SavedAccounts),
    /// Make the counters durable, then move a batch to the quarantine with its reason.
    Quarantine(BatchFile, String, SavedAccounts),
    /// Split a batch; answered with `Split`, `NotSplit` or `Corrupt`.
    Split(BatchFile),
    /// Move an unreadable batch aside; answered with `Corrupt`.
    SetAside(BatchFile, String),
    /// Make the counters durable.
    Save(SavedAccounts),
    /// Remove an ended run's empty directory.
    RemoveRun(RunName),
    /// Answered with `Barrier` when everything before it is done.
    Barrier(u64),
}

/// Lines to be written.
#[derive(Debug)]
pub struct WriteJob {
    /// Comes back with the answer.
    pub ticket: u64,
    /// Whose they are.
    pub run: RunName,
    /// Now, by the wall clock.
    pub created: Wall,
    /// Line protocol.
    pub lines: Vec<u8>,
    /// Samples that travel with them.
    pub samples: u64,
}

/// What became of a job.
#[derive(Debug)]
pub enum DiskDone {
    /// Durable.
    Written {
        /// The job's.
        ticket: u64,
        /// The job's.
        run: RunName,
        /// Usually one.
        files: Vec<BatchFile>,
    },
    /// The job comes back, to be submitted again (after making room) or to be given up and counted.
    NotWritten {
        /// The job.
        job: WriteJob,
        /// Why.
        error: SpoolError,
    },
    /// The whole is gone, its parts are durable.
    Split {
        /// The whole.
        batch: BatchId,
        /// The parts.
        into: Vec<BatchFile>,
    },
    /// The whole is still there.
    NotSplit {
        /// The whole.
        batch: BatchId,
        /// Why.
        error: SpoolError,
    },
    /// The batch is unreadable and set aside.
    Corrupt {
        /// The batch.
        batch: BatchId,
        /// What is wrong with it.
        why: String,
    },
    /// A deletion, a move or the counters failed: to be logged; nothing else depends on it before the next start.
    Failed(SpoolError),
    /// Everything before it is done.
    Barrier(u64),
}

/// The driver's end.
#[derive(Debug)]
pub struct Disk {
    jobs: Option<mpsc::Sender<DiskJob>>,
    waiting: VecDeque<DiskJob>,
    thread: Option<JoinHandle<()>>,
}

impl Disk {
    /// Starts the thread with an opened spool. The receiver must be read until it ends, or the thread waits.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(mut spool: Spool) -> std::io::Result<(Self, mpsc::Receiver<DiskDone>)> {
        let (jobs, mut inbox) = mpsc::channel(JOBS_MAX);
        let (outbox, done) = mpsc::channel(JOBS_MAX);
        let thread = std::thread::Builder::new().name("disk".to_owned()).spawn(move || {
            let mut next = inbox.blocking_recv();
            while let Some(job) = next.take() {
                let done = match job {
                    DiskJob::Evict(file, saved) => {
                        let (files, saved) = more_evictions(file, saved, &mut inbox, &mut next);
                        spool.evict(&files, saved).err().map(DiskDone::Failed)
                    }
                    job => act(&mut spool, job),
                };
                if done.is_some_and(|done| outbox.blocking_send(done).is_err()) {
                    return;
                }
                next = next.or_else(|| inbox.blocking_recv());
            }
        })?;
        Ok((Self { jobs: Some(jobs), waiting: VecDeque::new(), thread: Some(thread) }, done))
    }

    /// Hands over a job; what does not fit waits here for the next call or [`Self::pump`].
    pub fn submit(&mut self, job: DiskJob) {
        self.waiting.push_back(job);
        self.pump();
    }

    /// Hands over what waits; call it after every [`DiskDone`] and on a tick while [`Self::backlog`] is not 0.
    pub fn pump(&mut self) {
        let Some(jobs) = &self.jobs else { return };
        while let Some(job) = self.waiting.pop_front() {
            match jobs.try_send(job) {
                Ok(()) => {}
                Err(TrySendError::Full(job)) => return self.waiting.push_front(job),
                // The thread is gone with its receiver: the driver notices by the end of the channel.
                Err(TrySendError::Closed(_)) => return self.waiting.clear(),
            }
        }
    }

    /// Jobs not yet handed over.
    #[must_use]
    pub fn backlog(&self) -> usize {
        self.waiting.len()
    }

    /// Hands over what waits, lets the thread finish everything and joins it. Blocks; drop or drain the receiver first
    /// (results nobody reads end the thread).
    pub fn stop(mut self) {
        if let Some(jobs) = self.jobs.take() {
            for job in self.waiting.drain(..) {
                if jobs.blocking_send(job).is_err() {
                    break;
                }
            }
        }
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Evictions come in crowds, and each would cost the counters' fsync: takes those that are next in line, with the last
/// one's counters, which count them all. The first job of another kind goes to `next`.
fn more_evictions(
    file: BatchFile,
    mut saved: SavedAccounts,
    inbox: &mut mpsc::Receiver<DiskJob>,
    next: &mut Option<DiskJob>,
) -> (Vec<BatchFile>, SavedAccounts) {
    let mut files = vec![file];
    while next.is_none() && files.len() < JOBS_MAX {
        match inbox.try_recv() {
            Ok(DiskJob::Evict(file, later)) => {
                files.push(file);
                saved = later;
            }
            Ok(other) => *next = Some(other),
            Err(_) => break,
        }
    }
    (files, saved)
}

fn act(spool: &mut Spool, job: DiskJob) -> Option<DiskDone> {
    let failed = |result: Result<(), SpoolError>| result.err().map(DiskDone::Failed);
    match job {
        DiskJob::Write(job) => {
            Some(match spool.write_batch(&job.run, job.created, &job.lines, job.samples) {
                Ok(files) => DiskDone::Written { ticket: job.ticket, run: job.run, files },
                Err(error) => DiskDone::NotWritten { job, error },
            })
        }
        DiskJob::Delete(file) => failed(spool.delete(&file)),
        DiskJob::Evict(file, saved) => failed(spool.evict(&[file], saved)),
        DiskJob::Quarantine(file, reason, saved) => failed(spool.quarantine(&file, &reason, saved)),
        DiskJob::Split(file) => Some(match spool.split(&file) {
            Ok(into) => DiskDone::Split { batch: file.batch.batch, into },
            Err(SpoolError::Corrupt { why, .. }) => set_aside(spool, &file, why),
            Err(error) => DiskDone::NotSplit { batch: file.batch.batch, error },
        }),
        DiskJob::SetAside(file, why) => Some(set_aside(spool, &file, why)),
        DiskJob::Save(saved) => failed(spool.save(&saved)),
        DiskJob::RemoveRun(run) => {
            spool.remove_run_dir(&run);
            None
        }
        DiskJob::Barrier(ticket) => Some(DiskDone::Barrier(ticket)),
    }
}

fn set_aside(spool: &mut Spool, file: &BatchFile, why: String) -> DiskDone {
    let moved = spool.set_aside(file);
    let why = match moved {
        Ok(to) => format!("{why}; it is now {}", to.display()),
        Err(error) => format!("{why}; and {error}"),
    };
    DiskDone::Corrupt { batch: file.batch.batch, why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Lets the thread finish and counts what it said.
    fn ending(disk: Disk, mut done: mpsc::Receiver<DiskDone>) -> Vec<DiskDone> {
        let reader = std::thread::spawn(move || std::iter::from_fn(|| done.blocking_recv()).collect());
        disk.stop();
        reader.join().unwrap()
    }

    #[test]
    fn more_jobs_than_the_channel_holds_are_all_done_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let (mut disk, done) = Disk::start(Spool::open(dir.path()).unwrap().0).unwrap();
        for ticket in 0..200 {
            let lines = b"m v=1 1\n".to_vec();
            disk.submit(DiskJob::Write(WriteJob {
                ticket,
                run: "7.1".into(),
                created: Wall(0),
                lines,
                samples: 1,
            }));
        }
        disk.submit(DiskJob::Barrier(9));
        let said = ending(disk, done);
        let tickets =
            said.iter().map(|d| if let DiskDone::Written { ticket, .. } = d { *ticket } else { 999 });
        assert!(tickets.eq((0..200).chain([999])), "{said:?}");
        assert!(matches!(said.last(), Some(DiskDone::Barrier(9))));
    }

    #[test]
    fn a_crowd_of_evictions_ends_with_the_last_ones_counters() {
        let dir = tempfile::tempdir().unwrap();
        let (mut spool, _) = Spool::open(dir.path()).unwrap();
        let mut write = || spool.write_batch(&"7.1".into(), Wall(0), b"m v=1 1\n", 1).unwrap().remove(0);
        let files: Vec<BatchFile> = (0..150).map(|_| write()).collect();
        let (mut disk, done) = Disk::start(spool).unwrap();
        for (n, file) in files.into_iter().enumerate() {
            let mut saved = SavedAccounts { runs: BTreeMap::default(), leaving: Vec::new() };
            saved.runs.entry("7.1".to_owned()).or_default().evicted.batches = n as u64 + 1;
            disk.submit(DiskJob::Evict(file, saved));
            if n == 70 {
                disk.submit(DiskJob::Barrier(1));
            }
        }
        assert!(matches!(ending(disk, done)[..], [DiskDone::Barrier(1)]));
        let (_, found) = Spool::open(dir.path()).unwrap();
        assert_eq!((found.batches.len(), found.saved.runs["7.1"].evicted.batches), (0, 150));
    }
}
