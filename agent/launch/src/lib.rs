//! How a tool is started, told what to do and judged afterwards: decided here as values, carried out by a shell.

pub mod environment;
pub mod gatling;
pub mod java;
pub mod jmeter;
mod kind;
mod load;
pub mod params;
pub mod report;
pub mod selenium;
pub mod verdict;

pub use environment::{Environment, TraceKey};
pub use kind::ToolKind;
pub use load::{Length, Limit, Load, Planned};

use std::ffi::OsString;
use std::path::PathBuf;

/// A process to start: everything it is given, and nothing else. It inherits no environment and no descriptors, and no
/// shell stands between, so no text in it is interpreted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchSpec {
    /// The executable.
    pub program: PathBuf,
    /// Its arguments, without its own name.
    pub args: Vec<OsString>,
    /// Its whole environment, sorted by name.
    pub env: Vec<(String, OsString)>,
    /// Where it runs: relative paths of a plan are relative to this.
    pub working_dir: PathBuf,
}
