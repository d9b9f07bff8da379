//! One node: ingest, windows, way out; its disk, and its memory files.

use super::grid::{Plant, Seen};
use super::store::Store;
use crate::disk::Disk;
use crate::random::Random;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::{RunIdentity, RunName};
use gridnode_core::base::time::Now;
use gridnode_core::measure::RunSettings;
use gridnode_core::measure::ingest::{
    ClosedWindow, Ingest, IngestOutput, Piece, Snapshot, SocketId, WindowKey,
};
use gridnode_core::measure::window::WindowSettings;
use gridnode_core::outbound::pack::{self, Packed};
use gridnode_core::outbound::spool::{Done, Fault, FaultKind, Job};
use gridnode_core::outbound::{Input, Origin, Outbound, OutboundSettings, Output, Posting, Start, delivery};
use gridnode_core::rollup::timestamp::DEFAULT_KEY;
use gridnode_core::rollup::{Rollup, RollupSettings};
use std::collections::{BTreeMap, VecDeque};

pub const PERIOD_S: i64 = 15;
const S: i64 = 1_000_000_000;
const LABELS: u64 = 7;
const SOCKET: SocketId = SocketId(0);

/// A sample, by label and start of its window, and its response time, ms.
pub type Sample = (u64, i64, u64);

pub struct Node {
    pub random: Random,
    pub now: Now,
    pub(super) ingest: Ingest,
    pub(super) settings: RollupSettings,
    pub(super) outbound: Outbound,
    pub(super) disk: Disk,
    pub(super) jobs: VecDeque<(Job, usize)>,
    pub(super) posts: Vec<Posting>,
    /// Closed windows' batches until they are released.
    pub(super) memory: BTreeMap<Origin, (RunName, Packed)>,
    /// Of open windows.
    pub(super) snapshots: BTreeMap<WindowKey, Vec<u8>>,
    pub(super) incarnation: u32,
    pub(super) next_origin: u64,
    /// In no snapshot and in no closed window yet.
    pub(super) fresh: Vec<Sample>,
    /// What the store must have at the end.
    pub expected: Vec<Sample>,
    /// Samples that kills have taken.
    pub taken: u64,
    pub(super) plant: Plant,
}

pub(super) fn ingest(seed: u64, now: Now) -> Ingest {
    let ident = |text: &str| Some(Ident::new(text).unwrap());
    let identity = RunIdentity {
        account: ident("1"),
        flood: ident("7").unwrap(),
        project: None,
        grid: ident("9"),
        region: None,
        run: 1,
    };
    let window = WindowSettings { period_s: PERIOD_S as u32, grace_ms: 2_000 };
    let mut ingest = Ingest::new(seed);
    ingest.open_run(now, SOCKET, RunSettings { identity, window, labels_max: 100 });
    ingest
}

pub(super) fn way_out(seed: u64, now: Now, start: Start) -> Outbound {
    let delivery = delivery::Settings { seed, ..delivery::Settings::default() };
    Outbound::new(now, OutboundSettings { delivery, ..OutboundSettings::default() }, start).0
}

impl Node {
    pub fn new(seed: u64, number: u64, now: Now, plant: Plant) -> Self {
        let random = Random::new(seed.wrapping_mul(1_000_003).wrapping_add(number));
        let node = Ident::new(&format!("i-{number:017x}")).unwrap();
        Self {
            random,
            now,
            ingest: ingest(seed, now),
            settings: RollupSettings { node, incarnation: 1, timestamp_key: DEFAULT_KEY.to_vec() },
            outbound: way_out(seed, now, Start { incarnation: 1, ..Start::default() }),
            disk: Disk::new(),
            jobs: VecDeque::new(),
            posts: Vec::new(),
            memory: BTreeMap::new(),
            snapshots: BTreeMap::new(),
            incarnation: 1,
            next_origin: 0,
            fresh: Vec::new(),
            expected: Vec::new(),
            taken: 0,
            plant,
        }
    }

    /// Some samples, some of them late.
    pub fn send(&mut self, seen: &mut Seen) {
        let mut datagram = String::new();
        for _ in 0..self.random.below(4) {
            let late_s = if self.random.chance(10) { self.random.below(40) as i64 } else { 0 };
            if late_s > PERIOD_S {
                seen.saw("late");
            }
            let time_ns = self.now.wall.0 - late_s * S;
            let label = self.random.below(LABELS);
            let rt = 1 + self.random.below(900) + if self.random.chance(3) { 20_000 } else { 0 };
            let ok = if self.random.chance(90) { 't' } else { 'f' };
            datagram += &format!("sample,flood=7,label=l{label} rt={rt},ok={ok},code=\"200\" {time_ns}\n");
            let sample = (label, time_ns.div_euclid(S * PERIOD_S) * PERIOD_S, rt);
            self.fresh.push(sample);
            self.expected.push(sample);
        }
        self.ingest.datagram(self.now, SOCKET, datagram.as_bytes());
    }

    pub fn tick(&mut self) {
        self.ingest.tick(self.now);
        self.hand_on();
        if self.outbound.next_deadline().is_some_and(|at| at <= self.now.mono) {
            self.input(Input::Tick);
        }
    }

    pub fn hand_on(&mut self) {
        let run = self.run(self.incarnation);
        while let Some(output) = self.ingest.poll_output() {
            match output {
                IngestOutput::Window(window) => self.closed(&run, &window),
                IngestOutput::Counted { aggregated: samples, .. } => {
                    self.input(Input::Aggregated { run: run.clone(), samples });
                }
                IngestOutput::Closed(_) | IngestOutput::Remark(_) => {}
            }
        }
    }

    fn closed(&mut self, run: &RunName, window: &ClosedWindow) {
        let start_s = window.start_ns / S;
        self.fresh.retain(|(_, of, _)| *of != start_s);
        let batches = self.render(window, self.incarnation);
        self.snapshots.retain(|key, _| {
            self.plant == Plant::SnapshotStays
                || (key.start_ns, key.part_n) != (window.start_ns, window.part_n)
        });
        for packed in batches {
            self.hand_over(run, packed);
        }
    }

    /// All batches of a window; small ones, so that there are several.
    pub(super) fn render(&self, window: &ClosedWindow, incarnation: u32) -> Vec<Packed> {
        let settings = RollupSettings { incarnation: u64::from(incarnation), ..self.settings.clone() };
        let mut rollup = Rollup::new(&settings, window);
        let mut batches = Vec::new();
        while let Some(batch) = rollup.next_batch() {
            let lines: Vec<&[u8]> = batch.body.split_inclusive(|b| *b == b'\n').collect();
            for lines in lines.chunks(20) {
                let lines = lines.concat();
                batches.extend(pack::pack(&lines, pack::count_samples(&lines)));
            }
        }
        batches
    }

    pub(super) fn hand_over(&mut self, run: &RunName, packed: Packed) {
        self.next_origin += 1;
        let origin = Origin(self.next_origin);
        self.memory.insert(origin, (run.clone(), packed.clone()));
        self.input(Input::Batch { run: run.clone(), packed, origin: Some(origin) });
    }

    /// Of everything that is open.
    pub fn snapshot(&mut self) {
        self.snapshots
            .retain(|key, _| self.plant == Plant::SnapshotStays && key.incarnation == self.incarnation);
        for key in self.ingest.snapshot_keys(self.incarnation) {
            let (mut snapshot, mut bytes) = (Snapshot::of(key), Vec::new());
            while snapshot.piece(&self.ingest, 3, &mut bytes) == Piece::More {}
            self.snapshots.insert(key, bytes);
        }
        self.fresh.clear();
    }

    /// One operation of the job that is first in line.
    pub fn disk_step(&mut self, seen: &mut Seen, calm: bool) {
        let Some((job, at)) = self.jobs.pop_front() else { return };
        let Some(operation) = job.operations.get(at) else {
            return self.input(Input::DiskDone(Done { ticket: job.ticket, result: Ok(Vec::new()) }));
        };
        let result = if !calm && self.random.chance(1) && self.random.chance(30) {
            seen.saw("operation failed");
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
    pub fn post_step(&mut self, store: &mut Store, seen: &mut Seen) {
        if self.posts.is_empty() {
            return;
        }
        let at = self.random.below(self.posts.len() as u64) as usize;
        let Posting { batch, path, body, .. } = self.posts.swap_remove(at);
        let body = body.map(|body| body.to_vec()).or_else(|| self.disk.read(&path).map(<[u8]>::to_vec));
        let input = match body {
            None => Input::ReadFailed { batch, sentence: "no such file".to_owned() },
            Some(body) => {
                let points = pack::count_points(&pack::unpack(&body).unwrap()) as u32;
                let (answer, what) = store.post(&body, points, &mut self.random);
                seen.saw(what);
                Input::Answer { batch, answer }
            }
        };
        self.input(input);
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

    pub(super) fn run(&self, incarnation: u32) -> RunName {
        RunName::from(format!("7.1+{incarnation}.0").as_str())
    }
}
