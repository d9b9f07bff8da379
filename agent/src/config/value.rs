//! Values of the configuration, checked: what a kind of key is made into.

use crate::control::aws::TopicArn;
use gridnode_core::base::ids::Ident;
use gridnode_core::node::command::VerifyKey;
use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// What is shown instead of a secret. Its length says nothing.
pub(super) const MASK: &str = "••••";

/// A text that nobody may see. `Debug` and `Display` mask it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one who needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::new(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// `s3://BUCKET/PREFIX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Location {
    /// The bucket.
    pub bucket: String,
    /// What keys begin with: empty, or without a slash at either end.
    pub prefix: String,
}

impl S3Location {
    /// Checks `text`; `None` when it does not name a bucket.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let (bucket, prefix) =
            text.strip_prefix("s3://")?.split_once('/').unwrap_or((text.strip_prefix("s3://")?, ""));
        let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-');
        if !(3..=63).contains(&bucket.len()) || !bucket.bytes().all(fine) {
            return None;
        }
        let prefix = prefix.trim_matches('/');
        let fine = prefix.len() <= 512 && !prefix.chars().any(char::is_control);
        fine.then(|| Self { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

impl fmt::Display for S3Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slash = if self.prefix.is_empty() { "" } else { "/" };
        write!(f, "s3://{}{slash}{}", self.bucket, self.prefix)
    }
}

/// A checked value. `Display` writes it as the file has it, `Debug` and `Display` mask secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Bool(bool),
    Number(u64),
    Text(String),
    /// A URL that may have credentials in it.
    DrainUrl(Secret),
    Secret(Secret),
    Ident(Ident),
    Path(PathBuf),
    Address(SocketAddr),
    Topic(TopicArn),
    Topics(Vec<TopicArn>),
    Words(Vec<String>),
    S3(S3Location),
    /// Public keys, and how they were written.
    VerifyKeys(Vec<VerifyKey>, Vec<String>),
}

impl Value {
    /// Whether something of it is masked.
    pub(super) fn has_secret(&self) -> bool {
        match self {
            Self::Secret(_) => true,
            Self::DrainUrl(url) => masked_url(url.expose()).contains(MASK),
            _ => false,
        }
    }

    /// For programs; secrets are masked.
    pub(super) fn json(&self) -> serde_json::Value {
        match self {
            Self::Bool(on) => (*on).into(),
            Self::Number(number) => (*number).into(),
            Self::Topics(topics) => topics.iter().map(TopicArn::as_str).collect(),
            // One is a text, as it always was.
            Self::VerifyKeys(_, texts) if texts.len() > 1 => texts.iter().map(String::as_str).collect(),
            Self::Words(words) => words.iter().map(String::as_str).collect(),
            other => other.shown().into(),
        }
    }

    /// As a text without quotes; lists with commas.
    fn shown(&self) -> String {
        match self {
            Self::Bool(on) => on.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::DrainUrl(url) => masked_url(url.expose()),
            Self::Secret(secret) => secret.to_string(),
            Self::Ident(ident) => ident.to_string(),
            Self::Path(path) => path.display().to_string(),
            Self::Address(address) => address.to_string(),
            Self::Topic(topic) => topic.to_string(),
            Self::S3(location) => location.to_string(),
            Self::Topics(topics) => topics.iter().map(TopicArn::as_str).collect::<Vec<_>>().join(", "),
            Self::Words(words) | Self::VerifyKeys(_, words) => words.join(" "),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, texts: Vec<&str>| {
            let quoted: Vec<String> = texts.into_iter().map(quoted).collect();
            write!(f, "[{}]", quoted.join(", "))
        };
        match self {
            Self::Bool(_) | Self::Number(_) => f.write_str(&self.shown()),
            Self::Topics(topics) => list(f, topics.iter().map(TopicArn::as_str).collect()),
            Self::VerifyKeys(_, texts) if texts.len() > 1 => {
                list(f, texts.iter().map(String::as_str).collect())
            }
            Self::Words(words) => list(f, words.iter().map(String::as_str).collect()),
            other => f.write_str(&quoted(&other.shown())),
        }
    }
}

/// A TOML string. JSON writes texts without control characters the same way, and no others are let in.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The URL with everything masked that may prove who we are.
fn masked_url(text: &str) -> String {
    let Ok(mut url) = reqwest::Url::parse(text.trim()) else { return MASK.to_owned() };
    let has_user = !url.username().is_empty() || url.password().is_some();
    // Neither fails for http and https, and nothing else is let in.
    let _ = (url.set_username(""), url.set_password(None));
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(key, _)| matches!(&**key, "db" | "rp" | "precision"))
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    let has_hidden = kept.len() < url.query_pairs().count();
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    if !has_user && !has_hidden {
        // As it was written, without what the library adds.
        return text.trim().to_owned();
    }
    let mut shown = url.to_string();
    if has_user {
        shown = shown.replacen("://", &format!("://{MASK}@"), 1);
    }
    if has_hidden {
        shown.push_str(if shown.contains('?') { "&" } else { "?" });
        shown.push_str(MASK);
    }
    shown
}
