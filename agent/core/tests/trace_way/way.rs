//! One machine of a way out with its disk: what both have in common.

use crate::disk::Disk;
use crate::random::Random;
use gridnode_core::base::time::{Mono, Now};
use gridnode_core::outbound::delivery::{self, Destination};
use gridnode_core::outbound::spool::{Done, Fault, FaultKind, Job};
use gridnode_core::outbound::{Input, Origin, Outbound, OutboundSettings, Output, Posting, Start};
use std::collections::VecDeque;

pub struct Way {
    pub machine: Outbound,
    pub disk: Disk,
    pub jobs: VecDeque<(Job, usize)>,
    pub posts: Vec<Posting>,
    /// Batches that are durable, or given up.
    pub released: Vec<Origin>,
    destination: Destination,
    incarnation: u32,
}

fn machine(destination: Destination, seed: u64, now: Now, start: Start) -> Outbound {
    let delivery = delivery::Settings { seed, destination, ..delivery::Settings::default() };
    Outbound::new(now, OutboundSettings { delivery, ..OutboundSettings::default() }, start).0
}

impl Way {
    pub fn new(destination: Destination, seed: u64, now: Now) -> Self {
        let start = Start { incarnation: 1, ..Start::default() };
        Self {
            machine: machine(destination, seed, now, start),
            disk: Disk::new(),
            jobs: VecDeque::new(),
            posts: Vec::new(),
            released: Vec::new(),
            destination,
            incarnation: 1,
        }
    }

    pub fn input(&mut self, now: Now, input: Input) {
        self.machine.handle(now, input);
        while let Some(output) = self.machine.poll_output() {
            match output {
                Output::Disk(job) => self.jobs.push_back((job, 0)),
                Output::Post(posting) => self.posts.push(posting),
                Output::Released(origin) => self.released.push(origin),
                Output::Warn { .. } | Output::Notice { .. } => {}
            }
        }
    }

    /// One operation; whether it failed.
    pub fn disk_step(&mut self, now: Now, random: &mut Random, calm: bool) -> bool {
        let Some((job, at)) = self.jobs.pop_front() else { return false };
        let Some(operation) = job.operations.get(at) else {
            self.input(now, Input::DiskDone(Done { ticket: job.ticket, result: Ok(Vec::new()) }));
            return false;
        };
        let fails = !calm && random.chance(1);
        let result = if fails {
            Err(Fault { kind: FaultKind::Other, sentence: "EIO".to_owned() })
        } else {
            self.disk.act(operation)
        };
        match result {
            Ok(_) => self.jobs.push_front((job, at + 1)),
            Err(fault) => {
                self.input(now, Input::DiskDone(Done { ticket: job.ticket, result: Err((at, fault)) }))
            }
        }
        fails
    }

    /// A post that is due now, and its body.
    pub fn take_post(&mut self, random: &mut Random) -> Option<(Posting, Option<Vec<u8>>)> {
        if self.posts.is_empty() {
            return None;
        }
        let posting = self.posts.swap_remove(random.below(self.posts.len() as u64) as usize);
        let held = posting.body.as_ref().map(|body| body.to_vec());
        let body = held.or_else(|| self.disk.read(&posting.path).map(<[u8]>::to_vec));
        Some((posting, body))
    }

    /// The process is gone; another one takes its place.
    pub fn start_again(&mut self, now: Now, random: &mut Random) {
        (self.jobs, self.posts) = Default::default();
        self.released.clear();
        self.incarnation += 1;
        let (saved, listing) = (self.disk.saved().unwrap(), self.disk.listing());
        let start = Start { incarnation: self.incarnation, saved, listing, ..Start::default() };
        self.machine = machine(self.destination, random.below(u64::MAX), now, start);
        self.input(now, Input::Tick);
    }

    pub fn is_done(&self) -> bool {
        self.jobs.is_empty()
            && self.posts.is_empty()
            && self.machine.all_written()
            && self.machine.total().spooled.batches == 0
            && self.machine.is_tidy()
    }

    pub fn next_deadline(&self) -> Option<Mono> {
        self.machine.next_deadline()
    }
}
