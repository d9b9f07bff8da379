//! What is in effect: every key with its value and where it comes from, for people.

use super::table::{KEYS, Key};
use super::value::Value;
use std::fmt;
use std::path::PathBuf;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The table of keys.
    Default,
    /// Worked out from something else: says from what.
    Derived(&'static str),
    /// The instance metadata service.
    Metadata,
    /// A line of the file, counted from 1.
    File {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
    },
    /// A variable of the environment.
    Environment(String),
    /// A flag, as it was written: `--drain`, `--set`.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Derived(from) => f.write_str(from),
            Self::Metadata => f.write_str("instance metadata"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

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

    pub(super) fn value(&self, key: &str) -> Option<&Value> {
        self.get(key)?.value.as_ref()
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
