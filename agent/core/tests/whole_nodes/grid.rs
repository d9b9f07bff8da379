//! Nodes that know nothing of each other, one store, and a heap of what comes next.

use super::naive::Naive;
use super::node::Node;
use super::plant::Plant;
use super::store::Store;
use crate::random::Random;
use gridnode_core::base::time::{Mono, NS_PER_MS, NS_PER_S, Now, Wall};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

const START_S: i64 = 1_700_000_010;
const STEP_MS: u64 = 800;

/// How large a world is.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    pub nodes: u16,
    pub minutes: u64,
    /// Time between two steps of one node, on average; a step sends the same few samples, however long it is.
    pub step_ms: u64,
}

impl Default for Scale {
    fn default() -> Self {
        Self { nodes: 4, minutes: 6, step_ms: STEP_MS }
    }
}

/// How often what happened.
#[derive(Default)]
pub struct Seen(pub BTreeMap<&'static str, u64>);

impl Seen {
    pub fn saw(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }
}

/// What all nodes meet.
#[derive(Default)]
pub struct Common {
    pub store: Store,
    pub naive: Naive,
    pub seen: Seen,
}

pub struct Grid {
    random: Random,
    scale: Scale,
    nodes: Vec<Node>,
    common: Common,
    /// When which node goes on.
    heap: BinaryHeap<Reverse<(u64, usize)>>,
}

impl Grid {
    pub fn new(seed: u64, scale: Scale, plant: Plant) -> Self {
        let mut random = Random::new(seed);
        let nodes: Vec<Node> = (0..scale.nodes)
            .map(|number| {
                let off_ms = random.below(1_000) as i64 - 500;
                let wall = Wall(START_S * NS_PER_S as i64 + off_ms * NS_PER_MS as i64);
                Node::new(seed, number, Now { mono: Mono(NS_PER_S), wall }, plant)
            })
            .collect();
        let heap = (0..nodes.len()).map(|at| Reverse((random.below(NS_PER_S), at))).collect();
        Self { random, scale, nodes, common: Common::default(), heap }
    }

    /// How often what happened, or what is wrong.
    pub fn run(mut self) -> Result<BTreeMap<&'static str, u64>, String> {
        let Scale { minutes, step_ms, .. } = self.scale;
        while let Some(Reverse((at_ns, node))) = self.heap.pop() {
            if at_ns > minutes * 60 * NS_PER_S {
                break;
            }
            let wait_ns = (step_ms / 8 + self.random.below(step_ms * 7 / 4)) * NS_PER_MS;
            let pause_ns = self.step(node, at_ns)?;
            self.heap.push(Reverse((at_ns + wait_ns + pause_ns, node)));
            if self.random.chance(1) {
                self.common.store.is_away = self.random.chance(30);
            }
        }
        self.common.store.is_well = true;
        let mut missing = BTreeMap::<(u8, u8), u64>::new();
        for node in &mut self.nodes {
            node.end(&mut self.common)?;
            node.owed.missing().for_each(|(label, n)| *missing.entry(label).or_default() += n);
        }
        let Common { mut store, naive, seen } = self.common;
        naive.compare(&mut store, &missing)?;
        let mut seen = seen.0;
        seen.insert("point checked", store.points() as u64);
        seen.insert("gauge of a window again", store.gauges_again);
        seen.insert("sample taken by a stop", missing.values().sum());
        Ok(seen)
    }

    /// Gives how long the process does nothing after it, ns.
    fn step(&mut self, at: usize, at_ns: u64) -> Result<u64, String> {
        let (node, common) = (&mut self.nodes[at], &mut self.common);
        node.now = node.now.plus_ns((at_ns + NS_PER_S).saturating_sub(node.now.mono.0));
        // A process that wakes up, or whose clock has stepped, may hear of samples first, or of the time.
        if node.random.chance(50) {
            node.tick(common)?;
        }
        node.send(common);
        node.tick(common)?;
        // Disks and posts do more in more time.
        let work = (self.scale.step_ms / STEP_MS).clamp(1, 4);
        for _ in 0..node.random.below(30 * work) {
            node.disk_step(common, false);
        }
        for _ in 0..node.random.below(4 * work) {
            node.post_step(common)?;
        }
        if node.random.chance(70) {
            node.snapshot();
        }
        self.fault(at)
    }

    fn fault(&mut self, at: usize) -> Result<u64, String> {
        let (node, common) = (&mut self.nodes[at], &mut self.common);
        match node.random.below(1_000) {
            0..3 => {
                common.seen.saw("disk full");
                node.disk.bytes_max = node.disk.bytes();
            }
            3..50 => node.disk.bytes_max = usize::MAX,
            50..60 => node.kill(common)?,
            // The others are held to the sample.
            60..65 if node.number % 2 == 1 => node.crash(common)?,
            65..75 => node.clock_step(common),
            75..83 => {
                common.seen.saw("pause");
                node.has_paused = true;
                return Ok((5 + node.random.below(116)) * NS_PER_S);
            }
            83..91 => node.other_flood(common)?,
            _ => {}
        }
        Ok(0)
    }
}
