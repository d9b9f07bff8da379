//! What all load-generation tools have in common once a plan is known to be fit: a directory, an environment, a process
//! under a supervisor, a way to ask it to end, and files that say how it fared.
//!
//! What is particular to a tool is in [`jmeter`], [`gatling`] and [`selenium`]. These three stand on the common files and on
//! nothing of each other; above them are those that choose one: `plan`, `judge`, `installed`. Nothing below uses what is above,
//! and within this module everything is used by the path at which it is defined.

mod beside;
pub mod build;
mod classes;
mod context;
mod detect;
mod directories;
mod files;
pub mod gatling;
pub mod install;
mod installed;
pub mod jmeter;
mod judge;
mod judgement;
mod last_words;
mod lines;
mod plan;
pub mod plan_build;
mod plan_error;
mod prepared;
mod remarks;
mod running;
pub mod selenium;
mod stop_file;
mod traces;
mod used;

pub use beside::{Around, Used};
pub use context::{RunContext, TraceOptions, trace_key};
pub use detect::{kind_by_name, kind_of};
pub use directories::{exit_file, scratch_dirs, traces_dir};
pub use files::{LAST_WORDS_WAIT, PARAMETERS_FILE, ToolFiles};
pub use installed::installed;
pub use judge::{JUDGE_WAIT, judge, judge_in_time, unjudged};
pub use judgement::{Judgement, Measured};
pub use last_words::NoLastWords;
pub use plan::{Home, Options, Plan};
pub use prepared::Prepared;
pub use running::{RunningTool, end_of, end_of_lost, exit_of};
pub use traces::{Left, ObjectSink, TraceSettings, TraceTaker, TraceTo, left_in};
pub use used::used_beside;
