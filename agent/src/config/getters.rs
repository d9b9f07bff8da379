//! Typed looks into the merged values. `None` means that there is none; what a key's kind never yields counts as none.

use super::effective::Effective;
use super::value::{S3Location, Secret, Value};
use crate::control::aws::TopicArn;
use gridnode_core::base::ids::Ident;
use gridnode_core::node::command::VerifyKey;
use std::net::SocketAddr;
use std::path::PathBuf;

macro_rules! getters {
    ($($name:ident: $variant:ident($($rest:tt)*) -> $type:ty;)*) => {
        impl Effective {
            $(pub(super) fn $name(&self, key: &str) -> Option<$type> {
                match self.value(key)? {
                    Value::$variant(value $($rest)*) => Some(value.clone()),
                    _ => None,
                }
            })*
        }
    };
}

getters! {
    flag: Bool() -> bool;
    number: Number() -> u64;
    text: Text() -> String;
    drain_url: DrainUrl() -> Secret;
    secret: Secret() -> Secret;
    ident: Ident() -> Ident;
    path: Path() -> PathBuf;
    address: Address() -> SocketAddr;
    topic: Topic() -> TopicArn;
    topics: Topics() -> Vec<TopicArn>;
    words: Words() -> Vec<String>;
    location: S3() -> S3Location;
    verify_keys: VerifyKeys(, _) -> Vec<VerifyKey>;
}

impl Effective {
    /// A number that the table's bounds keep in range of a smaller type.
    pub(super) fn small<T: TryFrom<u64>>(&self, key: &str) -> Option<T> {
        T::try_from(self.number(key)?).ok()
    }
}
