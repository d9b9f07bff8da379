//! A disk that does not take batches, and a Drain that might: what is held is posted from memory, and goes on being tried on
//! the disk. Whichever takes it first has it. Until the disk has, the accounts on the disk do not know of it: a crash loses
//! it, counted, unless the Drain had it already.

use super::Outbound;
use crate::base::time::{Mono, Now};
use crate::outbound::delivery::{self, Answer, BatchId, TransportKind};

impl Outbound {
    /// When a write that is under way has taken too long.
    pub(super) fn lending_due(&self) -> Option<Mono> {
        let since = self.holding.writing_since?;
        let any = self.holding.any_not_lent();
        any.then(|| since.plus_ns(self.settings.disk_patience_ns))
    }

    pub(super) fn lend_what_waits_too_long(&mut self, now: Now) {
        let hangs = self.lending_due().is_some_and(|at| at <= now.mono);
        if !hangs && !self.holding.retry.is_failing() {
            return;
        }
        let waiting: Vec<BatchId> = self.holding.not_lent().collect();
        for id in &waiting {
            self.lend(now, *id);
        }
        if !waiting.is_empty() && self.holding.until.is_some() {
            self.decide(now, delivery::Input::Hurry);
        }
    }

    fn lend(&mut self, now: Now, id: BatchId) {
        let Some(held) = self.holding.get_mut(id) else { return };
        held.lent = true;
        let (batch, file, amount) = (held.spooled(), held.file(), held.amount());
        if let Some(state) = self.runs.get_mut(&batch.run) {
            state.held = state.held.less(amount);
            state.lent = state.lent.plus(amount);
        }
        self.files.insert(id, file);
        self.decide(now, delivery::Input::Spooled(batch));
    }

    /// What becomes of a batch aside or in halves takes a file: one that has none waits for it, and is tried again meanwhile.
    pub(super) fn answered(&mut self, now: Now, batch: BatchId, answer: Answer) {
        if let Some(held) = self.holding.get_mut(batch)
            && answer.moves_the_batch(held.packed.points)
        {
            return self.decide(now, delivery::Input::ReadFailed { batch });
        }
        if let Some(file) = self.files.get_mut(&batch) {
            file.wary = answer == Answer::Transport(TransportKind::Broken);
        }
        self.decide(now, delivery::Input::Answer { batch, answer });
    }

    pub(super) fn last_chance(&mut self, deadline: Mono) {
        let until = self.holding.until.map_or(deadline, |until| until.min(deadline));
        self.holding.until = Some(until);
    }

    pub(super) fn giving_up_due(&self) -> Option<Mono> {
        self.holding.until.filter(|_| !self.holding.is_empty())
    }

    pub(super) fn give_up_if_due(&mut self, now: Now) {
        if self.giving_up_due().is_some_and(|at| at <= now.mono) {
            self.leave_all(now);
        }
    }
}
