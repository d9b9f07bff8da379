//! A node: traces come in, objects and pointers go out, and it is killed now and then.

use super::outside::{Outside, http};
use super::way::Way;
use crate::random::Random;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::{RunIdentity, RunName};
use gridnode_core::base::time::{Mono, NS_PER_MS, NS_PER_S, Now, Wall};
use gridnode_core::outbound::delivery::{BatchId, Destination};
use gridnode_core::outbound::{Input, Origin, pack};
use gridnode_core::rollup::{RollupSettings, trace_point};
use gridnode_core::trace::{Pointer, Trace, TraceObject};
use std::collections::{BTreeMap, HashMap};

/// Mistakes that the checker has to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plant {
    Nothing,
    /// The point goes out before the store has answered.
    PointFirst,
    /// The trace counts as delivered as soon as its object is stored.
    DeliveredAtOnce,
    /// A lost answer counts as stored.
    SilenceIsStored,
    /// Each try has a name of its own.
    NewNames,
    /// The pointer has the time of its making.
    NewTimes,
}

impl Plant {
    pub const ALL: [Self; 5] =
        [Self::PointFirst, Self::DeliveredAtOnce, Self::SilenceIsStored, Self::NewNames, Self::NewTimes];
}

pub struct Node {
    random: Random,
    plant: Plant,
    now: Now,
    traces: Way,
    rollups: Way,
    outside: Outside,
    /// Which object a pointer's batch is for.
    pointers: HashMap<Origin, BatchId>,
    /// Ids of traces that are not durable yet.
    young: HashMap<Origin, String>,
    /// Keys of those that are.
    durable: Vec<String>,
    next: u64,
    calm: bool,
    seen: BTreeMap<&'static str, u64>,
}

const RUN: &str = "7.5";

impl Node {
    pub fn new(seed: u64, plant: Plant) -> Self {
        let now = Now { mono: Mono(NS_PER_S), wall: Wall(1_700_000_000_000_000_000) };
        Self {
            random: Random::new(seed),
            plant,
            now,
            traces: Way::new(Destination::ObjectStore, seed, now),
            rollups: Way::new(Destination::Drain, seed + 1, now),
            outside: Outside::default(),
            pointers: HashMap::new(),
            young: HashMap::new(),
            durable: Vec::new(),
            next: 0,
            calm: false,
            seen: BTreeMap::new(),
        }
    }

    /// How often what happened, or what is wrong.
    pub fn run(mut self) -> Result<BTreeMap<&'static str, u64>, String> {
        for _ in 0..100 + self.random.below(500) {
            match self.random.below(100) {
                0..10 => self.capture(),
                10..60 => self.disk_step(),
                60..75 => self.upload()?,
                75..85 => self.post()?,
                85..94 => self.wait(),
                94 => self.outside.store_is_away = self.random.chance(40),
                95 => self.outside.drain_is_away = self.random.chance(40),
                96 => self.restart(false),
                97 if self.random.chance(50) => self.restart(true),
                _ => {}
            }
            self.settle();
        }
        self.end()?;
        Ok(self.seen)
    }

    fn saw(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    fn capture(&mut self) {
        self.next += 1;
        let json = format!(
            r#"{{"label":"l{}","error":"e{}","time_ns":{},"rt_ms":1}}"#,
            self.next % 3,
            self.next,
            self.now.wall.0
        );
        let trace = Trace::read(json.as_bytes()).unwrap();
        let object = TraceObject::new("n", 5, &trace).unwrap();
        let flood = Ident::new("7").unwrap();
        let identity = RunIdentity { account: None, flood, project: None, grid: None, region: None, run: 5 };
        let pointer = Pointer::new(identity, 15, &trace, &object);
        let packed = pack::whole(&pointer.with_object(&object.json).unwrap(), 1);
        let origin = Some(Origin(self.next));
        self.young.insert(Origin(self.next), pointer.key());
        self.traces.input(self.now, Input::Batch { run: RunName::from(RUN), packed, origin });
    }

    fn disk_step(&mut self) {
        let way = if self.random.chance(50) { &mut self.traces } else { &mut self.rollups };
        if way.disk_step(self.now, &mut self.random, self.calm) {
            self.saw("operation failed");
        }
    }

    /// What the shell's poster does with one, and its answer.
    fn upload(&mut self) -> Result<(), String> {
        let Some((posting, body)) = self.traces.take_post(&mut self.random) else { return Ok(()) };
        let batch = posting.batch;
        let body = body.ok_or("a trace's file is gone")?;
        let bytes = pack::unpack(&body)?;
        let (pointer, json) = Pointer::read(&bytes)?;
        let mut key = pointer.key();
        if self.plant == Plant::NewNames {
            key = format!("{}-{key}", self.random.below(u64::MAX));
        }
        if self.plant == Plant::PointFirst {
            self.point(&pointer, &key, batch);
            for _ in 0..self.random.below(20) {
                self.disk_step();
                self.post()?;
            }
        }
        let (put, what) = self.outside.put(&key, json, &mut self.random);
        self.saw(what);
        let is_silent = self.plant == Plant::SilenceIsStored && what == "store away";
        match put {
            Err(answer) if !is_silent => self.traces.input(self.now, Input::Answer { batch, answer }),
            _ if self.plant == Plant::PointFirst => {}
            _ => {
                self.point(&pointer, &key, batch);
                if self.plant == Plant::DeliveredAtOnce {
                    self.traces.input(self.now, Input::Answer { batch, answer: http(204) });
                }
            }
        }
        Ok(())
    }

    fn point(&mut self, pointer: &Pointer, key: &str, batch: BatchId) {
        let settings = RollupSettings {
            node: Ident::new("n").unwrap(),
            incarnation: 1,
            timestamp_key: b"k".to_vec(),
            label_tag: false,
        };
        let mut pointer = pointer.clone();
        if self.plant == Plant::NewTimes {
            pointer.time_ns = self.now.wall.0;
        }
        let line = trace_point(&settings, &pointer, &format!("s3://b/{key}"));
        self.next += 1;
        let origin = Origin(self.next);
        self.pointers.insert(origin, batch);
        for packed in pack::pack(&line, 0) {
            self.rollups
                .input(self.now, Input::Batch { run: RunName::from(RUN), packed, origin: Some(origin) });
        }
    }

    fn post(&mut self) -> Result<(), String> {
        let Some((posting, body)) = self.rollups.take_post(&mut self.random) else { return Ok(()) };
        let (answer, what) = self.outside.post(&body.ok_or("a batch's file is gone")?, &mut self.random)?;
        self.saw(what);
        self.rollups.input(self.now, Input::Answer { batch: posting.batch, answer });
        Ok(())
    }

    /// What the session hands from one to the other.
    fn settle(&mut self) {
        for origin in std::mem::take(&mut self.rollups.released) {
            if let Some(batch) = self.pointers.remove(&origin) {
                self.traces.input(self.now, Input::Answer { batch, answer: http(204) });
            }
        }
        for origin in std::mem::take(&mut self.traces.released) {
            self.durable.extend(self.young.remove(&origin));
        }
    }

    fn wait(&mut self) {
        let due = [self.traces.next_deadline(), self.rollups.next_deadline()].into_iter().flatten().min();
        let next_ns = due.map_or(0, |at| at.since_ns(self.now.mono)).min(100 * NS_PER_S);
        let wait_ns = if self.random.chance(60) { next_ns } else { self.random.below(3_000) * NS_PER_MS };
        self.now = self.now.plus_ns(wait_ns);
        self.traces.input(self.now, Input::Tick);
        self.rollups.input(self.now, Input::Tick);
    }

    /// The process is killed, or the whole machine stops.
    fn restart(&mut self, machine: bool) {
        self.saw(if machine { "crash" } else { "kill" });
        if machine {
            self.traces.disk.crash(&mut self.random);
            self.rollups.disk.crash(&mut self.random);
        }
        (self.pointers, self.young) = Default::default();
        self.traces.start_again(self.now, &mut self.random);
        self.rollups.start_again(self.now, &mut self.random);
    }

    /// All faults end, and all is delivered.
    fn end(&mut self) -> Result<(), String> {
        (self.calm, self.outside.is_well) = (true, true);
        for _ in 0..100_000 {
            self.disk_step();
            self.upload()?;
            self.post()?;
            self.settle();
            if self.traces.is_done() && self.rollups.is_done() && self.pointers.is_empty() {
                return self.judge();
            }
            self.wait();
        }
        Err(format!("it does not end: {:?}, {:?}", self.traces.machine.total(), self.rollups.machine.total()))
    }

    fn judge(&self) -> Result<(), String> {
        for key in &self.durable {
            if !self.outside.objects.contains_key(key) {
                return Err(format!("{key} was durable and is no object"));
            }
        }
        for (key, json) in &self.outside.objects {
            match self.outside.points.get(key).map(|lines| lines.len()) {
                Some(1) => {}
                Some(n) => return Err(format!("{key} has {n} different points")),
                // Sent from memory while the disk took nothing, and the process was killed: it is lost like any that was young.
                None if !self.durable.contains(key) => {}
                None => return Err(format!("nothing points to {key}")),
            }
            if self.outside.objects.iter().any(|(other, same)| other != key && same == json) {
                return Err(format!("{key} has two names"));
            }
        }
        let elsewhere = self.traces.machine.total();
        let lost = elsewhere.evicted.batches + elsewhere.quarantined.batches + elsewhere.set_aside.batches;
        if lost > 0 { Err(format!("{lost} traces went elsewhere: {elsewhere:?}")) } else { Ok(()) }
    }
}
