//! Sends a command and hears what the nodes say about it until they are done. [`Follow`] decides, this acts.

use super::inbox::Inbox;
use super::message::Message;
use super::news::{Listener, News};
use super::publish::publish;
use crate::base::clock;
use crate::control::aws::{Aws, AwsError, TopicArn};
use gridnode_core::base::limits::GRACE_MS_DEFAULT;
use gridnode_core::base::time::{Mono, NS_PER_S, Now};
use gridnode_core::node::command::{Action, Route};
use gridnode_core::node::follow::{Expected, Follow, GridVerdict, Patience};
use std::time::Duration;

/// For late answers, ms: a message is at every node within a second or two.
const SETTLE_MS: u64 = 10_000;
/// The longest that a poll waits, s: what SQS has.
const POLL_S_MAX: u64 = 20;
/// How the nodes stand is told so often, s.
const PROGRESS_S: u64 = 15;
/// A pause after a failed poll, ms.
const PAUSE_MS: u64 = 2_000;
/// Failed polls in a row before waiting is given up.
const FAILURES_MAX: u32 = 30;
/// Patience for the first answer to a start, s.
const START_ANSWER_S: u64 = 30;
/// Patience for the first answer to a stop, beyond what the stop itself may take, s.
const STOP_ANSWER_S: u64 = 60;
/// Patience beyond what a run may take: for files, preparation, windows and delivery, s.
const MARGIN_S: u64 = 900;

/// Who has to answer: so many, if that is given; or the nodes that the route names, if it names nothing else.
#[must_use]
pub fn expected(route: &Route, number: Option<u32>) -> Expected {
    let only_named = route.grids.is_empty() && route.regions.is_empty() && !route.nodes.is_empty();
    match number {
        Some(n) => Expected::Number(n as usize),
        None if only_named => Expected::Nodes(route.nodes.iter().cloned().collect()),
        None => Expected::Anybody,
    }
}

/// How long to wait for what `action` asks for, when nodes begin with it up to `ahead_s` seconds later: as long as it may
/// take, or `timeout_s` seconds.
#[must_use]
pub fn patience(action: &Action, ahead_s: u64, timeout_s: Option<u32>) -> Patience {
    let (answer_s, all_s) = match action {
        Action::Start { flood } => (START_ANSWER_S, flood.max_runtime_s + ahead_s),
        Action::Stop { grace_s, .. } => {
            let answer_s = u64::from(*grace_s) + GRACE_MS_DEFAULT / 1_000 + STOP_ANSWER_S;
            (answer_s, answer_s)
        }
        Action::NodeStop => (STOP_ANSWER_S, STOP_ANSWER_S),
    };
    let timeout_s = timeout_s.map_or(all_s + MARGIN_S, u64::from);
    Patience { answer_ms: answer_s * 1_000, settle_ms: SETTLE_MS, timeout_ms: timeout_s * 1_000 }
}

/// What is sent.
pub struct Order<'a> {
    /// Where to.
    pub topics: &'a [TopicArn],
    /// The command.
    pub message: &'a Message,
    /// Makes the command that stops the run it starts.
    pub stop: Option<&'a dyn Fn() -> anyhow::Result<Message>>,
}

impl Order<'_> {
    async fn call_off(&self, aws: &Aws, why: &str, listener: &mut dyn Listener) -> anyhow::Result<()> {
        let Some(stop) = self.stop else { return Ok(()) };
        listener.hear(News::Stops(why))?;
        publish(aws, self.topics, &stop()?, listener).await
    }
}

/// A queue for the events of one command, made before that is sent. Whatever happens, [`Self::close`] it.
#[derive(Debug)]
pub struct Following {
    inbox: Inbox,
    is_sent: bool,
}

impl Following {
    /// Makes the queue, subscribed to the topic of the events.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn open(aws: &Aws, events: &TopicArn, listener: &mut dyn Listener) -> anyhow::Result<Self> {
        Ok(Self { inbox: Inbox::open(aws, events, listener).await?, is_sent: false })
    }

    /// Whether the command went out to every topic.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        self.is_sent
    }

    /// Sends, and follows until there is a verdict. Nothing is left half done when it is dropped, but what was sent.
    ///
    /// # Errors
    /// When the command cannot be sent, or its events cannot be fetched.
    pub async fn send(
        &mut self,
        aws: &Aws,
        order: &Order<'_>,
        (expected, patience): (Expected, Patience),
        listener: &mut dyn Listener,
    ) -> anyhow::Result<GridVerdict> {
        let message = order.message;
        publish(aws, order.topics, message, listener).await?;
        self.is_sent = true;
        let sent = clock::now().mono;
        let mut follow = Follow::new(message.command(), expected, patience, sent);
        let mut progress_at = sent.plus_ns(PROGRESS_S * NS_PER_S);
        let (mut failures, mut is_said) = (0, false);
        let mut stop_for = None;
        let verdict = loop {
            let now = clock::now();
            if let Some(verdict) = follow.verdict(now.mono) {
                break verdict;
            }
            if let Some(left_ms) = follow.lingers_ms(now.mono).filter(|_| !is_said) {
                is_said = true;
                listener.hear(News::Lingers { left_ms, nodes: follow.nodes().len() })?;
            }
            if now.mono >= progress_at {
                let elapsed_s = now.mono.since_ns(sent) / NS_PER_S;
                listener.hear(News::Progress { elapsed_s, nodes: follow.nodes() })?;
                progress_at = now.mono.plus_ns(PROGRESS_S * NS_PER_S);
            }
            let events = match self.inbox.receive(aws, poll_s(&follow, progress_at, now)).await {
                Ok(events) => {
                    failures = 0;
                    events
                }
                Err(error) => {
                    failures += 1;
                    pause_after(error, failures, listener).await?;
                    continue;
                }
            };
            for event in events {
                if follow.handle(clock::now().mono, &event) {
                    listener.hear(News::Event(&event))?;
                }
            }
            stop_for = stop_for.or_else(|| listener.wants_stop());
            if let Some(why) = &stop_for {
                match order.call_off(aws, why, listener).await {
                    Ok(()) => {
                        follow.call_off();
                        stop_for = None;
                    }
                    // With the next events again: what does not hold must not go on.
                    Err(error) => listener.hear(News::NotStopped(&error))?,
                }
            }
        };
        listener.hear(News::Ended(follow.nodes()))?;
        Ok(verdict)
    }

    /// Removes the queue.
    pub async fn close(self, aws: &Aws, listener: &mut dyn Listener) {
        self.inbox.close(aws, listener).await;
    }
}

/// Until the next deadline, in whole seconds that SQS takes.
fn poll_s(follow: &Follow, progress_at: Mono, now: Now) -> u8 {
    let left_ns = follow.next_deadline(now.mono).min(progress_at).since_ns(now.mono);
    left_ns.div_ceil(NS_PER_S).clamp(1, POLL_S_MAX) as u8
}

async fn pause_after(error: AwsError, failures: u32, listener: &mut dyn Listener) -> anyhow::Result<()> {
    if !error.kind.is_worth_retrying() || failures >= FAILURES_MAX {
        return Err(error.into());
    }
    if failures == 1 {
        listener.hear(News::Retries(&error))?;
    }
    tokio::time::sleep(Duration::from_millis(PAUSE_MS)).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use gridnode_core::base::ids::Ident;
    use gridnode_core::base::run::RunKey;

    #[test]
    fn whoever_is_named_alone_is_expected() {
        let node = Ident::near("a");
        let named = Route { nodes: vec![node.clone()], ..Route::default() };
        let in_a_grid = Route { grids: vec![Ident::near("9")], ..named.clone() };
        assert_eq!(expected(&named, None), Expected::Nodes([node].into()));
        assert_eq!(expected(&named, Some(3)), Expected::Number(3));
        assert_eq!(expected(&in_a_grid, None), Expected::Anybody);
    }

    #[test]
    fn a_stop_is_waited_for_as_long_as_it_may_take() {
        let stop = Action::Stop { flood: RunKey { id: Ident::near("7"), run: 1 }, grace_s: 30 };
        let stop_ms = 30_000 + GRACE_MS_DEFAULT + 60_000;
        let Patience { answer_ms, timeout_ms, .. } = patience(&stop, 0, None);
        assert_eq!((answer_ms, timeout_ms), (stop_ms, stop_ms + 900_000));
        assert_eq!(patience(&Action::NodeStop, 0, Some(5)).timeout_ms, 5_000);
    }
}
