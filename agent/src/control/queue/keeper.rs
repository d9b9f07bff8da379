//! Makes the queue and its subscriptions, keeps them as they should be, and keeps the queue ours.
//!
//! One look is about four calls and one more a topic, and every one of them can be made again: the queue is looked for
//! before it is made, and SNS answers `Subscribe` with the subscription that is there. So nothing pages through the
//! subscriptions of a topic with 900 of them, but where somebody gave ours other attributes.

use super::backoff::Backoff;
use super::event::QueueEvent;
use super::owner::{OwnerWatch, RENEW_EVERY_MS, Verdict};
use super::plan::{self, POLICY};
use super::shared::{Address, Shared, pause};
use crate::base::clock;
use crate::control::aws::{AwsError, AwsErrorKind, TopicArn};
use std::collections::BTreeSet;
use std::sync::Arc;
use tracing::{info, warn};

/// Between two looks when all is well, ms; the grid's looks are spread by jitter.
const LOOK_EVERY_MS: u64 = 300_000;

/// Between two looks at a queue that is another agent's, ms.
const WATCH_EVERY_MS: u64 = 10_000;
/// After taking a queue that was free: whoever took it at the same moment has written by then, ms.
const CONFIRM_MS: u64 = 1_500;

pub(super) struct Keeper {
    shared: Arc<Shared>,
    backoff: Backoff,
    watch: OwnerWatch,
    ready: bool,
    /// That another agent has the queue was said.
    lost: bool,
}

/// What a look found.
enum Look {
    Kept(Address),
    /// It belongs to another agent.
    Others {
        owner: String,
        lives: bool,
    },
}

/// Whether the queue is ours; taken if it was nobody's.
enum Owner {
    Us,
    Other { owner: String, lives: bool },
}

impl Keeper {
    pub(super) fn new(shared: Arc<Shared>, seed: u64) -> Self {
        let (backoff, watch) = (Backoff::new(seed), OwnerWatch::default());
        Self { shared, backoff, watch, ready: false, lost: false }
    }

    /// Until the driver does not listen any more, or the queue is refused.
    pub(super) async fn run(&mut self) {
        pause(self.backoff.jitter_ms(self.shared.settings.boot_jitter_ms)).await;
        loop {
            let goes_on = match self.look().await {
                Ok(Look::Kept(address)) => self.kept(address).await,
                Ok(Look::Others { owner, lives }) => self.not_ours(&owner, lives).await,
                Err(error) => {
                    self.failed(&error).await;
                    true
                }
            };
            if !goes_on {
                return;
            }
        }
    }

    /// All is well: says so once, and rests until the next look. False when nobody listens.
    async fn kept(&mut self, address: Address) -> bool {
        self.backoff.reset();
        let shared = Arc::clone(&self.shared);
        shared.say(|state, now| state.kept(now));
        shared.kept.notify_waiters();
        if self.lost {
            info!(queue = address.arn, "the queue is ours again");
            self.lost = false;
        }
        if !self.ready {
            info!(queue = address.arn, "the queue is there and subscribed");
            let (name, url, arn) = (shared.name.clone(), address.url.clone(), address.arn);
            if shared.events.send(QueueEvent::Ready { name, url, arn }).await.is_err() {
                return false;
            }
            self.ready = true;
        }
        self.rest(&address.url).await;
        true
    }

    /// Renews the tags until the next look is due, or wanted, or the queue is not ours any more.
    async fn rest(&mut self, url: &str) {
        let mut left_ms = LOOK_EVERY_MS / 2 + self.backoff.jitter_ms(LOOK_EVERY_MS / 2);
        loop {
            let shortest_ms = RENEW_EVERY_MS * 3 / 4;
            let next_ms = shortest_ms + self.backoff.jitter_ms(RENEW_EVERY_MS - shortest_ms);
            tokio::select! {
                () = pause(next_ms.min(left_ms)) => {}
                () = self.shared.look.notified() => return,
            }
            if left_ms <= next_ms {
                return;
            }
            left_ms -= next_ms;
            match self.own(url).await {
                Ok(Owner::Us) => {}
                // The look that follows tells it again, and deals with it.
                Ok(Owner::Other { .. }) | Err(_) => return,
            }
        }
    }

    /// Another agent has the queue. It is watched until it is gone; but who has never had the queue does not wait beside
    /// one that lives. False when there is nothing more to do.
    async fn not_ours(&mut self, owner: &str, lives: bool) -> bool {
        let shared = Arc::clone(&self.shared);
        shared.owned.send_replace(false);
        let (name, own) = (&shared.name, &shared.settings.owner);
        let why = format!(
            "queue {name} belongs to another agent of node {}: its owner is {owner}, this state directory is {own}; stop \
             one of the two agents, or give this one another node.id",
            shared.settings.node
        );
        shared.say(|state, now| state.not_kept(now, why.clone()));
        if !lives && !self.lost {
            info!(
                queue = name,
                owner, "the queue has another owner; it is taken when that one does not show up"
            );
        }
        let first = !std::mem::replace(&mut self.lost, true);
        if self.ready && first {
            warn!("{why}");
            if shared.events.send(QueueEvent::Lost { why }).await.is_err() {
                return false;
            }
        } else if lives && !self.ready {
            let _ = shared.events.send(QueueEvent::Refused { why }).await;
            return false;
        }
        pause(WATCH_EVERY_MS).await;
        true
    }

    async fn failed(&mut self, error: &AwsError) {
        let pause_ms = self.backoff.next_ms(error);
        if self.backoff.is_worth_a_line() {
            warn!(failures = self.backoff.failures(), pause_ms, "{error}");
        }
        self.shared.say(|state, now| state.not_kept(now, error.to_string()));
        pause(pause_ms).await;
    }

    /// Whether the queue is ours, and takes it where it is nobody's. Without the permission to read tags the node works
    /// as if it were alone.
    async fn own(&mut self, url: &str) -> Result<Owner, AwsError> {
        let shared = Arc::clone(&self.shared);
        let own = &shared.settings.owner;
        let tags = match shared.aws.queue_tags(url).await {
            Err(error) if error.kind == AwsErrorKind::Denied => {
                self.renew_tags(url).await?;
                shared.say(|state, now| state.failed(now, error.to_string()));
                if !*shared.owned.borrow() {
                    warn!("{error}; a second agent on this queue would not be noticed");
                }
                return Ok(Owner::Us);
            }
            other => other?,
        };
        match self.watch.judge(&tags, own, clock::now()) {
            Verdict::Ours => self.renew_tags(url).await.map(|()| Owner::Us),
            Verdict::Free => self.take(url).await,
            Verdict::Silent(owner) => Ok(Owner::Other { owner, lives: false }),
            Verdict::Alive(owner) => Ok(Owner::Other { owner, lives: true }),
        }
    }

    /// Takes a queue that is nobody's, and looks whether somebody else did so at the same moment: the last one has it.
    async fn take(&mut self, url: &str) -> Result<Owner, AwsError> {
        let shared = Arc::clone(&self.shared);
        let own = &shared.settings.owner;
        self.renew_tags(url).await?;
        let taken = shared.aws.tag_queue(url, &plan::owner_tags(own, clock::now().wall)).await;
        match taken {
            // Already said by renewing.
            Err(error) if error.kind == AwsErrorKind::Denied => return Ok(Owner::Us),
            other => other?,
        }
        pause(CONFIRM_MS).await;
        let tags = shared.aws.queue_tags(url).await?;
        match self.watch.judge(&tags, own, clock::now()) {
            Verdict::Silent(owner) | Verdict::Alive(owner) => Ok(Owner::Other { owner, lives: false }),
            // Tags may take a while to be seen.
            Verdict::Ours | Verdict::Free => Ok(Owner::Us),
        }
    }

    /// Queue, policy, tags, subscriptions: makes what is missing, repairs what is wrong. A topic that fails does not
    /// keep the others from being subscribed, nor the queue from being listened to.
    async fn look(&mut self) -> Result<Look, AwsError> {
        let shared = Arc::clone(&self.shared);
        let shared = &*shared;
        let (url, is_new) = self.find_or_make().await?;
        if let Owner::Other { owner, lives } = self.own(&url).await? {
            return Ok(Look::Others { owner, lives });
        }
        shared.owned.send_replace(true);
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
        let address = Address { url, arn };
        shared.address.send_if_modified(|known| known.replace(address.clone()).as_ref() != Some(&address));
        let mut failure = None;
        for topic in topics {
            if let Err(error) = self.keep_subscribed(topic, &address.arn).await {
                failure.get_or_insert(error);
            }
        }
        failure.map_or(Ok(Look::Kept(address)), Err)
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
