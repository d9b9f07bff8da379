//! A run's files that are read after its end.

use super::Directories;
use crate::foreign_file::head;
use crate::jmeter;
use crate::tail::tail;
use gridnode_core::launch::ToolKind;
use gridnode_core::launch::gatling::verdict as gatling;
use gridnode_core::launch::report::{REPORT_BYTES_MAX, Report};
use gridnode_core::launch::selenium::verdict as selenium;
use gridnode_core::launch::verdict::{Outcome, RunFacts};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};

/// Bytes of a log's end in which the lines to show are looked for.
const TAIL_BYTES_MAX: u64 = 16 << 10;
/// Bytes of an output's end in which the reason of a failure is looked for.
const SAID_BYTES_MAX: u64 = 256 << 10;
/// Bytes of a plug-in's last word: a line or two.
const FINAL_BYTES_MAX: u64 = 8 << 10;

/// A JVM's arguments, in the run's directory.
pub const ARGUMENTS_FILE: &str = "java.args";

/// Where a run's files are.
#[derive(Debug, Clone)]
pub struct ToolFiles {
    /// Whose they are.
    pub kind: ToolKind,
    /// The tool's own log, where it has one besides its outputs.
    pub log: Option<PathBuf>,
    /// The file with its arguments, where they are not on the command line; removed with the end of the tool, for parameters
    /// may be secret.
    pub arguments: Option<PathBuf>,
    /// Its standard output.
    pub stdout: PathBuf,
    /// Its standard error.
    pub stderr: PathBuf,
    /// Where the plug-in leaves its last word.
    pub final_dir: PathBuf,
    /// What the plug-in says about itself.
    pub report: PathBuf,
}

impl ToolFiles {
    /// Those of a run in `dirs`.
    #[must_use]
    pub fn new(kind: ToolKind, dirs: &Directories) -> Self {
        Self {
            kind,
            log: (kind == ToolKind::Jmeter).then(|| dirs.run.join("jmeter.log")),
            arguments: (kind == ToolKind::Gatling).then(|| dirs.run.join(ARGUMENTS_FILE)),
            stdout: dirs.run.join("stdout.log"),
            stderr: dirs.run.join("stderr.log"),
            final_dir: dirs.traces.clone(),
            report: dirs.report_file(),
        }
    }

    /// The run's directory.
    #[must_use]
    pub fn run_dir(&self) -> Option<&Path> {
        self.stdout.parent()
    }

    /// Sends the plug-ins' last words, which they have also left as files, to the sump: should the datagrams have been
    /// lost, the account is exact all the same; repeated ones count once.
    pub fn repeat_last_words(&self, sump: SocketAddr) {
        let Ok(entries) = std::fs::read_dir(&self.final_dir) else { return };
        let Ok(socket) = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)) else { return };
        let finals = entries.flatten().map(|entry| entry.path());
        for path in finals.filter(|path| path.extension().is_some_and(|ext| ext == "final")) {
            if let Ok(line) = head(&path, FINAL_BYTES_MAX) {
                let _ = socket.send_to(&line, sump);
            }
        }
    }

    /// What the plug-in has said about itself until now.
    #[must_use]
    pub fn report(&self) -> Report {
        head(&self.report, REPORT_BYTES_MAX).map(|bytes| Report::read(&bytes)).unwrap_or_default()
    }

    /// Judges the run by its files and what is known of it. Blocks.
    pub fn judge(&self, facts: &RunFacts) -> Outcome {
        match self.kind {
            ToolKind::Jmeter => jmeter::judge(self, facts),
            ToolKind::Selenium => selenium::judge(facts, self.report().fatal()),
            ToolKind::Gatling => gatling::judge(facts, &self.report(), &self.said()),
        }
    }

    /// The end of its standard output, then that of its standard error.
    fn said(&self) -> String {
        [&self.stdout, &self.stderr].map(|path| tail(path, SAID_BYTES_MAX).unwrap_or_default()).join("\n")
    }

    /// The last lines of the tool's log and standard error, for a person to see why it failed.
    #[must_use]
    pub fn tail(&self, lines_max: usize) -> Vec<String> {
        let mut last = Vec::new();
        let log = self.log.as_ref().unwrap_or(&self.stdout);
        for path in [&self.stderr, log] {
            let Ok(text) = tail(path, TAIL_BYTES_MAX) else { continue };
            let lines: Vec<&str> = text.lines().filter(|line| says_something(line)).collect();
            last.extend(lines[lines.len().saturating_sub(lines_max)..].iter().map(|line| (*line).to_owned()));
        }
        last
    }
}

/// Whether a line of a log helps to see why a run failed: neither a frame of a stack, whose causes come between the
/// frames, nor Java's news of its preferences.
fn says_something(line: &str) -> bool {
    let line = line.trim();
    // Java's own words, and those of Logback.
    let is_rest = |end| line.starts_with("... ") && line.ends_with(end);
    let is_frame = line.starts_with("at ") || is_rest(" more") || is_rest(" common frames omitted");
    let is_preferences =
        line.contains("java.util.prefs.") || line == "INFO: Created user preferences directory.";
    !line.is_empty() && !is_frame && !is_preferences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_a_stack_and_what_stands_for_them_say_nothing() {
        for noise in
            ["\tat shop.Cart.add(Cart.java:7)", "\t... 12 more", "\t... 12 common frames omitted", " "]
        {
            assert!(!says_something(noise), "{noise}");
        }
        for cause in ["Caused by: java.net.ConnectException: refused", "... and so on"] {
            assert!(says_something(cause), "{cause}");
        }
    }
}
