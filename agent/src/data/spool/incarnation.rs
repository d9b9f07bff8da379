//! Which start of the agent this is: durable before anything is numbered with it.

use super::durable::write_durably;
use super::scan::highest_incarnation;
use super::{SpoolContents, SpoolError};
use std::path::Path;

/// One more than the last start's; durable before it is used. Where the file is unreadable, the highest incarnation
/// of any spooled batch takes its place (by way of the scan it is at least above those).
pub(super) fn next_incarnation(state_dir: &Path, found: &mut SpoolContents) -> Result<u32, SpoolError> {
    let path = state_dir.join("incarnation");
    let last = match std::fs::read_to_string(&path) {
        Ok(text) => text.trim().parse::<u32>().ok(),
        Err(_) => Some(0),
    };
    let spooled = highest_incarnation(state_dir);
    if last.is_none() {
        found.remarks.push(format!("{} is unreadable; going on from {spooled}", path.display()));
    }
    let next = last.unwrap_or(0).max(spooled).saturating_add(1);
    write_durably(&path, next.to_string().as_bytes())?;
    Ok(next)
}
