//! One node's way out from start to start, until all faults end.

mod ends;

use super::checker;
use super::disk::Disk;
use super::drain::Drain;
use super::plant::Plant;
use super::random::Random;
use gridnode_core::base::run::RunName;
use gridnode_core::base::time::{Mono, NS_PER_MS, NS_PER_S, Now, Wall};
use gridnode_core::outbound::delivery;
use gridnode_core::outbound::pack::{self, Packed};
use gridnode_core::outbound::spool::{
    Carried, Done, Fault, FaultKind, FileName, Finished, Job, Operation, SavedRun,
};
use gridnode_core::outbound::{Input, Origin, Outbound, OutboundSettings, Output, Posting, Start};
use std::collections::{BTreeMap, VecDeque};

pub struct World {
    random: Random,
    plant: Plant,
    disk: Disk,
    /// A copy of all of it, as an operator may have one.
    backup: Option<Disk>,
    drain: Drain,
    outbound: Outbound,
    now: Now,
    incarnation: u32,
    jobs: VecDeque<(Job, usize)>,
    posts: Vec<Posting>,
    /// Batches in a second place, which a kill leaves alone.
    memory: BTreeMap<Origin, (RunName, Packed)>,
    next_origin: u64,
    generated: BTreeMap<RunName, u64>,
    line: i64,
    crashed: bool,
    /// Half of the worlds have room enough.
    may_fill: bool,
    calm: bool,
    seen: BTreeMap<&'static str, u64>,
}

const SPOOL_BYTES_MAX: u64 = 20_000;

const ASIDE_FILES_MAX: usize = 8;

fn settings(seed: u64) -> OutboundSettings {
    OutboundSettings {
        delivery: delivery::Settings {
            seed,
            spool_bytes_max: SPOOL_BYTES_MAX,
            ..delivery::Settings::default()
        },
        held_bytes_max: 2_000,
        held_batches_max: 12,
        aside_files_max: ASIDE_FILES_MAX,
        accounts_room_bytes: 2_000,
        push_back_ns_max: 5 * NS_PER_S,
        ..OutboundSettings::default()
    }
}

impl World {
    pub fn new(seed: u64, plant: Plant) -> Self {
        let now = Now { mono: Mono(NS_PER_S), wall: Wall(1_700_000_000_000_000_000) };
        let start = Start { incarnation: 1, ..Start::default() };
        let (outbound, _) = Outbound::new(now, settings(seed), start);
        Self {
            random: Random::new(seed),
            plant,
            disk: Disk::new(),
            backup: None,
            drain: Drain::default(),
            outbound,
            now,
            incarnation: 1,
            jobs: VecDeque::new(),
            posts: Vec::new(),
            memory: BTreeMap::new(),
            next_origin: 0,
            generated: BTreeMap::new(),
            line: 0,
            crashed: false,
            may_fill: seed.is_multiple_of(2),
            calm: false,
            seen: BTreeMap::new(),
        }
    }

    /// How often what happened, or what is wrong.
    pub fn run(mut self) -> Result<BTreeMap<&'static str, u64>, String> {
        let steps = 60 + self.random.below(400);
        let may_crash = self.random.chance(70);
        for _ in 0..steps {
            self.step(may_crash)?;
        }
        self.end()?;
        Ok(self.seen)
    }

    fn saw(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    fn input(&mut self, input: Input) -> Result<(), String> {
        let (evicted, had_room) = (self.outbound.total().evicted, self.outbound.takes_batches());
        self.outbound.handle(self.now, input);
        self.drain_outputs();
        let within_bounds = self.outbound.delivery().spool_bytes() < SPOOL_BYTES_MAX / 2;
        if had_room && within_bounds && !self.calm && self.outbound.total().evicted != evicted {
            return Err("something is evicted although memory has room".to_owned());
        }
        checker::always(&self.outbound, &self.drain)
    }

    fn drain_outputs(&mut self) {
        while let Some(output) = self.outbound.poll_output() {
            match output {
                Output::Disk(job) => {
                    let mut job = job;
                    if self.plant == Plant::UnlinkFirst {
                        job.operations.sort_by_key(|operation| !matches!(operation, Operation::Unlink(_)));
                    }
                    self.jobs.push_back((job, 0));
                }
                Output::Post(posting) => self.posts.push(posting),
                Output::Released(_) if self.plant == Plant::ReleasedNever => {}
                Output::Released(origin) => drop(self.memory.remove(&origin)),
                Output::Warn { .. } | Output::Notice { .. } => {}
            }
        }
    }

    fn step(&mut self, may_crash: bool) -> Result<(), String> {
        match self.random.below(100) {
            0..18 if self.outbound.takes_batches() => self.batch(),
            18..58 => self.disk_step(),
            58..78 => self.post_step(),
            78..90 => {
                let next = self
                    .outbound
                    .next_deadline()
                    .map_or(0, |at| at.since_ns(self.now.mono))
                    .min(100 * NS_PER_S);
                let wait_ns =
                    if self.random.chance(60) { next } else { self.random.below(3_000) * NS_PER_MS };
                self.now = self.now.plus_ns(wait_ns);
                self.input(Input::Tick)
            }
            90 => {
                self.drain.is_away = self.random.chance(50);
                Ok(())
            }
            91 | 92 if self.may_fill => {
                self.saw("disk full");
                self.disk.bytes_max = self.disk.bytes() + self.random.below(300) as usize;
                Ok(())
            }
            93 | 94 => {
                self.disk.bytes_max = usize::MAX;
                Ok(())
            }
            95 if self.random.chance(10) => {
                let second = |body: &[u8]| self.memory.values().any(|(_, packed)| *packed.body == *body);
                if let Some(how) = self.disk.rot(&mut self.random, second) {
                    self.saw(how);
                }
                Ok(())
            }
            96 if may_crash => self.crash(),
            97 if may_crash => self.kill(),
            98 if may_crash => self.stop(),
            99 if may_crash && self.random.chance(20) => self.restore(),
            _ => Ok(()),
        }
    }

    /// A window's lines, counted before they are handed on.
    fn batch(&mut self) -> Result<(), String> {
        // A run goes on under another name after a restart.
        let flood = if self.random.chance(70) { 7 } else { 8 };
        let run = RunName::from(format!("{flood}.1+{}.0", self.incarnation).as_str());
        let (mut text, mut samples) = (String::new(), 0);
        for _ in 0..=self.random.below(4) {
            self.line += 1;
            let count = 1 + self.random.below(50);
            samples += count;
            text += &format!("transaction_rate_mean,run={run} count={count}i {}\n", self.line);
        }
        let generated = self.generated.entry(run.clone()).or_default();
        *generated += samples;
        let counted = *generated;
        self.input(Input::Aggregated { run: run.clone(), samples: counted })?;
        for packed in pack::pack(text.as_bytes(), samples) {
            self.hand_over(&run, packed)?;
        }
        Ok(())
    }

    fn hand_over(&mut self, run: &RunName, packed: Packed) -> Result<(), String> {
        self.next_origin += 1;
        let origin = Origin(self.next_origin);
        if self.plant != Plant::ReleasedAtOnce {
            self.memory.insert(origin, (run.clone(), packed.clone()));
        }
        self.input(Input::Batch { run: run.clone(), packed, origin: Some(origin) })
    }

    /// One operation of the job that is first in line.
    fn disk_step(&mut self) -> Result<(), String> {
        let Some((job, at)) = self.jobs.pop_front() else { return Ok(()) };
        let Some(operation) = job.operations.get(at) else {
            return self.input(Input::DiskDone(Done { ticket: job.ticket, result: Ok(Vec::new()) }));
        };
        let skip = match (self.plant, operation) {
            (Plant::NoSync, Operation::Sync(_))
            | (Plant::NoSyncDir, Operation::SyncDir(_))
            | (Plant::NoUnlink, Operation::Unlink(_)) => true,
            (Plant::AccountsNotSaved, Operation::Exchange { to, .. }) => to == "counters.json",
            (Plant::RenameBeforeSync, Operation::Sync(_)) => {
                let rename = job.operations.get(at + 1).cloned();
                rename.iter().for_each(|rename| drop(self.disk.act(rename)));
                rename.is_some()
            }
            (Plant::RenameBeforeSync, Operation::Rename { done_before: false, .. }) => true,
            _ => false,
        };
        let result = if skip {
            Ok(Vec::new())
        } else if !self.calm && self.random.chance(1) {
            self.saw("operation failed");
            if self.random.chance(50) {
                drop(self.disk.act(operation));
            }
            Err(Fault { kind: FaultKind::Other, sentence: "failed to do it: EIO".to_owned() })
        } else {
            self.disk.act(operation)
        };
        if matches!((operation, &result), (Operation::WriteOver { .. }, Err(fault)) if fault.kind == FaultKind::Full)
        {
            self.seen.insert("no room for accounts", 1);
        }
        let result = match result {
            Err(_) if self.plant == Plant::FailureIsSuccess => Ok(Vec::new()),
            Err(fault) if self.plant == Plant::FullIsDone && fault.kind == FaultKind::Full => Ok(Vec::new()),
            result => result,
        };
        match result {
            Ok(halves) if halves.is_empty() => {
                self.jobs.push_front((job, at + 1));
                Ok(())
            }
            Ok(halves) => self.input(Input::DiskDone(Done { ticket: job.ticket, result: Ok(halves) })),
            Err(fault) => self.input(Input::DiskDone(Done { ticket: job.ticket, result: Err((at, fault)) })),
        }
    }

    fn post_step(&mut self) -> Result<(), String> {
        if self.posts.is_empty() {
            return Ok(());
        }
        let at = self.random.below(self.posts.len() as u64) as usize;
        let Posting { batch, path, body, checksum, points, samples, .. } = self.posts.swap_remove(at);
        if body.is_some() {
            self.saw("posted from memory");
        }
        let read = || self.disk.read(&path).map(<[u8]>::to_vec);
        let proof = |body: &[u8]| match self.plant {
            Plant::NothingProven => pack::unpack(body).map(drop),
            _ => pack::prove(body, checksum, points, samples),
        };
        let input = match body.map(|body| body.to_vec()).or_else(read) {
            None => Input::Unreadable { batch, why: "it is gone".to_owned() },
            Some(body) => match proof(&body) {
                Err(why) => Input::Unreadable { batch, why },
                Ok(_) if !self.calm && self.random.chance(1) => {
                    Input::ReadFailed { batch, sentence: "failed to read it: EIO".to_owned() }
                }
                Ok(_) => {
                    let (answer, what) = self.drain.post(&body, &mut self.random);
                    self.saw(what);
                    if self.plant == Plant::UnlinkAtOnce && what == "stored" {
                        self.disk.act(&Operation::Unlink(path.clone())).unwrap();
                        let dir = path.rsplit_once('/').map_or("", |(dir, _)| dir);
                        self.disk.act(&Operation::SyncDir(dir.to_owned())).unwrap();
                    }
                    let answer = match answer {
                        delivery::Answer::Transport(_) if self.plant == Plant::SilenceIsStored => {
                            delivery::Answer::Http(delivery::HttpAnswer { status: 204, ..Default::default() })
                        }
                        answer => answer,
                    };
                    Input::Answer { batch, answer }
                }
            },
        };
        self.input(input)
    }

    fn start_again(&mut self, carried: BTreeMap<RunName, Carried>) -> Result<(), String> {
        self.crashed = true;
        self.jobs.clear();
        self.posts.clear();
        if self.plant != Plant::NumbersAgain {
            self.incarnation += 1;
        }
        let saved = self.disk.saved()?;
        let mut saved = saved;
        if self.plant == Plant::FinishedForgotten {
            saved.finished = Finished::default();
        }
        // Where the accounts had no room, files went before they knew of it.
        let accounted = !self.seen.contains_key("no room for accounts");
        if accounted && self.random.chance(20) && self.disk.bring_back(&mut self.random, &saved) {
            self.saw("copied back");
        }
        let mut listing = self.disk.listing();
        if self.plant == Plant::ListingForgets {
            listing.runs.values_mut().for_each(|files| drop(files.pop()));
        }
        let corrupt = self.disk.corrupt();
        let incarnation = self.incarnation;
        let start = Start { incarnation, saved, listing, corrupt, carried, ..Start::default() };
        let seed = self.random.below(u64::MAX);
        let (outbound, _) = Outbound::new(self.now, settings(seed), start);
        self.outbound = outbound;
        self.drain_outputs();
        checker::always(&self.outbound, &self.drain)
    }

    /// All faults end. What is still there must arrive, and the files must say what the accounts say.
    fn end(&mut self) -> Result<(), String> {
        self.calm = true;
        self.drain.is_well = true;
        // With a Drain that is well, a disk without room must not matter, if only the accounts have theirs.
        let full = self.may_fill && self.random.chance(50) && self.disk.read("counters.json.tmp").is_some();
        self.disk.bytes_max = if full { self.disk.bytes() } else { usize::MAX };
        if full {
            self.saw("ended on a full disk");
        }
        let evicted = self.outbound.total().evicted;
        let deadline = self.now.mono.plus_ns(3_600 * NS_PER_S);
        self.input(Input::LastChance { deadline })?;
        self.input(Input::Flush { deadline })?;
        let mut rounds = 0;
        for _ in 0..20_000 {
            let busy = !self.jobs.is_empty() || !self.posts.is_empty();
            while !self.jobs.is_empty() {
                self.disk_step()?;
            }
            while !self.posts.is_empty() {
                self.post_step()?;
            }
            if busy {
                continue;
            }
            // Accounts for which there never was room, halves and reasons beside what lies aside wait for it.
            if full && (self.outbound.total().spooled.samples == 0 || rounds > 1_000) {
                self.disk.bytes_max = usize::MAX;
            }
            if self.outbound.all_written()
                && self.outbound.total().spooled.samples == 0
                && self.outbound.is_tidy()
            {
                break;
            }
            if self.outbound.flushed() && self.outbound.delivery().total().spooled.samples > 0 {
                if self.now.mono >= deadline {
                    return Err(format!("nothing moved for an hour: {:?}", self.outbound));
                }
                self.input(Input::Flush { deadline })?;
                continue;
            }
            let Some(at) = self.outbound.next_deadline() else {
                return Err(format!("it waits for nothing: {:?}", self.outbound.total()));
            };
            self.now = self.now.plus_ns(at.since_ns(self.now.mono));
            if self.now.mono > deadline {
                return Err(format!(
                    "it does not end: {:?}; {} posts, {} jobs",
                    self.outbound.total(),
                    self.posts.len(),
                    self.jobs.len()
                ));
            }
            self.input(Input::Tick)?;
            rounds += 1;
        }
        if full && self.outbound.total().evicted != evicted {
            return Err("something is evicted at the end, although the Drain takes all".to_owned());
        }
        if rounds > 5_000 {
            return Err(format!("it goes round and round: {:?}", self.outbound));
        }
        self.settle()
    }

    fn settle(&mut self) -> Result<(), String> {
        let torn = self.disk.torn;
        *self.seen.entry("torn write").or_default() += torn;
        for (_, saved) in self.outbound.accounts() {
            *self.seen.entry("evicted").or_default() += saved.account.evicted.batches;
            *self.seen.entry("set aside").or_default() += saved.account.set_aside.samples;
            *self.seen.entry("unexplained").or_default() += saved.account.unexplained.samples;
            *self.seen.entry("lost_restart").or_default() += saved.lost_restart;
        }
        let rotten = ["bit rot", "changed"].iter().any(|how| self.seen.contains_key(how));
        if self.seen.get("set aside").is_some_and(|n| *n > 0) && !rotten {
            return Err("a batch is unreadable, although the disk keeps what was synced".to_owned());
        }
        // Where the accounts have no room either, files go before they do, and only there.
        let excused = self.seen.contains_key("no room for accounts");
        if self.seen.get("unexplained").is_some_and(|n| *n > 0) && !excused {
            return Err("something is gone, and no account says why".to_owned());
        }
        checker::at_the_end(&self.outbound, &self.drain, &self.generated, self.crashed)?;
        let corrupt = self.disk.corrupt().len();
        if corrupt > ASIDE_FILES_MAX {
            return Err(format!("{corrupt} files lie in the directory corrupt"));
        }
        let saved = self.disk.saved()?;
        // What was copied back and could not be moved away is the next start's.
        let copied_back = |path: &&String| {
            let name = FileName::parse(path.rsplit('/').next().unwrap_or_default());
            name.is_some_and(|name| saved.finished.has(name.batch))
        };
        let left: Vec<_> = self.disk.spooled().into_iter().filter(|path| !copied_back(path)).collect();
        if !left.is_empty() {
            return Err(format!("files are left in the spool: {left:?}"));
        }
        for (run, account) in self.outbound.accounts() {
            if saved.runs.get(&*run.0) != Some(&account) {
                return Err(format!(
                    "{run}: the file says {:?}, the account {account:?}",
                    saved.runs.get(&*run.0)
                ));
            }
        }
        if saved.leaving.is_empty() { Ok(()) } else { Err(format!("still leaving: {:?}", saved.leaving)) }
    }
}
