//! The fields of one point by name, with their types checked on the way out.

use super::MergeError;
use crate::wire::line::{Value, unescape_text};

/// Fields a point of ours can have at most: 501 response codes, or a ledger's.
const FIELDS_MAX: usize = 512;

/// In their order; keys of ours need no unescaping.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    all: Vec<(&'a [u8], Value<'a>)>,
}

impl<'a> Fields<'a> {
    /// Fields beyond any point of ours are ignored.
    pub(super) fn set(&mut self, key: &'a [u8], value: Value<'a>) {
        if self.all.len() < FIELDS_MAX {
            self.all.push((key, value));
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a [u8], Value<'a>)> {
        self.all.iter().copied()
    }

    pub(super) fn get(&self, key: &str) -> Option<Value<'a>> {
        self.all.iter().find(|(k, _)| *k == key.as_bytes()).map(|(_, v)| *v)
    }

    pub(super) fn count(&self, field: &'static str) -> Result<u64, MergeError> {
        match self.get(field) {
            None => Err(MergeError::Missing { what: field }),
            Some(value) => {
                as_count(value).ok_or(MergeError::Field { field, expected: "an integer, 0 or above" })
            }
        }
    }

    /// Points of older nodes name none.
    pub(super) fn run(&self) -> Result<Option<i64>, MergeError> {
        match self.get("run") {
            None => Ok(None),
            Some(Value::Int(run)) => Ok(Some(run)),
            Some(_) => Err(MergeError::Field { field: "run", expected: "an integer" }),
        }
    }

    pub(super) fn count_or_0(&self, field: &'static str) -> Result<u64, MergeError> {
        if self.get(field).is_some() { self.count(field) } else { Ok(0) }
    }

    pub(super) fn number(&self, field: &'static str) -> Result<f64, MergeError> {
        match self.get(field) {
            None => Err(MergeError::Missing { what: field }),
            Some(value) => value.as_f64().ok_or(MergeError::Field { field, expected: "a number" }),
        }
    }

    pub(super) fn text(&self, field: &'static str) -> Result<String, MergeError> {
        match self.get(field) {
            None => Err(MergeError::Missing { what: field }),
            Some(Value::Text(raw)) => Ok(String::from_utf8_lossy(&unescape_text(raw)).into_owned()),
            Some(_) => Err(MergeError::Field { field, expected: "a text" }),
        }
    }
}

pub(super) fn as_count(value: Value<'_>) -> Option<u64> {
    match value {
        Value::Int(n) => u64::try_from(n).ok(),
        Value::UInt(n) => Some(n),
        _ => None,
    }
}
