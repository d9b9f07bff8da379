//! How the queue stands, for `gridnode status` and the log.

use gridnode_core::base::time::Wall;
use serde::Serialize;

/// Where the queue is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QueuePhase {
    /// It is being made.
    Starting,
    /// It is subscribed to every topic, and the last poll was answered.
    Ready,
    /// Something is missing or does not answer; it is tried again and again.
    Away,
    /// It is being unsubscribed and deleted.
    Leaving,
    /// It is deleted.
    Left,
}

/// What there is to know about the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QueueState {
    /// Where it is in its life.
    pub phase: QueuePhase,
    /// Its name.
    pub name: String,
    /// Since when it is in this phase, ns since the epoch.
    pub since_ns: i64,
    /// The latest failure, also when it is over: a sentence with the remedy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// When that was, ns since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error_at_ns: Option<i64>,
    /// Messages that came.
    pub received: u64,
    /// Messages that were deleted.
    pub deleted: u64,
    /// Messages that could not be deleted; they come again.
    pub undeleted: u64,
    /// Calls that failed.
    pub failures: u64,
    /// How often the queue had to be made, the first time included; 0 for one that was there.
    pub made: u64,
    /// Whether the keeper is content; `None` before its first answer.
    #[serde(skip)]
    kept: Option<bool>,
    /// Whether the last poll was answered.
    #[serde(skip)]
    hears: bool,
}

impl QueueState {
    /// Before anything was done.
    #[must_use]
    pub fn new(name: String, now: Wall) -> Self {
        Self {
            phase: QueuePhase::Starting,
            name,
            since_ns: now.0,
            last_error: None,
            last_error_at_ns: None,
            received: 0,
            deleted: 0,
            undeleted: 0,
            failures: 0,
            made: 0,
            kept: None,
            hears: true,
        }
    }

    /// Queue and subscriptions are as they should be.
    pub(super) fn kept(&mut self, now: Wall) {
        self.kept = Some(true);
        self.settle(now);
    }

    /// Queue or subscriptions are not as they should be, or that cannot be found out.
    pub(super) fn not_kept(&mut self, now: Wall, why: String) {
        self.kept = Some(false);
        self.failed(now, why);
        self.settle(now);
    }

    /// A poll was answered.
    pub(super) fn heard(&mut self, now: Wall, messages: usize) {
        self.hears = true;
        self.received += messages as u64;
        self.settle(now);
    }

    /// A poll was not answered.
    pub(super) fn deaf(&mut self, now: Wall, why: String) {
        self.hears = false;
        self.failed(now, why);
        self.settle(now);
    }

    /// A call failed that the phase does not depend on.
    pub(super) fn failed(&mut self, now: Wall, why: String) {
        self.failures += 1;
        self.last_error = Some(why);
        self.last_error_at_ns = Some(now.0);
    }

    /// It is given up.
    pub(super) fn leaving(&mut self, now: Wall) {
        self.enter(now, QueuePhase::Leaving);
    }

    /// It is gone.
    pub(super) fn left(&mut self, now: Wall) {
        self.enter(now, QueuePhase::Left);
    }

    fn settle(&mut self, now: Wall) {
        if matches!(self.phase, QueuePhase::Leaving | QueuePhase::Left) {
            return;
        }
        let phase = match (self.kept, self.hears) {
            (None, true) => QueuePhase::Starting,
            (Some(true), true) => QueuePhase::Ready,
            _ => QueuePhase::Away,
        };
        self.enter(now, phase);
    }

    fn enter(&mut self, now: Wall, phase: QueuePhase) {
        if self.phase != phase {
            self.phase = phase;
            self.since_ns = now.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use QueuePhase::*;

    #[test]
    fn is_ready_when_it_is_kept_and_hears() {
        let mut state = QueueState::new("q".into(), Wall(1));
        let mut phases = vec![state.phase];
        let mut after = |step: &dyn Fn(&mut QueueState)| {
            step(&mut state);
            phases.push(state.phase);
        };
        after(&|s| s.heard(Wall(2), 0));
        after(&|s| s.kept(Wall(3)));
        after(&|s| s.deaf(Wall(4), "no answer".into()));
        after(&|s| s.kept(Wall(5)));
        after(&|s| s.heard(Wall(6), 1));
        after(&|s| s.not_kept(Wall(7), "topic".into()));
        after(&|s| s.heard(Wall(8), 1));
        after(&|s| s.leaving(Wall(9)));
        after(&|s| s.kept(Wall(10)));
        after(&|s| s.left(Wall(11)));
        assert_eq!(
            phases,
            [Starting, Starting, Ready, Away, Away, Ready, Away, Away, Leaving, Leaving, Left]
        );
        assert_eq!((state.received, state.failures, state.last_error.as_deref()), (2, 2, Some("topic")));
    }

    #[test]
    fn since_is_when_the_phase_began() {
        let mut state = QueueState::new("q".into(), Wall(1));
        state.kept(Wall(2));
        state.kept(Wall(3));
        assert_eq!((state.phase, state.since_ns), (Ready, 2));
    }
}
