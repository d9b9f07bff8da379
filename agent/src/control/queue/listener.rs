//! Polls for messages and hands them to the driver, in the order in which they come.

use super::backoff::Backoff;
use super::event::QueueEvent;
use super::plan::WAIT_S;
use super::shared::{Shared, pause};
use std::sync::Arc;
use tracing::{info, warn};

/// After so many failures in a row the keeper is to look at queue and subscriptions.
const FAILURES_TO_LOOK: u32 = 3;

pub(super) struct Listener {
    shared: Arc<Shared>,
    backoff: Backoff,
}

impl Listener {
    pub(super) fn new(shared: Arc<Shared>, seed: u64) -> Self {
        Self { shared, backoff: Backoff::new(seed) }
    }

    /// Until the driver does not listen any more.
    pub(super) async fn run(&mut self) {
        let shared = Arc::clone(&self.shared);
        loop {
            let url = shared.url().await;
            shared.owned(true).await;
            // After trouble an answer is wanted soon, also when there is no message.
            let wait_s = if self.backoff.failures() > 0 { 1 } else { WAIT_S };
            let received = tokio::select! {
                received = shared.aws.receive(&url, wait_s) => received,
                () = shared.owned(false) => continue,
            };
            match received {
                Ok(messages) => {
                    let failures = self.backoff.reset();
                    shared.say(|state, now| state.heard(now, messages.len()));
                    if failures > 0 {
                        info!(failures, "the queue answers again");
                    }
                    if failures >= FAILURES_TO_LOOK {
                        shared.look.notify_one();
                    }
                    for message in messages {
                        let (body, receipt_handle) = (message.body, message.receipt_handle);
                        if shared.events.send(QueueEvent::Message { body, receipt_handle }).await.is_err() {
                            return;
                        }
                    }
                }
                Err(error) => {
                    let pause_ms = self.backoff.next_ms(&error);
                    if self.backoff.is_worth_a_line() {
                        warn!(failures = self.backoff.failures(), pause_ms, "{error}");
                    }
                    shared.say(|state, now| state.deaf(now, error.to_string()));
                    if error.is_not_found() {
                        shared.look.notify_one();
                    }
                    // A queue that was made again is listened to at once.
                    tokio::select! {
                        () = pause(pause_ms) => {}
                        () = shared.kept.notified() => {}
                    }
                }
            }
        }
    }
}
