//! Queues.

use super::clients::{Aws, CALL_S, timeouts};
use super::error::{AwsError, AwsErrorKind};
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, QueueAttributeName};
use std::collections::BTreeMap;

/// Messages in one answer at most, as SQS has it.
pub const RECEIVE_BATCH_MAX: i32 = 10;
/// Messages that one call deletes at most, as SQS has it.
pub const DELETE_BATCH_MAX: usize = 10;
/// Queues in one page, as SQS has it.
const PAGE: i32 = 1_000;

/// A message of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What is in it.
    pub body: Vec<u8>,
    /// What deletes it; another one for each time it is received.
    pub receipt_handle: String,
}

/// A message that could not be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undeleted {
    /// Its place in what was asked for.
    pub index: usize,
    /// Whether another try makes sense: the fault was not in the request.
    pub is_worth_retrying: bool,
}

/// Some queues, and how to get those after them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueuePage {
    /// URLs.
    pub urls: Vec<String>,
    /// For the next page.
    pub next: Option<String>,
}

impl Aws {
    /// The URL of the queue called `name` in `region`, owned by `account` when that is given.
    ///
    /// # Errors
    /// [`AwsErrorKind::NotFound`] when there is none, and as any call.
    pub async fn queue_url(
        &self,
        region: &str,
        name: &str,
        account: Option<&str>,
    ) -> Result<String, AwsError> {
        let clients = self.clients().await;
        let call = clients.sqs(region).get_queue_url().queue_name(name);
        let answer = call.set_queue_owner_aws_account_id(account.map(str::to_owned)).send().await;
        let answer = self.judge(&clients, || format!("look for queue {name} in {region}"), answer).await?;
        answer.queue_url.ok_or_else(|| incomplete("look for queue", name))
    }

    /// Makes a queue and answers its URL. One of this name with the same attributes is answered as it is.
    ///
    /// # Errors
    /// Rejected with the code `QueueDeletedRecently` for a minute after one of this name was deleted; as any call.
    pub async fn create_queue(
        &self,
        name: &str,
        attributes: &BTreeMap<String, String>,
        tags: &BTreeMap<String, String>,
    ) -> Result<String, AwsError> {
        let clients = self.clients().await;
        let mut call = clients.sqs(self.region()).create_queue().queue_name(name);
        for (key, value) in attributes {
            call = call.attributes(QueueAttributeName::from(key.as_str()), value);
        }
        for (key, value) in tags {
            call = call.tags(key, value);
        }
        let answer = call.send().await;
        let answer = self.judge(&clients, || format!("create queue {name}"), answer).await?;
        answer.queue_url.ok_or_else(|| incomplete("create queue", name))
    }

    /// All attributes of a queue, by SQS's names.
    ///
    /// # Errors
    /// As any call.
    pub async fn queue_attributes(&self, url: &str) -> Result<BTreeMap<String, String>, AwsError> {
        let clients = self.clients().await;
        let call = clients.sqs(self.region()).get_queue_attributes().queue_url(url);
        let answer = call.attribute_names(QueueAttributeName::All).send().await;
        let answer = self.judge(&clients, || format!("read the attributes of {url}"), answer).await?;
        let attributes = answer.attributes.unwrap_or_default();
        Ok(attributes.into_iter().map(|(key, value)| (key.as_str().to_owned(), value)).collect())
    }

    /// Sets some attributes of a queue.
    ///
    /// # Errors
    /// As any call.
    pub async fn set_queue_attributes(
        &self,
        url: &str,
        attributes: &BTreeMap<String, String>,
    ) -> Result<(), AwsError> {
        let clients = self.clients().await;
        let mut call = clients.sqs(self.region()).set_queue_attributes().queue_url(url);
        for (key, value) in attributes {
            call = call.attributes(QueueAttributeName::from(key.as_str()), value);
        }
        let answer = call.send().await;
        self.judge(&clients, || format!("set attributes of {url}"), answer).await.map(drop)
    }

    /// The tags of a queue.
    ///
    /// # Errors
    /// As any call.
    pub async fn queue_tags(&self, url: &str) -> Result<BTreeMap<String, String>, AwsError> {
        let clients = self.clients().await;
        let answer = clients.sqs(self.region()).list_queue_tags().queue_url(url).send().await;
        let answer = self.judge(&clients, || format!("read the tags of {url}"), answer).await?;
        Ok(answer.tags.unwrap_or_default().into_iter().collect())
    }

    /// Sets some tags of a queue.
    ///
    /// # Errors
    /// As any call.
    pub async fn tag_queue(&self, url: &str, tags: &BTreeMap<String, String>) -> Result<(), AwsError> {
        let clients = self.clients().await;
        let mut call = clients.sqs(self.region()).tag_queue().queue_url(url);
        for (key, value) in tags {
            call = call.tags(key, value);
        }
        let answer = call.send().await;
        self.judge(&clients, || format!("tag {url}"), answer).await.map(drop)
    }

    /// Sends one message. Nodes only receive; this is for trying a queue out.
    ///
    /// # Errors
    /// As any call.
    pub async fn send(&self, url: &str, body: &str) -> Result<(), AwsError> {
        let clients = self.clients().await;
        let answer = clients.sqs(self.region()).send_message().queue_url(url).message_body(body).send().await;
        self.judge(&clients, || format!("send to {url}"), answer).await.map(drop)
    }

    /// Up to [`RECEIVE_BATCH_MAX`] messages, waiting up to `wait_s` (0 to 20) for the first. Dropping the future may
    /// lose sight of messages until their visibility timeout is over.
    ///
    /// # Errors
    /// As any call.
    pub async fn receive(&self, url: &str, wait_s: u8) -> Result<Vec<Message>, AwsError> {
        let clients = self.clients().await;
        let limits = timeouts(u64::from(wait_s) + CALL_S);
        let call = clients.sqs(self.region()).receive_message().queue_url(url);
        let call = call.wait_time_seconds(wait_s.into()).max_number_of_messages(RECEIVE_BATCH_MAX);
        let limits = aws_sdk_sqs::config::Config::builder().timeout_config(limits);
        let answer = call.customize().config_override(limits).send().await;
        let answer = self.judge(&clients, || format!("receive from {url}"), answer).await?;
        Ok(answer.messages.unwrap_or_default().into_iter().filter_map(message).collect())
    }

    /// Deletes up to [`DELETE_BATCH_MAX`] messages in one call; answers those that are still there.
    ///
    /// # Errors
    /// As any call; nothing is known to be deleted then.
    pub async fn delete_messages(
        &self,
        url: &str,
        receipt_handles: &[String],
    ) -> Result<Vec<Undeleted>, AwsError> {
        let doing = || format!("delete messages of {url}");
        let invalid = |error| AwsError::new(doing(), AwsErrorKind::Rejected, &format!("{error}"));
        let clients = self.clients().await;
        let mut call = clients.sqs(self.region()).delete_message_batch().queue_url(url);
        for (index, handle) in receipt_handles.iter().enumerate() {
            let entry =
                DeleteMessageBatchRequestEntry::builder().id(index.to_string()).receipt_handle(handle);
            call = call.entries(entry.build().map_err(invalid)?);
        }
        let answer = self.judge(&clients, doing, call.send().await).await?;
        let undeleted = answer.failed.iter().filter_map(|failed| {
            Some(Undeleted { index: failed.id.parse().ok()?, is_worth_retrying: !failed.sender_fault })
        });
        Ok(undeleted.collect())
    }

    /// Deletes a queue with everything in it. Its name can be used again after a minute.
    ///
    /// # Errors
    /// As any call; some services answer [`AwsErrorKind::NotFound`] when it is gone already.
    pub async fn delete_queue(&self, url: &str) -> Result<(), AwsError> {
        let clients = self.clients().await;
        let answer = clients.sqs(self.region()).delete_queue().queue_url(url).send().await;
        self.judge(&clients, || format!("delete {url}"), answer).await.map(drop)
    }

    /// Queues of this region whose names begin with `prefix`; pages follow each other by `next`. A queue that was made
    /// or deleted within the last minute may be missing or listed.
    ///
    /// # Errors
    /// As any call.
    pub async fn list_queues(&self, prefix: &str, next: Option<String>) -> Result<QueuePage, AwsError> {
        let clients = self.clients().await;
        let call = clients.sqs(self.region()).list_queues().queue_name_prefix(prefix);
        let answer = call.max_results(PAGE).set_next_token(next).send().await;
        let answer = self.judge(&clients, || format!("list queues named {prefix}*"), answer).await?;
        Ok(QueuePage { urls: answer.queue_urls.unwrap_or_default(), next: answer.next_token })
    }
}

/// `None` for what cannot be deleted again; there is no such message in practice.
fn message(message: aws_sdk_sqs::types::Message) -> Option<Message> {
    Some(Message {
        body: message.body.unwrap_or_default().into_bytes(),
        receipt_handle: message.receipt_handle?,
    })
}

fn incomplete(doing: &str, name: &str) -> AwsError {
    AwsError::new(format!("{doing} {name}"), AwsErrorKind::Away, "the answer has no URL")
}
