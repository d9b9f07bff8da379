//! A node's disk thread and its posts.

use super::grid::Common;
use super::node::Node;
use super::plant::Plant;
use super::store::From;
use gridnode_core::outbound::pack;
use gridnode_core::outbound::spool::{Done, Fault, FaultKind, Operation, SPOOL};
use gridnode_core::outbound::{Input, Output, Posting};

impl Node {
    /// One operation of the job that is first in line.
    pub fn disk_step(&mut self, common: &mut Common, is_calm: bool) {
        let Some((job, at)) = self.jobs.pop_front() else { return };
        let Some(operation) = job.operations.get(at) else {
            return self.input(Input::DiskDone(Done { ticket: job.ticket, result: Ok(Vec::new()) }));
        };
        let is_skipped = match self.plant {
            Plant::NoSync => matches!(operation, Operation::Sync(path) if path.starts_with(SPOOL)),
            Plant::NoSyncDir => matches!(operation, Operation::SyncDir(_)),
            _ => false,
        };
        let result = if is_skipped {
            Ok(Vec::new())
        } else if !is_calm && self.random.chance(1) && self.random.chance(30) {
            common.seen.saw("operation failed");
            Err(Fault { kind: FaultKind::Other, sentence: "EIO".to_owned() })
        } else {
            self.disk.act(operation)
        };
        match result {
            Ok(read) if at + 1 < job.operations.len() && read.is_empty() => {
                self.jobs.push_front((job, at + 1))
            }
            Ok(read) => self.input(Input::DiskDone(Done { ticket: job.ticket, result: Ok(read) })),
            Err(fault) => {
                self.input(Input::DiskDone(Done { ticket: job.ticket, result: Err((at, fault)) }));
            }
        }
    }

    /// The answer to one of the posts.
    pub fn post_step(&mut self, common: &mut Common) -> Result<(), String> {
        if self.posts.is_empty() {
            return Ok(());
        }
        let at = self.random.below(self.posts.len() as u64) as usize;
        let posting = self.posts.swap_remove(at);
        let batch = posting.batch;
        let input = match self.body(&posting) {
            None => Input::ReadFailed { batch, sentence: "no such file".to_owned() },
            Some(body) => match pack::unpack(&body) {
                Err(why) => Input::Unreadable { batch, why },
                Ok(lines) => {
                    let points = pack::count_points(&lines) as u32;
                    let from = From { node: self.number, run: run_of(&posting) };
                    let whose = (&from, &mut self.owed);
                    let (answer, what) = common.store.post(&body, points, &mut self.random, whose)?;
                    common.seen.saw(what);
                    Input::Answer { batch, answer }
                }
            },
        };
        self.input(input);
        Ok(())
    }

    /// The machine stops: of the posts on their way, some have arrived.
    pub(super) fn posts_end(&mut self, common: &mut Common) -> Result<(), String> {
        for posting in std::mem::take(&mut self.posts) {
            if let Some(body) = self.body(&posting).filter(|body| pack::unpack(body).is_ok())
                && !common.store.is_away
                && self.random.chance(30)
            {
                let from = From { node: self.number, run: run_of(&posting) };
                common.store.write(&body, &from, &mut self.owed)?;
            }
        }
        Ok(())
    }

    fn body(&self, posting: &Posting) -> Option<Vec<u8>> {
        let held = posting.body.as_ref().map(|body| body.to_vec());
        held.or_else(|| self.disk.read(&posting.path).map(<[u8]>::to_vec))
    }

    pub fn input(&mut self, input: Input) {
        self.outbound.handle(self.now, input);
        while let Some(output) = self.outbound.poll_output() {
            match output {
                Output::Disk(job) => self.jobs.push_back((job, 0)),
                Output::Post(posting) => self.posts.push(posting),
                Output::Released(_) if self.plant == Plant::ReleasedNever => {}
                Output::Released(origin) => drop(self.memory.remove(&origin)),
                Output::Warn { .. } | Output::Notice { .. } => {}
            }
        }
    }
}

/// Spool files lie in a directory of their run's name.
fn run_of(posting: &Posting) -> &str {
    posting.path.split('/').nth(1).unwrap_or_default()
}
