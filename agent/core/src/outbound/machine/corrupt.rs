//! What lies in the directory `corrupt`. It is bounded as the quarantine is, but by removing the oldest: nobody can send it
//! again, and a disk that fails would fill itself with it. Their samples stay counted as set aside; how many files went is
//! counted beside the runs' accounts.

use super::cleaning::JOB_FILES_MAX;
use super::{Outbound, Purpose};
use crate::outbound::delivery::Amount;
use crate::outbound::spool::{AsideFile, AsideName, CORRUPT, Operation};
use std::collections::VecDeque;

/// See the module's head.
#[derive(Debug, Default)]
pub(super) struct Corrupt {
    /// Oldest first.
    files: VecDeque<AsideFile>,
    bytes: u64,
    /// Files, and the samples of those that were batches.
    pub(super) removed: Amount,
}

impl Corrupt {
    fn add(&mut self, file: AsideFile) {
        self.bytes = self.bytes.saturating_add(file.bytes);
        self.files.push_back(file);
    }

    fn oldest_beyond(&mut self, files_max: usize, bytes_max: u64) -> Option<AsideFile> {
        if self.files.len() <= files_max && self.bytes <= bytes_max {
            return None;
        }
        let file = self.files.pop_front()?;
        self.bytes = self.bytes.saturating_sub(file.bytes);
        Some(file)
    }
}

impl Outbound {
    /// Files that have come there.
    pub(super) fn lie_in_corrupt(&mut self, files: impl IntoIterator<Item = AsideFile>) {
        files.into_iter().for_each(|file| self.corrupt.add(file));
        let (files_max, bytes_max) = (self.settings.aside_files_max, self.settings.aside_bytes_max);
        let mut gone = Vec::new();
        let mut amount = Amount::default();
        while let Some(file) = self.corrupt.oldest_beyond(files_max, bytes_max) {
            let samples = AsideName::parse(&file.name).map_or(0, |name| name.file.samples);
            amount = amount.plus(Amount { batches: 1, samples });
            gone.push(Operation::Unlink(format!("{CORRUPT}/{}", file.name)));
        }
        if gone.is_empty() {
            return;
        }
        self.corrupt.removed = self.corrupt.removed.plus(amount);
        self.saving.dirty = true;
        self.warn(format!(
            "the directory corrupt is full: its {} oldest files are removed, with {} samples that stay counted as set aside; \
             files that cannot be read keep coming, look after the disk",
            amount.batches, amount.samples
        ));
        for some in gone.chunks(JOB_FILES_MAX) {
            self.job(Purpose::Tidy, some.to_vec());
        }
    }
}
