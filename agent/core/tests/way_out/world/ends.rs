//! How a process comes to its end, and what the next one finds.

use super::*;

impl World {
    /// The machine stops: its memory is gone.
    pub(super) fn crash(&mut self) -> Result<(), String> {
        self.saw("crash");
        self.disk.crash(&mut self.random);
        self.memory.clear();
        self.start_again(BTreeMap::new())
    }

    /// Only the process is killed: what it has in memory files, and what the system has of its files, stays.
    pub(super) fn kill(&mut self) -> Result<(), String> {
        self.saw("kill");
        let unsaved = self.unsaved();
        let lost = self.lost_restart();
        self.take_over()?;
        let more = self.lost_restart().saturating_sub(lost);
        if more > unsaved {
            return Err(format!("a kill has lost {more} samples, of which the accounts excuse {unsaved}"));
        }
        Ok(())
    }

    /// A start that finds what the process before had in memory files.
    fn take_over(&mut self) -> Result<(), String> {
        let memory = std::mem::take(&mut self.memory);
        let released = self.disk.saved()?.released;
        let is_new = |(run, packed): &&(RunName, Packed)| match self.plant {
            Plant::CarriedUnseen => true,
            Plant::ReleasedUnseen => !self.disk.holds(&run.0, packed),
            _ => !self.disk.holds(&run.0, packed) && !released.contains(&packed.content()),
        };
        let carried: Vec<_> = memory.values().filter(is_new).cloned().collect();
        let mut sums = BTreeMap::<RunName, Carried>::new();
        for (run, packed) in &carried {
            sums.entry(run.clone()).or_default().samples += packed.samples;
        }
        if !carried.is_empty() && self.random.chance(10) {
            self.saw("a start that cannot see the memory files");
            self.start_again(BTreeMap::new())?;
            for _ in 0..self.random.below(30) {
                self.disk_step()?;
            }
        }
        self.start_again(sums)?;
        for (run, packed) in carried {
            self.saw("carried");
            self.hand_over(&run, packed)?;
        }
        Ok(())
    }

    /// An operator makes a copy of the whole directory, or puts it in its place again while no agent runs; the machine may have
    /// started anew, too.
    pub(super) fn restore(&mut self) -> Result<(), String> {
        let Some(backup) = self.backup.take() else {
            self.backup = Some(self.disk.clone());
            return Ok(());
        };
        self.saw("restored");
        self.disk.restore(backup);
        // What the copy does not know of as delivered it may well call lost: no check of that.
        if self.random.chance(50) { self.crash() } else { self.take_over() }
    }

    /// Somebody wants it to end, and waits for a while.
    pub(super) fn stop(&mut self) -> Result<(), String> {
        self.saw("stop");
        let gone = |outbound: &Outbound| {
            let total = outbound.total();
            (total.evicted, total.uncertain)
        };
        let (before, within_bounds) =
            (gone(&self.outbound), self.outbound.delivery().spool_bytes() < SPOOL_BYTES_MAX / 2);
        let deadline = self.now.mono.plus_ns(15 * NS_PER_S);
        self.input(Input::LastChance { deadline })?;
        while !self.outbound.all_written() {
            for _ in 0..self.random.below(30) {
                self.disk_step()?;
            }
            if self.random.chance(30) {
                self.post_step()?;
            }
            self.now = self.now.plus_ns(self.random.below(3_000) * NS_PER_MS);
            self.input(Input::Tick)?;
        }
        if self.memory.is_empty() {
            self.saw("stopped with nothing in memory");
        }
        if within_bounds && gone(&self.outbound).0 != before.0 {
            return Err("the end evicts what a kill would have left in memory".to_owned());
        }
        if self.plant == Plant::LeftIsForgotten {
            self.memory.clear();
        }
        self.kill()
    }

    /// What has come to an end and is not in the accounts' file yet.
    fn unsaved(&self) -> u64 {
        let saved = self.disk.saved().unwrap_or_default();
        let settled = |run: &SavedRun| run.accounted_for() - run.account.spooled.samples;
        let runs = self
            .outbound
            .accounts()
            .map(|(name, now)| settled(&now).saturating_sub(saved.runs.get(&*name.0).map_or(0, settled)));
        runs.sum()
    }

    fn lost_restart(&self) -> u64 {
        self.outbound.accounts().map(|(_, saved)| saved.lost_restart).sum()
    }
}
