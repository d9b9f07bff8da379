//! From checked values to the types that consumers want. A type may refuse only what its key's kind never lets in.

use super::value::{S3Location, Secret, Value};
use crate::control::aws::TopicArn;
use crate::data::drain::DrainUrl;
use gridnode_core::base::ids::Ident;
use gridnode_core::node::command::VerifyKey;
use gridnode_launch::jmeter::Coordinate;
use std::net::SocketAddr;
use std::path::PathBuf;

/// A type that a key may have.
pub(super) trait Typed: Sized {
    /// It, from a key's value; `None` when there is no value and there has to be one.
    fn of(value: Option<&Value>) -> Option<Self>;
}

/// A key that may be without a value.
impl<T: Typed> Typed for Option<T> {
    fn of(value: Option<&Value>) -> Option<Self> {
        Some(T::of(value))
    }
}

/// Whether the instance metadata service is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetadataMode {
    /// Where there is one.
    Auto,
    /// It has to be there.
    On,
    /// Never.
    Off,
}

macro_rules! typed {
    ($($type:ty: $variant:ident($value:ident) => $made:expr;)+) => {
        $(impl Typed for $type {
            fn of(value: Option<&Value>) -> Option<Self> {
                match value? {
                    Value::$variant($value) => $made,
                    _ => None,
                }
            }
        })+
    };
}

/// None, one or two: where there is none, nothing has to be signed.
impl Typed for Vec<VerifyKey> {
    fn of(value: Option<&Value>) -> Option<Self> {
        let key = |text: &String| VerifyKey::from_base64(text).ok();
        match value {
            None => Some(Self::new()),
            Some(Value::Text(text)) => key(text).map(|key| vec![key]),
            Some(Value::List(texts)) => texts.iter().map(key).collect(),
            Some(_) => None,
        }
    }
}

typed! {
    bool: Bool(on) => Some(*on);
    u64: Number(number) => Some(*number);
    u32: Number(number) => u32::try_from(*number).ok();
    usize: Number(number) => usize::try_from(*number).ok();
    String: Text(text) => Some(text.clone());
    Ident: Text(text) => Ident::new(text).ok();
    PathBuf: Text(text) => Some(text.into());
    SocketAddr: Text(text) => text.parse().ok();
    TopicArn: Text(text) => TopicArn::new(text).ok();
    S3Location: Text(text) => S3Location::new(text);
    MetadataMode: Text(text) => match text.as_str() {
        "true" => Some(Self::On),
        "false" => Some(Self::Off),
        _ => Some(Self::Auto),
    };
    Vec<String>: List(texts) => Some(texts.clone());
    Vec<TopicArn>: List(texts) => texts.iter().map(|text| TopicArn::new(text).ok()).collect();
    Vec<Coordinate>: List(texts) => texts.iter().map(|text| text.parse().ok()).collect();
    Secret: Secret(secret) => Some(secret.clone());
    DrainUrl: DrainUrl(url) => DrainUrl::parse(url.expose(), None).ok();
}
