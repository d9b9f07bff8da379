//! What the supervisor tells: one JSON object a line, each at most [`EVENT_BYTES_MAX`] bytes.

use super::limits_met::LimitsMet;
use super::sweep::Swept;
use serde::{Deserialize, Serialize};

/// A longer line than `PIPE_BUF` would not be written in one piece and could block the supervisor.
pub(super) const EVENT_BYTES_MAX: usize = 4_096;

/// Something that happened to the tool. Wall times are nanoseconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ToolEvent {
    /// The program is running: `exec` has succeeded. Always the first event.
    Started {
        /// Of the leader; also its process group and session.
        pid: i32,
        /// The supervisor's own.
        supervisor_pid: u32,
        /// Field 22 of `/proc/pid/stat`: with the pid it names the process for good.
        start_ticks: u64,
        /// When.
        wall_ns: i64,
        /// Whether the tree has a cgroup of its own.
        cgroup: bool,
    },
    /// The leader has ended; descendants may still be there.
    LeaderExited {
        /// How.
        exit: ToolExit,
        /// When.
        wall_ns: i64,
    },
    /// Log bytes of one stream were lost since the last such event: disk full or stuck. At most one a second.
    LogDropped {
        /// Of which stream.
        stream: Stream,
        /// All that were lost so far.
        bytes_total: u64,
        /// The first error, or that the disk was too slow.
        why: String,
    },
    /// SIGKILL did not end the tree within 10 s (uninterruptible sleep, or processes of another user). Tried on.
    TreeStuck {
        /// How many processes are left.
        remaining: u32,
        /// Some of them, at most 16.
        pids: Vec<i32>,
    },
    /// Nothing of the tree is left: the last event of a run that went as planned.
    TreeEmpty(TreeEmpty),
    /// The supervisor ended without saying that the tree is empty. How the tool ended is unknown. The last event, unless something
    /// is left: then it comes again when nothing is.
    SupervisorLost {
        /// What is known of it.
        why: String,
        /// What the agent found and killed by the run's marker.
        swept: Swept,
    },
}

/// The end of a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeEmpty {
    /// How the leader ended.
    pub exit: ToolExit,
    /// Why the tree ended.
    pub reason: EndReason,
    /// Descendants that outlived the leader or the order to kill, and ended by a signal.
    pub killed_descendants: u32,
    /// When the last one was gone.
    pub wall_ns: i64,
    /// CPU time in user mode of all that were waited for in the tree.
    pub user_us: u64,
    /// CPU time in the kernel.
    pub system_us: u64,
    /// The largest resident set of any single process in the tree.
    pub rss_bytes_max: u64,
    /// What of its unit's limits it met; nothing where it has no unit of its own.
    pub limits_met: LimitsMet,
    /// What the tool wrote, kept or not.
    pub stdout_bytes: u64,
    /// Likewise.
    pub stderr_bytes: u64,
    /// What the logs lost to errors, both streams; what rotation discarded does not count.
    pub log_bytes_dropped: u64,
    /// Someone outside of the tree still holds one of the tool's pipes, or a disk is stuck: the logs may lack their end.
    pub logs_incomplete: bool,
    /// Why the exit file could not be written, if so.
    pub exit_file_error: Option<String>,
}

/// How a process ended: by itself with a code, or by a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ToolExit {
    /// The exit code, if it exited.
    pub code: Option<i32>,
    /// The signal's number, if one ended it.
    pub signal: Option<i32>,
}

/// Why a tree ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The leader ended; by itself or by a signal, whose sender is unknown.
    LeaderExited,
    /// The agent asked for it.
    KillTree,
    /// The agent is gone, or has let go of its handle.
    LifelineClosed,
    /// The agent has not renewed its lease: it, or the thread that would, stands still.
    LeaseOver,
    /// Its longest time was over, and nobody else had ended it.
    Expired,
    /// Someone sent SIGTERM to the supervisor.
    SupervisorTerminated,
}

/// One of the tool's two outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl ToolEvent {
    /// Whether no other event follows.
    #[must_use]
    pub fn is_last(&self) -> bool {
        matches!(self, Self::TreeEmpty(_) | Self::SupervisorLost { swept: Swept { left: 0, .. }, .. })
    }

    /// What a person should know, where something did not go as it should.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        Some(match self {
            Self::SupervisorLost { why, swept } => {
                format!("the supervisor of the tool was lost ({why}); swept: {swept:?}")
            }
            Self::TreeStuck { remaining, .. } => {
                format!("{remaining} processes of the tool do not end even on SIGKILL")
            }
            Self::LogDropped { bytes_total, why, .. } => {
                format!("{bytes_total} bytes of the tool's output could not be logged: {why}")
            }
            Self::TreeEmpty(end) => return end.reason.trouble().map(str::to_owned),
            Self::Started { .. } | Self::LeaderExited { .. } => return None,
        })
    }
}

impl EndReason {
    /// What a person should know, where nobody has asked for this end.
    #[must_use]
    pub fn trouble(self) -> Option<&'static str> {
        (self == Self::LeaseOver).then_some(
            "the supervisor has heard nothing of the agent for too long and has ended the run: the agent stood still (a machine \
             without memory or CPU to spare, a debugger, SIGSTOP)",
        )
    }
}

impl std::fmt::Display for ToolExit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.code, self.signal) {
            (Some(code), _) => write!(f, "exit code {code}"),
            (None, Some(signal)) => write!(f, "signal {signal}"),
            (None, None) => f.write_str("unknown"),
        }
    }
}
