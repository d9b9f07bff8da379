//! Makes the queue and its subscriptions, and keeps them as they should be.
//!
//! One look is about four calls and one more a topic, and every one of them can be made again: the queue is looked for
//! before it is made, and SNS answers `Subscribe` with the subscription that is there. So nothing pages through the
//! subscriptions of a topic with 900 of them, but where somebody gave ours other attributes.

use super::backoff::Backoff;
use super::event::QueueEvent;
use super::plan::{self, POLICY};
use super::shared::{Address, Shared, pause};
use crate::base::clock;
use crate::control::aws::{AwsError, AwsErrorKind, TopicArn};
use std::collections::BTreeSet;
use std::sync::Arc;
use tracing::{info, warn};

/// Between two looks when all is well, ms; the grid's looks are spread by jitter.
const LOOK_EVERY_MS: u64 = 300_000;

pub(super) struct Keeper {
    shared: Arc<Shared>,
    backoff: Backoff,
    ready: bool,
}

impl Keeper {
    pub(super) fn new(shared: Arc<Shared>, seed: u64) -> Self {
        Self { shared, backoff: Backoff::new(seed), ready: false }
    }

    /// Until the driver does not listen any more.
    pub(super) async fn run(&mut self) {
        let shared = Arc::clone(&self.shared);
        pause(self.backoff.jitter_ms(shared.settings.boot_jitter_ms)).await;
        loop {
            match self.look().await {
                Ok(address) => {
                    self.backoff.reset();
                    shared.say(|state, now| state.kept(now));
                    shared.kept.notify_waiters();
                    if !self.ready {
                        info!(queue = address.arn, "the queue is there and subscribed");
                        let ready = QueueEvent::Ready {
                            name: shared.name.clone(),
                            url: address.url,
                            arn: address.arn,
                        };
                        if shared.events.send(ready).await.is_err() {
                            return;
                        }
                        self.ready = true;
                    }
                    let until_next_ms = LOOK_EVERY_MS / 2 + self.backoff.jitter_ms(LOOK_EVERY_MS / 2);
                    tokio::select! {
                        () = pause(until_next_ms) => {}
                        () = shared.look.notified() => {}
                    }
                }
                Err(error) => {
                    let pause_ms = self.backoff.next_ms(&error);
                    if self.backoff.is_worth_a_line() {
                        warn!(failures = self.backoff.failures(), pause_ms, "{error}");
                    }
                    shared.say(|state, now| state.not_kept(now, error.to_string()));
                    pause(pause_ms).await;
                }
            }
        }
    }

    /// Queue, policy, tags, subscriptions: makes what is missing, repairs what is wrong. A topic that fails does not
    /// keep the others from being subscribed, nor the queue from being listened to.
    async fn look(&self) -> Result<Address, AwsError> {
        let shared = &*self.shared;
        let (url, is_new) = self.find_or_make().await?;
        let found = shared.aws.queue_attributes(&url).await?;
        let arn = found.get("QueueArn").cloned().ok_or_else(|| {
            AwsError::new(format!("read the attributes of {url}"), AwsErrorKind::Away, "QueueArn is missing")
        })?;
        let topics = &shared.settings.topics;
        let recorded = plan::policy_topics(found.get(POLICY).map_or("", String::as_str));
        let stale: BTreeSet<&TopicArn> = recorded.difference(topics).collect();
        for topic in stale {
            drop_topic(shared, topic, &arn).await?;
        }
        let repairs = plan::repairs(&found, &arn, topics);
        if !repairs.is_empty() {
            if !is_new {
                warn!(attributes = ?repairs.keys().collect::<Vec<_>>(), "the queue's attributes were not ours");
            }
            shared.aws.set_queue_attributes(&url, &repairs).await?;
        }
        if !is_new {
            self.renew_tags(&url).await?;
        }
        let address = Address { url, arn };
        shared.address.send_if_modified(|known| known.replace(address.clone()).as_ref() != Some(&address));
        let mut failure = None;
        for topic in topics {
            if let Err(error) = self.keep_subscribed(topic, &address.arn).await {
                failure.get_or_insert(error);
            }
        }
        failure.map_or(Ok(address), Err)
    }

    /// The queue's URL, and whether it had to be made.
    async fn find_or_make(&self) -> Result<(String, bool), AwsError> {
        let shared = &*self.shared;
        match shared.aws.queue_url(shared.aws.region(), &shared.name, None).await {
            Err(error) if error.is_not_found() => {}
            other => return other.map(|url| (url, false)),
        }
        let tags = plan::tags(&shared.settings, clock::now().wall, true);
        let url = shared.aws.create_queue(&shared.name, &plan::attributes(), &tags).await?;
        info!(url, "made the queue");
        shared.say(|state, _| state.made += 1);
        Ok((url, true))
    }

    /// Says to `gridnode reap` that the node is there. Without the permission the node works all the same.
    async fn renew_tags(&self, url: &str) -> Result<(), AwsError> {
        let tags = plan::tags(&self.shared.settings, clock::now().wall, false);
        match self.shared.aws.tag_queue(url, &tags).await {
            Err(error) if !error.kind.is_worth_retrying() && !error.is_not_found() => {
                warn!("{error}; without its tags `gridnode reap` takes this node for gone");
                self.shared.say(|state, now| state.failed(now, error.to_string()));
                Ok(())
            }
            other => other,
        }
    }

    /// One subscription of the queue to `topic`, with raw delivery.
    async fn keep_subscribed(&self, topic: &TopicArn, queue_arn: &str) -> Result<(), AwsError> {
        let shared = &*self.shared;
        let known = shared.subscriptions().get(topic).cloned();
        let subscription = match known {
            Some(subscription) => subscription,
            None => subscribe(shared, topic, queue_arn).await?,
        };
        let attributes = match shared.aws.subscription_attributes(topic, &subscription).await {
            Err(error) if error.is_not_found() => {
                shared.subscriptions().remove(topic);
                subscribe(shared, topic, queue_arn).await?;
                return Ok(());
            }
            other => other?,
        };
        if attributes.get("RawMessageDelivery").map(String::as_str) != Some("true") {
            shared.aws.set_raw_delivery(topic, &subscription).await?;
        }
        Ok(())
    }
}

/// Subscribes, or finds the subscription that is there, and remembers it.
pub(super) async fn subscribe(
    shared: &Shared,
    topic: &TopicArn,
    queue_arn: &str,
) -> Result<String, AwsError> {
    let subscription = match shared.aws.subscribe(topic, queue_arn).await {
        // There is one with other attributes.
        Err(error) if error.kind == AwsErrorKind::Rejected => {
            find_subscription(shared, topic, queue_arn).await?.ok_or(error)?
        }
        other => other?,
    };
    shared.subscriptions().insert(topic.clone(), subscription.clone());
    Ok(subscription)
}

/// Ends the subscription to `topic`, which may be gone. A refusal is only logged: it would be the same next time, and
/// nothing of that topic gets past the new policy.
async fn drop_topic(shared: &Shared, topic: &TopicArn, queue_arn: &str) -> Result<(), AwsError> {
    let ended = end_subscription(shared, topic, queue_arn).await;
    match ended {
        Ok(()) => info!(%topic, "unsubscribed from a topic that is not configured any more"),
        Err(error) if error.kind.is_worth_retrying() => return Err(error),
        Err(error) => warn!("{error}"),
    }
    Ok(())
}

/// Unsubscribes from `topic`. Where the subscription's ARN is not known, subscribing once more tells it.
pub(super) async fn end_subscription(
    shared: &Shared,
    topic: &TopicArn,
    queue_arn: &str,
) -> Result<(), AwsError> {
    let known = shared.subscriptions().get(topic).cloned();
    let subscription = match known {
        Some(subscription) => subscription,
        None => match subscribe(shared, topic, queue_arn).await {
            // With a topic go its subscriptions.
            Err(error) if error.is_not_found() => return Ok(()),
            other => other?,
        },
    };
    shared.aws.unsubscribe(topic, &subscription).await?;
    shared.subscriptions().remove(topic);
    Ok(())
}

async fn find_subscription(
    shared: &Shared,
    topic: &TopicArn,
    queue_arn: &str,
) -> Result<Option<String>, AwsError> {
    let mut next = None;
    loop {
        let page = shared.aws.subscriptions(topic, next).await?;
        let ours = page.subscriptions.into_iter().find(|s| s.protocol == "sqs" && s.endpoint == queue_arn);
        match (ours, page.next) {
            (Some(ours), _) => return Ok(Some(ours.arn)),
            (None, None) => return Ok(None),
            (None, more) => next = more,
        }
    }
}
