//! The exit file: how a run ended, for whoever asks later, even a later agent process.

use super::event::{EndReason, ToolExit};
use crate::cage::foreign_file;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// The version of [`ExitRecord`] that is written.
const SCHEMA_VERSION: u32 = 1;
/// A record takes about 500 bytes; more was not written by this program.
const RECORD_BYTES_MAX: u64 = 64 * 1024;

/// The content of an exit file. Wall times are nanoseconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExitRecord {
    /// 1.
    pub schema_version: u32,
    /// The run's marker.
    pub marker: String,
    /// Of the leader.
    pub pid: i32,
    /// The leader's exit code, if it exited.
    pub code: Option<i32>,
    /// The signal that ended the leader, if one did.
    pub signal: Option<i32>,
    /// Why the tree ended.
    pub reason: EndReason,
    /// When the leader was started.
    pub started_wall_ns: i64,
    /// When the leader's end was noticed; absent if processes were left that SIGKILL could not end, it among them.
    pub leader_ended_wall_ns: Option<i64>,
    /// When the tree was empty, or given up.
    pub ended_wall_ns: i64,
    /// Descendants that had to be killed.
    pub killed_descendants: u32,
    /// False when the supervisor gave up on processes that SIGKILL could not end.
    pub tree_empty: bool,
}

impl ExitRecord {
    /// A record of the current version.
    pub(super) fn new(marker: &str, pid: i32, exit: ToolExit, reason: EndReason) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            marker: marker.to_owned(),
            pid,
            code: exit.code,
            signal: exit.signal,
            reason,
            started_wall_ns: 0,
            leader_ended_wall_ns: None,
            ended_wall_ns: 0,
            killed_descendants: 0,
            tree_empty: true,
        }
    }

    /// Reads the record at `path`.
    ///
    /// # Errors
    /// `NotFound` while the run has not ended; `InvalidData` for anything but a record of a known version.
    pub fn read(path: &Path) -> io::Result<Self> {
        let text = foreign_file::head(path, RECORD_BYTES_MAX)?;
        let record: Self = serde_json::from_slice(&text)?;
        if record.schema_version == SCHEMA_VERSION {
            Ok(record)
        } else {
            let why = format!(
                "exit file of version {}, this program reads {SCHEMA_VERSION}",
                record.schema_version
            );
            Err(io::Error::new(io::ErrorKind::InvalidData, why))
        }
    }

    /// Puts the record at `path` in one piece: whoever opens the path sees all of it or nothing.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let mut temporary = OsString::from(path);
        temporary.push(".tmp");
        let written = self.write_through(Path::new(&temporary), path);
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    fn write_through(&self, temporary: &Path, path: &Path) -> io::Result<()> {
        let mut file = foreign_file::create(temporary)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(temporary, path)?;
        path.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
    }
}
