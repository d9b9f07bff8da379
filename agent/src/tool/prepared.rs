//! A run that can be started.

use crate::cage::supervise::ToolSpec;
use crate::tool::files::ToolFiles;
use std::path::PathBuf;

/// A run that can be started.
#[derive(Debug)]
pub struct Prepared {
    /// The process.
    pub spec: ToolSpec,
    /// Its files.
    pub files: ToolFiles,
    /// The file that our plug-in in the tool looks for, to be asked to end before it is told to by signals.
    pub stop_file: PathBuf,
    /// What a person should know before it starts, a sentence each.
    pub warnings: Vec<String>,
    /// What was changed in the plan, a sentence each.
    pub changes: Vec<String>,
}
