//! What gives values: texts of the file, the environment and the flags, and the instance metadata.

use super::error::{Origin, Wrong};
use super::key::Key;
use super::value::{Secret, Value};
use crate::control::imds::Identity;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a configuration is made from: texts only, nothing is read from outside but secrets in files.
pub struct Sources<'a> {
    /// The file, if there is one.
    pub file: Option<FileText>,
    /// The environment.
    pub env: BTreeMap<String, String>,
    /// Flags, in their order.
    pub flags: Vec<Flag>,
    /// What the instance metadata service says.
    pub metadata: Option<Identity>,
    /// The host's name.
    pub host_name: String,
    /// Reads the file that a `*_file` key names; `Err` says why it cannot be read.
    pub secret_file: &'a dyn Fn(&Path) -> Result<String, String>,
}

/// A file and what is in it. No `Debug`: there may be secrets in it.
pub struct FileText {
    /// For messages.
    pub path: PathBuf,
    /// TOML.
    pub text: String,
}

/// A value that somebody gave, or why it is none.
pub(super) struct Given {
    pub(super) key: &'static Key,
    pub(super) value: Result<Value, Wrong>,
    pub(super) origin: Origin,
}

/// A flag of the command line. Its value may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flag {
    /// `--set`, with its text.
    Set(Secret),
    /// Another one: flag, key, value.
    Named(&'static str, &'static str, Secret),
}
