//! Files for a person to look at: quarantine (the Drain will not have them) and `corrupt` (nobody can read them).

use super::durable::{sync_dir, write_durably};
use super::file_name::FileName;
use super::{BatchFile, Leaving, SavedAccounts, Spool, SpoolError};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Bounds of each of the two directories: they are for looking at, nobody delivers from them.
#[derive(Debug, Clone, Copy)]
pub struct AsideLimits {
    /// Files, reasons included.
    pub files_max: usize,
    /// Bytes.
    pub bytes_max: u64,
}

impl Default for AsideLimits {
    fn default() -> Self {
        Self { files_max: 1_000, bytes_max: 128 << 20 }
    }
}

impl Spool {
    /// Moves a batch to the quarantine with `reason` beside it; `saved` counts it so already and is durable first.
    ///
    /// # Errors
    /// When the disk does not let it; then the batch is still where it was.
    pub fn quarantine(
        &mut self,
        file: &BatchFile,
        reason: &str,
        mut saved: SavedAccounts,
    ) -> Result<(), SpoolError> {
        saved.leaving = vec![Leaving {
            batch: FileName::of(&file.batch).to_string(),
            quarantine_reason: Some(reason.to_owned()),
        }];
        saved.store(&self.state_dir)?;
        self.move_to_quarantine(file, reason)
    }

    /// Moves a batch that cannot be read to `corrupt`; says where it is now.
    ///
    /// # Errors
    /// When it cannot be moved.
    pub fn set_aside(&mut self, file: &BatchFile) -> Result<PathBuf, SpoolError> {
        self.move_to_corrupt(&file.path)
    }

    pub(super) fn move_to_quarantine(&mut self, file: &BatchFile, reason: &str) -> Result<(), SpoolError> {
        let dir = self.state_dir.join("quarantine");
        self.make_room_in(&dir, file.batch.bytes);
        let target = dir.join(flat_name(&file.path));
        let mut reason_path = target.clone().into_os_string();
        reason_path.push(".reason");
        write_durably(Path::new(&reason_path), format!("{reason}\n").as_bytes())?;
        move_durably(&file.path, &target)
    }

    pub(super) fn move_to_corrupt(&mut self, path: &Path) -> Result<PathBuf, SpoolError> {
        let dir = self.state_dir.join("corrupt");
        self.make_room_in(&dir, path.metadata().map_or(0, |m| m.len()));
        let target = dir.join(flat_name(path));
        move_durably(path, &target)?;
        Ok(target)
    }

    /// Deletes the oldest until one more file of `bytes` fits.
    fn make_room_in(&mut self, dir: &Path, bytes: u64) {
        let mut files: Vec<_> = std::fs::read_dir(dir)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.metadata().ok().map(|m| (m.modified().ok(), entry.path(), m.len())))
            .collect();
        files.sort();
        let mut left_bytes: u64 = files.iter().map(|(_, _, len)| len).sum();
        let mut left_files = files.len();
        for (_, path, len) in files {
            if left_files + 2 <= self.limits.files_max
                && left_bytes.saturating_add(bytes) <= self.limits.bytes_max
            {
                return;
            }
            if std::fs::remove_file(&path).is_ok() {
                left_files -= 1;
                left_bytes -= len;
                self.aside_dropped += 1;
            }
        }
    }
}

/// `{run}__{file}`: the directories aside are flat.
fn flat_name(path: &Path) -> OsString {
    let mut name = path.parent().and_then(Path::file_name).unwrap_or_default().to_owned();
    name.push("__");
    name.push(path.file_name().unwrap_or_default());
    name
}

fn move_durably(from: &Path, to: &Path) -> Result<(), SpoolError> {
    std::fs::rename(from, to).map_err(|e| SpoolError::io("move", from, e))?;
    to.parent().map_or(Ok(()), sync_dir)?;
    from.parent().map_or(Ok(()), sync_dir)
}
