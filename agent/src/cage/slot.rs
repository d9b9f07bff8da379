//! A slot: a unit of systemd, `gridnode-run@N.service`, which is root's file and in which one run at a time lives as a user of its
//! own, `gridnode-run-N`. The agent never starts it: systemd does, when the agent connects to the slot's socket, and the
//! supervisor takes that connection for its standard input and output. So an agent can start nothing but what root has
//! written down, and needs no rights for it. Ending a slot for good is systemd's, too (`systemctl stop`, which polkit allows it).
//!
//! | path | whose | what |
//! |---|---|---|
//! | `/run/gridnode-run/N.socket` | agent, 0600 | `gridnode-run@N.socket` |
//! | `STATE_DIR/slots/N` | agent, group `gridnode-run-N`, 0750 | directories of its runs; all that it sees of the agent's state |

use crate::base::file_threads::{FILES, NotDone};
use crate::cage::hand_over::{HandOverError, hand_over};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use thiserror::Error;
use tokio::net::UnixStream;
use tokio::time::timeout;

/// The most slots that a node may have; as many units and users are installed.
pub const SLOTS_MAX: u32 = 32;
/// Where systemd listens for the slots.
pub const SOCKETS_DIR: &str = "/run/gridnode-run";
/// Right below a run's directory: what the agent puts there and finds again.
const LASTING: &str = "tool";
/// systemd itself accepts, so a connection is there at once or not at all.
const CONNECT_WAIT: Duration = Duration::from_secs(5);
/// For the rights of a plan of 100,000 files on a slow disk.
const HAND_OVER_WAIT: Duration = Duration::from_secs(60);

/// One slot and the run in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// From 1.
    pub number: u32,
    /// Where the slots' sockets are.
    pub sockets_dir: PathBuf,
    /// The slot's directory.
    pub dir: PathBuf,
    /// The run's directory, below `dir`: what the slot's user gets rights to.
    pub run_dir: PathBuf,
}

/// Why a slot cannot be used.
#[derive(Debug, Error)]
pub enum SlotError {
    /// Nobody listens.
    #[error(
        "slot {number} cannot be reached at {}: {source}; `systemctl reset-failed gridnode-run@{number}.socket; systemctl enable --now gridnode-run@{number}.socket` makes it", socket.display()
    )]
    Connect {
        /// Which.
        number: u32,
        /// Its socket.
        socket: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// The run's files could not be made its own.
    #[error(transparent)]
    HandOver(#[from] HandOverError),
    /// Its directory does not belong to a group of its own.
    #[error("slot {number} has no directory {}: {source}; `systemd-tmpfiles --create` makes it", dir.display())]
    NoDirectory {
        /// Which.
        number: u32,
        /// Where it should be.
        dir: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// The disk does not answer.
    #[error("the files of slot {number} could not be handed over: {why}")]
    Disk {
        /// Which.
        number: u32,
        /// Why.
        why: NotDone,
    },
}

impl Slot {
    /// Below the state directory.
    pub const DIR: &'static str = "slots";

    /// Where the slot `number` has its runs.
    #[must_use]
    pub fn dir_of(state_dir: &Path, number: u32) -> PathBuf {
        state_dir.join(Self::DIR).join(number.to_string())
    }

    /// Its unit.
    #[must_use]
    pub fn unit(number: u32) -> String {
        format!("gridnode-run@{number}.service")
    }

    /// Gives the run's files to the slot's group, and has its unit started.
    ///
    /// # Errors
    /// With what has to be set up.
    pub(super) async fn open(&self) -> Result<UnixStream, SlotError> {
        let number = self.number;
        let (dir, run_dir) = (self.dir.clone(), self.run_dir.clone());
        let handed = FILES.within(HAND_OVER_WAIT, move || -> Result<(), SlotError> {
            let meta = std::fs::symlink_metadata(&dir).and_then(|meta| {
                if meta.is_dir() { Ok(meta) } else { Err(io::ErrorKind::NotADirectory.into()) }
            });
            let group = meta
                .map_err(|source| SlotError::NoDirectory { number, dir, source })
                .map(|meta| meta.gid())?;
            Ok(hand_over(&run_dir, &[LASTING], group)?)
        });
        handed.await.map_err(|why| SlotError::Disk { number, why })??;
        let socket = self.sockets_dir.join(format!("{number}.socket"));
        let connected = timeout(CONNECT_WAIT, UnixStream::connect(&socket)).await;
        let connected = connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        connected.map_err(|source| SlotError::Connect { number, socket, source })
    }
}

/// Whether a run could be put into a slot: its directory is there, and systemd starts its unit, which ends at once when nobody says
/// anything. Blocks.
///
/// # Errors
/// With what has to be set up.
pub fn answers(sockets_dir: &Path, dir: &Path, number: u32) -> Result<(), SlotError> {
    let is_dir = std::fs::symlink_metadata(dir)
        .and_then(|meta| if meta.is_dir() { Ok(()) } else { Err(io::ErrorKind::NotADirectory.into()) });
    is_dir.map_err(|source| SlotError::NoDirectory { number, dir: dir.to_owned(), source })?;
    let socket = sockets_dir.join(format!("{number}.socket"));
    let connected = std::os::unix::net::UnixStream::connect(&socket).map(drop);
    connected.map_err(|source| SlotError::Connect { number, socket, source })
}

/// Has systemd end all of a slot: it kills the unit's control group, whatever its processes are and do. Blocks, for seconds if
/// need be. False where systemd does not say that it is done.
#[must_use]
pub fn end(number: u32) -> bool {
    let mut systemctl = Command::new("systemctl");
    systemctl.args(["--no-ask-password", "stop"]).arg(Slot::unit(number));
    match systemctl.stdin(Stdio::null()).stdout(Stdio::null()).output() {
        Ok(output) if output.status.success() => true,
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            tracing::warn!(slot = number, "systemd did not end a slot: {}", said.trim());
            false
        }
        Err(error) => {
            tracing::warn!(slot = number, "a slot could not be ended: {error}");
            false
        }
    }
}
