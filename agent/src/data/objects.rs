//! Posts error traces to an object store: what lies in the spool is a pointer and an object ([`Pointer::with_object`]); the
//! object goes out, and the pointer becomes the line that says where it is.

use crate::data::posting::{Posted, read};
use gridnode_core::outbound::delivery::Answer;
use gridnode_core::outbound::{Posting, pack};
use gridnode_core::rollup::{RollupSettings, trace_point};
use gridnode_core::trace::Pointer;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

/// What a store says to an object: its location, or an answer that [`gridnode_core::outbound::delivery`] judges.
pub type Putting<'a> = Pin<Box<dyn Future<Output = Result<String, Answer>> + Send + 'a>>;

/// Where objects go.
pub trait ObjectStore: Send + Sync {
    /// Puts a gzipped JSON object under a key, replacing one that is there. Must end by itself, within a minute or so.
    fn put<'a>(&'a self, key: &'a str, body: Vec<u8>) -> Putting<'a>;

    /// The store for a person, without secrets.
    fn shown(&self) -> &str;
}

/// The poster; cheap to clone.
#[derive(Clone)]
pub struct ObjectPoster {
    store: Arc<dyn ObjectStore>,
    rollup: Arc<RollupSettings>,
}

impl ObjectPoster {
    /// For a store; the settings are those of this node's points.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, rollup: RollupSettings) -> Self {
        Self { store, rollup: Arc::new(rollup) }
    }

    /// The store without secrets.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.store.shown()
    }

    /// Posts one of the state directory `root`.
    pub async fn post(&self, root: &Path, posting: &Posting) -> Posted {
        let body = match read(root, posting).await {
            Ok(body) => body,
            Err(posted) => return posted,
        };
        let bytes = match pack::unpack(&body) {
            Ok(bytes) => bytes,
            Err(why) => return Posted::Unreadable(format!("{}: {why}", posting.path)),
        };
        let (pointer, json) = match Pointer::read(&bytes) {
            Ok(read) => read,
            Err(why) => return Posted::Unreadable(format!("{}: {why}", posting.path)),
        };
        match self.store.put(&pointer.key(), pack::compress(json)).await {
            Ok(location) => {
                let lines = trace_point(&self.rollup, &pointer, &location);
                Posted::Stored(pointer.id, lines)
            }
            Err(answer) => Posted::Answer(answer),
        }
    }
}
