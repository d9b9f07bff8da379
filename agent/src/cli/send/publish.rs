//! A command's way out: written, read back as a node reads it, published to every topic; then followed, if asked for.

use super::options::{RouteOptions, SendOptions};
use super::sign::SignKey;
use super::wait;
use crate::base::exit::Exit;
use crate::console::{Advice, write_note, write_result};
use crate::control::aws::{Aws, TopicArn};
use anyhow::{Context, bail};
use gridnode_core::node::command::{Action, Command, read};

/// How long answers may take.
#[derive(Debug, Clone, Copy)]
pub struct Waiting {
    /// The first one, s.
    pub answer_s: u64,
    /// All of them, s.
    pub patience_s: u64,
}

/// The clients, by the options.
///
/// # Errors
/// When no region is known.
pub async fn connect(send: &SendOptions) -> anyhow::Result<Aws> {
    Ok(Aws::connect(&send.aws_settings()).await?)
}

/// Whether `command` can be sent as the options say; nothing is sent.
///
/// # Errors
/// When no node would take it, or something is missing.
pub fn check(command: &Command, send: &SendOptions) -> anyhow::Result<()> {
    if send.wait {
        events_topic(send)?;
    }
    message(command, send).map(drop)
}

/// Sends `command`, or shows it.
///
/// # Errors
/// When no node would take it, when it cannot be sent, and as [`wait::wait`].
pub async fn publish(
    aws: &Aws,
    command: Command,
    route: &RouteOptions,
    send: &SendOptions,
    waiting: Waiting,
) -> anyhow::Result<Exit> {
    let message = message(&command, send)?;
    if send.dry_run {
        write_result(&message)?;
        return Ok(Exit::Fine);
    }
    if !send.wait {
        to_topics(aws, &send.topics, &command, &message).await?;
        return Ok(Exit::Fine);
    }
    wait::wait(aws, events_topic(send)?, &command, &message, wait::Settings::new(route, send, waiting)).await
}

/// Publishes to every topic; what was sent to one of them stays sent when another fails.
///
/// # Errors
/// When a topic does not take it.
pub async fn to_topics(
    aws: &Aws,
    topics: &[TopicArn],
    command: &Command,
    message: &str,
) -> anyhow::Result<()> {
    for topic in topics {
        aws.publish(topic, message, &[]).await?;
        write_note(&format!("sent {} ({}) to {topic}", command.id, asks(command)));
    }
    Ok(())
}

fn events_topic(send: &SendOptions) -> anyhow::Result<&TopicArn> {
    send.events_topic
        .as_ref()
        .context("--wait needs the topic of the events")
        .context(Advice::new("name it with --events-topic, or set GRIDNODE_CONTROL_EVENT_TOPIC"))
}

/// What a command asks for, in a few words.
fn asks(command: &Command) -> String {
    match &command.action {
        Action::Start { flood } => format!("start {}", flood.key()),
        Action::Stop { flood, .. } => format!("stop {flood}"),
        Action::NodeStop => "stop nodes".to_owned(),
    }
}

/// The text that goes out. It is read back with the very code that nodes read with.
fn message(command: &Command, send: &SendOptions) -> anyhow::Result<String> {
    let text = serde_json::to_string(command)?;
    let key = send.sign_key.as_deref().map(SignKey::read).transpose()?;
    let message = key.as_ref().map_or_else(|| text.clone(), |key| key.sign(&text));
    let verify_key = key.as_ref().and_then(SignKey::verify_key);
    let back = match read(message.as_bytes(), verify_key.as_slice()).command {
        Ok(back) => back,
        Err(refusal) => bail!("no node would take this command: {}", refusal.error),
    };
    // Times are written to the millisecond.
    let same = serde_json::to_string(&back)? == text;
    anyhow::ensure!(same, "the command reads differently from what was written: this is a fault of gridnode");
    Ok(message)
}
