//! The sources, and what becomes of a key that several of them give: the highest wins, all are checked.

use super::effective::{Effective, Origin};
use super::error::{ConfigError, Wrong};
use super::table::{Fallback, KEYS, Key};
use super::value::{Secret, Value};
use super::{Flag, environment, file, flags};
use crate::control::imds::Identity;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a configuration is made from: texts only, nothing is read from outside but secrets in files.
pub struct Sources<'a> {
    /// The file, if there is one.
    pub file: Option<FileText>,
    /// The environment.
    pub env: BTreeMap<String, String>,
    /// Flags, in their order.
    pub flags: Vec<Flag>,
    /// What the instance metadata service says.
    pub metadata: Option<Identity>,
    /// The host's name.
    pub host_name: String,
    /// Reads the file that a `*_file` key names; `Err` says why it cannot be read.
    pub secret_file: &'a dyn Fn(&Path) -> Result<String, String>,
}

/// A file and what is in it. No `Debug`: there may be secrets in it.
pub struct FileText {
    /// For messages.
    pub path: PathBuf,
    /// TOML.
    pub text: String,
}

/// A value that somebody gave, or why it is none.
pub(super) struct Given {
    pub(super) key: &'static Key,
    pub(super) value: Result<Value, Wrong>,
    pub(super) origin: Origin,
}

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
    for (key, file) in [
        ("drain.token", "drain.token_file"),
        ("drain.password", "drain.password_file"),
        ("timestamps.key", "timestamps.key_file"),
    ] {
        merged.take_secret_file(key, file, sources);
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
        let Some(Value::Path(path)) = self.effective.value(file).cloned() else { return };
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
        self.offer("node.id", metadata.node.or(metadata.instance_id).map(Value::Ident), Origin::Metadata);
        let host = gridnode_core::base::ids::Ident::near(&sources.host_name);
        self.offer("node.id", Some(Value::Ident(host)), Origin::Derived("host name"));
        self.offer("node.grid", metadata.grid.map(Value::Ident), Origin::Metadata);
        for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            let region = sources.env.get(name).filter(|region| !region.is_empty());
            self.offer("aws.region", region.cloned().map(Value::Text), Origin::Environment(name.to_owned()));
        }
        let region = metadata.region;
        self.offer("node.region", region.clone().map(Value::Ident), Origin::Metadata);
        self.offer("aws.region", region.map(|region| Value::Text(region.to_string())), Origin::Metadata);
        let of_topic = match self.effective.value("control.command_topics") {
            Some(Value::Topics(topics)) => topics.first().map(|topic| Value::Text(topic.region().to_owned())),
            _ => None,
        };
        self.offer("aws.region", of_topic, Origin::Derived("region of the first command topic"));
        let region = match self.effective.value("aws.region") {
            Some(Value::Text(region)) => gridnode_core::base::ids::Ident::new(region).ok().map(Value::Ident),
            _ => None,
        };
        self.offer("node.region", region, Origin::Derived("aws.region"));
        let endpoint = self.effective.value("aws.endpoint_url").cloned();
        for key in ["aws.sqs_endpoint_url", "aws.sns_endpoint_url", "aws.s3_endpoint_url"] {
            self.offer(key, endpoint.clone(), Origin::Derived("aws.endpoint_url"));
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
