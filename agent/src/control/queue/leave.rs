//! Unsubscribes, then deletes the queue: in this order, because a deleted queue leaves its subscriptions behind.

use super::backoff::Backoff;
use super::keeper::end_subscription;
use super::plan::{NOBODY, POLICY, TAG_OWNER, owner_tags, policy_topics};
use super::shared::{Shared, pause};
use crate::base::clock;
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
            shared.owned.send_replace(false);
            info!(queue = shared.name, "left the queue");
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
    if let Some(owner) = other_owner(shared, &url).await? {
        info!(queue = shared.name, owner, "the queue is another agent's and stays");
        return Ok(());
    }
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

/// The owner of the queue, where that is another agent. Who may not read tags has never known of one.
async fn other_owner(shared: &Shared, url: &str) -> Result<Option<String>, AwsError> {
    let mut tags = match shared.aws.queue_tags(url).await {
        Err(error) if error.kind == AwsErrorKind::Denied || error.is_not_found() => return Ok(None),
        other => other?,
    };
    let others = |owner: &String| *owner != shared.settings.owner && owner != NOBODY;
    Ok(tags.remove(TAG_OWNER).filter(others))
}

/// A queue that stays is nobody's until somebody takes it: also an agent with a new state directory then need not wait.
pub(super) async fn release(shared: &Shared, within: Duration) -> Result<(), AwsError> {
    let address = shared.address.borrow().clone();
    let (Some(address), true) = (address, *shared.owned.borrow()) else { return Ok(()) };
    shared.owned.send_replace(false);
    let tags = owner_tags(NOBODY, clock::now().wall);
    let given = tokio::time::timeout(within, shared.aws.tag_queue(&address.url, &tags)).await;
    given.unwrap_or_else(|_| {
        Err(AwsError::new("give the queue free", AwsErrorKind::Away, "the time was not enough"))
    })
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
