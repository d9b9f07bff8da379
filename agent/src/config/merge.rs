//! The sources, and what becomes of a key that several of them give: the highest wins, all are checked.

use super::effective::Effective;
use super::error::{ConfigError, Origin, Wrong};
use super::key::{Fallback, Key, Values};
use super::source::{Given, Sources};
use super::table::KEYS;
use super::value::{Secret, Value};
use super::{environment, file, flags};
use crate::control::aws::TopicArn;
use gridnode_core::base::ids::Ident;
use std::path::PathBuf;

/// All sources together.
pub(super) struct Merged {
    pub(super) effective: Effective,
    pub(super) errors: Vec<ConfigError>,
}

/// Reads all sources, the lowest first.
pub(super) fn merge(sources: &Sources<'_>) -> Merged {
    let mut merged = Merged { effective: Effective::defaults(), errors: Vec::new() };
    let mut given = Vec::new();
    if let Some(text) = &sources.file {
        given.extend(file::read(text, &mut merged.errors));
    }
    given.extend(environment::read(&sources.env, &mut merged.errors));
    given.extend(flags::read(&sources.flags, &mut merged.errors));
    for Given { key, value, origin } in given {
        match value {
            Ok(value) => merged.effective.set(key.name, value, origin),
            Err(wrong) => merged.errors.push(wrong.at(origin, key.name)),
        }
    }
    for key in KEYS {
        let file = KEYS.iter().find(|file| file.name.strip_suffix("_file") == Some(key.name));
        if let Some(file) = file {
            merged.take_secret_file(key.name, file.name, sources);
        }
    }
    merged.derive(sources);
    merged.require();
    merged
}

impl Merged {
    /// An error at the place where `key` was given.
    pub(super) fn wrong(&mut self, key: &str, wrong: Wrong) {
        let place =
            self.effective.get(key).filter(|value| value.value.is_some()).map(|value| value.origin.clone());
        self.errors.push(ConfigError {
            place,
            key: key.to_owned(),
            problem: wrong.problem,
            remedy: wrong.remedy,
        });
    }

    fn take_secret_file(&mut self, key: &'static str, file: &'static str, sources: &Sources<'_>) {
        let Some(path) = self.effective.typed::<PathBuf>(file) else { return };
        if self.effective.is_given(key) {
            let wrong = Wrong::new(format!("and {key} both give a secret"), "keep one of them");
            return self.wrong(file, wrong);
        }
        let secret = match (sources.secret_file)(&path) {
            Ok(text) => text.trim_end_matches(['\r', '\n']).to_owned(),
            Err(why) => {
                let problem = format!("names {}, which cannot be read ({why})", path.display());
                return self
                    .wrong(file, Wrong::new(problem, "make it a file that the agent's user may read"));
            }
        };
        if secret.is_empty() || secret.chars().any(char::is_control) {
            let problem = format!("names {}, which does not hold one line of text", path.display());
            return self.wrong(file, Wrong::new(problem, "put the secret into it, on one line"));
        }
        self.effective.set(key, Value::Secret(Secret::new(secret)), Origin::Derived(file));
    }

    /// Works out what nobody gave.
    fn derive(&mut self, sources: &Sources<'_>) {
        let metadata = sources.metadata.clone().unwrap_or_default();
        let ident = |ident: Ident| Value::Text(ident.to_string());
        self.offer("node.id", metadata.node.or(metadata.instance_id).map(ident), Origin::Metadata);
        let host = Ident::near(&sources.host_name);
        self.offer("node.id", Some(ident(host)), Origin::Derived("host name"));
        self.offer("node.grid", metadata.grid.map(ident), Origin::Metadata);
        for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            let region = sources.env.get(name).filter(|region| !region.is_empty());
            self.offer("aws.region", region.cloned().map(Value::Text), Origin::Environment(name.to_owned()));
        }
        let region = metadata.region.map(ident);
        self.offer("node.region", region.clone(), Origin::Metadata);
        self.offer("aws.region", region, Origin::Metadata);
        let topics: Vec<TopicArn> = self.effective.typed("control.command_topics").unwrap_or_default();
        let of_topic = topics.first().map(|topic| Value::Text(topic.region().to_owned()));
        self.offer("aws.region", of_topic, Origin::Derived("region of the first command topic"));
        let region: Option<Ident> = self.effective.typed("aws.region");
        self.offer("node.region", region.map(ident), Origin::Derived("aws.region"));
        let endpoint = self.effective.value("aws.endpoint_url").cloned();
        for key in ["aws.sqs_endpoint_url", "aws.sns_endpoint_url", "aws.s3_endpoint_url"] {
            self.offer(key, endpoint.clone(), Origin::Derived("aws.endpoint_url"));
        }
        if let Some(url) = self.effective.drain_url() {
            let in_url = url.query_pairs().find(|(key, _)| key == "db").map(|(_, value)| value.into_owned());
            let origin = Origin::Derived(if in_url.is_some() { "drain.url" } else { "default" });
            let database = in_url.unwrap_or_else(|| "gridnode".to_owned());
            self.offer("drain.database", Some(Value::Text(database)), origin);
        }
    }

    /// Takes `value` for `key` unless it has one.
    fn offer(&mut self, key: &str, value: Option<Value>, origin: Origin) {
        if let (None, Some(value)) = (self.effective.value(key), value) {
            self.effective.set(key, value, origin);
        }
    }

    fn require(&mut self) {
        let missing = |key: &&Key| {
            // What was given wrongly has been said.
            let was_said = self.errors.iter().any(|error| error.key == key.name);
            key.fallback == Fallback::Required && self.effective.value(key.name).is_none() && !was_said
        };
        let missing: Vec<&Key> = KEYS.iter().filter(missing).collect();
        for key in missing {
            let remedy = format!(
                "write {} = {} in section [{}] of the file, or set {}",
                key.last(),
                key.example,
                key.section(),
                key.env_name()
            );
            self.wrong(key.name, Wrong::new("is not given", remedy));
        }
    }
}
