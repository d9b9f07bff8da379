//! Publishing and storing: tasks that report to the driver's loop when they are done.

use super::task_report::TaskReport;
use crate::config::S3Location;
use crate::control::aws::{Aws, ObjectKind, TopicArn, Upload};
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunKey;
use gridnode_core::node::Input;
use gridnode_core::node::event::Event;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc;

/// See the module's head.
#[derive(Debug, Clone)]
pub(super) struct Publisher {
    pub(super) aws: Aws,
    pub(super) event_topic: TopicArn,
    pub(super) receipts: Option<S3Location>,
    pub(super) node: Ident,
    pub(super) done: mpsc::Sender<TaskReport>,
}

impl Publisher {
    /// Publishes an event. The core sends one at a time and repeats it when it fails.
    pub(super) fn publish(&self, event: Event) {
        let hands = self.clone();
        tokio::spawn(async move {
            let id = event.id.clone();
            let input = match hands.aws.publish_event(&hands.event_topic, &event).await {
                Ok(()) => Input::EventPublished { id },
                Err(error) => {
                    tracing::warn!(event = event.body.kind(), "{error}");
                    Input::EventFailed { id }
                }
            };
            hands.report(input).await;
        });
    }

    /// Publishes a word on how a run goes, unless the last one is still on its way: the next says it, too. Nobody waits for it.
    pub(super) fn tell(&self, event: Event, telling: &Arc<AtomicBool>) {
        if telling.swap(true, Ordering::AcqRel) {
            tracing::debug!("a word on how a run goes is left out: the last one is still on its way");
            return;
        }
        let (hands, telling) = (self.clone(), Arc::clone(telling));
        tokio::spawn(async move {
            if let Err(error) = hands.aws.publish_event(&hands.event_topic, &event).await {
                tracing::debug!(%error, "a word on how a run goes is left out");
            }
            telling.store(false, Ordering::Release);
        });
    }

    /// Stores a receipt that is too large for an event, always at the same place for the same run and node.
    pub(super) fn store(&self, id: String, run: RunKey, receipt: Value) {
        let hands = self.clone();
        tokio::spawn(async move {
            let input = match hands.put(&run, &receipt).await {
                Ok(location) => Input::ReceiptStored { id, location },
                Err(why) => {
                    tracing::warn!(flood = %run.id, run = run.run, "the receipt is not stored yet: {why}");
                    Input::EventFailed { id }
                }
            };
            hands.report(input).await;
        });
    }

    async fn put(&self, run: &RunKey, receipt: &Value) -> Result<String, String> {
        let location = self.receipts.as_ref().ok_or("receipts.uri is not set")?;
        let name = format!("{}/{}/{}.json", run.id, run.run, self.node);
        let body = Upload::Bytes(receipt.to_string().into_bytes());
        let kind = ObjectKind::of("application/json");
        let put = self.aws.put(&location.bucket, &location.key(&name), &body, &kind).await;
        put.map(|()| location.uri(&name)).map_err(|error| error.to_string())
    }

    async fn report(&self, input: Input) {
        // Without a loop nobody waits for it any more: the journal has the event.
        let _ = self.done.send(TaskReport::Input(input)).await;
    }
}
