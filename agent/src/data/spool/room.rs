//! Whether a file system can hold a state directory at all.

use super::SpoolError;
use std::path::Path;

/// The accounts twice, 64 KiB each ([`gridnode_core::outbound::OutboundSettings::accounts_room_bytes`]), and pages for the small
/// files and the directories. Not a batch more: a Drain that is away is to have room beside that.
const BYTES_MIN: u64 = 150 << 10;

/// One that is full now may have room later, and the accounts keep theirs; one that is too small will never have any.
pub(super) fn check(state_dir: &Path) -> Result<(), SpoolError> {
    // What does not say how large it is, is believed to be large enough.
    let Ok(found) = nix::sys::statvfs::statvfs(state_dir) else { return Ok(()) };
    enough(found.blocks().saturating_mul(found.fragment_size()))
        .map_err(|why| SpoolError::State { path: state_dir.to_owned(), why })
}

fn enough(bytes: u64) -> Result<(), String> {
    if bytes == 0 || bytes >= BYTES_MIN {
        return Ok(());
    }
    Err(format!(
        "its file system holds {} KiB in all, and the accounts of what was measured need {} KiB: make it larger, or choose \
         another state directory (some 100 MiB keep the results of hours while the Drain is away)",
        bytes >> 10,
        BYTES_MIN >> 10
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_small_is_said_with_what_is_needed() {
        assert_eq!((enough(0), enough(BYTES_MIN), enough(u64::MAX)), (Ok(()), Ok(()), Ok(())));
        let why = enough(128 << 10).unwrap_err();
        assert!(why.contains("128 KiB") && why.contains("150 KiB"), "{why}");
    }
}
