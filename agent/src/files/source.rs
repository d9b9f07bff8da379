//! Where objects come from: a trait, so that retries, caps and digests are tested without a network.

use std::fmt;
use std::pin::Pin;
use tokio::io::AsyncRead;

/// A future in a box: the trait is used as an object.
pub type Opening<'a> = Pin<Box<dyn Future<Output = Result<Object, SourceError>> + Send + 'a>>;

/// An object that is being read. An error of `body` is taken as a broken connection, which a retry may mend.
pub struct Object {
    /// Its size as the store says it, bytes.
    pub bytes: Option<u64>,
    /// Its content.
    pub body: Pin<Box<dyn AsyncRead + Send>>,
}

/// A store of objects. It makes one try a call: when to try again is decided in one place.
pub trait ObjectSource: fmt::Debug + Send + Sync {
    /// Begins to read `key` of `bucket`. `key` is literal, nothing in it is an escape.
    fn open<'a>(&'a self, bucket: &'a str, key: &'a str) -> Opening<'a>;
}

/// Why an object cannot be read. The messages complete "`uri` …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// No such object, or no such file.
    #[error("is not there; upload it, then publish the command again")]
    NotFound,
    /// No such bucket.
    #[error("names a bucket that does not exist; correct the uri in the command")]
    NoBucket,
    /// No permission.
    #[error("may not be read by this node ({why}); allow its role s3:GetObject on it")]
    Forbidden {
        /// The store's words.
        why: String,
    },
    /// In an archive tier of the store.
    #[error("is in an archive tier; restore it, then publish the command again")]
    Archived,
    /// Anything else that a retry does not mend.
    #[error("cannot be read: {why}")]
    Refused {
        /// The store's words.
        why: String,
    },
    /// No answer, a broken one, or one that asks to come later.
    #[error("could not be read: {why}; see whether the node reaches the store")]
    Unavailable {
        /// The store's or the system's words.
        why: String,
    },
}

impl SourceError {
    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}
