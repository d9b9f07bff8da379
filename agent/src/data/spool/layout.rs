//! The layout of the state directory: file `layout`, one number. An older agent must not guess at a newer one's files.

use super::durable::write_durably;
use super::survey::read_file;
use super::{SpoolContents, SpoolError};
use std::path::Path;

/// What this agent reads and writes.
const LAYOUT: u32 = 1;

/// Refuses a newer layout; states ours where there is none yet.
pub(super) fn check(state_dir: &Path, found: &mut SpoolContents) -> Result<(), SpoolError> {
    let path = state_dir.join("layout");
    let stated = match read_file(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).trim().parse().ok(),
        Err(_) => Some(0),
    };
    match stated {
        Some(LAYOUT) => Ok(()),
        Some(newer) if newer > LAYOUT => {
            Err(SpoolError::Newer { dir: state_dir.to_owned(), found: newer, known: LAYOUT })
        }
        _ => {
            if stated.is_none() {
                found.remarks.push(format!("{} is unreadable; taken for layout {LAYOUT}", path.display()));
            }
            write_durably(&path, format!("{LAYOUT}\n").as_bytes())
        }
    }
}
