use super::*;
use gridnode_core::base::ids::Ident;

const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:gridnode-3";

fn topic(name: &str) -> TopicArn {
    TopicArn::new(&format!("arn:aws:sns:us-east-1:123456789012:{name}")).unwrap()
}

fn topics(names: &[&str]) -> BTreeSet<TopicArn> {
    names.iter().map(|name| topic(name)).collect()
}

/// As SQS answers for a queue that is right.
fn right(names: &[&str]) -> BTreeMap<String, String> {
    let mut found = attributes();
    found.insert(POLICY.to_owned(), policy(QUEUE, &topics(names)));
    found.insert("QueueArn".to_owned(), QUEUE.to_owned());
    found
}

#[test]
fn admits_the_topics_and_nobody_else() {
    insta::assert_snapshot!(policy(QUEUE, &topics(&["b", "a"])), @r#"{"Statement":[{"Action":"sqs:SendMessage","Condition":{"ArnEquals":{"aws:SourceArn":["arn:aws:sns:us-east-1:123456789012:a","arn:aws:sns:us-east-1:123456789012:b"]}},"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Resource":"arn:aws:sqs:us-east-1:123456789012:gridnode-3","Sid":"gridnode-topics"}],"Version":"2012-10-17"}"#);
}

#[test]
fn the_policy_is_the_record_of_its_topics() {
    assert_eq!(policy_topics(&policy(QUEUE, &topics(&["a", "b"]))), topics(&["a", "b"]));
    let one = policy(QUEUE, &topics(&["a"])).replace(['[', ']'], "");
    assert_eq!(policy_topics(&one), topics(&["a"]));
    for foreign in ["", "{", "[]", "{\"Statement\":3}", "{\"Statement\":[{\"Condition\":{}}]}"] {
        assert_eq!(policy_topics(foreign), BTreeSet::new(), "{foreign}");
    }
}

#[test]
fn a_queue_that_is_right_is_left_alone() {
    assert_eq!(repairs(&right(&["a", "b"]), QUEUE, &topics(&["a", "b"])), BTreeMap::new());
}

#[test]
fn notation_is_no_difference() {
    let mut found = right(&["a"]);
    let other = found[POLICY]
        .replace("\"sqs:SendMessage\"", "[\"sqs:SendMessage\"]")
        .replace("[\"arn:aws:sns:us-east-1:123456789012:a\"]", "\"arn:aws:sns:us-east-1:123456789012:a\"");
    assert_ne!(found.insert(POLICY.to_owned(), other.clone()), Some(other));
    assert_eq!(repairs(&found, QUEUE, &topics(&["a"])), BTreeMap::new());
}

#[test]
fn what_is_wrong_is_repaired_and_nothing_else() {
    let mut found = right(&["a"]);
    found.insert("VisibilityTimeout".to_owned(), "5".to_owned());
    found.remove("MessageRetentionPeriod");
    let repairs_made = repairs(&found, QUEUE, &topics(&["a"]));
    assert_eq!(repairs_made.keys().collect::<Vec<_>>(), ["MessageRetentionPeriod", "VisibilityTimeout"]);

    for wrong in [
        String::new(),
        policy(QUEUE, &topics(&["a", "stale"])),
        policy("arn:aws:sqs:us-east-1:123456789012:other", &topics(&["a"])),
        policy(QUEUE, &topics(&["a"])).replace("{\"Service\":\"sns.amazonaws.com\"}", "\"*\""),
    ] {
        let mut found = right(&["a"]);
        found.insert(POLICY.to_owned(), wrong.clone());
        let repairs_made = repairs(&found, QUEUE, &topics(&["a"]));
        assert_eq!(repairs_made.keys().collect::<Vec<_>>(), [POLICY], "{wrong}");
    }
}

#[test]
fn tags_say_whose_queue_it_is() {
    let settings = QueueSettings {
        prefix: crate::control::queue::PREFIX.to_owned(),
        node: Ident::new("3").unwrap(),
        owner: "0a1b".into(),
        grid: Some(Ident::new("9").unwrap()),
        region: None,
        topics: BTreeSet::new(),
        boot_jitter_ms: 0,
        seed: 0,
    };
    let now = Wall(1_700_000_000_000_000_000);
    let renewed = tags(&settings, now, false);
    assert_eq!(renewed.keys().collect::<Vec<_>>(), ["grid", "gridnode", "node", "seen"]);
    let seen = rfc3339::parse(&renewed[TAG_SEEN]).unwrap();
    assert_eq!(seen, now);
    assert!(tags(&settings, now, true).contains_key(TAG_CREATED));
}
