//! Whether a run has more on the disk than it may: looked at every few seconds on a thread that may wait, never by its driver.

use crate::base::file_threads::FILES;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

/// Between the end of a look and the next one, and so many times what it took: a run of many files costs the disk a tenth at most.
const LOOK_EVERY: Duration = Duration::from_secs(3);
const SHARE: u32 = 9;
const BLOCK_BYTES: u64 = 512;
const MIB: u64 = 1 << 20;

/// What a run may have on the disk.
#[derive(Debug, Clone, Copy)]
pub(super) struct DiskLimits {
    /// In blocks that it really has.
    pub(super) bytes_max: u64,
    /// Directories are some, too.
    pub(super) files_max: u64,
}

/// Looks again and again.
pub(super) struct DiskWatch {
    dir: PathBuf,
    limits: DiskLimits,
    looking: Option<oneshot::Receiver<Option<String>>>,
    began: Instant,
    next: Instant,
}

impl DiskWatch {
    pub(super) fn new(dir: PathBuf, limits: DiskLimits) -> Self {
        let now = Instant::now();
        Self { dir, limits, looking: None, began: now, next: now + LOOK_EVERY }
    }

    /// When it is too much: a sentence. Cancel safe.
    pub(super) async fn exceeded(&mut self) -> String {
        loop {
            if let Some(looking) = &mut self.looking {
                let found = looking.await.ok().flatten();
                self.looking = None;
                self.next = Instant::now() + LOOK_EVERY.max(self.began.elapsed() * SHARE);
                if let Some(why) = found {
                    return why;
                }
            }
            sleep_until(self.next).await;
            let (dir, limits) = (self.dir.clone(), self.limits);
            // Where all threads hang, there is nothing to be seen now.
            self.looking = FILES.start(move || measure(&dir, limits)).ok();
            self.began = Instant::now();
            self.next = self.began + LOOK_EVERY;
        }
    }
}

/// What is there, until it is too much. What cannot be looked into counts as it is: a plan that hides what it has still has the
/// limit of the file system, and of its directories' names.
fn measure(dir: &Path, limits: DiskLimits) -> Option<String> {
    let (mut bytes, mut files) = (0_u64, 0_u64);
    let mut dirs = vec![dir.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
            let Ok(meta) = entry.metadata() else { continue };
            files += 1;
            bytes = bytes.saturating_add(meta.blocks().saturating_mul(BLOCK_BYTES));
            if meta.is_dir() {
                dirs.push(dir.join::<OsString>(entry.file_name()));
            }
            if files > limits.files_max {
                return Some(format!(
                    "the run has made more than {} files, and was ended for it (cage.disk_files_max)",
                    limits.files_max
                ));
            }
        }
        if bytes > limits.bytes_max {
            return Some(format!(
                "the run has filled more than {} MiB of the disk, and was ended for it (cage.disk_bytes_max)",
                limits.bytes_max / MIB
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_files_are_counted_and_links_lead_nowhere() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("below")).unwrap();
        fs::write(dir.path().join("below/file"), vec![1; 3 << 20]).unwrap();
        std::os::unix::fs::symlink("/", dir.path().join("link")).unwrap();
        let found = |bytes_max, files_max| measure(dir.path(), DiskLimits { bytes_max, files_max });
        assert_eq!(found(4 << 20, 3), None);
        assert!(found(2 << 20, 3).unwrap().contains("more than 2 MiB"));
        assert!(found(4 << 20, 2).unwrap().contains("more than 2 files"));
    }

    #[test]
    fn what_a_plan_has_only_by_name_is_nothing() {
        let dir = tempfile::tempdir().unwrap();
        fs::File::create(dir.path().join("sparse")).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(measure(dir.path(), DiskLimits { bytes_max: 1 << 20, files_max: 10 }), None);
    }
}
