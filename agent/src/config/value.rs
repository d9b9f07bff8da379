//! Values of the configuration, checked: what a kind of key is made into.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// What is shown instead of a secret. Its length says nothing.
const MASK: &str = "••••";

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

    /// The key of an object below it.
    #[must_use]
    pub fn key(&self, name: &str) -> String {
        let slash = if self.prefix.is_empty() { "" } else { "/" };
        format!("{}{slash}{name}", self.prefix)
    }

    /// The same as `s3://…`.
    #[must_use]
    pub fn uri(&self, name: &str) -> String {
        format!("s3://{}/{}", self.bucket, self.key(name))
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
    List(Vec<String>),
    Secret(Secret),
    /// A URL that may have credentials in it.
    DrainUrl(Secret),
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
            Self::Text(text) => text.as_str().into(),
            Self::List(texts) => texts.as_slice().into(),
            Self::Secret(_) => MASK.into(),
            Self::DrainUrl(url) => masked_url(url.expose()).into(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // JSON writes texts without control characters as TOML does, and no others are let in.
        let Self::List(texts) = self else { return write!(f, "{}", self.json()) };
        let quoted: Vec<String> =
            texts.iter().map(|text| serde_json::Value::from(text.as_str()).to_string()).collect();
        write!(f, "[{}]", quoted.join(", "))
    }
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
