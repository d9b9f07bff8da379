//! Whether a file's content is what its name says.

use gridnode_core::outbound::pack;
use gridnode_core::trace::Pointer;

/// Of a compressed body that was written as so many lines and samples.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn verify(body: &[u8], points: u32, samples: u64) -> Result<(), String> {
    let content = pack::unpack(body)?;
    // In a spool of error traces each is one thing.
    if Pointer::read(&content).is_ok() && (points, samples) == (1, 1) {
        return Ok(());
    }
    pack::verify(&content, points, samples)
}
