//! A command's way out.

use super::message::Message;
use super::news::{Listener, News};
use crate::control::aws::{Aws, TopicArn};

/// Publishes to every topic; what was sent to one of them stays sent when another fails.
///
/// # Errors
/// When a topic does not take it.
pub async fn publish(
    aws: &Aws,
    topics: &[TopicArn],
    message: &Message,
    listener: &mut dyn Listener,
) -> anyhow::Result<()> {
    for topic in topics {
        aws.publish(topic, message.text(), &[]).await?;
        listener.hear(News::Sent { command: message.command(), topic })?;
    }
    Ok(())
}
