//! Where a run's file is fetched from.

use serde::{Serialize, Serializer};
use std::fmt;
use thiserror::Error;

/// `s3://bucket/key`, or `file:///path` (which a node takes only where its settings say so).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FileUri {
    /// An object in S3.
    S3 {
        /// 3 to 63 of `[a-z0-9.-]`.
        bucket: String,
        /// Up to 1,024 bytes, taken literally: `%20` in it is three characters.
        key: String,
    },
    /// A file of this machine.
    File {
        /// Absolute path.
        path: String,
    },
}

/// Why a text is not such a place.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{uri}` cannot be fetched: {why}")]
pub struct FileUriError {
    uri: String,
    why: &'static str,
}

impl FileUriError {
    /// A clause that does not repeat the text.
    #[must_use]
    pub fn why(&self) -> &'static str {
        self.why
    }
}

impl FileUri {
    /// Reads one.
    ///
    /// # Errors
    /// When the scheme is another one or its parts are not what they should be.
    pub fn parse(uri: &str) -> Result<Self, FileUriError> {
        read(uri).map_err(|why| FileUriError { uri: uri.chars().take(120).collect(), why })
    }
}

impl fmt::Display for FileUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S3 { bucket, key } => write!(f, "s3://{bucket}/{key}"),
            Self::File { path } => write!(f, "file://{path}"),
        }
    }
}

impl Serialize for FileUri {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

fn read(uri: &str) -> Result<FileUri, &'static str> {
    if uri.chars().any(char::is_control) {
        return Err("it has a control character in it");
    }
    if let Some(rest) = uri.strip_prefix("s3://") {
        let (bucket, key) = rest.split_once('/').ok_or("it should be s3://bucket/key")?;
        let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-');
        if !(3..=63).contains(&bucket.len()) || !bucket.bytes().all(fine) {
            return Err("a bucket's name has 3 to 63 of a-z 0-9 . -");
        }
        if !(1..=1_024).contains(&key.len()) {
            return Err("a key has 1 to 1024 bytes");
        }
        return Ok(FileUri::S3 { bucket: bucket.to_owned(), key: key.to_owned() });
    }
    if let Some(path) = uri.strip_prefix("file://") {
        let inside = !path.split('/').any(|part| part == "..");
        return match path.starts_with('/') && inside && path.len() <= 1_024 {
            true => Ok(FileUri::File { path: path.to_owned() }),
            false => Err("it should be file:// and an absolute path without `..`"),
        };
    }
    Err("its scheme is neither s3 nor file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_the_same() {
        for uri in ["s3://my-bucket/a/b c.jmx", "file:///srv/plan.jmx", "s3://abc//odd"] {
            assert_eq!(FileUri::parse(uri).map(|parsed| parsed.to_string()), Ok(uri.to_owned()));
        }
    }

    #[test]
    fn other_places_are_refused() {
        for uri in [
            "",
            "https://example.com/a",
            "s3://bucket",
            "s3://bucket/",
            "s3:///key",
            "s3://Up/key",
            "s3://ab/key",
            "file://host/a",
            "file:a",
            "file:///a/../b",
            "s3://bucket/a\nb",
        ] {
            assert!(FileUri::parse(uri).is_err(), "{uri:?}");
        }
    }
}
