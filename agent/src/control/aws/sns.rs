//! Topics and subscriptions. Every call goes to the region that the topic's ARN names.

use super::clients::Aws;
use super::error::{AwsError, AwsErrorKind};
use super::topic_arn::TopicArn;
use aws_sdk_sns::types::MessageAttributeValue;
use gridnode_core::node::event::Event;
use std::collections::BTreeMap;

/// The attribute that makes a message arrive as it was published, without an envelope.
const RAW: &str = "RawMessageDelivery";

/// One subscription of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its ARN; `PendingConfirmation` and the like where it has none yet.
    pub arn: String,
    /// `sqs`, `https`, …
    pub protocol: String,
    /// Where messages go; a queue's ARN for `sqs`.
    pub endpoint: String,
}

/// Some subscriptions, and how to get those after them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubscriptionPage {
    /// Up to 100.
    pub subscriptions: Vec<Subscription>,
    /// For the next page.
    pub next: Option<String>,
}

impl Aws {
    /// Publishes `body` with string attributes; answers the message's id. What SNS takes is at most 256 KiB,
    /// attributes included. Empty attributes are left out: SNS would refuse them.
    ///
    /// # Errors
    /// As any call; [`AwsErrorKind::NotFound`] when the topic is gone.
    pub async fn publish(
        &self,
        topic: &TopicArn,
        body: &str,
        attributes: &[(&str, &str)],
    ) -> Result<String, AwsError> {
        let doing = || format!("publish to {topic}");
        let clients = self.clients().await;
        let mut call = clients.sns(topic.region()).publish().topic_arn(topic.as_str()).message(body);
        for (name, value) in attributes.iter().filter(|(_, value)| !value.is_empty()) {
            let value = MessageAttributeValue::builder().data_type("String").string_value(*value).build();
            let value = value.map_err(|error| {
                AwsError::new(doing(), AwsErrorKind::Rejected, &format!("attribute {name}: {error}"))
            })?;
            call = call.message_attributes(*name, value);
        }
        let answer = self.judge(&clients, doing, call.send().await).await?;
        Ok(answer.message_id.unwrap_or_default())
    }

    /// Publishes an event, with the attributes by which subscribers filter.
    ///
    /// # Errors
    /// As [`Aws::publish`].
    pub async fn publish_event(&self, topic: &TopicArn, event: &Event) -> Result<(), AwsError> {
        self.publish(topic, &event.to_json(), &event.attributes()).await.map(drop)
    }

    /// Whether the topic is there and may be looked at.
    ///
    /// # Errors
    /// As any call; [`AwsErrorKind::NotFound`] when it is not there.
    pub async fn look_at_topic(&self, topic: &TopicArn) -> Result<(), AwsError> {
        let clients = self.clients().await;
        let answer =
            clients.sns(topic.region()).get_topic_attributes().topic_arn(topic.as_str()).send().await;
        self.judge(&clients, || format!("look at topic {topic}"), answer).await.map(drop)
    }

    /// Subscribes a queue with raw delivery and answers the subscription's ARN; where there is one with the same
    /// attributes already, that one.
    ///
    /// # Errors
    /// As any call; [`AwsErrorKind::Rejected`] when there is one with other attributes.
    pub async fn subscribe(&self, topic: &TopicArn, queue_arn: &str) -> Result<String, AwsError> {
        let clients = self.clients().await;
        let call = clients.sns(topic.region()).subscribe().topic_arn(topic.as_str());
        let call = call.protocol("sqs").endpoint(queue_arn).attributes(RAW, "true");
        let answer = call.return_subscription_arn(true).send().await;
        let doing = || format!("subscribe {queue_arn} to {topic}");
        let answer = self.judge(&clients, doing, answer).await?;
        answer
            .subscription_arn
            .ok_or_else(|| AwsError::new(doing(), AwsErrorKind::Away, "the answer has no ARN"))
    }

    /// The attributes of a subscription of `topic`, by SNS's names.
    ///
    /// # Errors
    /// As any call; [`AwsErrorKind::NotFound`] when it is gone.
    pub async fn subscription_attributes(
        &self,
        topic: &TopicArn,
        subscription_arn: &str,
    ) -> Result<BTreeMap<String, String>, AwsError> {
        let clients = self.clients().await;
        let call = clients.sns(topic.region()).get_subscription_attributes();
        let answer = call.subscription_arn(subscription_arn).send().await;
        let answer =
            self.judge(&clients, || format!("look at subscription {subscription_arn}"), answer).await?;
        Ok(answer.attributes.unwrap_or_default().into_iter().collect())
    }

    /// Turns raw delivery on.
    ///
    /// # Errors
    /// As any call.
    pub async fn set_raw_delivery(&self, topic: &TopicArn, subscription_arn: &str) -> Result<(), AwsError> {
        let clients = self.clients().await;
        let call =
            clients.sns(topic.region()).set_subscription_attributes().subscription_arn(subscription_arn);
        let answer = call.attribute_name(RAW).attribute_value("true").send().await;
        let doing = || format!("turn on raw delivery of {subscription_arn}");
        self.judge(&clients, doing, answer).await.map(drop)
    }

    /// Ends a subscription of `topic`; one that is gone already is fine.
    ///
    /// # Errors
    /// As any call.
    pub async fn unsubscribe(&self, topic: &TopicArn, subscription_arn: &str) -> Result<(), AwsError> {
        let clients = self.clients().await;
        let answer =
            clients.sns(topic.region()).unsubscribe().subscription_arn(subscription_arn).send().await;
        match self.judge(&clients, || format!("unsubscribe {subscription_arn}"), answer).await {
            Err(error) if !error.is_not_found() => Err(error),
            _ => Ok(()),
        }
    }

    /// The subscriptions of `topic`; pages follow each other by `next`.
    ///
    /// # Errors
    /// As any call.
    pub async fn subscriptions(
        &self,
        topic: &TopicArn,
        next: Option<String>,
    ) -> Result<SubscriptionPage, AwsError> {
        let clients = self.clients().await;
        let call = clients.sns(topic.region()).list_subscriptions_by_topic().topic_arn(topic.as_str());
        let answer = call.set_next_token(next).send().await;
        let answer = self.judge(&clients, || format!("list the subscriptions of {topic}"), answer).await?;
        let subscriptions = answer.subscriptions.unwrap_or_default().into_iter().map(|s| Subscription {
            arn: s.subscription_arn.unwrap_or_default(),
            protocol: s.protocol.unwrap_or_default(),
            endpoint: s.endpoint.unwrap_or_default(),
        });
        let next = answer.next_token.filter(|next| !next.is_empty());
        Ok(SubscriptionPage { subscriptions: subscriptions.collect(), next })
    }
}
