//! Runs JMeter for the agent: makes the plan that runs and reads its logs to judge it. What is decided is decided in
//! `gridnode_launch::jmeter`; here are the files.

mod absent;
mod beside;
pub mod install;
mod prepare;

pub use prepare::{CheckedPlan, PrepareError, RunRequest, check, prepare, used_beside};

use crate::tool::files::ToolFiles;
use crate::tool::judgement::Judgement;
use crate::tool::lines::scan_file;
use gridnode_core::measure::ingest::LabelCounts;
use gridnode_core::run::verdict::RunFacts;
use gridnode_launch::jmeter::verdict::{Asked, doubts, judge as judge_by};
use gridnode_launch::jmeter::{LogScan, OwnResults};

/// Judges a run by JMeter's logs and what is known of it. Blocks.
pub fn judge(files: &ToolFiles, facts: &RunFacts, labels: &LabelCounts) -> Judgement {
    let (mut scan, mut own_results) = (LogScan::default(), OwnResults::default());
    if let Some(path) = &files.log {
        scan_file(path, |line| {
            scan.line(line);
            own_results.line(line);
        });
    }
    for path in [&files.stdout, &files.stderr] {
        scan.output_begins();
        scan_file(path, |line| scan.said(line));
    }
    let absent = &files.absent_classes;
    let asked = Asked { planned: &files.planned, sent: &|label| labels.of(label), absent };
    let doubts = doubts(facts, &scan, &asked).into_iter().chain(own_results.doubt()).collect();
    Judgement { verdict: judge_by(facts, &scan, &asked), doubts }
}
