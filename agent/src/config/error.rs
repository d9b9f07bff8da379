//! What is wrong with a configuration: where, which key, what, and what to do about it.

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
