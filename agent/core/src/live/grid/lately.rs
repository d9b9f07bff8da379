//! All requests of all nodes, period by period, the latest few.

use crate::live::figures::Latest;
use crate::measure::accumulator::Accumulator;
use std::collections::BTreeMap;

/// Periods that are remembered; a node that is further behind is not waited for.
const PERIODS_MAX: usize = 4;

#[derive(Debug, Default)]
pub(super) struct Lately(BTreeMap<i64, Period>);

#[derive(Debug, Default)]
struct Period {
    /// Nodes that have spoken of it.
    nodes: usize,
    all: Accumulator,
}

impl Lately {
    /// What a node had in a period.
    pub(super) fn add(&mut self, slot: i64, numbers: &Accumulator) {
        let period = self.0.entry(slot).or_default();
        period.nodes += 1;
        period.all.absorb(numbers);
        while self.0.len() > PERIODS_MAX {
            self.0.pop_first();
        }
    }

    /// The latest period of which so many nodes have spoken; where there is none, the earliest that is remembered, once there are enough
    /// later ones.
    pub(super) fn whole(&self, nodes: usize) -> Option<i64> {
        let whole = self.0.iter().rev().find(|(_, period)| period.nodes >= nodes).map(|(slot, _)| *slot);
        whole.or_else(|| {
            self.0.first_key_value().filter(|_| self.0.len() == PERIODS_MAX).map(|(slot, _)| *slot)
        })
    }

    /// Requests of that period and their times; of the latest where none is named.
    pub(super) fn of(&self, slot: Option<i64>) -> Option<(u64, Option<Latest>)> {
        let period = match slot {
            Some(slot) => self.0.get(&slot)?,
            None => self.0.last_key_value()?.1,
        };
        let all = &period.all;
        let latest = (!all.sketch.is_empty()).then(|| {
            let of = |permille| all.sketch.percentile_us(permille, all.rt.min_us, all.rt.max_us);
            Latest { p50_us: of(500), p95_us: of(950), p99_us: of(990) }
        });
        Some((all.count, latest))
    }
}
