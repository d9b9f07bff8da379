//! Runs browser tests for the agent: looks at a plan, checks memory and syntax, compiles Java, writes the options file and
//! makes the process. What is decided is decided in `gridnode_launch::selenium`; here are the files and programs.

mod build;
mod environments;
pub mod install;
mod packages;
mod plan;
mod prepare;

pub use crate::tool::plan_build::BuildError;
pub use packages::{Packages, PackagesError};
pub use plan::{CheckedPlan, PlanKind, check};
pub use prepare::{PrepareError, RunRequest, prepare};

#[cfg(test)]
mod tests;
