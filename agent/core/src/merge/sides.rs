//! A label's runs, and in each its requests and its transactions, apart: all may have the same text, and so the same
//! `label_id`.
//!
//! Only `transaction_rate_mean` says which of them a point is of; the other points of the same series and window
//! share its timestamp. They come close together, so a small memory of latest times joins them. Points whose time is
//! forgotten before their side was said are `undecided`: they go to the only run that the label has. Where it has
//! several, they are in none, and counted.

use super::label::{Change, Label};
use std::collections::{BTreeMap, VecDeque};

/// Times of a label that are remembered, of each sort. One node writes a label's points next to each other; this leaves
/// room for several writers at once.
const TIMES_MAX: usize = 16;

/// Which of a label's numbers. Points of older nodes name no run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Side {
    run: Option<i64>,
    is_transaction: bool,
}

impl Side {
    /// Which one a point says that it is of.
    pub(super) fn of(change: &Change) -> Option<Self> {
        match change {
            Change::Transactions { kind, run, .. } => {
                Some(Self { run: *run, is_transaction: kind == "transaction" })
            }
            _ => None,
        }
    }

    pub(super) fn run(self) -> Option<i64> {
        self.run
    }

    pub(super) fn is_transaction(self) -> bool {
        self.is_transaction
    }
}

/// One label's merged numbers by run and kind.
#[derive(Debug, Clone, Default)]
pub(super) struct Sides {
    sides: BTreeMap<Side, Label>,
    undecided: Label,
    undecided_points: u64,
    /// Times whose side is known.
    known: VecDeque<(i64, Side)>,
    /// Points of times whose side is not known yet, and how many.
    waiting: VecDeque<(i64, Label, u64)>,
}

/// What a label comes to.
pub(super) struct Sorted {
    /// One for each run and kind there is.
    pub(super) labels: Vec<(Option<i64>, Label)>,
    /// Points that could be of several runs, and are in none of them.
    pub(super) undecided_points: u64,
}

impl Sides {
    /// `told`: the side of this time, where it was learned beforehand.
    pub(super) fn change(&mut self, change: Change, time_ns: i64, told: Option<Side>) {
        if let Some(side) = Side::of(&change) {
            self.learn(time_ns, side);
            return self.sides.entry(side).or_default().change(change);
        }
        let known = self.known.iter().rev().find(|(time, _)| *time == time_ns).map(|(_, side)| *side);
        if let Some(side) = known.or(told) {
            return self.sides.entry(side).or_default().change(change);
        }
        if let Some((_, label, points)) = self.waiting.iter_mut().find(|(time, ..)| *time == time_ns) {
            *points += 1;
            return label.change(change);
        }
        let mut label = Label::default();
        label.change(change);
        self.waiting.push_back((time_ns, label, 1));
        if self.waiting.len() > TIMES_MAX
            && let Some((_, label, points)) = self.waiting.pop_front()
        {
            self.undecided.add(&label);
            self.undecided_points += points;
        }
    }

    /// One label for each run and kind there is; at least one, unless points are undecided. `runs_added_up`: all runs
    /// as one.
    pub(super) fn sorted(&self, runs_added_up: bool) -> Sorted {
        let mut sides: BTreeMap<Side, Label> = BTreeMap::new();
        for (side, label) in &self.sides {
            let side = if runs_added_up { Side { run: None, ..*side } } else { *side };
            match sides.entry(side) {
                std::collections::btree_map::Entry::Vacant(free) => drop(free.insert(label.clone())),
                std::collections::btree_map::Entry::Occupied(mut there) => there.get_mut().add(label),
            }
        }
        let mut rest = self.undecided.clone();
        self.waiting.iter().for_each(|(_, label, _)| rest.add(label));
        let points = self.undecided_points + self.waiting.iter().map(|(.., points)| points).sum::<u64>();
        let first = sides.keys().next().map(|side| side.run);
        let is_one_run = sides.keys().all(|side| Some(side.run) == first);
        if is_one_run {
            let side = sides.keys().next().copied();
            let side = side.unwrap_or(Side { run: None, is_transaction: false });
            sides.entry(side).or_default().add(&rest);
        }
        Sorted {
            labels: sides.into_iter().map(|(side, label)| (side.run, label)).collect(),
            undecided_points: if is_one_run { 0 } else { points },
        }
    }

    fn learn(&mut self, time_ns: i64, side: Side) {
        self.known.push_back((time_ns, side));
        if self.known.len() > TIMES_MAX {
            self.known.pop_front();
        }
        if let Some(at) = self.waiting.iter().position(|(time, ..)| *time == time_ns)
            && let Some((_, label, _)) = self.waiting.remove(at)
        {
            self.sides.entry(side).or_default().add(&label);
        }
    }
}

#[cfg(test)]
mod tests;
