//! A queue of our own for events, for as long as somebody waits.
//!
//! It carries the tags of a node's queue, renewed while it is in use: should this process be killed, `gridnode reap`
//! finds queue and subscription and removes both.

use super::news::{Listener, News};
use crate::base::clock;
use crate::base::entropy::random_hex;
use crate::control::aws::{Aws, AwsError, TopicArn};
use crate::control::queue::{PREFIX, RENEW_EVERY_MS, SILENCE_S, plan};
use gridnode_core::base::rfc3339;
use gridnode_core::base::time::{Mono, NS_PER_S};
use gridnode_core::node::event::Event;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Tries of each step of the removal.
const TRIES: u32 = 3;
/// Between them, ms.
const PAUSE_MS: u64 = 500;
/// The tag that says that it is in use is renewed this often, s; nodes do the same.
const RENEW_S: u64 = RENEW_EVERY_MS / 1_000;
// Even when one renewal fails and a poll of 20 s lies between, nobody takes it for a dead node's.
const _: () = assert!(2 * RENEW_S + 20 < SILENCE_S);

/// The queue and its subscription.
#[derive(Debug)]
pub struct Inbox {
    topic: TopicArn,
    url: String,
    subscription: Option<String>,
    renew_at: Mono,
}

impl Inbox {
    /// Makes it; what was made is removed again when a later step fails.
    ///
    /// # Errors
    /// As the calls it takes.
    pub async fn open(aws: &Aws, topic: &TopicArn, listener: &mut dyn Listener) -> anyhow::Result<Self> {
        let name = format!("{PREFIX}send-{}", random_hex()?);
        let tags = BTreeMap::from([
            (plan::TAG_OURS.to_owned(), "1".to_owned()),
            (plan::TAG_NODE.to_owned(), name.trim_start_matches(PREFIX).to_owned()),
            (plan::TAG_CREATED.to_owned(), rfc3339::format(clock::now().wall)),
            (plan::TAG_SEEN.to_owned(), rfc3339::format(clock::now().wall)),
        ]);
        let url = aws.create_queue(&name, &plan::attributes(), &tags).await?;
        let renew_at = clock::now().mono.plus_ns(RENEW_S * NS_PER_S);
        let mut inbox = Self { topic: topic.clone(), url, subscription: None, renew_at };
        match inbox.subscribe(aws).await {
            Ok(()) => Ok(inbox),
            Err(error) => {
                inbox.close(aws, listener).await;
                Err(error.into())
            }
        }
    }

    /// Events that came, after up to `wait_s` (1 to 20) seconds. What is no event is dropped.
    ///
    /// # Errors
    /// As any call.
    pub async fn receive(&mut self, aws: &Aws, wait_s: u8) -> Result<Vec<Event>, AwsError> {
        self.renew(aws).await;
        let messages = aws.receive(&self.url, wait_s).await?;
        let handles: Vec<String> = messages.iter().map(|message| message.receipt_handle.clone()).collect();
        if !handles.is_empty()
            && let Err(error) = aws.delete_messages(&self.url, &handles).await
        {
            // They come again, and are known then.
            tracing::debug!(%error, "events were not deleted");
        }
        Ok(messages.iter().filter_map(|message| event(&message.body)).collect())
    }

    /// Ends the subscription, then removes the queue. What cannot be removed is told.
    pub async fn close(self, aws: &Aws, listener: &mut dyn Listener) {
        if let Err(error) = self.remove(aws).await {
            // Who cannot be told does not hear of it; `reap` finds it all the same.
            let _ = listener.hear(News::QueueStays { url: &self.url, error: &error });
        }
    }

    async fn remove(&self, aws: &Aws) -> Result<(), AwsError> {
        if let Some(subscription) = &self.subscription {
            // If it stays, so does the queue: by that `reap` finds the subscription.
            insist(async || aws.unsubscribe(&self.topic, subscription).await).await?;
        }
        insist(async || aws.delete_queue(&self.url).await).await
    }

    async fn subscribe(&mut self, aws: &Aws) -> Result<(), AwsError> {
        let attributes = aws.queue_attributes(&self.url).await?;
        let arn = attributes.get("QueueArn").cloned().unwrap_or_default();
        let topics = BTreeSet::from([self.topic.clone()]);
        let repairs = plan::repairs(&attributes, &arn, &topics);
        if !repairs.is_empty() {
            aws.set_queue_attributes(&self.url, &repairs).await?;
        }
        self.subscription = Some(aws.subscribe(&self.topic, &arn).await?);
        Ok(())
    }

    async fn renew(&mut self, aws: &Aws) {
        let now = clock::now();
        if now.mono < self.renew_at {
            return;
        }
        self.renew_at = now.mono.plus_ns(RENEW_S * NS_PER_S);
        let seen = BTreeMap::from([(plan::TAG_SEEN.to_owned(), rfc3339::format(now.wall))]);
        if let Err(error) = aws.tag_queue(&self.url, &seen).await {
            tracing::debug!(%error, "the queue's tag was not renewed");
        }
    }
}

/// Calls until it is done, gone, or refused, [`TRIES`] times at most.
async fn insist(call: impl AsyncFn() -> Result<(), AwsError>) -> Result<(), AwsError> {
    let mut tried = 1;
    loop {
        match call().await {
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) if error.kind.is_worth_retrying() && tried < TRIES => {
                tried += 1;
                tokio::time::sleep(Duration::from_millis(PAUSE_MS)).await;
            }
            done_or_refused => return done_or_refused,
        }
    }
}

/// An event, raw or in the envelope of SNS; `None` for anything else.
fn event(body: &[u8]) -> Option<Event> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let inner = value.get("Message").and_then(Value::as_str).filter(|_| value.get("Type").is_some());
    match inner {
        Some(text) => serde_json::from_str(text).ok(),
        None => serde_json::from_value(value).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_raw_or_wrapped_and_the_rest_is_dropped() {
        let raw = r#"{"version":1,"id":"n-1-0","time":"t","node":"n","type":"node.stopping","reason":"x"}"#;
        let wrapped = serde_json::json!({"Type": "Notification", "Message": raw}).to_string();
        assert_eq!(event(raw.as_bytes()).map(|event| event.id), Some("n-1-0".to_owned()));
        assert_eq!(event(wrapped.as_bytes()), event(raw.as_bytes()));
        for other in ["", "{}", "[]", r#"{"Type":"x","Message":"y"}"#] {
            assert_eq!(event(other.as_bytes()), None, "{other}");
        }
    }
}
