//! One node: ingest, windows, way out; its disk, and its memory files.

use super::grid::Common;
use super::live::{FIRST, Live, run_name};
use super::owed::{Moment, Owed, Sample};
use super::plant::Plant;
use crate::disk::Disk;
use crate::random::Random;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunName;
use gridnode_core::base::time::Now;
use gridnode_core::measure::ingest::{ClosedWindow, Ingest, IngestOutput, Piece, Snapshot, WindowKey};
use gridnode_core::outbound::pack::{self, Packed};
use gridnode_core::outbound::spool::Job;
use gridnode_core::outbound::{Input, Origin, Outbound, OutboundSettings, Posting, Start, delivery};
use gridnode_core::rollup::timestamp::DEFAULT_KEY;
use gridnode_core::rollup::{Rollup, RollupSettings};
use std::collections::{BTreeMap, VecDeque};

const S: i64 = 1_000_000_000;
const LABELS: u64 = 7;
/// Nodes with users: their gauges are kept as they are.
const NODES_WITH_USERS: u16 = 16;

pub struct Node {
    pub number: u16,
    pub random: Random,
    pub now: Now,
    /// What the wall clock should say at the monotonic clock's 0, ns.
    pub start_ns: i64,
    /// How far senders' times are off that were read before the clock stepped, ns, and how many of those may still come.
    pub(super) old_clock: (i64, u64),
    pub(super) has_stepped_back: bool,
    pub(super) has_paused: bool,
    pub(super) has_crashed: bool,
    pub(super) ingest: Ingest,
    pub(super) live: Vec<Live>,
    /// Runs of the other flood until now.
    pub(super) others: u32,
    pub(super) settings: RollupSettings,
    pub(super) outbound: Outbound,
    pub disk: Disk,
    pub(super) jobs: VecDeque<(Job, usize)>,
    pub(super) posts: Vec<Posting>,
    /// Closed windows' batches until they are released.
    pub(super) memory: BTreeMap<Origin, (RunName, Packed)>,
    /// Of open windows.
    pub(super) snapshots: BTreeMap<WindowKey, Vec<u8>>,
    /// As they once were in this process, and in the one before.
    pub(super) old_snapshots: [BTreeMap<WindowKey, Vec<u8>>; 2],
    pub(super) incarnation: u32,
    pub(super) next_origin: u64,
    pub owed: Owed,
    pub(super) plant: Plant,
}

pub(super) fn way_out(seed: u64, now: Now, start: Start) -> Outbound {
    let delivery = delivery::Settings { seed, ..delivery::Settings::default() };
    Outbound::new(now, OutboundSettings { delivery, ..OutboundSettings::default() }, start).0
}

impl Node {
    pub fn new(seed: u64, number: u16, now: Now, plant: Plant) -> Self {
        let random = Random::new(seed.wrapping_mul(1_000_003).wrapping_add(u64::from(number)));
        let node = Ident::new(&format!("i-{number:017x}")).unwrap();
        let mut ingest = Ingest::new(seed);
        let period_s = [15, 15, 5, 1][usize::from(number % 4)];
        let live = vec![Live::open(&mut ingest, now, 1, (FIRST, 1, period_s))];
        Self {
            number,
            random,
            now,
            start_ns: now.wall.0 - now.mono.0 as i64,
            old_clock: (0, 0),
            has_stepped_back: false,
            has_paused: false,
            has_crashed: false,
            ingest,
            live,
            others: 0,
            settings: RollupSettings {
                node,
                incarnation: 1,
                timestamp_key: DEFAULT_KEY.to_vec(),
                label_tag: false,
            },
            outbound: way_out(seed, now, Start { incarnation: 1, ..Start::default() }),
            disk: Disk::new(),
            jobs: VecDeque::new(),
            posts: Vec::new(),
            memory: BTreeMap::new(),
            snapshots: BTreeMap::new(),
            old_snapshots: Default::default(),
            incarnation: 1,
            next_origin: 0,
            owed: Owed::default(),
            plant,
        }
    }

    /// Some samples to each run, some of them late, some stamped by a clock that has stepped since.
    pub fn send(&mut self, common: &mut Common) {
        for at in 0..self.live.len() {
            let mut datagram = String::new();
            // Now and then all that was held up somewhere, of more windows than may be open again.
            let (samples, late_percent) =
                if self.random.chance(1) { (20, 90) } else { (self.random.below(4), 10) };
            for _ in 0..samples {
                let is_late = self.random.chance(late_percent);
                datagram += &self.sample(at, is_late, common);
            }
            self.ingest.datagram(self.now, self.live[at].socket, datagram.as_bytes());
        }
    }

    fn sample(&mut self, at: usize, is_late: bool, common: &mut Common) -> String {
        let late_s = if is_late { self.random.below(40) as i64 } else { 0 };
        let mut time_ns = self.now.wall.0 - late_s * S;
        if self.old_clock.1 > 0 {
            self.old_clock.1 -= 1;
            time_ns += self.old_clock.0;
        }
        let label = self.random.below(LABELS) as u8;
        let rt_ms = 1 + self.random.below(900) + if self.random.chance(3) { 20_000 } else { 0 };
        let ok = if self.random.chance(90) { 't' } else { 'f' };
        let has_users = self.number < NODES_WITH_USERS && self.random.chance(30);
        let users = if has_users { format!(",users={}i", 1 + self.random.below(9)) } else { String::new() };
        let live = &mut self.live[at];
        let before = live.rule.said;
        let start_s = live.rule.sample(self.now.wall.0, time_ns);
        if live.rule.said.late > before.late {
            common.seen.saw("late");
        }
        if live.rule.said.restamped > before.restamped {
            common.seen.saw(if time_ns > self.now.wall.0 { "restamped ahead" } else { "restamped behind" });
        }
        if has_users {
            live.rule.gauge(self.now.wall.0);
        }
        let moment = Moment { flood: live.flood, run: live.run, label, start_s };
        let sample = Sample { moment, rt_ms };
        live.fresh.push(sample);
        self.owed.sent(&live.name, moment);
        common.naive.add(&sample);
        let flood = live.flood;
        format!("sample,flood={flood},label=l{label} rt={rt_ms},ok={ok},code=\"200\"{users} {time_ns}\n")
    }

    pub fn tick(&mut self, common: &mut Common) -> Result<(), String> {
        self.live.iter_mut().for_each(|live| live.due = live.rule.tick(self.now.wall.0));
        self.ingest.tick(self.now);
        self.hand_on(common)?;
        if self.outbound.next_deadline().is_some_and(|at| at <= self.now.mono) {
            self.input(Input::Tick);
        }
        Ok(())
    }

    pub(super) fn hand_on(&mut self, common: &mut Common) -> Result<(), String> {
        while let Some(output) = self.ingest.poll_output() {
            match output {
                IngestOutput::Window(window) => self.closed(*window, common)?,
                IngestOutput::Counted { run, identity, aggregated: samples } => {
                    let run = run_name(identity.flood.as_str(), identity.run, self.incarnation, run);
                    self.input(Input::Aggregated { run: RunName::from(run.as_str()), samples });
                }
                IngestOutput::Closed(closed) => {
                    let live = self.live.iter().find(|live| live.slot == closed.run);
                    live.ok_or("a run closed that was not open")?.judge(&closed)?;
                }
                IngestOutput::Remark(_) => {}
            }
        }
        self.has_paused = false;
        match self.live.iter().find(|live| !live.due.is_empty()) {
            Some(live) => Err(format!("{}: the windows of {:?} should have closed", live.name, live.due)),
            None => Ok(()),
        }
    }

    fn closed(&mut self, mut window: ClosedWindow, common: &mut Common) -> Result<(), String> {
        if window.part_n > 0 {
            common.seen.saw("part");
        }
        let run = run_name(window.identity.flood.as_str(), window.identity.run, self.incarnation, window.run);
        let live = self.live.iter_mut().find(|live| live.slot == window.run);
        live.ok_or("a window of a run that is not open")?.closed(&window)?;
        let key = (window.run, window.start_ns, window.part_n);
        self.snapshots
            .retain(|of, _| self.plant == Plant::SnapshotStays || (of.run, of.start_ns, of.part_n) != key);
        match self.plant {
            Plant::PartReused if self.has_stepped_back => window.part_n = 0,
            Plant::LateElsewhere if window.part_n > 0 => window.start_ns += window.period_ns as i64,
            _ => {}
        }
        let run = RunName::from(run.as_str());
        for packed in self.render(&window, self.incarnation) {
            if self.plant == Plant::HandedOverTwice && self.random.chance(5) {
                self.hand_over(&run, packed.clone());
            }
            self.hand_over(&run, packed);
        }
        if self.plant == Plant::ClosedTwice && self.has_paused {
            window.part_n += 1;
            for packed in self.render(&window, self.incarnation) {
                self.hand_over(&run, packed);
            }
        }
        Ok(())
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
        if self.plant == Plant::SnapshotOfBefore {
            self.old_snapshots[0].append(&mut self.snapshots.clone());
        }
        self.snapshots
            .retain(|key, _| self.plant == Plant::SnapshotStays && key.incarnation == self.incarnation);
        for key in self.ingest.snapshot_keys(self.incarnation) {
            let (mut snapshot, mut bytes) = (Snapshot::of(key), Vec::new());
            while snapshot.piece(&self.ingest, 3, &mut bytes) == Piece::More {}
            self.snapshots.insert(key, bytes);
        }
        self.live.iter_mut().for_each(|live| live.fresh.clear());
    }
}
