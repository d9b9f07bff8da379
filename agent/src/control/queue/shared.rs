//! What the loops of a queue share: they run in one task, side by side.

use super::event::QueueEvent;
use super::settings::QueueSettings;
use super::state::QueueState;
use crate::base::clock;
use crate::control::aws::{Aws, TopicArn};
use gridnode_core::base::time::Wall;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, watch};

/// Where the queue is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) url: String,
    pub(super) arn: String,
}

/// See the module.
pub(super) struct Shared {
    pub(super) aws: Aws,
    pub(super) settings: QueueSettings,
    pub(super) name: String,
    pub(super) events: mpsc::Sender<QueueEvent>,
    pub(super) state: watch::Sender<QueueState>,
    /// `None` until the queue was there once.
    pub(super) address: watch::Sender<Option<Address>>,
    /// Whether it is ours to listen to.
    pub(super) owned: watch::Sender<bool>,
    /// The keeper is wanted before its time.
    pub(super) look: Notify,
    /// Queue and subscriptions are as they should be (again).
    pub(super) kept: Notify,
    /// The subscriptions that are known, at most one a topic.
    subscriptions: Mutex<BTreeMap<TopicArn, String>>,
}

impl Shared {
    pub(super) fn new(
        aws: Aws,
        settings: QueueSettings,
        name: String,
        events: mpsc::Sender<QueueEvent>,
        state: watch::Sender<QueueState>,
    ) -> Self {
        let address = watch::Sender::new(None);
        let (look, kept, subscriptions) = (Notify::new(), Notify::new(), Mutex::default());
        let owned = watch::Sender::new(false);
        Self { aws, settings, name, events, state, address, owned, look, kept, subscriptions }
    }

    /// Never held across an await.
    pub(super) fn subscriptions(&self) -> MutexGuard<'_, BTreeMap<TopicArn, String>> {
        self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The queue's URL, once it is known.
    pub(super) async fn url(&self) -> String {
        let mut address = self.address.subscribe();
        loop {
            if let Some(address) = &*address.borrow_and_update() {
                return address.url.clone();
            }
            if address.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// When the queue is ours, or is not, as `wanted`.
    pub(super) async fn owned(&self, wanted: bool) {
        let mut owned = self.owned.subscribe();
        if owned.wait_for(|owned| *owned == wanted).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Changes what `gridnode status` shows.
    pub(super) fn say(&self, change: impl FnOnce(&mut QueueState, Wall)) {
        let now = clock::now().wall;
        self.state.send_modify(|state| change(state, now));
    }
}

pub(super) async fn pause(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}
