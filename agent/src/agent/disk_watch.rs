//! Whether a run has more on the disk than it may: looked at every few seconds on a thread that may wait, never by its driver.
//!
//! What it has in its directory is counted. What it hides (a file that is deleted and still open, its own `/tmp`) can only be seen as
//! room that has gone: that ends it where the disk is nearly full, for others' samples are to be kept on it.

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
/// A disk is nearly full with less than a so-many-th of it free, and less than so many bytes.
const FULL_SHARE: u64 = 20;
const FULL_BYTES: u64 = 1 << 30;

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
    /// What there was at the first look.
    before: Option<Look>,
    looking: Option<oneshot::Receiver<Result<Look, String>>>,
    began: Instant,
    next: Instant,
}

/// What there is at one moment, bytes.
#[derive(Debug, Clone, Copy)]
struct Look {
    /// In the run's directory.
    visible: u64,
    /// Free on its file system, and all of that; `None` where nobody knows.
    room: Option<(u64, u64)>,
}

impl DiskWatch {
    pub(super) fn new(dir: PathBuf, limits: DiskLimits) -> Self {
        let now = Instant::now();
        Self { dir, limits, before: None, looking: None, began: now, next: now }
    }

    /// When it is too much: a sentence. Cancel safe.
    pub(super) async fn exceeded(&mut self) -> String {
        loop {
            if let Some(looking) = &mut self.looking {
                let found = looking.await.ok();
                self.looking = None;
                self.next = Instant::now() + LOOK_EVERY.max(self.began.elapsed() * SHARE);
                match found {
                    Some(Err(why)) => return why,
                    Some(Ok(look)) => {
                        let before = *self.before.get_or_insert(look);
                        if let Some(why) = hidden(&before, &look, self.limits.bytes_max) {
                            return why;
                        }
                    }
                    None => {}
                }
            }
            sleep_until(self.next).await;
            let (dir, limits) = (self.dir.clone(), self.limits);
            // Where all threads hang, there is nothing to be seen now.
            let look = move || {
                let visible = measure(&dir, limits)?;
                Ok(Look { visible, room: room(&dir) })
            };
            self.looking = FILES.start(look).ok();
            self.began = Instant::now();
            self.next = self.began + LOOK_EVERY;
        }
    }
}

/// What is there, until it is too much. What cannot be looked into counts as it is: a plan that hides what it has still has the
/// limit of the file system, and of its directories' names.
///
/// # Errors
/// That it is too much, a sentence.
fn measure(dir: &Path, limits: DiskLimits) -> Result<u64, String> {
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
                return Err(format!(
                    "the run has made more than {} files, and was ended for it (cage.disk_files_max)",
                    limits.files_max
                ));
            }
        }
        if bytes > limits.bytes_max {
            return Err(format!(
                "the run has filled more than {} MiB of the disk, and was ended for it (cage.disk_bytes_max)",
                limits.bytes_max / MIB
            ));
        }
    }
    Ok(bytes)
}

/// Free on the file system for those that are not root, and all of it.
fn room(dir: &Path) -> Option<(u64, u64)> {
    let found = nix::sys::statvfs::statvfs(dir).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.fragment_size());
    Some((bytes(found.blocks_available()), bytes(found.blocks())))
}

/// Whether the disk is nearly full, and more than a run may have went since its first look without being in its directory.
fn hidden(before: &Look, now: &Look, bytes_max: u64) -> Option<String> {
    let ((free_before, _), (free, all)) = (before.room?, now.room?);
    if free >= (all / FULL_SHARE).min(FULL_BYTES) {
        return None;
    }
    let gone = free_before.saturating_sub(free);
    let hidden = gone.saturating_sub(now.visible.saturating_sub(before.visible));
    // On a small disk a run may have all of it, and half of what was free is much then, too.
    (hidden > bytes_max.min(free_before / 2)).then(|| {
        format!(
            "the disk is nearly full, and {} MiB of it went during the run that are in no file of it that can be seen (deleted and still open, \
             or in its own /tmp): it was ended for it (cage.disk_bytes_max)",
            hidden / MIB
        )
    })
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
        assert!((3 << 20..4 << 20).contains(&found(4 << 20, 3).unwrap()));
        assert!(found(2 << 20, 3).unwrap_err().contains("more than 2 MiB"));
        assert!(found(4 << 20, 2).unwrap_err().contains("more than 2 files"));
        assert!(room(dir.path()).is_some_and(|(free, all)| free <= all && all > 0));
    }

    #[test]
    fn room_that_is_gone_for_no_file_ends_a_run_where_the_disk_is_full() {
        const GIB: u64 = 1 << 30;
        let look = |visible, free| Look { visible, room: Some((free, 100 * GIB)) };
        let before = look(GIB, 50 * GIB);
        let found = |now: Look, max| hidden(&before, &now, max).is_some();
        assert!(found(look(GIB, GIB / 2), 20 * GIB), "48 GiB, and nowhere to be seen");
        assert!(!found(look(GIB, 2 * GIB), 20 * GIB), "there is room");
        assert!(!found(look(50 * GIB, GIB / 2), 20 * GIB), "it is in its directory");
        let small = Look { visible: 0, room: Some((2 * GIB, 4 * GIB)) };
        assert!(
            hidden(&small, &Look { visible: 0, room: Some((0, 4 * GIB)) }, 20 * GIB)
                .unwrap()
                .contains("2048 MiB")
        );
        assert!(hidden(&small, &Look { visible: 0, room: None }, 20 * GIB).is_none());
    }

    #[test]
    fn what_a_plan_has_only_by_name_is_nothing() {
        let dir = tempfile::tempdir().unwrap();
        fs::File::create(dir.path().join("sparse")).unwrap().set_len(1 << 40).unwrap();
        assert!(measure(dir.path(), DiskLimits { bytes_max: 1 << 20, files_max: 10 }).is_ok());
    }
}
