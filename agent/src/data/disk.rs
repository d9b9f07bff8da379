//! The disk thread: the only one that waits for the spool's disk, so that neither the driver nor the ingest does.
//!
//! Jobs go in by [`Disk::submit`], which never blocks; answers come out of a bounded channel that the driver always reads.
//! Jobs are done in their order.

use crate::data::spool::Spool;
use gridnode_core::outbound::spool::{Done, Job};
use std::collections::VecDeque;
use std::thread::JoinHandle;
use tokio::sync::mpsc::{self, error::TrySendError};

/// Jobs inside the channel. More wait in [`Disk`] itself, and are few: [`gridnode_core::outbound::Outbound`] has one of each
/// kind under way, and one for each stray that a start has found.
const JOBS_MAX: usize = 64;

/// The driver's end.
#[derive(Debug)]
pub struct Disk {
    jobs: Option<mpsc::Sender<Job>>,
    waiting: VecDeque<Job>,
    thread: Option<JoinHandle<()>>,
}

impl Disk {
    /// Starts the thread with an opened spool. The receiver must be read until it ends, or the thread waits.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(spool: Spool) -> std::io::Result<(Self, mpsc::Receiver<Done>)> {
        let (jobs, mut inbox) = mpsc::channel(JOBS_MAX);
        let (outbox, done) = mpsc::channel(JOBS_MAX);
        let thread = std::thread::Builder::new().name("disk".to_owned()).spawn(move || {
            while let Some(job) = inbox.blocking_recv() {
                // Whoever does not listen any more has asked for all the same.
                drop(outbox.blocking_send(spool.carry_out(&job)));
            }
        })?;
        Ok((Self { jobs: Some(jobs), waiting: VecDeque::new(), thread: Some(thread) }, done))
    }

    /// Hands over a job; what does not fit waits here for the next call or [`Self::pump`].
    pub fn submit(&mut self, job: Job) {
        self.waiting.push_back(job);
        self.pump();
    }

    /// Hands over what waits; call it after every answer and on a tick.
    pub fn pump(&mut self) {
        let Some(jobs) = &self.jobs else { return };
        while let Some(job) = self.waiting.pop_front() {
            match jobs.try_send(job) {
                Ok(()) => {}
                Err(TrySendError::Full(job)) => return self.waiting.push_front(job),
                // The thread is gone: the driver notices by the end of the other channel.
                Err(TrySendError::Closed(_)) => return self.waiting.clear(),
            }
        }
    }

    /// Hands over what waits, lets the thread finish everything and joins it. Blocks; drop or drain the receiver first.
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

#[cfg(test)]
mod tests {
    use super::*;
    use gridnode_core::outbound::spool::Operation;

    #[test]
    fn more_jobs_than_the_channel_holds_are_all_done_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let (mut disk, mut done) = Disk::start(Spool::open(dir.path()).unwrap().0).unwrap();
        for ticket in 0..200 {
            let body: std::sync::Arc<[u8]> = ticket.to_string().into_bytes().into();
            disk.submit(Job { ticket, operations: vec![Operation::Write { path: "here".to_owned(), body }] });
        }
        let reader = std::thread::spawn(move || {
            std::iter::from_fn(|| done.blocking_recv()).map(|done| done.ticket).collect::<Vec<_>>()
        });
        disk.stop();
        assert!(reader.join().unwrap().into_iter().eq(0..200));
        assert_eq!(std::fs::read_to_string(dir.path().join("here")).unwrap(), "199");
    }
}
