//! What is left out of documents because it says nothing.

/// For fields that are there only when they count something.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
pub(crate) fn is_zero(n: &u64) -> bool {
    *n == 0
}
