//! Credentials, topics and the bucket for receipts.

use super::Subject;
use super::finding::Finding;
use crate::agent::settings;
use crate::config::S3Location;
use crate::control::aws::{AwsError, AwsErrorKind, ObjectKind, TopicArn, Upload};
use std::sync::Arc;

/// The object that is written to see whether one can be.
const OBJECT: &str = "gridnode-check";

/// An error of AWS, sentence and remedy apart.
pub(super) fn failed(name: &'static str, error: &AwsError) -> Finding {
    let text = error.to_string();
    let found = match error.remedy() {
        "" => return Finding::fail(name, text, "correct what it names"),
        remedy => {
            let sentence = text.strip_suffix(remedy).map(|text| text.trim_end_matches([' ', ';']));
            Finding::fail(name, sentence.unwrap_or(&text), remedy)
        }
    };
    // Of all that is asked of AWS the same is to be said then.
    let is_of_all = matches!(error.kind, AwsErrorKind::Credentials | AwsErrorKind::Away);
    let cause = found.detail.strip_prefix(&format!("failed to {}: ", error.doing)).map(str::to_owned);
    Finding { cause: cause.filter(|_| is_of_all), ..found }
}

/// Any answer but that the credentials are no good proves that they are; which one does not matter.
pub(super) async fn credentials(subject: Arc<Subject>) -> Vec<Finding> {
    const NAME: &str = "aws credentials";
    let aws = match &subject.aws {
        Ok(aws) => aws,
        Err(finding) => return vec![finding.clone()],
    };
    vec![match aws.look_at_topic(&subject.config.control.event_topic).await {
        Err(error) if error.kind == AwsErrorKind::Credentials => failed(NAME, &error),
        Err(error) if error.kind == AwsErrorKind::Away => {
            Finding::skipped(NAME, "nobody has seen them: AWS does not answer (see below)")
        }
        _ => Finding::ok(NAME, format!("accepted in {}", subject.config.aws.region)),
    }]
}

pub(super) async fn command_topics(subject: Arc<Subject>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for topic in &subject.config.control.command_topics {
        findings.push(topic_is_there(&subject, "command topic", topic).await);
    }
    findings
}

pub(super) async fn event_topic(subject: Arc<Subject>) -> Vec<Finding> {
    vec![topic_is_there(&subject, "event topic", &subject.config.control.event_topic).await]
}

/// Nodes need no right to look at a topic, only to subscribe or to publish.
async fn topic_is_there(subject: &Subject, name: &'static str, topic: &TopicArn) -> Finding {
    let Ok(aws) = &subject.aws else { return no_aws(name) };
    match aws.look_at_topic(topic).await {
        Ok(()) => Finding::ok(name, format!("{topic} is there")),
        Err(error) if error.kind == AwsErrorKind::Denied => Finding::warn(
            name,
            format!("{topic} may not be looked at, so whether it is there is not known"),
            "allow sns:GetTopicAttributes if you want this check; the agent itself does not need it",
        ),
        Err(error) => failed(name, &error),
    }
}

pub(super) async fn receipts(subject: Arc<Subject>) -> Vec<Finding> {
    const NAME: &str = "receipts";
    let Some(location) = &subject.config.receipts.uri else {
        let why = "receipts.uri is not given: a receipt too large for a message loses its list of sources";
        return vec![Finding::skipped(NAME, why)];
    };
    vec![may_write(&subject, NAME, location, &ObjectKind::of("text/plain")).await]
}

pub(super) async fn traces(subject: Arc<Subject>) -> Vec<Finding> {
    const NAME: &str = "traces";
    let Some(location) = &subject.config.traces.uri else {
        return vec![Finding::skipped(NAME, "traces.uri is not given: no failed request is kept in full")];
    };
    // Encrypted as traces are: that may be what is not allowed.
    let encryption = settings::encryption(&subject.config);
    let kind = ObjectKind { encryption, ..ObjectKind::of("text/plain") };
    vec![may_write(&subject, NAME, location, &kind).await]
}

async fn may_write(
    subject: &Subject,
    name: &'static str,
    location: &S3Location,
    kind: &ObjectKind,
) -> Finding {
    let Ok(aws) = &subject.aws else { return no_aws(name) };
    let text = format!("written by `gridnode check` on node {}\n", subject.config.node.id);
    let object = Upload::Bytes(text.into_bytes());
    match aws.put(&location.bucket, &location.key(OBJECT), &object, kind).await {
        Ok(()) => Finding::ok(name, format!("wrote {}", location.uri(OBJECT))),
        Err(error) => failed(name, &error),
    }
}

pub(super) fn no_aws(name: &'static str) -> Finding {
    Finding::skipped(name, "it needs AWS credentials and a region")
}
