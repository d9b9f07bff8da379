//! The operations of [`gridnode_core::outbound::spool`], carried out.

use super::durable::{exchange, move_file, sync_dir, write_over};
use super::{Spool, SpoolError};
use crate::data::regular_file;
use gridnode_core::outbound::pack::{self, Packed};
use gridnode_core::outbound::spool::{Done, Fault, FaultKind, GONE, Job, Operation};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Compressed bytes that are read back: a single line may be beyond the batch's bound, but not by much.
const BODY_BYTES_MAX: u64 = 64 << 20;

impl Spool {
    /// Carries out a job, up to the first operation that fails.
    #[must_use]
    pub fn carry_out(&self, job: &Job) -> Done {
        let mut halves = Vec::new();
        for (at, operation) in job.operations.iter().enumerate() {
            match operate(&self.state_dir, operation) {
                Ok(read) => halves.extend(read),
                Err(error) => return Done { ticket: job.ticket, result: Err((at, fault(&error))) },
            }
        }
        Done { ticket: job.ticket, result: Ok(halves) }
    }
}

fn fault(error: &SpoolError) -> Fault {
    let kind = match error {
        SpoolError::DiskFull { .. } => FaultKind::Full,
        SpoolError::Corrupt { .. } => FaultKind::Corrupt,
        _ => FaultKind::Other,
    };
    Fault { kind, sentence: error.to_string() }
}

fn operate(root: &Path, operation: &Operation) -> Result<Vec<Packed>, SpoolError> {
    match operation {
        Operation::MakeDir(dir) => {
            let dir = root.join(dir);
            std::fs::create_dir_all(&dir).map_err(|e| SpoolError::io("create the directory", &dir, e))?;
        }
        Operation::Write { path, body } => {
            let path = root.join(path);
            write(&path, body).map_err(|e| SpoolError::io("write", &path, e))?;
        }
        Operation::WriteOver { path, body, room_bytes } => {
            let path = root.join(path);
            write_over(&path, body, *room_bytes).map_err(|e| SpoolError::io("write", &path, e))?;
        }
        Operation::Exchange { from, to } => {
            let (from, to) = (root.join(from), root.join(to));
            exchange(&from, &to).map_err(|e| SpoolError::io("rename", &from, e))?;
        }
        Operation::Sync(path) => {
            let path = root.join(path);
            File::open(&path)
                .and_then(|file| file.sync_all())
                .map_err(|e| SpoolError::io("sync", &path, e))?;
        }
        Operation::Rename { from, to, done_before } => {
            let (from, to) = (root.join(from), root.join(to));
            match move_file(&from, &to) {
                Err(e) if *done_before && e.kind() == io::ErrorKind::NotFound => {}
                renamed => renamed.map_err(|e| SpoolError::io("rename", &from, e))?,
            }
        }
        Operation::SyncDir(dir) => match sync_dir(&root.join(dir)) {
            Err(SpoolError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            synced => synced?,
        },
        Operation::Unlink(path) => {
            let path = root.join(path);
            match std::fs::remove_file(&path) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                removed => removed.map_err(|e| SpoolError::io("delete", &path, e))?,
            }
        }
        // A directory that is not empty is kept, which is what was asked for.
        Operation::RemoveDir(dir) => drop(std::fs::remove_dir(root.join(dir))),
        Operation::ReadHalves { path, checksum, points, samples } => {
            let path = root.join(path);
            let body = read_body(&path)?;
            let proof = pack::prove(&body, *checksum, *points, *samples);
            return proof
                .and_then(|()| pack::halve(&body, *samples))
                .map_err(|why| SpoolError::Corrupt { path, why });
        }
    }
    Ok(Vec::new())
}

fn write(path: &Path, body: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    file.write_all(body)
}

/// The compressed body.
///
/// # Errors
/// [`SpoolError::Corrupt`] when it is gone.
pub(crate) fn read_body(path: &Path) -> Result<Vec<u8>, SpoolError> {
    match regular_file::read_itself(path, BODY_BYTES_MAX) {
        Ok(body) => Ok(body),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(SpoolError::Corrupt { path: path.to_owned(), why: GONE.to_owned() })
        }
        Err(error) => Err(SpoolError::io("read", path, error)),
    }
}
