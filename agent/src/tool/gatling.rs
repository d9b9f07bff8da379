//! Runs Gatling for the agent: looks at a plan, compiles it, finds its simulation, writes what the JVM reads and makes the
//! process. What is decided is decided in `gridnode_launch::gatling`; here are the files and programs.

mod build;
mod flood;
pub mod install;
mod jars;
mod layout;
mod plan;
mod prepare;
mod sources;

pub use crate::tool::plan_build::BuildError;
pub use plan::{CheckedPlan, PlanKind, check};
pub use prepare::{PrepareError, RunRequest, prepare};

#[cfg(test)]
mod tests;
