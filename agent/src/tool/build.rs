//! A step between a plan and its run: a compiler, or anything else that has to look at customers' code. Macros and
//! plug-ins of compilers are code that runs, so such a step gets what a tool gets: a made environment, a supervisor, an
//! end of its whole tree.
//!
//! Limits: [`TEXT_BYTES_MAX`] of what it says are kept for the person.

use crate::cage::Cage;
use crate::cage::supervise::{GRACE_MS_DEFAULT, SuperviseError, Supervised, ToolEvent, ToolSpec};
use crate::cage::tail::tail;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::time::{Instant, interval};

/// Bytes of a compiler's words that are shown: the first errors are the ones that matter, and they fit.
pub const TEXT_BYTES_MAX: usize = 16 << 10;
const LOG_BYTES_MAX: u64 = 4 << 20;
/// Beyond its limit, before its supervisor ends it should nobody else do.
const LIMIT_SLACK: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// One step.
#[derive(Clone)]
pub struct Build<'a> {
    /// A word for its log files, such as `javac`.
    pub name: &'a str,
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Its whole environment.
    pub env: Vec<(OsString, OsString)>,
    /// Where it runs; absolute.
    pub working_dir: PathBuf,
    /// Where its logs go; absolute, exists.
    pub log_dir: &'a Path,
    /// Where its processes are.
    pub cage: &'a Cage,
    /// The most time it may take.
    pub limit: Duration,
}

/// The environment's names alone: its values may be secrets, and this may reach a log.
impl fmt::Debug for Build<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.env.iter().map(|(name, _)| name).collect();
        to.debug_struct("Build")
            .field("name", &self.name)
            .field("program", &self.program)
            .field("args", &self.args)
            .field("env", &names)
            .field("working_dir", &self.working_dir)
            .field("log_dir", &self.log_dir)
            .field("cage", self.cage)
            .field("limit", &self.limit)
            .finish()
    }
}

/// Why it did not do its work.
#[derive(Debug, Error)]
pub enum BuildFailed {
    /// It says what is wrong with its input.
    #[error("{text}")]
    Refused {
        /// Its own words: standard output, then standard error.
        text: String,
    },
    /// It could not be started.
    #[error("failed to start {name}: {source}")]
    NotStarted {
        /// The step.
        name: String,
        /// Why.
        source: SuperviseError,
    },
    /// It was ended.
    #[error("{name} took longer than {limit_s} s and was ended")]
    TooLong {
        /// The step.
        name: String,
        /// What it had, s.
        limit_s: u64,
    },
    /// Nobody wants it any more.
    #[error("called off")]
    Cancelled,
    /// Its supervisor vanished, or this is no place to wait.
    #[error("{name} was lost: {why}")]
    Lost {
        /// The step.
        name: String,
        /// What is known.
        why: String,
    },
}

/// Carries it out. Blocks: for threads that may, within a runtime.
///
/// # Errors
/// [`BuildFailed::Refused`] has the program's own words.
pub fn run(build: &Build<'_>, is_cancelled: &mut dyn FnMut() -> bool) -> Result<(), BuildFailed> {
    let lost = |why: String| BuildFailed::Lost { name: build.name.to_owned(), why };
    let runtime = Handle::try_current().map_err(|error| lost(error.to_string()))?;
    runtime.block_on(supervised(build, is_cancelled))
}

async fn supervised(build: &Build<'_>, is_cancelled: &mut dyn FnMut() -> bool) -> Result<(), BuildFailed> {
    let name = || build.name.to_owned();
    let spec = spec(build);
    let logs = [spec.stdout_log.clone(), spec.stderr_log.clone()];
    let mut tool =
        Supervised::spawn(spec).await.map_err(|source| BuildFailed::NotStarted { name: name(), source })?;
    let deadline = Instant::now() + build.limit;
    let mut look = interval(LOOK_EVERY);
    let mut ended_for = None;
    loop {
        tokio::select! {
            event = tool.next_event() => match event {
                ToolEvent::TreeEmpty(end) => {
                    return match (ended_for, end.exit.code) {
                        (Some(why), _) => Err(why),
                        (None, Some(0)) => Ok(()),
                        (None, _) => Err(BuildFailed::Refused { text: words(&logs) }),
                    };
                }
                ToolEvent::SupervisorLost { .. } => {
                    let lost = || BuildFailed::Lost { name: name(), why: "its supervisor has ended".to_owned() };
                    return Err(ended_for.unwrap_or_else(lost));
                }
                _ => {}
            },
            _ = look.tick(), if ended_for.is_none() => {
                if is_cancelled() {
                    ended_for = Some(BuildFailed::Cancelled);
                } else if Instant::now() >= deadline {
                    ended_for = Some(BuildFailed::TooLong { name: name(), limit_s: build.limit.as_secs() });
                }
                if ended_for.is_some() && tool.kill_tree().await.is_err() {
                    return Err(BuildFailed::Lost { name: name(), why: "it cannot be ended".to_owned() });
                }
            }
        }
    }
}

fn spec(build: &Build<'_>) -> ToolSpec {
    let log = |what: &str| build.log_dir.join(format!("{}.{what}", build.name));
    ToolSpec {
        program: build.program.clone(),
        args: build.args.clone(),
        env: build.env.clone(),
        working_dir: build.working_dir.clone(),
        stdout_log: log("out"),
        stderr_log: log("err"),
        log_bytes_max: LOG_BYTES_MAX,
        exit_file: log("exit.json"),
        marker: build.cage.marker.clone(),
        grace_ms: GRACE_MS_DEFAULT,
        longest_ms: u64::try_from((build.limit + LIMIT_SLACK).as_millis()).ok(),
        lease_ms: build.cage.lease_ms(),
        limits: Vec::new(),
        remove_at_end: Vec::new(),
        scratch_dirs: Vec::new(),
        use_cgroup: true,
        out_of_reach: build.cage.out_of_reach.clone(),
        slot: build.cage.slot.clone(),
    }
}

/// What it said, from the beginning.
fn words(logs: &[PathBuf]) -> String {
    let mut text = String::new();
    for log in logs {
        text.push_str(&tail(log, LOG_BYTES_MAX).unwrap_or_default());
    }
    let mut cut = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    text.truncate(cut);
    let text = text.trim_end();
    if text.is_empty() { "it failed without a word".to_owned() } else { text.to_owned() }
}
