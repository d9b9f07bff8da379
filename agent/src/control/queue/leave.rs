//! Unsubscribes, then deletes the queue: in this order, because a deleted queue leaves its subscriptions behind.

use super::backoff::Backoff;
use super::keeper::end_subscription;
use super::plan::{POLICY, policy_topics};
use super::shared::{Shared, pause};
use crate::control::aws::{AwsError, AwsErrorKind};
use std::time::Duration;
use tracing::{info, warn};

/// Tries until it is done, refused, or `within` is over.
pub(super) async fn leave(shared: &Shared, within: Duration) -> Result<(), AwsError> {
    shared.say(|state, now| state.leaving(now));
    let mut backoff = Backoff::new(shared.settings.seed.rotate_left(48));
    let mut last = None;
    let tries = async {
        loop {
            match leave_once(shared).await {
                Err(error) if error.kind.is_worth_retrying() => {
                    warn!("{error}");
                    shared.say(|state, now| state.failed(now, error.to_string()));
                    let pause_ms = backoff.next_ms(&error);
                    last = Some(error);
                    pause(pause_ms).await;
                }
                done_or_refused => break done_or_refused,
            }
        }
    };
    let left = tokio::time::timeout(within, tries).await;
    let left = left.unwrap_or_else(|_| {
        let timed_out = || AwsError::new("leave the queue", AwsErrorKind::Away, "the time was not enough");
        Err(last.unwrap_or_else(timed_out))
    });
    match &left {
        Ok(()) => {
            info!(queue = shared.name, "unsubscribed and deleted the queue");
            shared.say(|state, now| state.left(now));
        }
        Err(error) => {
            warn!("the queue stays: {error}");
            shared.say(|state, now| state.failed(now, error.to_string()));
        }
    }
    left
}

/// What the policy does not name was never subscribed. A queue that could not be unsubscribed stays, with its policy:
/// so `gridnode reap` finds the subscriptions.
async fn leave_once(shared: &Shared) -> Result<(), AwsError> {
    let url = match shared.aws.queue_url(shared.aws.region(), &shared.name, None).await {
        Err(error) if error.is_not_found() => return leave_topics_only(shared).await,
        other => other?,
    };
    let found = match shared.aws.queue_attributes(&url).await {
        Err(error) if error.is_not_found() => return leave_topics_only(shared).await,
        other => other?,
    };
    let arn = found.get("QueueArn").cloned().unwrap_or_default();
    let mut topics = policy_topics(found.get(POLICY).map_or("", String::as_str));
    topics.extend(shared.subscriptions().keys().cloned());
    for topic in &topics {
        end_subscription(shared, topic, &arn).await?;
    }
    match shared.aws.delete_queue(&url).await {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}

/// The queue is gone already: what is known of its subscriptions has to go, too.
async fn leave_topics_only(shared: &Shared) -> Result<(), AwsError> {
    let known = shared.subscriptions().clone();
    for (topic, subscription) in known {
        shared.aws.unsubscribe(&topic, &subscription).await?;
        shared.subscriptions().remove(&topic);
    }
    Ok(())
}
