//! Free tags of a run: by what somebody finds it later, such as the build that was tested. They go with its receipt and never to
//! series, so they may be as many as there are runs.

use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// Tags of one run.
pub const TAGS_MAX: usize = 16;
/// Of a key.
const KEY_BYTES_MAX: usize = 64;
/// Of a value.
const VALUE_CHARS_MAX: usize = 256;

/// Keys and values, by key; all of them within the bounds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Tags(BTreeMap<String, String>);

/// Why something is no list of tags.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TagsError {
    /// A key that is too long, empty, or has other characters.
    #[error("`{key}` is no key of a tag: use 1 to {KEY_BYTES_MAX} characters from A-Z a-z 0-9 _ . -")]
    Key {
        /// Its beginning.
        key: String,
    },
    /// A value that is too long or has control characters.
    #[error("the value of the tag {key} {why}")]
    Value {
        /// Whose.
        key: String,
        /// What is wrong.
        why: String,
    },
    /// A key that stands there twice.
    #[error("the tag {key} is given twice")]
    Twice {
        /// Which.
        key: String,
    },
    /// Too many.
    #[error("there are {n} tags; at most {TAGS_MAX} are allowed")]
    TooMany {
        /// How many.
        n: usize,
    },
}

impl Tags {
    /// Checks them.
    ///
    /// # Errors
    /// What is wrong with the first that is.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, TagsError> {
        let (mut tags, mut n) = (BTreeMap::new(), 0);
        for (key, value) in pairs {
            n += 1;
            check(&key, &value)?;
            if n <= TAGS_MAX && tags.insert(key.clone(), value).is_some() {
                return Err(TagsError::Twice { key });
            }
        }
        if n > TAGS_MAX { Err(TagsError::TooMany { n }) } else { Ok(Self(tags)) }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// By key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let pairs: BTreeMap<String, String> = Deserialize::deserialize(from)?;
        Self::new(pairs).map_err(serde::de::Error::custom)
    }
}

/// Checks one.
///
/// # Errors
/// What is wrong with it.
pub fn check(key: &str, value: &str) -> Result<(), TagsError> {
    let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    if !(1..=KEY_BYTES_MAX).contains(&key.len()) || !key.bytes().all(fine) {
        return Err(TagsError::Key { key: key.chars().take(80).filter(|c| !c.is_control()).collect() });
    }
    let wrong = |why: String| TagsError::Value { key: key.to_owned(), why };
    match value.chars().count() {
        n if n > VALUE_CHARS_MAX => {
            Err(wrong(format!("has {n} characters; at most {VALUE_CHARS_MAX} are allowed")))
        }
        _ if value.chars().any(char::is_control) => Err(wrong("has a control character in it".to_owned())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Result<Tags, TagsError> {
        Tags::new(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn tags_are_bounded_in_every_way() {
        let long = "x".repeat(257);
        for (key, value, why) in [
            ("", "x", "`` is no key of a tag: use 1 to 64 characters from A-Z a-z 0-9 _ . -"),
            ("a b", "x", "`a b` is no key of a tag: use 1 to 64 characters from A-Z a-z 0-9 _ . -"),
            ("k", "a\u{1b}[2J", "the value of the tag k has a control character in it"),
            ("k", &long, "the value of the tag k has 257 characters; at most 256 are allowed"),
        ] {
            assert_eq!(tags(&[(key, value)]).unwrap_err().to_string(), why);
        }
        assert_eq!(tags(&[("k", "1"), ("k", "2")]).unwrap_err().to_string(), "the tag k is given twice");
        let many = |n: usize| Tags::new((0..n).map(|n| (n.to_string(), String::new())));
        assert!(many(16).is_ok());
        assert_eq!(many(17).unwrap_err().to_string(), "there are 17 tags; at most 16 are allowed");
        assert!(tags(&[(&"k".repeat(64), &"\u{fc}".repeat(256))]).is_ok());
        assert!(tags(&[(&"k".repeat(65), "")]).is_err());
    }

    #[test]
    fn what_is_read_back_is_checked_again() {
        let tags = tags(&[("build", "1234"), ("branch", "a/b=c")]).unwrap();
        let json = serde_json::to_string(&tags).unwrap();
        assert_eq!(json, r#"{"branch":"a/b=c","build":"1234"}"#);
        assert_eq!(serde_json::from_str::<Tags>(&json).unwrap(), tags);
        assert!(serde_json::from_str::<Tags>(r#"{"a b":"1"}"#).is_err());
    }
}
