//! Stops posts while the Drain is away: one probe at a time instead of every batch.

use crate::base::time::Mono;

/// Closed: posts flow. Open: none before `probe_at`. Probing: one is out, the rest wait for its answer.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: State,
    /// Incremented whenever the state changes for the worse; an answer to a post of an older epoch is old news.
    epoch: u64,
    failures: u32,
    away_since: Mono,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Closed,
    Open {
        probe_at: Mono,
    },
    Probing,
}

impl Breaker {
    /// From when on a post is allowed; `None`: not before an answer has come.
    pub(super) fn opens_at(&self, in_flight: usize, in_flight_max: usize) -> Option<Mono> {
        match self.state {
            State::Closed if in_flight < in_flight_max.max(1) => Some(Mono(0)),
            // Posts from before the failure may still be out: the probe does not wait for them.
            State::Open { probe_at } => Some(probe_at),
            State::Closed | State::Probing => None,
        }
    }

    /// Notes a post; returns the epoch to hand back to [`Self::fail`].
    pub(super) fn posted(&mut self) -> u64 {
        if matches!(self.state, State::Open { .. }) {
            self.state = State::Probing;
        }
        self.epoch
    }

    /// The Drain took nothing; `delay_ns` gets the number of failures in a row.
    pub(super) fn fail(&mut self, now: Mono, epoch: u64, delay_ns: impl FnOnce(u32) -> u64) {
        if epoch != self.epoch {
            return;
        }
        if self.state == State::Closed {
            self.away_since = now;
        }
        self.epoch += 1;
        self.failures = self.failures.saturating_add(1);
        self.state = State::Open { probe_at: now.plus_ns(delay_ns(self.failures)) };
    }

    /// The Drain has answered a write: for how long it had been away (ns), if it was.
    pub(super) fn close(&mut self, now: Mono) -> Option<u64> {
        let was_closed = std::mem::take(&mut self.state) == State::Closed;
        self.failures = 0;
        (!was_closed).then(|| {
            self.epoch += 1;
            now.since_ns(self.away_since)
        })
    }

    /// A post of `epoch` will get no answer; if it was the probe, another may go.
    pub(super) fn probe_lost(&mut self, now: Mono, epoch: u64) {
        if self.state == State::Probing && epoch == self.epoch {
            self.state = State::Open { probe_at: now };
        }
    }

    /// Forgets a pending wait: shutdown has no time for it.
    pub(super) fn probe_now(&mut self, now: Mono) {
        if let State::Open { probe_at } = &mut self.state {
            *probe_at = now;
        }
        self.failures = 0;
    }

    pub(super) fn is_open(&self) -> bool {
        self.state != State::Closed
    }

    /// The instant before which nothing may be posted, while open.
    pub(super) fn probe_at(&self) -> Option<Mono> {
        if let State::Open { probe_at } = self.state { Some(probe_at) } else { None }
    }
}
