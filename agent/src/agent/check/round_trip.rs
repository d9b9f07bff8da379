//! A queue's whole life in seconds: made, subscribed, sent to, received from, unsubscribed, removed. Its own queue, so
//! that an agent on this machine is not disturbed; its name is one that `gridnode reap` knows, should this process be
//! killed in the middle.

use super::Subject;
use super::cloud::{failed, no_aws};
use super::finding::Finding;
use crate::base::clock;
use crate::control::aws::{Aws, AwsError, AwsErrorKind, TopicArn};
use crate::control::queue::plan::{POLICY, attributes, policy, tags};
use crate::control::queue::{QueueSettings, queue_name};
use gridnode_core::base::ids::Ident;
use std::sync::Arc;
use std::time::Duration;

const NAME: &str = "queue";
/// What is sent.
const BODY: &str = "gridnode check";
/// For everything but tidying up.
const TRY_TIME: Duration = Duration::from_secs(50);
/// For tidying up.
const TIDY_TIME: Duration = Duration::from_secs(30);
/// A long poll, s. SQS may need several to find a message.
const WAIT_S: u8 = 5;
const POLLS: u32 = 4;

/// What was made and has to go.
#[derive(Default)]
struct Made {
    url: Option<String>,
    subscriptions: Vec<(TopicArn, String)>,
}

pub(super) async fn queue(subject: Arc<Subject>) -> Vec<Finding> {
    let Ok(aws) = &subject.aws else { return vec![no_aws(NAME)] };
    let settings = settings(&subject);
    let mut made = Made::default();
    let tried = match tokio::time::timeout(TRY_TIME, round_trip(aws, &settings, &mut made)).await {
        Ok(tried) => tried,
        Err(_) => Err(AwsError::new("take a message round", AwsErrorKind::Away, "the time was not enough")),
    };
    let tidied = match tokio::time::timeout(TIDY_TIME, tidy(aws, &made)).await {
        Ok(tidied) => tidied,
        Err(_) => Err(AwsError::new("tidy up", AwsErrorKind::Away, "the time was not enough")),
    };
    vec![match (tried, tidied) {
        (Err(error), _) => failed(NAME, &error),
        (Ok(_), Err(error)) => {
            let what = format!("it works, but the queue of this check is left ({error})");
            Finding::fail(NAME, what, "allow sns:Unsubscribe and sqs:DeleteQueue, then run `gridnode reap`")
        }
        (Ok(Sent::AndReceived), Ok(())) => {
            Finding::ok(NAME, "made, subscribed, a message sent and received, removed again")
        }
        (Ok(Sent::MayNot), Ok(())) => Finding::ok(
            NAME,
            "made, subscribed, polled, removed again; no message sent, as the role rightly may not",
        ),
        (Ok(Sent::NotReceived), Ok(())) => Finding::fail(
            NAME,
            "a message that was sent to the queue did not come back",
            "look at the endpoint of SQS and at its service health page",
        ),
    }]
}

/// What became of the message.
enum Sent {
    AndReceived,
    NotReceived,
    /// A node need not be allowed to send to its queue: only SNS does.
    MayNot,
}

async fn round_trip(aws: &Aws, settings: &QueueSettings, made: &mut Made) -> Result<Sent, AwsError> {
    let tags = tags(settings, clock::now().wall, true);
    let url = aws.create_queue(&queue_name(&settings.prefix, &settings.node), &attributes(), &tags).await?;
    made.url = Some(url.clone());
    let mut found = aws.queue_attributes(&url).await?;
    let arn = found.remove("QueueArn").unwrap_or_default();
    let policy = (POLICY.to_owned(), policy(&arn, &settings.topics));
    aws.set_queue_attributes(&url, &[policy].into()).await?;
    for topic in &settings.topics {
        let subscription = aws.subscribe(topic, &arn).await?;
        made.subscriptions.push((topic.clone(), subscription));
    }
    let may_send = match aws.send(&url, BODY).await {
        Ok(()) => true,
        Err(error) if error.kind == AwsErrorKind::Denied => false,
        Err(error) => return Err(error),
    };
    for _ in 0..if may_send { POLLS } else { 1 } {
        let messages = aws.receive(&url, if may_send { WAIT_S } else { 0 }).await?;
        // A command that was published meanwhile may be among them: every node has its own copy.
        if let Some(ours) = messages.into_iter().find(|message| message.body == BODY.as_bytes()) {
            aws.delete_messages(&url, &[ours.receipt_handle]).await?;
            return Ok(Sent::AndReceived);
        }
    }
    Ok(if may_send { Sent::NotReceived } else { Sent::MayNot })
}

/// Unsubscribes first: a queue that is deleted leaves its subscriptions behind.
async fn tidy(aws: &Aws, made: &Made) -> Result<(), AwsError> {
    for (topic, subscription) in &made.subscriptions {
        aws.unsubscribe(topic, subscription).await?;
    }
    match &made.url {
        Some(url) => aws.delete_queue(url).await,
        None => Ok(()),
    }
}

/// For a node that does not exist: the time makes the name unique, for one cannot be used again for a minute.
fn settings(subject: &Subject) -> QueueSettings {
    let seconds = clock::now().wall.0 / 1_000_000_000;
    let id: String = subject.config.node.id.as_str().chars().take(40).collect();
    QueueSettings {
        prefix: subject.config.control.queue_prefix.clone(),
        node: Ident::near(&format!("check-{seconds}-{id}")),
        owner: format!("check-{seconds}"),
        grid: subject.config.node.grid.clone(),
        region: subject.config.node.region.clone(),
        topics: subject.config.control.command_topics.iter().cloned().collect(),
        boot_jitter_ms: 0,
        seed: 0,
    }
}
