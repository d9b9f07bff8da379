//! Runs JMeter for the agent: makes the plan that runs, starts it under a supervisor, tells it to stop, and reads its
//! logs to judge it. What is decided is decided in `gridnode_core::launch::jmeter`; here are the files and sockets.

mod prepare;

pub use prepare::{CheckedPlan, PrepareError, Prepared, RunRequest, check, exit_file, prepare};

use crate::supervise::{Signal, SuperviseError, Supervised, ToolEvent, ToolExit, TreeEmpty};
use crate::tail::tail;
use gridnode_core::launch::jmeter::verdict::{
    Exit, LogScan, Outcome, RunFacts, judge, nongui_port_from_stdout,
};
use gridnode_core::receipt::ToolEnd;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};

/// Bytes of a log that are read to judge a run; JMeter's log of a broken plan can be endless.
const LOG_BYTES_MAX: u64 = 256 << 20;
/// Bytes of standard output in which the shutdown port is looked for: it is among the first lines.
const STDOUT_HEAD_BYTES: u64 = 64 << 10;

/// Bytes of a log's end in which the lines to show are looked for.
const TAIL_BYTES_MAX: u64 = 16 << 10;

/// A JMeter that runs.
pub struct RunningJmeter {
    tool: Supervised,
    files: ToolFiles,
    /// Where JMeter listens for its stop, once it has said so.
    port: Option<u16>,
}

/// Where a run's files are.
#[derive(Debug, Clone)]
pub struct ToolFiles {
    /// JMeter's own log.
    pub log: PathBuf,
    /// Its standard output.
    pub stdout: PathBuf,
    /// Its standard error.
    pub stderr: PathBuf,
    /// Where the plug-in leaves its last word.
    pub final_dir: PathBuf,
}

impl RunningJmeter {
    /// Starts what was prepared.
    ///
    /// # Errors
    /// With a sentence about the program or path that is wrong.
    pub async fn start(prepared: &Prepared) -> Result<Self, SuperviseError> {
        let tool = Supervised::spawn(prepared.spec.clone()).await?;
        Ok(Self { tool, files: prepared.files.clone(), port: None })
    }

    /// Its leader's pid.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.tool.pid()
    }

    /// The pid of its supervisor, the parent of everything that the tool leaves behind; `None` once that has ended.
    #[must_use]
    pub fn supervisor_pid(&self) -> Option<u32> {
        self.tool.supervisor_pid()
    }

    /// The directory of its tree's own cgroup, where it has one.
    #[must_use]
    pub fn cgroup_dir(&self) -> Option<PathBuf> {
        self.tool.cgroup_dir()
    }

    /// What happens to it next. Cancel safe.
    pub async fn next_event(&mut self) -> ToolEvent {
        self.tool.next_event().await
    }

    /// Looks for the port on which JMeter listens for its stop. To be called now and then: later on, the line that
    /// names it may have been rotated out of the log.
    pub fn look_for_port(&mut self) {
        self.port = self.port.or_else(|| shutdown_port(&self.files.stdout));
    }

    /// Lets samples that are under way finish, then end.
    pub async fn ask_to_finish(&mut self) {
        self.say("Shutdown").await;
    }

    /// Ends without waiting for samples.
    pub async fn ask_to_stop_now(&mut self) {
        self.say("StopTestNow").await;
    }

    /// SIGTERM.
    pub async fn terminate(&mut self) {
        if let Err(error) = self.tool.signal(Signal::Term).await {
            tracing::warn!(%error, "failed to terminate JMeter");
        }
    }

    /// SIGKILL to its whole tree.
    pub async fn kill_tree(&mut self) {
        if let Err(error) = self.tool.kill_tree().await {
            tracing::warn!(%error, "failed to kill JMeter's processes");
        }
    }

    /// JMeter listens on a UDP port for an exact payload. Before it does so, only a signal helps.
    async fn say(&mut self, payload: &str) {
        self.look_for_port();
        let sent = self.port.and_then(|port| {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
            socket.send_to(payload.as_bytes(), (Ipv4Addr::LOCALHOST, port)).ok()
        });
        if sent.is_none() {
            self.terminate().await;
        }
    }
}

impl ToolFiles {
    /// Sends the plug-in's last words, which it has also left as files, to the sump: should the datagrams have been
    /// lost, the account is exact all the same; repeated ones count once.
    pub fn repeat_last_words(&self, sump: SocketAddr) {
        let Ok(entries) = std::fs::read_dir(&self.final_dir) else { return };
        let Ok(socket) = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)) else { return };
        let finals = entries.flatten().map(|entry| entry.path());
        for path in finals.filter(|path| path.extension().is_some_and(|ext| ext == "final")) {
            let mut line = Vec::new();
            let read = File::open(&path).and_then(|file| file.take(8 << 10).read_to_end(&mut line));
            if read.is_ok() {
                let _ = socket.send_to(&line, sump);
            }
        }
    }

    /// Judges the run by JMeter's logs and what is known of it.
    pub fn judge(&self, facts: &RunFacts) -> Outcome {
        let mut scan = LogScan::default();
        for path in [&self.log, &self.stdout, &self.stderr] {
            scan_file(&mut scan, path);
        }
        judge(facts, &scan)
    }

    /// The last lines of JMeter's log and standard error, for a person to see why it failed.
    #[must_use]
    pub fn tail(&self, lines_max: usize) -> Vec<String> {
        let mut last = Vec::new();
        for path in [&self.stderr, &self.log] {
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
    let is_frame = line.starts_with("at ") || (line.starts_with("... ") && line.ends_with(" more"));
    let is_preferences =
        line.contains("java.util.prefs.") || line == "INFO: Created user preferences directory.";
    !line.is_empty() && !is_frame && !is_preferences
}

/// For the judgement.
#[must_use]
pub fn exit_of(exit: ToolExit) -> Exit {
    match (exit.code, exit.signal) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::Unknown,
    }
}

/// For the receipt.
#[must_use]
pub fn end_of(tree: &TreeEmpty) -> ToolEnd {
    ToolEnd {
        code: tree.exit.code,
        signal: tree.exit.signal,
        tree_empty: true,
        killed_descendants: tree.killed_descendants,
    }
}

fn shutdown_port(stdout: &Path) -> Option<u16> {
    let mut text = Vec::new();
    File::open(stdout).ok()?.take(STDOUT_HEAD_BYTES).read_to_end(&mut text).ok()?;
    String::from_utf8_lossy(&text).lines().find_map(nongui_port_from_stdout)
}

fn scan_file(scan: &mut LogScan, path: &Path) {
    let Ok(file) = File::open(path) else { return };
    let mut reader = BufReader::new(file.take(LOG_BYTES_MAX));
    let mut line = Vec::new();
    while matches!(reader.read_until(b'\n', &mut line), Ok(1..)) {
        scan.line(&line);
        line.clear();
    }
}
