//! The fields of one object, taken out one by one; errors name the whole path.

use super::CommandError;
use super::json::Json;
use std::collections::BTreeMap;

pub(super) struct Fields {
    /// Path of the object with a dot behind it; empty at the top.
    prefix: String,
    object: BTreeMap<String, Json>,
}

impl Fields {
    /// The object at path `at`, which has no fields but the `known` ones.
    pub(super) fn new(json: Json, at: &str, known: &[&str]) -> Result<Self, CommandError> {
        let Json::Object(object) = json else {
            let at = if at.is_empty() { "the command" } else { at };
            let why = format!("is {}; it should be an object", json.kind());
            return Err(CommandError::Value { at: at.to_owned(), why });
        };
        let prefix = if at.is_empty() { String::new() } else { format!("{at}.") };
        let unknown = object.keys().find(|key| !known.contains(&key.as_str()));
        match unknown {
            Some(key) => {
                let key: String = key.chars().take(80).collect();
                Err(CommandError::UnknownField(format!("{prefix}{key}")))
            }
            None => Ok(Self { prefix, object }),
        }
    }

    /// The path of a field.
    pub(super) fn at(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// A field that has to be there.
    pub(super) fn required<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Json) -> Result<T, String>,
    ) -> Result<T, CommandError> {
        let json = self.take(name)?;
        read(json).map_err(|why| self.wrong(name, why))
    }

    /// A field that may be absent or `null`.
    pub(super) fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Json) -> Result<T, String>,
    ) -> Result<Option<T>, CommandError> {
        match self.object.remove(name) {
            None | Some(Json::Null) => Ok(None),
            Some(json) => read(json).map(Some).map_err(|why| self.wrong(name, why)),
        }
    }

    /// A field that has to be there, unread: for objects and lists with paths of their own.
    pub(super) fn take(&mut self, name: &str) -> Result<Json, CommandError> {
        self.object.remove(name).ok_or_else(|| CommandError::MissingField(self.at(name)))
    }

    /// An error about a field.
    pub(super) fn wrong(&self, name: &str, why: impl Into<String>) -> CommandError {
        CommandError::Value { at: self.at(name), why: why.into() }
    }
}
