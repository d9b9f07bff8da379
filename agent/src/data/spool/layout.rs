//! The layout of the state directory: file `layout`, one number. An older agent must not guess at a newer one's files.

use super::durable::write_durably;
use super::survey::read_file;
use super::{SpoolContents, SpoolError};
use std::path::Path;

/// What this agent reads and writes.
const LAYOUT: u32 = 1;
const FILE: &str = "layout";

/// What the file says; `None`: nothing that can be understood.
fn stated(path: &Path) -> Option<u32> {
    match read_file(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).trim().parse().ok(),
        Err(_) => Some(0),
    }
}

/// Refuses a newer layout.
pub(super) fn is_known(state_dir: &Path) -> Result<(), SpoolError> {
    match stated(&state_dir.join(FILE)) {
        Some(found) if found > LAYOUT => {
            Err(SpoolError::Newer { dir: state_dir.to_owned(), found, known: LAYOUT })
        }
        _ => Ok(()),
    }
}

/// Refuses a newer layout; states ours where there is none yet.
pub(super) fn check(state_dir: &Path, found: &mut SpoolContents) -> Result<(), SpoolError> {
    is_known(state_dir)?;
    let path = state_dir.join(FILE);
    match stated(&path) {
        Some(LAYOUT) => return Ok(()),
        Some(_) => {}
        None => found.remarks.push(format!("{} is unreadable; taken for layout {LAYOUT}", path.display())),
    }
    write_durably(&path, format!("{LAYOUT}\n").as_bytes())
}
