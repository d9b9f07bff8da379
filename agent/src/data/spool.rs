//! The state directory, opened and carried out on: [`gridnode_core::outbound::spool`] says what its files mean and in which
//! order they change.
//!
//! ```text
//! {state}/lock                   held while an agent runs: a second one refuses
//! {state}/layout                 one number: an older agent must not guess at a newer one's files
//! {state}/nonce                  16 random hex digits, made once: whose events, batches and queue these are
//! ```
//!
//! Synchronous: for one dedicated thread ([`crate::data::disk`]), and for the start.

mod copies;
mod durable;
mod error;
mod layout;
mod lock;
pub(super) mod nonce;
pub mod offline;
mod operate;
mod proof;
mod room;
mod survey;
#[cfg(test)]
mod tests;

pub use error::SpoolError;

pub(crate) use durable::write_durably;
pub(crate) use operate::read_body;
pub(crate) use proof::prove;
pub(crate) use survey::holds;

use gridnode_core::outbound::Start;
use gridnode_core::outbound::spool::{CORRUPT, QUARANTINE, SPOOL};
use lock::StateLock;
use std::path::{Path, PathBuf};

/// What an opened state directory says.
#[derive(Debug, Default)]
pub struct SpoolContents {
    /// For the machine of the way out.
    pub start: Start,
    /// Sentences for the log.
    pub remarks: Vec<String>,
}

/// The state directory, locked.
#[derive(Debug)]
pub struct Spool {
    state_dir: PathBuf,
    incarnation: u32,
    nonce: String,
    _lock: StateLock,
}

impl Spool {
    /// Locks `state_dir` (made if absent), increments the incarnation, and lists what is there.
    ///
    /// # Errors
    /// When the directory cannot be made, written or locked, and when what must not be guessed at cannot be read: the
    /// number of starts, the accounts. What is in the spool is never a reason.
    pub fn open(state_dir: &Path) -> Result<(Self, SpoolContents), SpoolError> {
        let is_new = survey::is_new(state_dir);
        for name in [SPOOL, QUARANTINE, CORRUPT] {
            let dir = state_dir.join(name);
            std::fs::create_dir_all(&dir).map_err(|e| SpoolError::io("create the directory", &dir, e))?;
        }
        room::check(state_dir)?;
        let lock = StateLock::take(state_dir)?;
        lock::is_ones_own(state_dir)?;
        let mut found = SpoolContents::default();
        layout::check(state_dir, &mut found)?;
        survey::move_away_what_is_no_file(state_dir, &mut found.remarks);
        found.start = survey::survey(state_dir, is_new, &mut found.remarks)?;
        let nonce = nonce::keep_nonce(state_dir, &mut found)?;
        found.start.writer = nonce::writer(state_dir)?;
        let incarnation = found.start.incarnation;
        Ok((Self { state_dir: state_dir.to_owned(), incarnation, nonce, _lock: lock }, found))
    }

    /// What no other state directory has; always the same for this one.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// Which start this is, from 1: the upper part of every `part` and batch id.
    #[must_use]
    pub fn incarnation(&self) -> u32 {
        self.incarnation
    }
}
