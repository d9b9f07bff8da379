//! What the driver holds of the queue.

use super::deleter::Deleter;
use super::event::QueueEvent;
use super::keeper::Keeper;
use super::leave::{leave, release};
use super::listener::Listener;
use super::name::queue_name;
use super::settings::QueueSettings;
use super::shared::Shared;
use super::state::QueueState;
use crate::base::clock;
use crate::control::aws::{Aws, AwsError, AwsErrorKind};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};

/// Messages that wait for the driver.
const EVENTS_MAX: usize = 32;
/// Deletes that wait for the service.
const DELETES_MAX: usize = 1_024;
/// Requests of the driver that wait: it has three to make.
const REQUESTS_MAX: usize = 8;

/// This node's queue; the work is done by a task that ends when all clones of this are dropped.
#[derive(Debug, Clone)]
pub struct Queue {
    requests: mpsc::Sender<Request>,
    deletes: mpsc::Sender<String>,
    state: watch::Receiver<QueueState>,
    undeleted: watch::Sender<QueueState>,
}

enum Request {
    StopListening,
    Release { within: Duration, answer: oneshot::Sender<Result<(), AwsError>> },
    Leave { within: Duration, answer: oneshot::Sender<Result<(), AwsError>> },
}

impl Queue {
    /// Starts to make the queue; what happens arrives in the receiver. Needs a tokio runtime.
    #[must_use]
    pub fn start(aws: Aws, settings: QueueSettings) -> (Self, mpsc::Receiver<QueueEvent>) {
        let name = queue_name(&settings.prefix, &settings.node);
        let (events, received) = mpsc::channel(EVENTS_MAX);
        let (deletes, to_delete) = mpsc::channel(DELETES_MAX);
        let (requests, requested) = mpsc::channel(REQUESTS_MAX);
        let (state, seen) = watch::channel(QueueState::new(name.clone(), clock::now().wall));
        let shared = Arc::new(Shared::new(aws, settings, name, events, state.clone()));
        let deleter = Deleter::new(Arc::clone(&shared), to_delete);
        tokio::spawn(live(shared, deleter, requested));
        (Self { requests, deletes, state: seen, undeleted: state }, received)
    }

    /// Deletes a message soon. When too many wait it is not deleted, but counted: it comes again.
    pub fn delete(&self, receipt_handle: String) {
        if self.deletes.try_send(receipt_handle).is_err() {
            self.undeleted.send_modify(|state| state.undeleted += 1);
        }
    }

    /// Takes no more messages from now on; deletes are still done. A poll under way is broken off: what it would have
    /// brought comes again after 30 s.
    pub fn stop_listening(&self) {
        // A full or closed channel means that the task is leaving, or gone.
        let _ = self.requests.try_send(Request::StopListening);
    }

    /// Ends the subscriptions, then deletes the queue; answers when that is done, or at the latest after `within`.
    /// Listens no more.
    ///
    /// # Errors
    /// With the last failure when the time was not enough or something is not allowed; `gridnode reap` removes what is
    /// left then.
    pub async fn leave(&self, within: Duration) -> Result<(), AwsError> {
        let gone = |why| AwsError::new("leave the queue", AwsErrorKind::Away, why);
        let (answer, answered) = oneshot::channel();
        if self.requests.send(Request::Leave { within, answer }).await.is_err() {
            return Err(gone("its task has ended"));
        }
        answered.await.unwrap_or_else(|_| Err(gone("its task has ended")))
    }

    /// Gives a queue that stays free for whoever comes next, and listens no more. Nothing is done where it is not ours.
    ///
    /// # Errors
    /// When the service refuses, or `within` is not enough.
    pub async fn release(&self, within: Duration) -> Result<(), AwsError> {
        let (answer, answered) = oneshot::channel();
        if self.requests.send(Request::Release { within, answer }).await.is_err() {
            return Ok(());
        }
        answered.await.unwrap_or(Ok(()))
    }

    /// How the queue stands; changes are worth a look at once a second at most.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<QueueState> {
        self.state.clone()
    }
}

/// The task: the three loops until somebody asks for something else.
async fn live(shared: Arc<Shared>, mut deleter: Deleter, mut requested: mpsc::Receiver<Request>) {
    let seed = shared.settings.seed;
    let mut keeper = Keeper::new(Arc::clone(&shared), seed);
    let mut listener = Listener::new(Arc::clone(&shared), seed.rotate_left(32));
    let mut listening = true;
    loop {
        let work = async {
            if listening {
                tokio::join!(keeper.run(), listener.run(), deleter.run())
            } else {
                ((), (), deleter.run().await)
            }
        };
        // The loops can be dropped at any await: every call can be made again, and what is lost is only a poll.
        let request = tokio::select! {
            _ = work => return,
            request = requested.recv() => request,
        };
        match request {
            None => return,
            Some(Request::StopListening) => listening = false,
            Some(Request::Release { within, answer }) => {
                listening = false;
                let _ = answer.send(release(&shared, within).await);
            }
            Some(Request::Leave { within, answer }) => {
                listening = false;
                // Whoever asked may have lost patience.
                let _ = answer.send(leave(&shared, within).await);
            }
        }
    }
}
