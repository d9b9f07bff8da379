//! How the agent reaches a supervisor: two pipes to a child, or one connection to a slot's unit.

use super::processes::Process;
use crate::cage::slot::{self, Slot};
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// Orders go one way, events the other.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a run has one, and moves it a few times")]
pub(super) enum Link {
    /// A child of this process.
    Child { child: Child, lifeline: ChildStdin, events: ChildStdout },
    /// The main process of a unit.
    Unit { number: u32, lifeline: OwnedWriteHalf, events: OwnedReadHalf },
}

impl Link {
    /// A new child, the program at `gridnode`.
    pub(super) fn child(gridnode: &Path) -> io::Result<Self> {
        let mut command = Command::new(gridnode);
        // The supervisor gets none of the agent's environment: it may hold credentials.
        command.arg0("gridnode").arg("supervise").env_clear();
        // Out of the terminal's foreground group at once: Ctrl-C is the agent's to judge.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(false);
        let mut child = command.spawn()?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(lifeline), Some(events)) => Ok(Self::Child { child, lifeline, events }),
            _ => Err(io::Error::other("it has no pipes")),
        }
    }

    /// The unit of a slot.
    pub(super) async fn unit(slot: &Slot) -> Result<Self, slot::SlotError> {
        let (events, lifeline) = slot.open().await?.into_split();
        Ok(Self::Unit { number: slot.number, lifeline, events })
    }

    pub(super) async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let lifeline: &mut (dyn AsyncWrite + Unpin + Send) = match self {
            Self::Child { lifeline, .. } => lifeline,
            Self::Unit { lifeline, .. } => lifeline,
        };
        lifeline.write_all(bytes).await
    }

    /// Appends what is there; 0 when the other side has ended. Cancel safe.
    pub(super) async fn read_buf(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let events: &mut (dyn AsyncRead + Unpin + Send) = match self {
            Self::Child { events, .. } => events,
            Self::Unit { events, .. } => events,
        };
        events.read_buf(buffer).await
    }

    /// The slot, where it is one.
    pub(super) fn slot(&self) -> Option<u32> {
        match self {
            Self::Child { .. } => None,
            Self::Unit { number, .. } => Some(*number),
        }
    }

    /// The child's pid, until somebody has waited for it.
    pub(super) fn child_pid(&self) -> Option<u32> {
        match self {
            Self::Child { child, .. } => child.id(),
            Self::Unit { .. } => None,
        }
    }

    /// Takes the child's exit status, so that no zombie stays as long as the handle.
    pub(super) async fn reap(&mut self) {
        if let Self::Child { child, .. } = self {
            let _ = child.wait().await;
        }
    }

    /// How the supervisor ended, for people; waits for `wait` at most.
    pub(super) async fn exit(&mut self, wait: Duration) -> String {
        match self {
            Self::Child { child, .. } => match timeout(wait, child.wait()).await {
                Ok(Ok(status)) => status.to_string(),
                Ok(Err(error)) => error.to_string(),
                Err(_) => "still running".to_owned(),
            },
            Self::Unit { number, .. } => format!("see `journalctl -u {}`", Slot::unit(*number)),
        }
    }

    /// Takes back a SIGSTOP of the tool to its supervisor, where both are of one user and so is this process.
    pub(super) fn let_go_on(&self) {
        if let Some(pid) = self.child_pid().and_then(|pid| i32::try_from(pid).ok()) {
            Process::signal_own_child(pid, libc::SIGCONT);
        }
    }
}
