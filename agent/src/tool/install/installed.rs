//! What is installed.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// One installed tool, as `tools list` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The tool's name.
    pub tool: &'static str,
    /// Its version.
    pub version: String,
    /// Where it is.
    pub dir: PathBuf,
    /// Whether this binary's plug-in is there too; if not, the next run compiles it.
    pub plugin_ready: bool,
    /// Why this user cannot use it although it is there.
    pub fault: Option<String>,
}

/// The names and places of what is in a tool's directory, sorted; of one that is not there, none.
pub(crate) fn versions_in(tool_dir: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(tool_dir).into_iter().flatten().flatten();
    let name = |name: OsString| name.to_string_lossy().into_owned();
    let mut found: Vec<_> = entries.map(|entry| (name(entry.file_name()), entry.path())).collect();
    found.sort();
    found
}
