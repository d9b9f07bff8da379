//! Identifiers that cross the agent's walls, validated once where they come in.

use std::fmt;
use thiserror::Error;

/// 1–64 characters from `[A-Za-z0-9_.:-]`: account, project, flood, grid, region, node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Ident(String);

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is not an identifier: use 1 to 64 characters from A-Z a-z 0-9 _ . : -")]
pub struct IdentError {
    text: String,
}

impl Ident {
    /// Checks `text`.
    ///
    /// # Errors
    /// When it is empty, longer than 64 characters or has a character outside the set.
    pub fn new(text: &str) -> Result<Self, IdentError> {
        let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'-');
        if (1..=64).contains(&text.len()) && text.bytes().all(fine) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdentError { text: text.chars().take(80).collect() })
        }
    }

    /// The nearest identifier to any text: other characters become `-`, cut at 64. For names a person did not choose,
    /// such as a plan's file name.
    #[must_use]
    pub fn near(text: &str) -> Self {
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-');
        let near: String = text.chars().take(64).map(|c| if fine(c) { c } else { '-' }).collect();
        Self(if near.is_empty() { "-".to_owned() } else { near })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Ident {
    type Err = IdentError;
    fn from_str(text: &str) -> Result<Self, IdentError> {
        Self::new(text)
    }
}

impl<'de> serde::Deserialize<'de> for Ident {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str> as serde::Deserialize>::deserialize(d)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

/// The first 8 bytes of SHA-256 of a label's text: the same on every node with nobody asked. Shown as 16 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelId(pub [u8; 8]);

impl LabelId {
    /// The id of a (normalised) label text.
    #[must_use]
    pub fn of(label: &str) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, label.as_bytes());
        let mut id = [0; 8];
        id.copy_from_slice(&digest.as_ref()[..8]);
        Self(id)
    }
}

impl serde::Serialize for LabelId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for LabelId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str> as serde::Deserialize>::deserialize(d)?;
        let is_hex = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u64::from_str_radix(&text, 16).ok().filter(|_| is_hex);
        let wrong = || serde::de::Error::custom("a label's id is 16 hex digits");
        number.map(|number| Self(number.to_be_bytes())).ok_or_else(wrong)
    }
}

impl fmt::Display for LabelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}
