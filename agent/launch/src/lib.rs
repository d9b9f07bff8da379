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
pub use load::{Length, Limit, Load, Planned, crowd};

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// A process to start: everything it is given, and nothing else. It inherits no environment and no descriptors, and no
/// shell stands between, so no text in it is interpreted.
#[derive(Clone, PartialEq, Eq)]
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

/// The environment's names alone: its values may be secrets, and this may reach a log.
impl fmt::Debug for LaunchSpec {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { program, args, env, working_dir } = self;
        let names: Vec<_> = env.iter().map(|(name, _)| name).collect();
        to.debug_struct("LaunchSpec")
            .field("program", program)
            .field("args", args)
            .field("env", &names)
            .field("working_dir", working_dir)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_of_a_process_has_no_values_of_its_environment() {
        let spec = LaunchSpec {
            program: "/bin/jmeter".into(),
            args: vec!["-n".into()],
            env: vec![("SHOP_TOKEN".to_owned(), "canary".into())],
            working_dir: "/run".into(),
        };
        for shown in [format!("{spec:?}"), format!("{spec:#?}")] {
            assert!(shown.contains("SHOP_TOKEN") && shown.contains("/bin/jmeter"), "{shown}");
            assert!(!shown.contains("canary"), "{shown}");
        }
    }
}
