//! What the store still owes of one node's samples, to the window: what was sent there and has not arrived.

use std::collections::{BTreeMap, HashMap};

/// One label's window of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Moment {
    pub flood: u8,
    pub run: u32,
    pub label: u8,
    pub start_s: i64,
}

/// A sample that only the process knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    pub moment: Moment,
    pub rt_ms: u64,
}

/// Samples of one run as one process has seen it.
#[derive(Debug, Clone, Copy, Default)]
pub struct OfRun {
    pub sent: u64,
    /// By a kill, before they were in a snapshot.
    pub taken: u64,
    pub stored: u64,
    /// What a durable account had counted at the latest end of a process.
    pub counted: u64,
}

#[derive(Debug, Default)]
pub struct Owed {
    /// How many, and how many of them may never come, because a machine has stopped.
    moments: HashMap<Moment, (i64, i64)>,
    pub runs: BTreeMap<String, OfRun>,
}

impl Owed {
    fn of_run(&mut self, run: &str) -> &mut OfRun {
        if !self.runs.contains_key(run) {
            self.runs.insert(run.to_owned(), OfRun::default());
        }
        self.runs.get_mut(run).unwrap()
    }

    fn change(&mut self, moment: Moment, by: i64) -> i64 {
        let (owed, excused) = self.moments.entry(moment).or_default();
        *owed += by;
        *excused = (*owed).min(*excused);
        let owed = *owed;
        if owed == 0 {
            self.moments.remove(&moment);
        }
        owed
    }

    pub fn sent(&mut self, run: &str, moment: Moment) {
        self.of_run(run).sent += 1;
        self.change(moment, 1);
    }

    pub fn taken(&mut self, run: &str, moment: Moment) {
        self.of_run(run).taken += 1;
        self.change(moment, -1);
    }

    pub fn stored(&mut self, run: &str, moment: Moment, samples: u64) -> Result<(), String> {
        self.of_run(run).stored += samples;
        match self.change(moment, -(samples as i64)) {
            more if more < 0 => {
                Err(format!("{run}: the store has {} samples more of {moment:?} than were sent", -more))
            }
            _ => Ok(()),
        }
    }

    pub fn counted(&mut self, run: &str, samples: u64) {
        self.of_run(run).counted = samples;
    }

    /// The machine stops: what is on its way may never come.
    pub fn excuse(&mut self) {
        self.moments.values_mut().for_each(|(owed, excused)| *excused = *owed);
    }

    /// Moments that are owed and that nothing excuses.
    pub fn unexcused(&self) -> Option<(Moment, i64)> {
        self.moments
            .iter()
            .find(|(_, (owed, excused))| owed > excused)
            .map(|(moment, (owed, _))| (*moment, *owed))
    }

    /// What will never come, by flood and label.
    pub fn missing(&self) -> impl Iterator<Item = ((u8, u8), u64)> {
        self.moments.iter().map(|(moment, (owed, _))| ((moment.flood, moment.label), *owed as u64))
    }
}
