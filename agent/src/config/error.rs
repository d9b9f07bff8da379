//! What is wrong with a configuration: where, which key, what, and what to do about it.

use super::effective::{Effective, Origin};
use std::fmt;
use thiserror::Error;

/// One thing that is wrong. Never holds the value of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Where the value stands; `None` when nothing was given.
    pub place: Option<Origin>,
    /// The key, or what stands where a key should.
    pub key: String,
    /// What is wrong, completing "drain.url …".
    pub problem: String,
    /// What to do, in the imperative.
    pub remedy: String,
}

impl ConfigError {
    /// As a person goes through them: the file from the top, the environment, the flags, what is missing.
    pub(super) fn order(&self) -> (u8, usize) {
        match &self.place {
            Some(Origin::File { line, .. }) => (0, *line),
            Some(Origin::Environment(_)) => (1, 0),
            Some(_) => (2, 0),
            None => (3, 0),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{} ", self.key)?;
        }
        write!(f, "{}: {}", self.problem, self.remedy)
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

/// What is wrong with a value, before it is known where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) problem: String,
    pub(super) remedy: String,
}

impl Wrong {
    pub(super) fn new(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { problem: problem.into(), remedy: remedy.into() }
    }

    pub(super) fn at(self, place: Origin, key: &str) -> ConfigError {
        ConfigError { place: Some(place), key: key.to_owned(), problem: self.problem, remedy: self.remedy }
    }
}
