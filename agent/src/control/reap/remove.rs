//! Removes what a survey found, and looks once more before each removal.

use super::calls::Calls;
use super::judge::Verdict;
use super::progress::Progress;
use super::survey::{GoneQueue, LeftOver, Survey, inspect, is_missing};
use crate::control::aws::{Aws, AwsError};

/// What became of it.
#[derive(Debug, Clone, Default)]
pub struct Removed {
    /// Queues that were deleted.
    pub queues: u64,
    /// Subscriptions that were ended.
    pub subscriptions: u64,
    /// Queues and subscriptions that stayed because their node is back, or that were gone already.
    pub spared: u64,
    /// What could not be removed, and why.
    pub failed: Vec<String>,
}

/// Removes the subscriptions, then the queues. A failure does not keep it from going on with the next.
pub async fn remove(
    aws: &Aws,
    calls: &mut Calls,
    survey: &Survey,
    older_than_s: u64,
    working: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Removed {
    let mut removed = Removed::default();
    let all = (survey.gone.len() + survey.left_over.len()) as u64;
    let mut done = 0;
    for queue in &survey.gone {
        if let Err(error) = remove_queue(aws, calls, queue, older_than_s, &mut removed).await {
            removed.failed.push(error.to_string());
        }
        done += 1;
        working(Progress::Removed { done, all });
    }
    for left_over in &survey.left_over {
        if let Err(error) = remove_subscription(aws, calls, left_over, &mut removed).await {
            removed.failed.push(error.to_string());
        }
        done += 1;
        working(Progress::Removed { done, all });
    }
    removed
}

async fn remove_queue(
    aws: &Aws,
    calls: &mut Calls,
    queue: &GoneQueue,
    older_than_s: u64,
    removed: &mut Removed,
) -> Result<(), AwsError> {
    if let Some(topic) = queue.unlisted.first() {
        let why =
            "its subscriptions cannot be listed, and would stay behind; allow sns:ListSubscriptionsByTopic";
        removed.failed.push(format!("failed to remove queue {} of topic {topic}: {why}", queue.name));
        return Ok(());
    }
    match inspect(aws, calls, &queue.url, older_than_s).await? {
        Some((Verdict::Gone { .. }, _)) => {}
        _ => {
            removed.spared += 1;
            return Ok(());
        }
    }
    for (topic, subscription) in &queue.subscriptions {
        calls.make(async || aws.unsubscribe(topic, subscription).await).await?;
        removed.subscriptions += 1;
    }
    match calls.make(async || aws.delete_queue(&queue.url).await).await {
        Err(error) if !error.is_not_found() => return Err(error),
        _ => removed.queues += 1,
    }
    Ok(())
}

async fn remove_subscription(
    aws: &Aws,
    calls: &mut Calls,
    left_over: &LeftOver,
    removed: &mut Removed,
) -> Result<(), AwsError> {
    if !is_missing(aws, calls, &left_over.queue).await? {
        removed.spared += 1;
        return Ok(());
    }
    calls.make(async || aws.unsubscribe(&left_over.topic, &left_over.arn).await).await?;
    removed.subscriptions += 1;
    Ok(())
}
