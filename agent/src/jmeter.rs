//! Runs JMeter for the agent: makes the plan that runs and reads its logs to judge it. What is decided is decided in
//! `gridnode_core::launch::jmeter`; here are the files.

mod prepare;

pub use prepare::{CheckedPlan, PrepareError, RunRequest, check, prepare};

use crate::foreign_file;
use crate::tool::ToolFiles;
use gridnode_core::launch::jmeter::verdict::judge as judge_by;
use gridnode_core::launch::jmeter::{LogScan, nongui_port_from_stdout};
use gridnode_core::launch::verdict::{Outcome, RunFacts};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// Bytes of a log that are read to judge a run; JMeter's log of a broken plan can be endless.
const LOG_BYTES_MAX: u64 = 256 << 20;
/// Bytes of standard output in which the shutdown port is looked for: it is among the first lines.
const STDOUT_HEAD_BYTES: u64 = 64 << 10;

/// Judges a run by JMeter's logs and what is known of it. Blocks.
pub fn judge(files: &ToolFiles, facts: &RunFacts) -> Outcome {
    let mut scan = LogScan::default();
    for path in files.log.iter().chain([&files.stdout, &files.stderr]) {
        scan_file(&mut scan, path);
    }
    judge_by(facts, &scan)
}

/// The port on which JMeter listens for its stop, once it has said so.
#[must_use]
pub fn shutdown_port(stdout: &Path) -> Option<u16> {
    let text = foreign_file::head(stdout, STDOUT_HEAD_BYTES).ok()?;
    String::from_utf8_lossy(&text).lines().find_map(nongui_port_from_stdout)
}

fn scan_file(scan: &mut LogScan, path: &Path) {
    let Ok(file) = foreign_file::open(path) else { return };
    let mut reader = BufReader::new(file.take(LOG_BYTES_MAX));
    let mut line = Vec::new();
    while matches!(reader.read_until(b'\n', &mut line), Ok(1..)) {
        scan.line(&line);
        line.clear();
    }
}
