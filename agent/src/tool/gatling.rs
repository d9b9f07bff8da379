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

use crate::tool::files::ToolFiles;
use crate::tool::judgement::{Judgement, Measured};
use crate::tool::lines::scan_file;
use gridnode_core::run::verdict::RunFacts;
use gridnode_launch::gatling::command::LOG_FILE;
use gridnode_launch::gatling::old_el;
use gridnode_launch::gatling::verdict::{Asked, Said, Traces, assertions_beside, doubts, judge as judge_by};

/// Judges a run by what our plug-in and Gatling have said and what is known of it. Blocks.
pub fn judge(files: &ToolFiles, facts: &RunFacts, measured: &Measured) -> Judgement {
    let mut said = Said::default();
    let log = files.run_dir().map(|dir| dir.join(LOG_FILE)).filter(|log| log.is_file());
    match log {
        Some(log) => {
            scan_file(&log.with_extension("log.1"), |line| said.logged(line));
            scan_file(&log, |line| said.logged(line));
            scan_file(&files.stdout, |line| said.printed(line));
        }
        // A plan that replaces Logback has its words there all the same.
        None => scan_file(&files.stdout, |line| said.line(line)),
    }
    let Measured { labels, failures } = measured;
    let asked = Asked { planned: &files.planned, sent: &|label| labels.of(label), failed: &failures.reasons };
    let traces = Traces { report: &files.report(), output: &files.said(), said: &said };
    let mut doubts = doubts(facts, &traces, &asked);
    doubts.extend(assertions_beside(facts, &traces, &asked));
    // What its sources have shown is said by them.
    doubts.extend(old_el::of_labels(labels.labels()).filter(|_| {
        !facts.stop_asked && !files.planned.doubts.iter().any(|doubt| doubt.contains(old_el::GOES_OUT))
    }));
    Judgement { verdict: judge_by(facts, &traces, &asked), doubts }
}

#[cfg(test)]
mod tests;
