//! How a queue has to look, and what is to be done when it does not. No I/O here.

use super::settings::QueueSettings;
use crate::control::aws::TopicArn;
use gridnode_core::base::rfc3339;
use gridnode_core::base::time::Wall;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How long SQS keeps a message, s: a command older than this has run out, whatever it is, but for a stop, and a node
/// that was away for so long has no run left to stop.
pub const RETENTION_S: u32 = 3_600;
/// How long a poll waits for a message, s; the longest that SQS has.
pub const WAIT_S: u8 = 20;
/// How long a message that was received and not deleted stays out of sight, s.
pub const VISIBILITY_S: u32 = 30;

/// Tag of every queue that is a node's.
pub const TAG_OURS: &str = "gridnode";
/// Tag: the node.
pub const TAG_NODE: &str = "node";
/// Tag: the node's grid.
pub const TAG_GRID: &str = "grid";
/// Tag: the node's region.
pub const TAG_REGION: &str = "region";
/// Tag: when the queue was made, RFC 3339.
pub const TAG_CREATED: &str = "created";
/// Tag: the state directory whose agent takes the commands, by its nonce, or [`NOBODY`].
pub const TAG_OWNER: &str = "owner";
/// The owner of a queue that was given free.
pub const NOBODY: &str = "none";
/// Tag: when its owner last looked after it, RFC 3339; renewed once a minute.
pub const TAG_SEEN: &str = "seen";

/// The attribute with the policy.
pub const POLICY: &str = "Policy";

/// Attributes that every queue has, by SQS's names. Encryption is left as the account has it.
#[must_use]
pub fn attributes() -> BTreeMap<String, String> {
    BTreeMap::from([
        ("MessageRetentionPeriod".to_owned(), RETENTION_S.to_string()),
        ("ReceiveMessageWaitTimeSeconds".to_owned(), WAIT_S.to_string()),
        ("VisibilityTimeout".to_owned(), VISIBILITY_S.to_string()),
    ])
}

/// Who may send to the queue: SNS, on behalf of `topics`; nobody else.
#[must_use]
pub fn policy<'t>(queue_arn: &str, topics: impl IntoIterator<Item = &'t TopicArn>) -> String {
    let topics: Vec<&str> = topics.into_iter().map(TopicArn::as_str).collect();
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "gridnode-topics",
            "Effect": "Allow",
            "Principal": { "Service": "sns.amazonaws.com" },
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": { "ArnEquals": { "aws:SourceArn": topics } },
        }],
    });
    policy.to_string()
}

/// The topics that a policy of [`policy`]'s form admits; nothing for any other text.
#[must_use]
pub fn policy_topics(policy: &str) -> BTreeSet<TopicArn> {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else { return BTreeSet::new() };
    let arns = |statement: &Value| match statement.pointer("/Condition/ArnEquals/aws:SourceArn") {
        Some(Value::String(arn)) => vec![arn.clone()],
        Some(Value::Array(arns)) => arns.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => vec![],
    };
    let statements: Vec<Value> = match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(one) => vec![one.clone()],
        None => vec![],
    };
    statements.iter().flat_map(arns).filter_map(|arn| TopicArn::new(&arn).ok()).collect()
}

/// The attributes that have to be set to make a queue with the attributes `found` right; mostly none.
#[must_use]
pub fn repairs(
    found: &BTreeMap<String, String>,
    queue_arn: &str,
    topics: &BTreeSet<TopicArn>,
) -> BTreeMap<String, String> {
    let mut wanted = attributes();
    wanted.retain(|key, value| found.get(key) != Some(value));
    let wanted_policy = policy(queue_arn, topics);
    let found_policy = found.get(POLICY).map_or("", String::as_str);
    if meaning(found_policy) != meaning(&wanted_policy) {
        wanted.insert(POLICY.to_owned(), wanted_policy);
    }
    wanted
}

/// Tags that say whose queue it is; `created` and the owner only where the queue is new: renewing must not take it from
/// anybody.
#[must_use]
pub fn tags(settings: &QueueSettings, now: Wall, created: bool) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::from([
        (TAG_OURS.to_owned(), "1".to_owned()),
        (TAG_NODE.to_owned(), settings.node.to_string()),
        (TAG_SEEN.to_owned(), rfc3339::format(now)),
    ]);
    if let Some(grid) = &settings.grid {
        tags.insert(TAG_GRID.to_owned(), grid.to_string());
    }
    if let Some(region) = &settings.region {
        tags.insert(TAG_REGION.to_owned(), region.to_string());
    }
    if created {
        tags.insert(TAG_CREATED.to_owned(), rfc3339::format(now));
        tags.insert(TAG_OWNER.to_owned(), settings.owner.clone());
    }
    tags
}

/// The tags with which `owner` takes the queue, or [`NOBODY`] is left with it.
#[must_use]
pub fn owner_tags(owner: &str, now: Wall) -> BTreeMap<String, String> {
    BTreeMap::from([(TAG_OWNER.to_owned(), owner.to_owned()), (TAG_SEEN.to_owned(), rfc3339::format(now))])
}

/// A policy without the freedom of its notation: `"x"` and `["x"]` are the same, and order does not count.
fn meaning(policy: &str) -> Option<Value> {
    fn plain(value: Value) -> Value {
        match value {
            Value::Array(items) => {
                let mut items: Vec<Value> = items.into_iter().map(plain).collect();
                items.sort_by_key(Value::to_string);
                if items.len() == 1 { items.remove(0) } else { Value::Array(items) }
            }
            Value::Object(fields) => {
                Value::Object(fields.into_iter().map(|(key, value)| (key, plain(value))).collect())
            }
            other => other,
        }
    }
    serde_json::from_str(policy).ok().map(plain)
}

#[cfg(test)]
mod tests;
