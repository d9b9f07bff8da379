//! A node is killed and starts again, and its end.

use super::grid::{Plant, Seen};
use super::node::{Node, ingest, way_out};
use super::store::Store;
use gridnode_core::base::run::RunName;
use gridnode_core::base::time::NS_PER_S;
use gridnode_core::measure::ingest::{WindowKey, read_snapshot};
use gridnode_core::outbound::pack::Packed;
use gridnode_core::outbound::spool::Carried;
use gridnode_core::outbound::{Input, Start};
use std::collections::{BTreeMap, HashMap};

impl Node {
    /// The process is killed, and starts again at once. What only it knew is lost.
    pub fn kill(&mut self, seen: &mut Seen) {
        seen.saw("kill");
        let mut gone = HashMap::new();
        for sample in self.fresh.drain(..) {
            *gone.entry(sample).or_insert(0_u64) += 1;
            self.taken += 1;
        }
        self.expected.retain(|sample| match gone.get_mut(sample) {
            Some(n) if *n > 0 => {
                *n -= 1;
                false
            }
            _ => true,
        });
        (self.jobs, self.posts) = Default::default();
        let mut carried: Vec<(RunName, Packed)> = std::mem::take(&mut self.memory).into_values().collect();
        carried
            .retain(|(run, packed)| self.plant == Plant::CarriedUnseen || !self.disk.holds(&run.0, packed));
        let mut sums = BTreeMap::<RunName, Carried>::new();
        for (key, bytes) in std::mem::take(&mut self.snapshots) {
            seen.saw("snapshot taken over");
            let run = self.run(key.incarnation);
            let batches = self.of_snapshot(key, &bytes, sums.entry(run.clone()).or_default());
            carried.extend(batches.into_iter().map(|packed| (run.clone(), packed)));
        }
        for (run, packed) in &carried {
            sums.entry(run.clone()).or_default().samples += packed.samples;
        }
        self.incarnation += 1;
        self.settings.incarnation = u64::from(self.incarnation);
        let (saved, listing) = (self.disk.saved().unwrap(), self.disk.listing());
        let start =
            Start { incarnation: self.incarnation, saved, listing, carried: sums, ..Start::default() };
        let seed = self.random.below(u64::MAX);
        self.ingest = ingest(seed, self.now);
        self.outbound = way_out(seed, self.now, start);
        self.input(Input::Tick);
        for (run, packed) in carried {
            seen.saw("carried");
            self.hand_over(&run, packed);
        }
    }

    fn of_snapshot(&self, key: WindowKey, bytes: &[u8], sum: &mut Carried) -> Vec<Packed> {
        let (_, mut window) = read_snapshot(bytes).unwrap();
        sum.aggregated = sum.aggregated.max(window.account.map_or(0, |account| account.total.aggregated));
        window.account = None;
        self.render(&window, key.incarnation)
    }

    /// All faults end, and everything is delivered.
    pub fn end(&mut self, store: &mut Store, seen: &mut Seen) -> Result<(), String> {
        self.disk.bytes_max = usize::MAX;
        self.ingest.close_all(self.now);
        self.hand_on();
        let deadline = self.now.mono.plus_ns(3_600 * NS_PER_S);
        self.input(Input::LastChance { deadline });
        self.input(Input::Flush { deadline });
        for _ in 0..100_000 {
            while !self.jobs.is_empty() {
                self.disk_step(seen, true);
            }
            while !self.posts.is_empty() {
                self.post_step(store, seen);
            }
            let is_over = self.outbound.all_written() && self.outbound.total().spooled.samples == 0;
            if is_over && self.jobs.is_empty() && self.outbound.is_tidy() {
                return self.judge();
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

    fn judge(&self) -> Result<(), String> {
        let (mut delivered, mut lost) = (0, 0);
        for (run, saved) in self.outbound.accounts() {
            let elsewhere = saved.account.gone_samples() - saved.account.delivered.samples;
            if elsewhere > 0 {
                return Err(format!("{run}: {elsewhere} samples went elsewhere: {saved:?}"));
            }
            delivered += saved.account.delivered.samples;
            lost += saved.lost_restart;
        }
        let expected = self.expected.len() as u64;
        // What was posted from memory, because the disk did not take it, may be in no account when the process is killed.
        if delivered > expected || delivered + lost < expected {
            return Err(format!("{delivered} delivered, {expected} expected, {lost} said to be lost"));
        }
        if lost > self.taken + (expected - delivered) {
            return Err(format!("{lost} said to be lost, kills have taken {}", self.taken));
        }
        Ok(())
    }
}
