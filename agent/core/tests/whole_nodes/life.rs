//! A process is killed or a machine stops, and starts again; and a node's end.

use super::grid::Common;
use super::live::{Live, run_name};
use super::node::{Node, way_out};
use super::plant::Plant;
use gridnode_core::base::run::RunName;
use gridnode_core::base::time::NS_PER_S;
use gridnode_core::measure::ingest::{ClosedWindow, Ingest, WindowKey, read_snapshot};
use gridnode_core::outbound::pack::Packed;
use gridnode_core::outbound::spool::Carried;
use gridnode_core::outbound::{Input, Start};
use std::collections::BTreeMap;

type Batches = Vec<(RunName, Packed)>;
type Sums = BTreeMap<RunName, Carried>;

impl Node {
    /// The process is killed, and starts again at once. What only it knew is lost.
    pub fn kill(&mut self, common: &mut Common) -> Result<(), String> {
        common.seen.saw("kill");
        for live in &mut self.live {
            for sample in live.fresh.drain(..) {
                self.owed.taken(&live.name, sample.moment);
                common.naive.take(&sample);
                common.seen.saw("sample taken by a kill");
            }
        }
        // The system has what was on its way; nobody hears an answer.
        self.posts_end(common)?;
        let mut carried: Batches = std::mem::take(&mut self.memory).into_values().collect();
        let released = self.disk.saved()?.released;
        carried.retain(|(run, packed)| {
            let is_known = self.disk.holds(&run.0, packed) || released.contains(&packed.content());
            self.plant == Plant::CarriedUnseen || !is_known
        });
        let mut sums = Sums::new();
        self.take_over_snapshots(common, &mut carried, &mut sums)?;
        for (run, packed) in &carried {
            sums.entry(run.clone()).or_default().samples += packed.samples;
        }
        self.start_again(sums)?;
        for (run, packed) in carried {
            common.seen.saw("carried");
            self.hand_over(&run, packed);
        }
        Ok(())
    }

    /// The machine stops: its memory is gone, and any part of what was not synced.
    pub fn crash(&mut self, common: &mut Common) -> Result<(), String> {
        common.seen.saw("machine stop");
        self.posts_end(common)?;
        self.disk.crash(&mut self.random);
        self.memory.clear();
        self.snapshots.clear();
        self.old_snapshots = Default::default();
        self.owed.excuse();
        self.has_crashed = true;
        self.start_again(Sums::new())
    }

    /// Each snapshot has the run's account as it was then: it goes with the newest.
    fn take_over_snapshots(
        &mut self,
        common: &mut Common,
        carried: &mut Batches,
        sums: &mut Sums,
    ) -> Result<(), String> {
        let mut snapshots = std::mem::take(&mut self.snapshots);
        if self.plant == Plant::SnapshotOfBefore {
            self.old_snapshots.swap(0, 1);
            snapshots.extend(std::mem::take(&mut self.old_snapshots[0]));
        }
        let mut newest = BTreeMap::<(u32, u32), WindowKey>::new();
        for key in snapshots.keys() {
            let newest = newest.entry((key.incarnation, key.run)).or_insert(*key);
            *newest = (*newest).max(*key);
        }
        for (key, bytes) in snapshots {
            common.seen.saw("snapshot taken over");
            let (_, mut window): (WindowKey, ClosedWindow) = read_snapshot(&bytes)?;
            let run = run_name(window.identity.flood.as_str(), window.identity.run, key.incarnation, key.run);
            let run = RunName::from(run.as_str());
            let sum = sums.entry(run.clone()).or_default();
            sum.aggregated = sum.aggregated.max(window.account.map_or(0, |account| account.total.aggregated));
            if newest.get(&(key.incarnation, key.run)) != Some(&key) {
                window.account = None;
            }
            let batches = self.render(&window, key.incarnation);
            carried.extend(batches.into_iter().map(|packed| (run.clone(), packed)));
        }
        Ok(())
    }

    /// A new process, with what the disk has; its runs go on under its own number.
    fn start_again(&mut self, carried: Sums) -> Result<(), String> {
        self.jobs.clear();
        self.posts.clear();
        if self.plant != Plant::SameIncarnation {
            self.incarnation += 1;
        }
        self.settings.incarnation = u64::from(self.incarnation);
        let incarnation = self.incarnation;
        let (mut saved, listing, corrupt) = (self.disk.saved()?, self.disk.listing(), self.disk.corrupt());
        for (run, saved) in &mut saved.runs {
            self.owed.counted(run, saved.aggregated);
            if self.plant == Plant::CountForgotten {
                saved.aggregated = saved.accounted_for();
            }
        }
        let start = Start { incarnation, saved, listing, corrupt, carried, ..Start::default() };
        let seed = self.random.below(u64::MAX);
        self.ingest = Ingest::new(seed);
        for live in &mut self.live {
            let of = (live.flood, live.run, live.period_s);
            *live = Live::open(&mut self.ingest, self.now, incarnation, of);
        }
        self.outbound = way_out(seed, self.now, start);
        self.input(Input::Tick);
        self.always()
    }

    /// One account for each sample, and never more delivered than the store holds.
    fn always(&self) -> Result<(), String> {
        for (run, saved) in self.outbound.accounts() {
            let stored = self.owed.runs.get(&*run.0).map_or(0, |of| of.stored);
            if !saved.account.balance() || saved.aggregated < saved.accounted_for() {
                return Err(format!("{run} does not add up: {saved:?}"));
            }
            if saved.account.delivered.samples > stored {
                return Err(format!("{run}: more is delivered than the {stored} in the store: {saved:?}"));
            }
        }
        Ok(())
    }

    /// All faults end, and everything is delivered.
    pub fn end(&mut self, common: &mut Common) -> Result<(), String> {
        self.disk.bytes_max = usize::MAX;
        self.live.iter_mut().for_each(|live| live.due = live.rule.close());
        self.ingest.close_all(self.now);
        self.hand_on(common)?;
        let deadline = self.now.mono.plus_ns(3_600 * NS_PER_S);
        self.input(Input::LastChance { deadline });
        self.input(Input::Flush { deadline });
        for _ in 0..100_000 {
            while !self.jobs.is_empty() {
                self.disk_step(common, true);
            }
            while !self.posts.is_empty() {
                self.post_step(common)?;
            }
            let is_over = self.outbound.all_written() && self.outbound.total().spooled.samples == 0;
            if is_over && self.jobs.is_empty() && self.outbound.may_end() {
                self.always()?;
                return self.judge(common);
            }
            if self.outbound.flushed()
                && self.outbound.total().spooled.samples > 0
                && self.now.mono < deadline
            {
                // It had waited for an operator.
                self.input(Input::Flush { deadline });
            } else if self.jobs.is_empty() {
                let at = self.outbound.next_deadline().ok_or("it waits for nothing")?;
                self.now = self.now.plus_ns(at.since_ns(self.now.mono).max(1));
                self.input(Input::Tick);
            }
        }
        Err(format!("it does not end: {:?}", self.outbound.total()))
    }

    /// All that was sent is in the store, but for what a kill has taken (exactly that), and what a stop of the machine has: at
    /// most what the accounts name (`lost_restart`) and what was in no durable account yet.
    fn judge(&self, common: &mut Common) -> Result<(), String> {
        if let Some((moment, owed)) = self.owed.unexcused() {
            return Err(format!("node {}: {owed} samples of {moment:?} are not in the store", self.number));
        }
        let on_disk = self.disk.saved()?;
        for (run, of) in &self.owed.runs {
            let saved = self.outbound.account(&RunName::from(run.as_str()));
            let wrong = |what: &str| Err(format!("node {}, {run}: {what}: {of:?}, {saved:?}", self.number));
            let (delivered, lost) = (saved.account.delivered.samples, saved.lost_restart);
            if saved.account.gone_samples() > delivered {
                return wrong("samples went elsewhere");
            }
            if delivered + lost != saved.aggregated {
                return wrong("the account does not add up");
            }
            if saved.aggregated > of.sent {
                return wrong("more is accounted for than was sent");
            }
            if of.stored + of.taken > of.sent {
                return wrong("more is stored than was sent");
            }
            if saved.aggregated < of.counted {
                return wrong("what was counted, and durably so, is forgotten");
            }
            let unknown = of.sent - saved.aggregated;
            if of.sent - of.stored > lost + unknown {
                return wrong("more is lost than is said");
            }
            if !self.has_crashed && lost > of.taken {
                return wrong("less is lost than is said");
            }
            if on_disk.runs.get(run).is_some_and(|on_disk| *on_disk != saved) {
                return wrong("the file has other accounts");
            }
            if lost > 0 {
                common.seen.saw("lost_restart");
            }
        }
        Ok(())
    }
}
