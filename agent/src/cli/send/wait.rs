//! `--wait`: sends a command and shows what the nodes say about it until they are done. [`Follow`] decides, this acts.

use super::inbox::Inbox;
use super::options::{RouteOptions, SendOptions};
use super::publish::{Waiting, to_topics};
use super::words;
use crate::base::clock;
use crate::base::exit::{Exit, Interrupted};
use crate::base::signals::{Signals, exit_at_next};
use crate::console::{Advice, write_note, write_result};
use crate::control::aws::{Aws, AwsError, TopicArn};
use anyhow::Context;
use gridnode_core::base::time::{NS_PER_S, Now};
use gridnode_core::node::command::{Action, Command};
use gridnode_core::node::follow::{Expected, Follow, GridVerdict, Patience};
use std::time::Duration;

/// For late answers, ms: a message is at every node within a second or two.
const SETTLE_MS: u64 = 10_000;
/// The longest that a poll waits, s: what SQS has.
const POLL_S_MAX: u64 = 20;
/// A pause after a failed poll, ms.
const PAUSE_MS: u64 = 2_000;
/// Failed polls in a row before waiting is given up.
const FAILURES_MAX: u32 = 30;

/// What to wait for.
#[derive(Debug)]
pub struct Settings<'o> {
    topics: &'o [TopicArn],
    expected: Expected,
    patience: Patience,
    json: bool,
}

impl<'o> Settings<'o> {
    /// From the options.
    #[must_use]
    pub fn new(route: &RouteOptions, send: &'o SendOptions, waiting: Waiting) -> Self {
        let only_named = route.grids.is_empty() && route.regions.is_empty() && !route.nodes.is_empty();
        let expected = match send.expect {
            Some(n) => Expected::Number(n as usize),
            None if only_named => Expected::Nodes(route.nodes.iter().cloned().collect()),
            None => Expected::Anybody,
        };
        let timeout_ms = send.timeout.map_or(waiting.patience_s, u64::from) * 1_000;
        let patience = Patience { answer_ms: waiting.answer_s * 1_000, settle_ms: SETTLE_MS, timeout_ms };
        Self { topics: &send.topics, expected, patience, json: send.json }
    }
}

/// Sends and follows.
///
/// # Errors
/// When the command cannot be sent, nobody answers, the time is over, or a signal comes.
pub async fn wait(
    aws: &Aws,
    events: &TopicArn,
    command: &Command,
    message: &str,
    settings: Settings<'_>,
) -> anyhow::Result<Exit> {
    // From here on a signal is an event: whatever happens, the queue goes again.
    let mut signals = Signals::new()?;
    let mut inbox = Inbox::open(aws, events).await?;
    let mut sent = false;
    let followed = tokio::select! {
        followed = follow(aws, &mut inbox, command, message, &settings, &mut sent) => followed,
        signal = signals.next() => Err(Interrupted { signal }.into()),
    };
    // A second signal does not wait for the removal.
    exit_at_next()?;
    inbox.close(aws).await;
    match followed {
        Err(error) if sent && error.downcast_ref::<Advice>().is_none() => {
            Err(error).context(Advice::new(goes_on(command)))
        }
        followed => followed,
    }
}

async fn follow(
    aws: &Aws,
    inbox: &mut Inbox,
    command: &Command,
    message: &str,
    settings: &Settings<'_>,
    sent: &mut bool,
) -> anyhow::Result<Exit> {
    to_topics(aws, settings.topics, command, message).await?;
    *sent = true;
    let mut follow = Follow::new(command, settings.expected.clone(), settings.patience, clock::now().mono);
    let (mut failures, mut is_said) = (0, false);
    let verdict = loop {
        let now = clock::now();
        if let Some(verdict) = follow.verdict(now.mono) {
            break verdict;
        }
        if let Some(left_ms) = follow.lingers_ms(now.mono).filter(|_| !is_said) {
            is_said = true;
            write_note(&lingers(left_ms, follow.nodes().len()));
        }
        let events = match inbox.receive(aws, poll_s(&follow, now)).await {
            Ok(events) => {
                failures = 0;
                events
            }
            Err(error) => {
                failures += 1;
                pause_after(error, failures).await?;
                continue;
            }
        };
        for event in events {
            if follow.handle(clock::now().mono, &event) {
                write_result(&if settings.json { event.to_json() } else { words::line(&event) })?;
            }
        }
    };
    if follow.nodes().is_empty() {
        return Err(anyhow::anyhow!("no node answered")).context(Advice::new(nobody(command)));
    }
    write_note(&words::summary(follow.nodes()));
    exit_of(&verdict)
}

/// Why it does not end yet.
fn lingers(left_ms: u64, nodes: usize) -> String {
    let left_s = left_ms.div_ceil(1_000);
    format!(
        "waiting {left_s} s for other nodes to answer; with --expect {nodes} it ends when so many are done"
    )
}

/// Until the next deadline, in whole seconds that SQS takes.
fn poll_s(follow: &Follow, now: Now) -> u8 {
    let left_ns = follow.next_deadline(now.mono).since_ns(now.mono);
    left_ns.div_ceil(NS_PER_S).clamp(1, POLL_S_MAX) as u8
}

async fn pause_after(error: AwsError, failures: u32) -> anyhow::Result<()> {
    if !error.kind.is_worth_retrying() || failures >= FAILURES_MAX {
        return Err(error.into());
    }
    if failures == 1 {
        write_note(&format!("warning: {error}; trying again"));
    }
    tokio::time::sleep(Duration::from_millis(PAUSE_MS)).await;
    Ok(())
}

fn exit_of(verdict: &GridVerdict) -> anyhow::Result<Exit> {
    match (words::complaint(verdict), verdict) {
        (Some(complaint), _) => Err(anyhow::anyhow!(complaint)),
        (None, GridVerdict::Doubtful) => Ok(Exit::NotTrustworthy),
        (None, GridVerdict::AssertionsFailed) => Ok(Exit::AssertionsFailed),
        (None, GridVerdict::NotAll) => Ok(Exit::ToolFailed),
        (None, _) => Ok(Exit::Fine),
    }
}

/// What to do when nobody answered.
fn nobody(command: &Command) -> String {
    let why = match &command.action {
        Action::Stop { .. } => "; a node that has no such run says nothing to a stop",
        Action::Start { .. } | Action::NodeStop => "",
    };
    format!("check the route, and that agents hear this topic (gridnode check on a node){why}")
}

/// What to do when waiting ended before the nodes were done.
fn goes_on(command: &Command) -> String {
    match &command.action {
        Action::Start { flood } => format!(
            "what was started goes on; stop it with gridnode send stop {} {} and the same route",
            flood.id, flood.run
        ),
        Action::Stop { .. } | Action::NodeStop => {
            "the command stands: nodes go on with what it asks for; their events tell when they are done"
                .to_owned()
        }
    }
}
