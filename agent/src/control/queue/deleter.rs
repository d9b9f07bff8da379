//! Deletes messages, as many in a call as wait.

use super::backoff::Backoff;
use super::shared::{Shared, pause};
use crate::control::aws::DELETE_BATCH_MAX;
use std::sync::Arc;
use tokio::sync::mpsc;
use tracing::warn;

/// After so many the message is left: it comes again, as a repeat, and is deleted then.
const ATTEMPTS_MAX: u32 = 4;

pub(super) struct Deleter {
    shared: Arc<Shared>,
    to_delete: mpsc::Receiver<String>,
    backoff: Backoff,
}

impl Deleter {
    pub(super) fn new(shared: Arc<Shared>, to_delete: mpsc::Receiver<String>) -> Self {
        let backoff = Backoff::new(shared.settings.seed.rotate_left(16));
        Self { shared, to_delete, backoff }
    }

    /// Until there is nobody left who could ask for a delete.
    pub(super) async fn run(&mut self) {
        let mut batch = Vec::with_capacity(DELETE_BATCH_MAX);
        while self.to_delete.recv_many(&mut batch, DELETE_BATCH_MAX).await > 0 {
            let url = self.shared.url().await;
            self.delete(&url, std::mem::take(&mut batch)).await;
        }
    }

    async fn delete(&mut self, url: &str, mut batch: Vec<String>) {
        self.backoff.reset();
        let mut given_up = 0;
        for _ in 0..ATTEMPTS_MAX {
            let error = match self.shared.aws.delete_messages(url, &batch).await {
                Ok(undeleted) => {
                    let asked = batch.len();
                    let again = undeleted.iter().filter(|failed| failed.is_worth_retrying);
                    let again: Vec<String> = again.filter_map(|f| batch.get(f.index).cloned()).collect();
                    given_up += undeleted.len() - again.len();
                    self.shared.say(|state, _| state.deleted += (asked - undeleted.len()) as u64);
                    batch = again;
                    None
                }
                Err(error) => Some(error),
            };
            match error {
                None if batch.is_empty() => break,
                // Some are left that the service had trouble with.
                None => pause(self.backoff.jitter_ms(1_000)).await,
                Some(error) => {
                    self.shared.say(|state, now| state.failed(now, error.to_string()));
                    if !error.kind.is_worth_retrying() {
                        warn!(messages = batch.len(), "{error}");
                        break;
                    }
                    pause(self.backoff.next_ms(&error)).await;
                }
            }
        }
        let left = (batch.len() + given_up) as u64;
        if left > 0 {
            self.shared.say(|state, _| state.undeleted += left);
        }
    }
}
