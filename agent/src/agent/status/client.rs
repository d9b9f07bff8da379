//! The looker's end of the status socket.

use super::{DOCUMENT_BYTES_MAX, StatusDocument, VERSION};
use serde_json::Value;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;

/// Longer than the agent's own bounds together, so that its words arrive and not our timeout.
const ANSWER_MS: u64 = 5_000;

/// Why there is no document.
#[derive(Debug, Error)]
pub enum StatusError {
    /// Nothing listens.
    #[error("no agent runs here: nobody answers on {}", path.display())]
    NoAgent {
        /// The socket.
        path: PathBuf,
    },
    /// Another command works on the state directory.
    #[error(
        "no agent runs in {}: process {pid} there is `gridnode {command}`, which has no status", dir.display()
    )]
    NotAnAgent {
        /// The state directory.
        dir: PathBuf,
        /// The process.
        pid: u32,
        /// What it was started as.
        command: String,
    },
    /// The socket is there and not for us.
    #[error("this user may not look: permission denied on {}", path.display())]
    NotAllowed {
        /// The socket.
        path: PathBuf,
    },
    /// The process is there, its loop is not.
    #[error("the agent (process {pid}) is there, but its loop does not answer")]
    Stuck {
        /// The agent's process.
        pid: u64,
    },
    /// It took the connection and said nothing.
    #[error("the agent took the connection on {} and said nothing: too many look at once", path.display())]
    Refused {
        /// The socket.
        path: PathBuf,
    },
    /// Not what was expected.
    #[error("what answers on {} is not an agent that this program knows: {why}", path.display())]
    Unknown {
        /// The socket.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The system refused something.
    #[error("failed to read from {}: {source}", path.display())]
    Io {
        /// The socket.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
}

impl StatusError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NoAgent { .. } => {
                "start the agent (systemctl start gridnode, or gridnode agent), or name its state directory with \
                 --state-dir"
            }
            Self::NotAnAgent { .. } => {
                "read its own output; what waits for the Drain is in gridnode spool list --state-dir DIR"
            }
            Self::NotAllowed { .. } => "look as root, as the agent's user or as a member of its group",
            Self::Stuck { .. } => {
                "look at its log; under systemd the watchdog restarts it, elsewhere end the process and start it again"
            }
            Self::Refused { .. } => "try again in a second",
            Self::Unknown { .. } => "use the gridnode of the same version as the agent",
            Self::Io { .. } => "try again; if that does not help, look at the agent's log",
        }
    }
}

/// Reads the document of now, and its text as it came.
///
/// # Errors
/// When no agent answers in time, or not with a document of a known layout.
pub async fn fetch(path: &Path) -> Result<(StatusDocument, String), StatusError> {
    let wait = Duration::from_millis(ANSWER_MS);
    let late = || Err(io::Error::from(io::ErrorKind::TimedOut));
    let text = tokio::time::timeout(wait, read(path)).await.unwrap_or_else(|_| late());
    let text = text.map_err(|source| failure(path, source))?;
    understand(path, text.trim_end())
}

async fn read(path: &Path) -> io::Result<String> {
    let stream = UnixStream::connect(path).await?;
    let mut text = String::new();
    stream.take(DOCUMENT_BYTES_MAX).read_to_string(&mut text).await?;
    Ok(text)
}

fn failure(path: &Path, source: io::Error) -> StatusError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => match other_command(&path) {
            Some((dir, pid, command)) => StatusError::NotAnAgent { dir, pid, command },
            None => StatusError::NoAgent { path },
        },
        io::ErrorKind::PermissionDenied => StatusError::NotAllowed { path },
        // Closed before a byte was said, with our end still in its queue.
        io::ErrorKind::ConnectionReset => StatusError::Refused { path },
        _ => StatusError::Io { path, source },
    }
}

/// What works on the state directory of a socket instead of an agent: `collect` and `run` hold the same lock. The lock
/// itself is not tried, or an agent that starts at this moment would find it taken.
fn other_command(socket: &Path) -> Option<(PathBuf, u32, String)> {
    let dir = socket.parent()?;
    let pid: u32 = std::fs::read_to_string(dir.join("lock")).ok()?.trim().parse().ok()?;
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let command = command_of(&String::from_utf8_lossy(&line))?;
    Some((dir.to_owned(), pid, command))
}

/// The command of a command line of this program that is no agent's; its arguments end with a zero byte each.
fn command_of(line: &str) -> Option<String> {
    let mut words = line.split('\0');
    let program = Path::new(words.next()?).file_name()?.to_str()?;
    let command = words.next()?;
    (program == "gridnode" && matches!(command, "collect" | "run" | "demo")).then(|| command.to_owned())
}

fn understand(path: &Path, text: &str) -> Result<(StatusDocument, String), StatusError> {
    let unknown = |why: String| StatusError::Unknown { path: path.to_owned(), why };
    if text.is_empty() {
        return Err(StatusError::Refused { path: path.to_owned() });
    }
    let value: Value = serde_json::from_str(text).map_err(|error| unknown(error.to_string()))?;
    if value.get("error").is_some() {
        return Err(StatusError::Stuck { pid: value.get("pid").and_then(Value::as_u64).unwrap_or(0) });
    }
    match value.get("version").and_then(Value::as_u64) {
        Some(version) if version == u64::from(VERSION) => {}
        other => return Err(unknown(format!("its document is of version {other:?}, not {VERSION}"))),
    }
    let document = serde_json::from_value(value).map_err(|error| unknown(error.to_string()))?;
    Ok((document, text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_agent_is_called_by_its_name() {
        let of = |line: &str| command_of(line);
        assert_eq!(of("/usr/bin/gridnode\0collect\0--flood\x007\0").as_deref(), Some("collect"));
        assert_eq!(of("gridnode\0agent\0"), None);
        assert_eq!(of("vi\0collect\0"), None);
        assert_eq!(of(""), None);
    }
}
