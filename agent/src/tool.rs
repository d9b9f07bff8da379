//! What all load-generation tools have in common once a plan is known to be fit: a directory, an environment, a process
//! under a supervisor, a way to ask it to end, and files that say how it fared.
//!
//! What is particular to a tool is in [`jmeter`](crate::jmeter) and its neighbours.

pub mod build;
mod context;
mod files;
mod remarks;
mod running;

pub use context::{Directories, RunContext, environment, exit_file, tool_spec};
pub use files::ToolFiles;
pub use remarks::Remarks;
pub use running::{RunningTool, end_of, exit_of};

use crate::supervise::ToolSpec;
use std::path::PathBuf;

/// A run that can be started.
#[derive(Debug)]
pub struct Prepared {
    /// The process.
    pub spec: ToolSpec,
    /// Its files.
    pub files: ToolFiles,
    /// How it is asked to end.
    pub stop: StopWay,
}

/// How a tool is asked to end before it is told to by signals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopWay {
    /// By a UDP message to the port that JMeter names on its standard output.
    JmeterPort,
    /// By a file that our plug-in in the tool looks for.
    File(PathBuf),
}
