//! Nodes that know nothing of each other, one store, and a heap of what comes next.

use super::node::{Node, PERIOD_S};
use super::store::Store;
use crate::random::Random;
use gridnode_core::base::ids::LabelId;
use gridnode_core::base::time::{Mono, NS_PER_MS, NS_PER_S, Now, Wall};
use gridnode_core::measure::sketch::layout::{bucket_index, highest_equivalent_us};
use gridnode_core::merge::{Merge, Runs};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

const START_S: i64 = 1_700_000_010;

/// Mistakes that the checker has to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plant {
    Nothing,
    /// A snapshot outlives the close of its window.
    SnapshotStays,
    ReleasedNever,
    CarriedUnseen,
}

impl Plant {
    pub const ALL: [Self; 3] = [Self::SnapshotStays, Self::ReleasedNever, Self::CarriedUnseen];
}

/// How often what happened.
#[derive(Default)]
pub struct Seen(pub BTreeMap<&'static str, u64>);

impl Seen {
    pub fn saw(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }
}

pub struct Grid {
    random: Random,
    nodes: Vec<Node>,
    store: Store,
    /// When which node goes on.
    heap: BinaryHeap<Reverse<(u64, usize)>>,
    until_ns: u64,
    seen: Seen,
}

impl Grid {
    pub fn new(seed: u64, nodes: u64, minutes: u64, plant: Plant) -> Self {
        let mut random = Random::new(seed);
        let nodes: Vec<Node> = (0..nodes)
            .map(|number| {
                let off_ms = random.below(1_000) as i64 - 500;
                let wall = Wall(START_S * NS_PER_S as i64 + off_ms * NS_PER_MS as i64);
                Node::new(seed, number, Now { mono: Mono(NS_PER_S), wall }, plant)
            })
            .collect();
        let heap = (0..nodes.len()).map(|at| Reverse((random.below(NS_PER_S), at))).collect();
        let until_ns = minutes * 60 * NS_PER_S;
        Self { random, nodes, store: Store::default(), heap, until_ns, seen: Seen::default() }
    }

    /// How often what happened, or what is wrong.
    pub fn run(mut self) -> Result<BTreeMap<&'static str, u64>, String> {
        while let Some(Reverse((at_ns, node))) = self.heap.pop() {
            if at_ns > self.until_ns {
                break;
            }
            let wait_ns = (100 + self.random.below(1_400)) * NS_PER_MS;
            self.step(node, at_ns);
            self.heap.push(Reverse((at_ns + wait_ns, node)));
            if self.random.chance(1) {
                self.store.is_away = self.random.chance(30);
            }
        }
        self.store.is_well = true;
        for node in &mut self.nodes {
            node.end(&mut self.store, &mut self.seen)?;
        }
        self.compare()?;
        Ok(self.seen.0)
    }

    fn step(&mut self, at: usize, at_ns: u64) {
        let node = &mut self.nodes[at];
        node.now = node.now.plus_ns((at_ns + NS_PER_S).saturating_sub(node.now.mono.0));
        node.tick();
        node.send(&mut self.seen);
        for _ in 0..node.random.below(30) {
            node.disk_step(&mut self.seen, false);
        }
        for _ in 0..node.random.below(4) {
            node.post_step(&mut self.store, &mut self.seen);
        }
        if node.random.chance(70) {
            node.snapshot();
        }
        match node.random.below(400) {
            0 => {
                self.seen.saw("disk full");
                node.disk.bytes_max = node.disk.bytes();
            }
            1..20 => node.disk.bytes_max = usize::MAX,
            20..24 => node.kill(&mut self.seen),
            _ => {}
        }
    }

    /// The store has each window of each label as it was sent, and the merged table is a naive one's.
    fn compare(&self) -> Result<(), String> {
        let mut expected = BTreeMap::<(u64, i64), u64>::new();
        let mut times_ms = BTreeMap::<u64, Vec<u64>>::new();
        for (label, start_s, rt_ms) in self.nodes.iter().flat_map(|node| &node.expected) {
            *expected.entry((*label, *start_s)).or_default() += 1;
            times_ms.entry(*label).or_default().push(*rt_ms);
        }
        let label_of: BTreeMap<String, u64> =
            times_ms.keys().map(|label| (LabelId::of(&format!("l{label}")).to_string(), *label)).collect();
        let mut stored = BTreeMap::<(u64, i64), u64>::new();
        let mut merge = Merge::new();
        for ((series, time_ns), fields) in &self.store.points {
            merge
                .add_line(format!("{series} {fields} {time_ns}").as_bytes())
                .map_err(|e| format!("{e:?}"))?;
            if !series.starts_with("transaction_rate_mean,") {
                continue;
            }
            let id =
                series.split("label_id=").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or_default();
            let label = *label_of.get(id).ok_or_else(|| format!("nobody sent {series}"))?;
            let count = fields.split(',').find_map(|field| field.strip_prefix("count=")?.strip_suffix('i'));
            let start_s = time_ns.div_euclid(NS_PER_S as i64 * PERIOD_S) * PERIOD_S;
            *stored.entry((label, start_s)).or_default() += count.unwrap_or("0").parse::<u64>().unwrap_or(0);
        }
        stored.retain(|_, n| *n > 0);
        if stored != expected {
            let differs = |(key, n): &(&(u64, i64), &u64)| stored.get(*key) != Some(*n);
            let wrong: Vec<_> =
                expected.iter().filter(differs).map(|(key, n)| (key, n, stored.get(key))).take(3).collect();
            return Err(format!("windows differ (label and start, sent, stored): {wrong:?}"));
        }
        let summary = merge.summary_of(Runs::AddedUp);
        for mut times_ms in times_ms {
            times_ms.1.sort_unstable();
            let name = format!("l{}", times_ms.0);
            let label = summary.floods[0].labels.iter().find(|label| label.label == name);
            let label = label.ok_or_else(|| format!("{name} is not in the table"))?;
            for (found_ms, permille) in [(label.p50_ms, 500), (label.p95_ms, 950), (label.p99_ms, 990)] {
                let rank = (times_ms.1.len() * permille).div_ceil(1_000);
                let highest_us = highest_equivalent_us(bucket_index(times_ms.1[rank - 1] * 1_000));
                let most_us = times_ms.1[times_ms.1.len() - 1] * 1_000;
                let want_ms = highest_us.min(most_us) as f64 / 1_000.0;
                if found_ms != Some(want_ms) {
                    return Err(format!("{name}: p{permille} is {found_ms:?}, of all samples {want_ms}"));
                }
            }
        }
        Ok(())
    }
}
