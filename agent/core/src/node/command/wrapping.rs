//! What publishers wrap commands in by mistake, and what services send in place of one: named, so that whoever reads
//! the refusal knows which step of the way to change. Nothing is unwrapped: a sender that is wrong once would be obeyed
//! by chance.

use super::json::Json;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;

/// Text that is no JSON.
pub(super) fn of_text(text: &str) -> Option<&'static str> {
    if text.starts_with('\u{feff}') {
        return Some("a text with a byte order mark before it");
    }
    is_base64(text).then_some("base64 of something")
}

/// JSON that is no command, however it reads: `None` for what may be meant as one. `may_quote`: whether words of it may
/// be repeated; of what nobody vouches for none are.
pub(super) fn of(json: &Json, may_quote: bool) -> Option<String> {
    match json {
        Json::Text(text) => Some(of_string(text).to_owned()),
        Json::List(items) => items.iter().any(is_command).then(|| "an array around a command".to_owned()),
        // With the two a command says itself that it is one.
        Json::Object(object) if has(object, &["version", "type"]) => None,
        Json::Object(object) => of_object(object, may_quote),
        _ => None,
    }
}

fn of_string(text: &str) -> &'static str {
    match Json::parse(text) {
        Ok(Json::Object(_)) => "a string with JSON in it (it was turned into JSON twice)",
        _ if is_base64(text) => "a string of base64",
        _ => "a string",
    }
}

fn of_object(object: &BTreeMap<String, Json>, may_quote: bool) -> Option<String> {
    known(object).map(str::to_owned).or_else(|| {
        // Whatever else it is called: a command is in it.
        let (key, _) = object.iter().find(|(_, inner)| is_command(inner))?;
        if !may_quote {
            return Some("an object with a command in one of its fields".to_owned());
        }
        let key: String = key.chars().take(80).collect();
        Some(format!("an object with a command in its field `{key}`"))
    })
}

fn known(object: &BTreeMap<String, Json>) -> Option<&'static str> {
    let text = |key: &str| match object.get(key) {
        Some(Json::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    if has(object, &["Type", "Message"]) {
        return Some(
            "an SNS envelope in an SNS envelope (topic to queue to topic); raw delivery at the first one leaves it out",
        );
    }
    if matches!(object.get("default"), Some(Json::Text(_) | Json::Object(_))) {
        return Some(
            "{\"default\": …}, which is for SNS with MessageStructure=json and was published without it",
        );
    }
    if let Some(Json::List(records)) = object.get("Records") {
        return Some(of_records(records.first()));
    }
    if text("Service") == Some("Amazon S3") {
        return Some("the test event that S3 sends when a bucket is told to notify this topic or queue");
    }
    if has(object, &["detail-type", "detail"]) {
        return Some("an EventBridge event; give its target the input path $.detail");
    }
    if has(object, &["requestPayload"]) || has(object, &["responsePayload"]) {
        return Some("the record of a Lambda function's result (a destination of it)");
    }
    if has(object, &["requestContext", "body"]) {
        return Some("a request to API Gateway or a function's URL; its body is what counts");
    }
    if has(object, &["specversion", "source"]) {
        return Some("a CloudEvent; its data is what counts");
    }
    if has(object, &["MessageBody"]) || has(object, &["Body"]) {
        return Some("the arguments or the answer of an SQS call; its body is what counts");
    }
    if has(object, &["Message"]) {
        return Some("the arguments of an SNS call; its Message is what counts");
    }
    None
}

fn of_records(first: Option<&Json>) -> &'static str {
    let Some(Json::Object(record)) = first else { return "a list of Records, as AWS services send them" };
    let source = record.get("eventSource").or_else(|| record.get("EventSource"));
    match source {
        Some(Json::Text(source)) if source == "aws:s3" => {
            "an S3 event: a bucket notifies this topic or queue"
        }
        Some(Json::Text(source)) if source == "aws:sns" => {
            "what Lambda gets of SNS (Records with Sns.Message)"
        }
        Some(Json::Text(source)) if source == "aws:sqs" => "what Lambda gets of SQS (Records with body)",
        _ => "a list of Records, as AWS services send them",
    }
}

/// A command, or JSON of one in a string.
fn is_command(json: &Json) -> bool {
    match json {
        Json::Object(object) => has(object, &["version", "type"]) || has(object, &["signed", "signature"]),
        Json::Text(text) => match Json::parse(text) {
            Ok(inner @ Json::Object(_)) => is_command(&inner),
            _ => false,
        },
        _ => false,
    }
}

fn has(object: &BTreeMap<String, Json>, keys: &[&str]) -> bool {
    keys.iter().all(|key| object.contains_key(*key))
}

/// Longer than a word that could be anything.
fn is_base64(text: &str) -> bool {
    let text = text.trim();
    text.len() >= 16 && STANDARD.decode(text).is_ok()
}

#[cfg(test)]
mod tests {
    use crate::node::command::{read, tests::start};
    use serde_json::{Value, json};

    fn refusal(body: &str) -> (&'static str, String) {
        let refusal = read(body.as_bytes(), &[]).command.unwrap_err();
        (refusal.error.reason(), refusal.error.to_string())
    }

    fn envelope(message: &str) -> String {
        json!({"Type": "Notification", "MessageId": "1", "Message": message}).to_string()
    }

    #[test]
    fn wrong_wrappings_are_named() {
        use base64::Engine;
        let command = start();
        let text = command.to_string();
        let base64 = base64::engine::general_purpose::STANDARD.encode(&text);
        let records = |source: &str| json!({"Records": [{"eventSource": source}]}).to_string();
        for (body, named) in [
            (envelope(&envelope(&text)), "an SNS envelope in an SNS envelope"),
            (json!({"default": text}).to_string(), "MessageStructure=json"),
            (Value::String(text.clone()).to_string(), "turned into JSON twice"),
            (base64.clone(), "base64"),
            (Value::String(base64).to_string(), "base64"),
            (format!("\u{feff}{text}"), "byte order mark"),
            (json!([command]).to_string(), "an array"),
            (json!({"version": "0", "detail-type": "x", "detail": command}).to_string(), "EventBridge"),
            (json!({"Service": "Amazon S3", "Event": "s3:TestEvent"}).to_string(), "test event that S3"),
            (records("aws:s3"), "an S3 event"),
            (records("aws:sns"), "Lambda gets of SNS"),
            (records("aws:sqs"), "Lambda gets of SQS"),
            (json!({"requestPayload": command}).to_string(), "Lambda"),
            (
                json!({"specversion": "1.0", "source": "x", "type": "x", "data": command}).to_string(),
                "CloudEvent",
            ),
            (json!({"Message": text}).to_string(), "SNS call"),
            (json!({"Body": text}).to_string(), "SQS call"),
            (json!({"payload": command}).to_string(), "its field `payload`"),
            (json!({"input": text}).to_string(), "its field `input`"),
        ] {
            for body in [envelope(&body), body] {
                let (reason, said) = refusal(&body);
                assert_eq!(reason, "wrapped", "{body}: {said}");
                assert!(said.contains(named), "{body}: {said}");
            }
        }
    }

    #[test]
    fn what_is_only_wrong_is_no_wrapping() {
        for body in ["{}", "[]", "7", "{\"version\":1}", "start 7", "{\"default\":7}"] {
            assert_ne!(refusal(body).0, "wrapped", "{body}");
        }
    }
}
