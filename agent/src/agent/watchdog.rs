//! What the service manager is told: that the agent is ready, what it does, and that it is alive.
//!
//! Alive means that the agent's loop *and* the ingest thread get on with their work. A round trip shows both: the loop
//! asks the thread for a sign of life every half interval ([`Watchdog::next`] is polled by that loop alone), and only
//! when the answer has come back is the watchdog fed. Nothing is shared for it, so a loop that hangs, a thread that
//! hangs and a thread that is gone all end the same way: the service manager restarts the agent.
//!
//! Without `NOTIFY_SOCKET` nothing is said, without `WATCHDOG_USEC` nothing is asked.

mod notify;

pub use notify::Notifier;

use crate::base::clock::sleep_until;
use crate::data::ingest::IngestThreadError;
use gridnode_core::base::time::Mono;
use sd_notify::NotifyState;
use tokio::sync::oneshot;

/// A shorter interval is taken for a mistake in a unit: the loop would do little else, ns.
const INTERVAL_NS_MIN: u64 = 100_000_000;

/// See the module's head.
#[derive(Debug)]
pub struct Watchdog {
    notifier: Notifier,
    /// Between two rounds; `None` when nobody watches.
    round_ns: Option<u64>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The next round begins then.
    Resting(Mono),
    /// The ingest thread was asked.
    Asked(oneshot::Receiver<()>),
    /// It is gone: the service manager will end us.
    Starving,
}

/// What [`Watchdog::next`] came back for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Beat {
    /// Give [`Watchdog::asked`] the result of `IngestThread::ping`.
    Ask,
    /// The round is complete and the service manager knows.
    Fed,
}

impl Watchdog {
    /// As the service manager asked for in the environment of this process.
    #[must_use]
    pub fn from_env(now: Mono) -> Self {
        let interval = sd_notify::watchdog_enabled().filter(|_| std::env::var_os("NOTIFY_SOCKET").is_some());
        let interval_ns = interval.map(|interval| u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX));
        Self::new(Notifier::from_env(), interval_ns, now)
    }

    /// With an interval within which it must be fed, ns; `None` and 0 when nobody watches.
    #[must_use]
    pub fn new(notifier: Notifier, interval_ns: Option<u64>, now: Mono) -> Self {
        let round_ns = interval_ns.filter(|ns| *ns > 0).map(|ns| ns.max(INTERVAL_NS_MIN) / 2);
        // The first round is due at once: a thread that never came up should not get a whole interval.
        Self { notifier, round_ns, state: State::Resting(now) }
    }

    /// For READY, STOPPING and STATUS.
    #[must_use]
    pub fn notifier(&self) -> &Notifier {
        &self.notifier
    }

    /// When the ingest thread has to be asked; `None` while nothing has to be done.
    #[must_use]
    pub fn due(&self) -> Option<Mono> {
        match self.state {
            State::Resting(at) => self.round_ns.map(|_| at),
            State::Asked(_) | State::Starving => None,
        }
    }

    /// Waits for the next thing to do; for good when nobody watches. For a branch of the loop's `select!`, and to be
    /// dropped at any time without loss. `now` is read when a round is complete.
    pub async fn next(&mut self, now: impl FnOnce() -> Mono) -> Beat {
        if let State::Asked(answer) = &mut self.state {
            match answer.await {
                Ok(()) => {
                    self.feed(now());
                    return Beat::Fed;
                }
                Err(_) => self.starve("it ended while it was asked"),
            }
        }
        sleep_until(self.due()).await;
        Beat::Ask
    }

    /// The ingest thread was asked.
    pub fn asked(&mut self, answer: Result<oneshot::Receiver<()>, IngestThreadError>) {
        match answer {
            Ok(answer) => self.state = State::Asked(answer),
            Err(error) => self.starve(&error.to_string()),
        }
    }

    /// Feeds: a round is complete. The loop needs this only where it has another proof that all goes on, for example
    /// after the ingest thread was stopped in good order at the end.
    pub fn feed(&mut self, now: Mono) {
        if let Some(round_ns) = self.round_ns {
            self.notifier.say(&[NotifyState::Watchdog]);
            self.state = State::Resting(now.plus_ns(round_ns));
        }
    }

    fn starve(&mut self, why: &str) {
        tracing::error!(why, "the ingest thread gives no sign of life: the watchdog is not fed any more");
        self.state = State::Starving;
    }
}

#[cfg(test)]
mod tests;
