//! What all load-generation tools have in common once a plan is known to be fit: a directory, an environment, a process
//! under a supervisor, a way to ask it to end, and files that say how it fared.
//!
//! What is particular to a tool is in [`jmeter`](crate::tool::jmeter), [`gatling`](crate::tool::gatling) and
//! [`selenium`](crate::tool::selenium).

pub mod build;
mod context;
mod detect;
mod files;
pub mod gatling;
pub mod install;
mod installed;
mod jars;
pub mod jmeter;
mod plan;
pub mod plan_build;
mod plan_error;
mod remarks;
mod running;
pub mod selenium;

pub use context::{Directories, RunContext, environment, exit_file, scratch_dirs, tool_spec, write_private};
pub use detect::{kind_by_name, kind_of};
pub use files::{
    ARGUMENTS_FILE, JUDGE_WAIT, LAST_WORDS_WAIT, PARAMETERS_FILE, ToolFiles, judge_in_time, unjudged,
};
pub use installed::installed;
pub use jars::jars_beside;
pub use plan::{Around, Home, Options, Plan};
pub use plan_error::PlanError;
pub use remarks::Remarks;
pub use running::{RunningTool, end_of, end_of_lost, exit_of};

use crate::cage::supervise::ToolSpec;
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
    /// What a person should know before it starts, a sentence each.
    pub warnings: Vec<String>,
}

/// How a tool is asked to end before it is told to by signals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopWay {
    /// By a UDP message to the port that JMeter names on its standard output.
    JmeterPort,
    /// By a file that our plug-in in the tool looks for.
    File(PathBuf),
}
