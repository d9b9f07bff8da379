//! What is in effect: every key with its value and where it comes from, for people.

use super::error::{ConfigError, Origin};
use super::key::{Key, Values};
use super::table::KEYS;
use super::typed::Typed;
use super::value::Value;
use std::fmt;
use thiserror::Error;

/// One key with its value.
#[derive(Debug, Clone)]
pub struct EffectiveValue {
    /// The key.
    pub key: &'static Key,
    /// The value; `None` when there is none. Its `Display` and `Debug` have no secrets.
    pub(super) value: Option<Value>,
    /// Where it comes from.
    pub origin: Origin,
}

impl EffectiveValue {
    /// Whether there is something in it that nobody may see.
    #[must_use]
    pub fn has_secret(&self) -> bool {
        self.value.as_ref().is_some_and(Value::has_secret)
    }

    /// The value as it is written in the file; secrets are masked.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        self.value.as_ref().map(Value::to_string)
    }

    /// The value for programs; secrets are masked.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        self.value.as_ref().map_or(serde_json::Value::Null, Value::json)
    }
}

/// Every key of the table, in the table's order.
#[derive(Debug, Clone)]
pub struct Effective {
    values: Vec<EffectiveValue>,
}

impl Effective {
    /// Nothing given: all keys at their defaults.
    pub(super) fn defaults() -> Self {
        let values = KEYS.iter().map(|key| {
            let value = key.default_value();
            EffectiveValue { key, value, origin: Origin::Default }
        });
        Self { values: values.collect() }
    }

    /// All of them.
    #[must_use]
    pub fn values(&self) -> &[EffectiveValue] {
        &self.values
    }

    /// The one of `key`; `None` when there is no such key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&EffectiveValue> {
        self.values.iter().find(|value| value.key.name == key)
    }

    /// The value of `key` as what the rules need it as; `None` when it has none.
    pub(super) fn typed<T: Typed>(&self, key: &str) -> Option<T> {
        T::of(self.value(key))
    }

    /// The Drain's URL as it was written.
    pub(super) fn drain_url(&self) -> Option<reqwest::Url> {
        let Some(Value::DrainUrl(url)) = self.value("drain.url") else { return None };
        reqwest::Url::parse(url.expose().trim()).ok()
    }

    /// Whether somebody gave a value: neither the table nor we.
    pub(super) fn is_given(&self, key: &str) -> bool {
        self.get(key)
            .is_some_and(|v| v.value.is_some() && !matches!(v.origin, Origin::Default | Origin::Derived(_)))
    }

    pub(super) fn set(&mut self, key: &str, value: Value, origin: Origin) {
        if let Some(at) = self.values.iter_mut().find(|at| at.key.name == key) {
            at.value = Some(value);
            at.origin = origin;
        }
    }
}

impl Values for Effective {
    fn value(&self, key: &str) -> Option<&Value> {
        debug_assert!(self.get(key).is_some(), "somebody asks for {key}, which is not in the table");
        self.get(key)?.value.as_ref()
    }
}

/// Everything that is wrong with a configuration, in the order of the places.
#[derive(Debug, Clone, Error)]
pub struct ConfigErrors {
    /// At least one.
    pub errors: Vec<ConfigError>,
    /// What could be understood.
    pub effective: Effective,
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.errors[..] {
            [one] => write!(f, "the configuration is not usable: {one}"),
            all => {
                write!(f, "the configuration is not usable, {} things are wrong:", all.len())?;
                all.iter().try_for_each(|error| write!(f, "\n- {error}"))
            }
        }
    }
}
